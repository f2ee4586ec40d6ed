package ingest

import (
	"encoding/json"
	"strings"

	"github.com/debriefhq/debrief"
)

// glDeployment is
// https://docs.gitlab.com/user/project/integrations/webhook_events/#deployment-events
type glDeployment struct {
	Status      string          `json:"status"`
	ChangedAt   glTime          `json:"status_changed_at"`
	ID          int64           `json:"deployment_id"`
	JobID       json.RawMessage `json:"deployable_id"` // null where something else than a job deployed
	JobURL      string          `json:"deployable_url"`
	Environment string          `json:"environment"`
	ShortSHA    string          `json:"short_sha"`
	CommitURL   string          `json:"commit_url"`
	Ref         string          `json:"ref"`
	Project     glProject       `json:"project"`
}

func gitlabDeployment(r Request) ([]debrief.Event, error) {
	var p glDeployment
	if err := decode(r.Body, &p); err != nil {
		return nil, err
	}
	if err := p.Project.check(); err != nil {
		return nil, err
	}
	if p.ID <= 0 {
		return nil, debrief.Errorf(debrief.Invalid, "deployment_id", "missing")
	}
	env := line(p.Environment, maxName)
	if env == "" {
		return nil, debrief.Errorf(debrief.Invalid, "environment", "missing")
	}
	if err := glTimes(r.Received, glAt{"status_changed_at", p.ChangedAt}); err != nil {
		return nil, err
	}
	report := &debrief.Report{
		Keys:        []string{p.Project.key("deployment", p.ID)},
		Service:     p.Project.service(),
		Environment: env,
		Version:     versionOf(p.Ref),
		Commit:      p.commit(),
		URL:         webAddress(p.JobURL),
	}
	var job int64
	if json.Unmarshal(p.JobID, &job) == nil && job > 0 {
		report.Keys = append(report.Keys, p.Project.key("job", job))
	}
	at := p.ChangedAt.Time
	switch p.Status {
	case "created":
		report.State, report.Times.Queued = debrief.Queued, at
	case "blocked": // by a deployment approval
		report.State, report.Times.WaitingSince = debrief.Waiting, at
	case "running":
		report.State, report.Times.Started = debrief.Running, at
	case "success":
		report.State, report.Times.Finished = debrief.Succeeded, at
	case "failed":
		report.State, report.Times.Finished = debrief.Failed, at
	case "canceled":
		report.State, report.Times.Finished = debrief.Aborted, at
	case "":
		return nil, debrief.Errorf(debrief.Invalid, "status", "missing")
	case "skipped":
		return nil, ignored("deployment skipped: nothing was deployed")
	default:
		return nil, ignored("deployment status %q is not known", line(p.Status, 40))
	}
	e := event("gitlab", r, 0, debrief.EventDeployment, at)
	e.Service, e.Report, e.Assumed = report.Service, report, true
	return []debrief.Event{e}, nil
}

// commit is the whole id where the commit's address holds it.
func (p glDeployment) commit() string {
	if _, id, ok := strings.Cut(p.CommitURL, "/commit/"); ok && isCommit(id) {
		return id
	}
	return line(p.ShortSHA, maxName)
}
