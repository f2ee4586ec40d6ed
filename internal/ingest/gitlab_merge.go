package ingest

import (
	"encoding/json"
	"time"

	"github.com/debriefhq/debrief"
)

// glMerge is
// https://docs.gitlab.com/user/project/integrations/webhook_events/#merge-request-events
type glMerge struct {
	Attributes struct {
		Number       int             `json:"iid"`
		Title        string          `json:"title"`
		URL          string          `json:"url"`
		Action       string          `json:"action"`
		TargetBranch string          `json:"target_branch"`
		MergeSHA     json.RawMessage `json:"merge_commit_sha"`
		CreatedAt    glTime          `json:"created_at"`
		UpdatedAt    glTime          `json:"updated_at"`
		MergedAt     glTime          `json:"merged_at"`
		LastCommit   struct {
			ID string `json:"id"`
		} `json:"last_commit"`
	} `json:"object_attributes"`
	Project glProject `json:"project"`
}

// gitlabMerge takes a merged merge request as a change that may ship, and an
// approval as a fact about the change it will become.
func gitlabMerge(r Request) ([]debrief.Event, error) {
	var p glMerge
	if err := decode(r.Body, &p); err != nil {
		return nil, err
	}
	if err := p.Project.check(); err != nil {
		return nil, err
	}
	a := p.Attributes
	switch a.Action {
	case "merge", "approved", "approval":
	default:
		return nil, ignored("merge request %s: only merging and approving count", line(a.Action, 40))
	}
	if a.Number <= 0 {
		return nil, ignored("merge request %s without its number", a.Action)
	}
	if err := glTimes(
		r.Received, glAt{"object_attributes.created_at", a.CreatedAt}, glAt{"object_attributes.updated_at", a.UpdatedAt}, glAt{"object_attributes.merged_at", a.MergedAt},
	); err != nil {
		return nil, err
	}
	if a.Action == "merge" {
		return p.merged(r)
	}
	e := p.begin(r, a.UpdatedAt.Time) // approved: all approvals that are needed; approval: one of several
	e.Change = reviewed(p.Project.Path, a.Number)
	e.Change.Reviewed, e.Change.Approved = e.At, e.At
	return []debrief.Event{e}, nil
}

func (p *glMerge) begin(r Request, at time.Time) debrief.Event {
	e := event("gitlab", r, 0, debrief.EventChange, at)
	e.Service = p.Project.service()
	return e
}

func (p *glMerge) merged(r Request) ([]debrief.Event, error) {
	a := p.Attributes
	if p.Project.DefaultBranch != "" && a.TargetBranch != p.Project.DefaultBranch {
		return nil, ignored("merge request merged into %s: only the default branch's commits can ship", line(a.TargetBranch, 100))
	}
	var commit string
	if json.Unmarshal(a.MergeSHA, &commit) != nil || !isCommit(commit) {
		commit = a.LastCommit.ID // fast-forward: no commit of its own
	}
	if !isCommit(commit) {
		return nil, debrief.Errorf(debrief.Invalid, "object_attributes.merge_commit_sha", "missing or not a commit")
	}
	at := a.MergedAt.Time
	if at.IsZero() {
		at = a.UpdatedAt.Time
	}
	e := p.begin(r, at)
	e.Change = &debrief.Change{
		ID:         changeID(p.Project.Path, commit),
		Repository: p.Project.Path,
		Commit:     commit,
		Title:      firstLine(a.Title),
		PullNumber: a.Number,
		URL:        webAddress(a.URL),
		Branch:     line(a.TargetBranch, maxVersion),
		Opened:     a.CreatedAt.Time,
		Merged:     e.At,
	}
	return []debrief.Event{e}, nil
}
