package ingest

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/debriefhq/debrief"
)

// ghPush is https://docs.github.com/en/webhooks/webhook-events-and-payloads#push
type ghPush struct {
	Ref        string       `json:"ref"`
	After      string       `json:"after"`
	Deleted    bool         `json:"deleted"`
	Head       *ghCommit    `json:"head_commit"`
	Commits    []ghCommit   `json:"commits"`
	Repository ghRepository `json:"repository"`
}

type ghCommit struct {
	ID        string   `json:"id"`
	Message   string   `json:"message"`
	Timestamp ghTime   `json:"timestamp"`
	URL       string   `json:"url"`
	Added     []string `json:"added"`
	Removed   []string `json:"removed"`
	Modified  []string `json:"modified"`
}

func githubPush(r Request) ([]debrief.Event, error) {
	var p ghPush
	if err := decode(r.Body, &p); err != nil {
		return nil, err
	}
	if err := p.Repository.check(); err != nil {
		return nil, err
	}
	if err := ghTimes(r.Received, ghAt("repository.pushed_at", p.Repository.PushedAt)); err != nil {
		return nil, err
	}
	if p.Deleted {
		return nil, ignored("push that deletes %s", line(p.Ref, 100))
	}
	if tag, ok := strings.CutPrefix(p.Ref, "refs/tags/"); ok {
		return pushedTag(r, &p, tag)
	}
	branch, ok := strings.CutPrefix(p.Ref, "refs/heads/")
	if !ok {
		return nil, debrief.Errorf(debrief.Invalid, "ref", "neither a branch nor a tag")
	}
	if branch != p.Repository.branch() {
		return nil, ignored("push to %s: only the default branch's commits can ship", line(branch, 100))
	}
	if len(p.Commits) == 0 {
		return nil, ignored("push without commits")
	}
	events := make([]debrief.Event, 0, len(p.Commits))
	for i, c := range p.Commits[:min(len(p.Commits), maxCommits)] {
		if !isCommit(c.ID) {
			return nil, debrief.Errorf(debrief.Invalid, "commits."+itoa(i)+".id", "missing or not a commit")
		}
		if c.Timestamp.bad != "" {
			return nil, debrief.Errorf(debrief.Invalid, "commits."+itoa(i)+".timestamp", "not a time: %s", c.Timestamp.bad)
		}
		e := event("github", r, i, debrief.EventChange, p.Repository.PushedAt.Time)
		e.Service = p.Repository.service()
		e.Change = pushedCommit(&p, c, branch)
		e.Change.Pushed = e.At
		events = append(events, e)
	}
	return events, nil
}

func pushedCommit(p *ghPush, c ghCommit, branch string) *debrief.Change {
	title := firstLine(c.Message)
	change := &debrief.Change{
		ID:         changeID(p.Repository.FullName, c.ID),
		Repository: p.Repository.FullName,
		Commit:     c.ID,
		Title:      title,
		PullNumber: pullNumber(title),
		URL:        webAddress(c.URL),
		Branch:     line(branch, maxVersion),
		Committed:  c.Timestamp.Time,
		Files:      len(c.Added) + len(c.Removed) + len(c.Modified),
	}
	change.Paths = pathsOf(c.Added, c.Removed, c.Modified)
	return change
}

// pathsOf joins lists of paths, up to the limit.
func pathsOf(lists ...[]string) []string {
	var all []string
	for _, paths := range lists {
		for _, path := range paths {
			if len(all) == maxPaths {
				return all
			}
			all = append(all, line(path, maxPath))
		}
	}
	return all
}

// pushedTag names the commit behind a tag; an annotated tag's own id is not a commit.
func pushedTag(r Request, p *ghPush, tag string) ([]debrief.Event, error) {
	if tag = line(tag, maxVersion); tag == "" {
		return nil, debrief.Errorf(debrief.Invalid, "ref", "a tag without a name")
	}
	commit := p.After
	if p.Head != nil && p.Head.ID != "" {
		commit = p.Head.ID
	}
	if !isCommit(commit) {
		return nil, debrief.Errorf(debrief.Invalid, "head_commit.id", "missing or not a commit")
	}
	e := event("github", r, 0, debrief.EventVersion, p.Repository.PushedAt.Time)
	e.Service = p.Repository.service()
	e.Version = &debrief.Version{Repository: p.Repository.FullName, Name: tag, Commit: commit}
	if base := webAddress(p.Repository.HTMLURL); base != "" {
		e.Version.URL = webAddress(base + "/tree/" + tag)
	}
	return []debrief.Event{e}, nil
}

var pullTitle = regexp.MustCompile(`\(#(\d{1,9})\)$|^Merge pull request #(\d{1,9}) `)

// pullNumber reads the number GitHub puts into a merge's title.
func pullNumber(title string) int {
	m := pullTitle.FindStringSubmatch(title)
	if m == nil {
		return 0
	}
	n, _ := strconv.Atoi(m[1] + m[2]) // one of the two is empty
	return n
}
