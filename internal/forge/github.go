package forge

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// GitHub asks GitHub's REST API with a read-only token.
type GitHub struct {
	URL    string // "https://api.github.com", or an enterprise server's /api/v3
	Token  string // may be empty for public repositories
	Client *http.Client
	Now    func() time.Time // for polling
}

// Deployed is a deployment as a forge remembers it.
type Deployed struct {
	Version string
	Commit  string
	At      time.Time // when it succeeded
}

// Deployments lists the last n successful deployments of a repository to an
// environment, newest first. Shapes: docs.github.com/rest/deployments.
func (g GitHub) Deployments(ctx context.Context, repository, environment string, n int) ([]Deployed, error) {
	path, err := repositoryPath(repository)
	if err != nil {
		return nil, err
	}
	path += "/deployments"
	var out []Deployed
	// Not every deployment succeeded; a few pages are looked through, never all.
	for page := 1; page <= 5 && len(out) < n; page++ {
		var list []struct {
			ID  int64  `json:"id"`
			Ref string `json:"ref"`
			SHA string `json:"sha"`
		}
		q := url.Values{"environment": {environment}, "per_page": {"50"}, "page": {strconv.Itoa(page)}}
		if err := g.get(ctx, path+"?"+q.Encode(), &list); err != nil {
			return nil, err
		}
		for _, d := range list {
			if len(out) == n {
				break
			}
			at, err := g.succeeded(ctx, path, d.ID)
			if err != nil {
				return nil, err
			}
			if !at.IsZero() {
				out = append(out, Deployed{Version: d.Ref, Commit: d.SHA, At: at})
			}
		}
		if len(list) < 50 {
			break
		}
	}
	return out, nil
}

func repositoryPath(repository string) (string, error) {
	owner, name, ok := strings.Cut(repository, "/")
	if !ok || owner == "" || owner[0] == '.' || name == "" || name[0] == '.' || strings.Contains(name, "/") {
		return "", debrief.Errorf(debrief.Invalid, "repository", "%q is not a repository of the form owner/name", repository)
	}
	return "/repos/" + url.PathEscape(owner) + "/" + url.PathEscape(name), nil
}

// succeeded is when a deployment first succeeded; zero: it never did. GitHub
// marks it inactive later, which does not undo it.
func (g GitHub) succeeded(ctx context.Context, path string, id int64) (time.Time, error) {
	var statuses []struct {
		State   string    `json:"state"`
		Created time.Time `json:"created_at"`
	}
	if err := g.get(ctx, fmt.Sprintf("%s/%d/statuses?per_page=100", path, id), &statuses); err != nil {
		return time.Time{}, err
	}
	var at time.Time
	for _, s := range statuses {
		if s.State == "success" && (at.IsZero() || s.Created.Before(at)) {
			at = s.Created
		}
	}
	return debrief.Instant(at), nil
}

func (g GitHub) get(ctx context.Context, path string, out any) error {
	_, err := g.asker(nil).get(ctx, path, "", out)
	return err
}

// asker asks with the token; now is set by those who poll.
func (g GitHub) asker(now func() time.Time) *asker {
	h := http.Header{"Accept": {"application/vnd.github+json"}, "X-Github-Api-Version": {"2022-11-28"}}
	if g.Token != "" {
		h.Set("Authorization", "Bearer "+g.Token)
	}
	return &asker{
		name: "GitHub", base: g.URL, header: h, client: g.Client, now: now,
		hint: "a read-only token is enough (contents, deployments, actions, issues, pull requests); set GITHUB_TOKEN or sources.github.token",
	}
}
