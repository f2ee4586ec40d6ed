package send

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/debriefhq/debrief"
)

// Comments are written on pull requests, one for each marker: the first line of
// a message's text, which readers do not see. Where a comment begins with it
// already, that one is written anew; so a message that may have arrived can
// safely be sent again.

const (
	// QuietMark in a message's second line: it may take an earlier comment's
	// place, and none is written for it alone.
	QuietMark      = "<!-- debrief:quiet -->"
	maxComment     = 60_000 // GitHub takes 65,536 characters
	mostPages      = 20     // of a hundred comments each are looked through
	maxForgeAnswer = 8 << 20
)

// CommentOn is the channel of a comment: "github:owner/name#12".
func CommentOn(forge, repository string, pull int) string {
	return forge + ":" + repository + "#" + strconv.Itoa(pull)
}

func commentTo(channel string) (repository string, pull int, ok bool) {
	_, rest, ok := strings.Cut(channel, ":")
	i := strings.LastIndexByte(rest, '#')
	if !ok || i < 1 {
		return "", 0, false
	}
	pull, err := strconv.Atoi(rest[i+1:])
	return rest[:i], pull, err == nil && pull > 0
}

// forge is how one forge's API speaks of comments.
type forge struct {
	name   string
	base   string
	token  string
	header string // the token's header
	client *http.Client
	// paths of the list, and of one comment.
	list func(repository string, pull int) string
	one  func(repository string, pull int, id int64) string
	edit string // the method that writes one anew
}

// GitHubComments writes comments on GitHub's pull requests; base is its API's
// address. The client should be Client.
func GitHubComments(base, token string, client *http.Client) Sender {
	return &forge{
		name: "GitHub", base: strings.TrimRight(base, "/"), token: "Bearer " + token, header: "Authorization", client: client, edit: http.MethodPatch,
		// https://docs.github.com/en/rest/issues/comments: a pull request is an issue.
		list: func(r string, n int) string { return "/repos/" + r + "/issues/" + strconv.Itoa(n) + "/comments" },
		one: func(r string, _ int, id int64) string {
			return "/repos/" + r + "/issues/comments/" + strconv.FormatInt(id, 10)
		},
	}
}

// GitLabComments writes notes on GitLab's merge requests; base is the
// instance's address.
func GitLabComments(base, token string, client *http.Client) Sender {
	base = strings.TrimSuffix(strings.TrimRight(base, "/"), "/api/v4") + "/api/v4"
	// https://docs.gitlab.com/api/notes/
	notes := func(r string, n int) string {
		return "/projects/" + url.PathEscape(r) + "/merge_requests/" + strconv.Itoa(n) + "/notes"
	}
	return &forge{
		name: "GitLab", base: base, token: token, header: "PRIVATE-TOKEN", client: client, edit: http.MethodPut,
		list: notes,
		one:  func(r string, n int, id int64) string { return notes(r, n) + "/" + strconv.FormatInt(id, 10) },
	}
}

// comment is as much of one as both forges say alike.
type comment struct {
	ID     int64  `json:"id"`
	Body   string `json:"body"`
	System bool   `json:"system"` // GitLab's own notes
}

func (f *forge) Send(ctx context.Context, m debrief.Message) (Outcome, error) {
	repository, pull, ok := commentTo(m.Channel)
	marker, _, _ := strings.Cut(m.Text, "\n")
	if !ok || !strings.HasPrefix(marker, "<!-- ") || !soundRepository(repository) {
		return Refused, debrief.Errorf(debrief.Invalid, "channel", "%q is no pull request", m.Channel)
	}
	text := strings.ToValidUTF8(m.Text, "")
	if r := []rune(text); len(r) > maxComment {
		text = string(r[:maxComment]) + " …"
	}
	old, err := f.find(ctx, repository, pull, marker)
	if err != nil {
		return outcomeOf(err), err
	}
	// Somebody else may have copied our marker: theirs cannot be written, so the next is tried.
	for _, c := range old {
		if strings.TrimSpace(c.Body) == strings.TrimSpace(text) {
			return Sent, nil
		}
		err = f.do(ctx, f.edit, f.one(repository, pull, c.ID), map[string]string{"body": text}, nil)
		var status *refusal
		if errors.As(err, &status) && (status.code == http.StatusForbidden || status.code == http.StatusNotFound) {
			continue
		}
		if err != nil {
			return outcomeOf(err), err
		}
		return Sent, nil
	}
	if strings.Contains(text, QuietMark) {
		return Sent, nil // nothing to say, and nothing said before
	}
	if err := f.do(ctx, http.MethodPost, f.list(repository, pull), map[string]string{"body": text}, nil); err != nil {
		return outcomeOf(err), err
	}
	return Sent, nil
}

// soundRepository keeps a name from leading anywhere else in the API.
func soundRepository(r string) bool {
	parts := strings.Split(r, "/")
	for _, p := range parts {
		if p == "" || p == "." || p == ".." || strings.ContainsAny(p, "?#%\\ \n\r") {
			return false
		}
	}
	return len(parts) >= 2 && len(r) <= 300
}

// find lists the comments that begin with the marker, the newest first.
func (f *forge) find(ctx context.Context, repository string, pull int, marker string) ([]comment, error) {
	var found []comment
	for page := 1; page <= mostPages; page++ {
		var list []comment
		if err := f.do(ctx, http.MethodGet, f.list(repository, pull)+"?per_page=100&page="+strconv.Itoa(page), nil, &list); err != nil {
			return nil, err
		}
		for _, c := range list {
			if first, _, _ := strings.Cut(strings.ReplaceAll(c.Body, "\r\n", "\n"), "\n"); first == marker && !c.System {
				found = append([]comment{c}, found...)
			}
		}
		if len(list) < 100 {
			break
		}
	}
	return found, nil
}

// refusal is an answer that was not a success.
type refusal struct {
	code int
	err  error
}

func (r *refusal) Error() string { return r.err.Error() }
func (r *refusal) Unwrap() error { return r.err }

func (f *forge) do(ctx context.Context, method, path string, body, out any) error {
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	var payload io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return err
		}
		payload = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, f.base+path, payload)
	if err != nil {
		return &refusal{0, debrief.Errorf(debrief.Invalid, "url", "%s's address cannot be used", f.name)}
	}
	req.Header.Set(f.header, f.token)
	req.Header.Set("User-Agent", "debrief")
	req.Header.Set("Accept", "application/json")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := f.client.Do(req)
	if err != nil {
		return debrief.Errorf(debrief.Unavailable, "", "%s did not answer: %v", f.name, bare(err))
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(io.LimitReader(resp.Body, maxForgeAnswer))
	if err != nil {
		return debrief.Errorf(debrief.Unavailable, "", "%s's answer broke off", f.name)
	}
	if resp.StatusCode >= 200 && resp.StatusCode < 300 {
		if out == nil {
			return nil
		}
		if err := json.Unmarshal(said, out); err != nil {
			return debrief.Errorf(debrief.Unavailable, "", "%s's answer is not the JSON it promises", f.name)
		}
		return nil
	}
	return &refusal{resp.StatusCode, f.refused(resp, said)}
}

// refused says what a status means, and what to do.
func (f *forge) refused(resp *http.Response, said []byte) error {
	var reason struct {
		Message any `json:"message"`
	}
	_ = json.Unmarshal(said, &reason) // what is no JSON is told by its status alone
	problem := fmt.Sprintf("%s answered %d", f.name, resp.StatusCode)
	if s, ok := reason.Message.(string); ok && s != "" {
		problem += ": " + debrief.Mask(firstLine(s))
	}
	limited := resp.StatusCode == http.StatusTooManyRequests ||
		resp.StatusCode == http.StatusForbidden && (resp.Header.Get("Retry-After") != "" || resp.Header.Get("X-RateLimit-Remaining") == "0")
	switch {
	case limited:
		return &Later{After: wait(resp.Header), Err: debrief.Errorf(debrief.TooMany, "", "%s", problem)}
	case resp.StatusCode == http.StatusUnauthorized, resp.StatusCode == http.StatusForbidden:
		return debrief.Errorf(debrief.Forbidden, "token", "%s", problem).WithHint("the token may not write comments: GitHub needs pull-requests: write, GitLab the scope api")
	case resp.StatusCode == http.StatusNotFound:
		return debrief.Errorf(debrief.NotFound, "pull", "%s", problem).WithHint("there is no such pull request, or the token may not see it")
	case resp.StatusCode >= 500, resp.StatusCode == http.StatusRequestTimeout:
		return debrief.Errorf(debrief.Unavailable, "", "%s", problem)
	}
	return debrief.Errorf(debrief.Invalid, "", "%s", problem)
}

// outcomeOf: since a comment is looked for before it is written, whatever may
// pass may be tried again.
func outcomeOf(err error) Outcome {
	switch debrief.KindOf(err) {
	case debrief.TooMany, debrief.Unavailable:
		return Failed
	}
	var later *Later
	if errors.As(err, &later) {
		return Failed
	}
	return Refused
}
