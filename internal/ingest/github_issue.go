package ingest

import (
	"strconv"
	"time"

	"github.com/debriefhq/debrief"
)

// ghIssue is https://docs.github.com/en/webhooks/webhook-events-and-payloads#issues
type ghIssue struct {
	Action string `json:"action"`
	Issue  struct {
		Number      int64  `json:"number"`
		Title       string `json:"title"`
		Body        string `json:"body"`
		HTMLURL     string `json:"html_url"`
		State       string `json:"state"`
		StateReason string `json:"state_reason"`
		Labels      []struct {
			Name string `json:"name"`
		} `json:"labels"`
		CreatedAt ghTime    `json:"created_at"`
		UpdatedAt ghTime    `json:"updated_at"`
		ClosedAt  ghTime    `json:"closed_at"`
		Pull      *struct{} `json:"pull_request"`
	} `json:"issue"`
	Repository ghRepository `json:"repository"`
}

// githubIssue reads every action alike: each carries the whole issue as it is
// after it.
func githubIssue(r Request) ([]debrief.Event, error) {
	var p ghIssue
	if err := decode(r.Body, &p); err != nil {
		return nil, err
	}
	if err := p.Repository.check(); err != nil {
		return nil, err
	}
	i := p.Issue
	switch {
	case p.Action == "deleted" || p.Action == "transferred":
		return nil, ignored("issue %s: what it told stays", p.Action)
	case i.Pull != nil:
		return nil, ignored("an issue that is a pull request")
	case i.Number <= 0:
		return nil, debrief.Errorf(debrief.Invalid, "issue.number", "missing")
	}
	if err := ghTimes(
		r.Received, ghAt("issue.created_at", i.CreatedAt), ghAt("issue.updated_at", i.UpdatedAt), ghAt("issue.closed_at", i.ClosedAt),
	); err != nil {
		return nil, err
	}
	told := issue{
		key:     "github/issue/" + p.Repository.FullName + "/" + strconv.FormatInt(i.Number, 10),
		service: p.Repository.service(),
		title:   line(i.Title, maxTitle),
		text:    i.Body,
		url:     webAddress(i.HTMLURL),
		state:   line(i.State, maxName),
		opened:  i.CreatedAt.Time,
		closed:  i.ClosedAt.Time,
		settled: i.StateReason == "" || i.StateReason == "completed",
	}
	if i.State == "open" { // reopened: when it was closed before says nothing
		told.closed = time.Time{}
	}
	for _, l := range i.Labels {
		told.labels = append(told.labels, l.Name)
	}
	return []debrief.Event{issueEvent("github", r, i.UpdatedAt.Time, told)}, nil
}
