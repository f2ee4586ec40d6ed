package ingest

import (
	"github.com/debriefhq/debrief"
)

// ghRun is one run of a workflow:
// https://docs.github.com/en/webhooks/webhook-events-and-payloads#workflow_run
type ghRun struct {
	Action string `json:"action"`
	Run    struct {
		ID         int64  `json:"id"`
		Attempt    int    `json:"run_attempt"`
		Status     string `json:"status"`
		Conclusion string `json:"conclusion"`
		SHA        string `json:"head_sha"`
		HTMLURL    string `json:"html_url"`
		CreatedAt  ghTime `json:"created_at"`
		StartedAt  ghTime `json:"run_started_at"`
		UpdatedAt  ghTime `json:"updated_at"`
	} `json:"workflow_run"`
	Repository ghRepository `json:"repository"`
}

// githubWorkflowRun tells of a whole run, which may deploy to several
// environments or none. Its report says neither service nor environment, so it
// floats to the deployments that name the run.
func githubWorkflowRun(r Request) ([]debrief.Event, error) {
	var p ghRun
	if err := decode(r.Body, &p); err != nil {
		return nil, err
	}
	if err := p.Repository.check(); err != nil {
		return nil, err
	}
	run := p.Run
	if run.ID <= 0 {
		return nil, debrief.Errorf(debrief.Invalid, "workflow_run.id", "missing")
	}
	if err := ghTimes(
		r.Received, ghAt("workflow_run.created_at", run.CreatedAt),
		ghAt("workflow_run.run_started_at", run.StartedAt), ghAt("workflow_run.updated_at", run.UpdatedAt),
	); err != nil {
		return nil, err
	}
	report := &debrief.Report{
		Keys:    []string{runKey(run.ID)},
		Commit:  line(run.SHA, maxName),
		URL:     webAddress(run.HTMLURL),
		Attempt: max(run.Attempt, 0),
		Times:   debrief.Times{Queued: run.CreatedAt.Time},
	}
	// A run is updated all the time; until it ends, it is told of as of the
	// moment it was asked for or began, so that it is one event however often.
	at := run.CreatedAt
	switch p.Action {
	case "requested":
		report.State = debrief.Queued
		if run.Attempt > 1 {
			at = run.StartedAt
		}
	case "in_progress":
		report.State, report.Times.Started = debrief.Running, run.StartedAt.Time
		at = run.StartedAt
	case "completed":
		state, ok := conclusion(run.Conclusion)
		if !ok {
			return nil, ignored("workflow run ended %q, which says nothing about a deployment", line(run.Conclusion, 40))
		}
		report.State, report.Times.Started, report.Times.Finished = state, run.StartedAt.Time, run.UpdatedAt.Time
		at = run.UpdatedAt
	default:
		return nil, ignored("workflow_run %q", line(p.Action, 40))
	}
	e := event("github", r, 0, debrief.EventDeployment, at.Time)
	e.Report = report
	return []debrief.Event{e}, nil
}

// conclusion maps how a run ended. Skipped, neutral, stale and action_required
// runs neither deployed nor failed to.
func conclusion(s string) (debrief.DeploymentState, bool) {
	switch s {
	case "success":
		return debrief.Succeeded, true
	case "failure", "timed_out", "startup_failure":
		return debrief.Failed, true
	case "cancelled":
		return debrief.Aborted, true
	}
	return "", false
}
