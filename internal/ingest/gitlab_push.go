package ingest

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"

	"github.com/debriefhq/debrief"
)

// glPush is https://docs.gitlab.com/user/project/integrations/webhook_events/#push-events
// and tag events. What is pushed has no time of its own: it was received as it happened.
type glPush struct {
	Ref      string          `json:"ref"`
	After    string          `json:"after"`
	Checkout json.RawMessage `json:"checkout_sha"`
	PushedAt glTime          `json:"pushed_at"` // only where debrief asked for it
	Project  glProject       `json:"project"`
	Commits  []struct {
		ID        string   `json:"id"`
		Message   string   `json:"message"`
		Timestamp glTime   `json:"timestamp"`
		URL       string   `json:"url"`
		Added     []string `json:"added"`
		Removed   []string `json:"removed"`
		Modified  []string `json:"modified"`
	} `json:"commits"`
}

// nothing is what GitLab writes for a branch or tag that is not there.
const nothing = "0000000000000000000000000000000000000000"

func readPush(r Request) (p glPush, err error) {
	if err := decode(r.Body, &p); err != nil {
		return p, err
	}
	if err := p.Project.check(); err != nil {
		return p, err
	}
	if err := glTimes(r.Received, glAt{"pushed_at", p.PushedAt}); err != nil {
		return p, err
	}
	if p.After == nothing {
		return p, ignored("push that deletes %s", line(p.Ref, 100))
	}
	return p, nil
}

func gitlabPush(r Request) ([]debrief.Event, error) {
	p, err := readPush(r)
	if err != nil {
		return nil, err
	}
	branch, ok := strings.CutPrefix(p.Ref, "refs/heads/")
	switch {
	case !ok:
		return nil, debrief.Errorf(debrief.Invalid, "ref", "not a branch")
	case branch != p.Project.DefaultBranch:
		return nil, ignored("push to %s: only the default branch's commits can ship", line(branch, 100))
	case len(p.Commits) == 0:
		return nil, ignored("push without commits")
	}
	var events []debrief.Event
	for i, c := range p.Commits[:min(len(p.Commits), maxCommits)] {
		if !isCommit(c.ID) {
			return nil, debrief.Errorf(debrief.Invalid, "commits."+itoa(i)+".id", "missing or not a commit")
		}
		if c.Timestamp.bad != "" {
			return nil, debrief.Errorf(debrief.Invalid, "commits."+itoa(i)+".timestamp", "not a time: %s", c.Timestamp.bad)
		}
		e := event("gitlab", r, i, debrief.EventChange, p.PushedAt.Time)
		e.Service = p.Project.service()
		e.Change = &debrief.Change{
			ID:         changeID(p.Project.Path, c.ID),
			Repository: p.Project.Path,
			Commit:     c.ID,
			Title:      firstLine(c.Message),
			PullNumber: mergeNumber(c.Message),
			URL:        webAddress(c.URL),
			Branch:     line(branch, maxVersion),
			Committed:  c.Timestamp.Time,
			Pushed:     e.At,
			Files:      len(c.Added) + len(c.Removed) + len(c.Modified),
			Paths:      pathsOf(c.Added, c.Removed, c.Modified),
		}
		events = append(events, e)
	}
	return events, nil
}

// gitlabTag names the commit behind a tag.
func gitlabTag(r Request) ([]debrief.Event, error) {
	p, err := readPush(r)
	if err != nil {
		return nil, err
	}
	tag, ok := strings.CutPrefix(p.Ref, "refs/tags/")
	if tag = line(tag, maxVersion); !ok || tag == "" {
		return nil, debrief.Errorf(debrief.Invalid, "ref", "not a tag")
	}
	var commit string // of an annotated tag, after is the tag's own id
	if json.Unmarshal(p.Checkout, &commit) != nil || !isCommit(commit) {
		return nil, debrief.Errorf(debrief.Invalid, "checkout_sha", "missing or not a commit")
	}
	e := event("gitlab", r, 0, debrief.EventVersion, p.PushedAt.Time)
	e.Service = p.Project.service()
	e.Version = &debrief.Version{Repository: p.Project.Path, Name: tag, Commit: commit, URL: p.Project.page("/-/tags/" + tag)}
	return []debrief.Event{e}, nil
}

var mergeTrailer = regexp.MustCompile(`(?m)^See merge request (?:[\w./-]*)!(\d{1,9})\s*$`)

// mergeNumber reads the number GitLab puts below a merge's message.
func mergeNumber(message string) int {
	m := mergeTrailer.FindStringSubmatch(clip(message, 64<<10))
	if m == nil {
		return 0
	}
	n, _ := strconv.Atoi(m[1])
	return n
}
