package forge

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
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
}

// Deployed is a deployment as a forge remembers it.
type Deployed struct {
	Version string
	Commit  string
	At      time.Time // when it succeeded
}

// maxGitHubAnswer bounds what is read of one answer.
const maxGitHubAnswer = 8 << 20

// Deployments lists the last n successful deployments of a repository to an
// environment, newest first. Shapes: docs.github.com/rest/deployments.
func (g GitHub) Deployments(ctx context.Context, repository, environment string, n int) ([]Deployed, error) {
	owner, name, ok := strings.Cut(repository, "/")
	if !ok || owner == "" || owner[0] == '.' || name == "" || name[0] == '.' || strings.Contains(name, "/") {
		return nil, debrief.Errorf(debrief.Invalid, "repository", "%q is not a repository of the form owner/name", repository)
	}
	path := "/repos/" + url.PathEscape(owner) + "/" + url.PathEscape(name) + "/deployments"
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
	base := strings.TrimRight(g.URL, "/")
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+path, nil)
	if err != nil {
		return debrief.Errorf(debrief.Invalid, "url", "%q is no address of a GitHub server: %w", base, err)
	}
	req.Header.Set("Accept", "application/vnd.github+json")
	req.Header.Set("X-GitHub-Api-Version", "2022-11-28")
	if g.Token != "" {
		req.Header.Set("Authorization", "Bearer "+g.Token)
	}
	res, err := g.Client.Do(req)
	if err != nil {
		return debrief.Errorf(debrief.Unavailable, "", "GitHub does not answer at %s: %w", base, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxGitHubAnswer+1))
	if err != nil {
		return debrief.Errorf(debrief.Unavailable, "", "GitHub's answer broke off: %w", err)
	}
	switch {
	case res.StatusCode == http.StatusUnauthorized:
		return debrief.Errorf(debrief.Unauthorized, "", "GitHub refused the token").WithHint("a read-only token with access to deployments is enough; set GITHUB_TOKEN")
	case res.StatusCode == http.StatusNotFound:
		return debrief.Errorf(debrief.NotFound, "repository", "GitHub knows no such repository, or the token may not see it")
	case res.StatusCode == http.StatusForbidden, res.StatusCode == http.StatusTooManyRequests:
		return debrief.Errorf(debrief.TooMany, "", "GitHub refused: %s", res.Status).WithHint("its rate limit may be used up; a token raises it")
	case res.StatusCode != http.StatusOK:
		return debrief.Errorf(debrief.Unavailable, "", "GitHub answered %s", res.Status)
	case len(body) > maxGitHubAnswer:
		return debrief.Errorf(debrief.TooLarge, "", "GitHub's answer is larger than %d MiB", maxGitHubAnswer>>20)
	}
	if err := json.Unmarshal(body, out); err != nil {
		return debrief.Errorf(debrief.Unavailable, "", "GitHub's answer is not the JSON it promises: %w", err)
	}
	return nil
}
