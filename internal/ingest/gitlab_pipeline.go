package ingest

import "github.com/debriefhq/debrief"

// glPipeline is
// https://docs.gitlab.com/user/project/integrations/webhook_events/#pipeline-events
type glPipeline struct {
	Attributes struct {
		ID         int64  `json:"id"`
		Ref        string `json:"ref"`
		Tag        bool   `json:"tag"`
		SHA        string `json:"sha"`
		Status     string `json:"status"`
		CreatedAt  glTime `json:"created_at"`
		FinishedAt glTime `json:"finished_at"`
	} `json:"object_attributes"`
	Project glProject `json:"project"`
	Builds  []glBuild `json:"builds"`
}

type glBuild struct {
	ID          int64          `json:"id"`
	Name        string         `json:"name"`
	Status      string         `json:"status"`
	StartedAt   glTime         `json:"started_at"`
	FinishedAt  glTime         `json:"finished_at"`
	Environment *glEnvironment `json:"environment"`
}

// glEnvironment is what a job deploys to, where it does.
type glEnvironment struct {
	Name   string `json:"name"`
	Action string `json:"action"` // start, prepare, stop, verify, access
}

// gitlabPipeline tells of a whole pipeline: how it goes, its jobs as stages of
// whatever it deployed, and each job that deploys as a deployment.
func gitlabPipeline(r Request) ([]debrief.Event, error) {
	var p glPipeline
	if err := decode(r.Body, &p); err != nil {
		return nil, err
	}
	if err := p.Project.check(); err != nil {
		return nil, err
	}
	a := p.Attributes
	if a.ID <= 0 {
		return nil, debrief.Errorf(debrief.Invalid, "object_attributes.id", "missing")
	}
	if err := glTimes(r.Received, glAt{"object_attributes.created_at", a.CreatedAt}, glAt{"object_attributes.finished_at", a.FinishedAt}); err != nil {
		return nil, err
	}
	run := p.Project.key("pipeline", a.ID)
	report := &debrief.Report{
		Keys: []string{run}, Commit: line(a.SHA, maxName), URL: p.Project.page("/-/pipelines/" + itoa64(a.ID)),
		Times: debrief.Times{Queued: a.CreatedAt.Time},
	}
	final := false
	switch a.Status {
	case "created", "waiting_for_resource", "preparing", "pending", "scheduled":
		report.State = debrief.Queued
	case "running":
		report.State = debrief.Running
	case "manual": // it stands before a job that a person starts
		report.State = debrief.Waiting
	case "success":
		report.State, final = debrief.Succeeded, true
	case "failed":
		report.State, final = debrief.Failed, true
	case "canceled":
		report.State, final = debrief.Aborted, true
	case "skipped":
		return nil, ignored("pipeline skipped: no job ran")
	case "":
		return nil, debrief.Errorf(debrief.Invalid, "object_attributes.status", "missing")
	default:
		return nil, ignored("pipeline status %q is not known", line(a.Status, 40))
	}
	if final {
		report.Times.Finished = a.FinishedAt.Time
	}
	at := latestOf(a.CreatedAt, a.FinishedAt)
	var deploying []debrief.Event
	for i, b := range p.Builds[:min(len(p.Builds), maxStages)] {
		j := glJob{ID: b.ID, Pipeline: a.ID, Name: b.Name, Status: b.Status, SHA: a.SHA, Ref: a.Ref, Tag: a.Tag, StartedAt: b.StartedAt, FinishedAt: b.FinishedAt, Environment: b.Environment}
		if err := j.check(r, "builds."+itoa(i)+"."); err != nil {
			return nil, err
		}
		stage, ok := j.stage(p.Project)
		if !ok {
			continue
		}
		if moved := latestOf(b.StartedAt, b.FinishedAt); moved.After(at) {
			at = moved
		}
		report.Stages = append(report.Stages, stage)
		if j.deploys() {
			deploying = append(deploying, j.event(r, p.Project, stage))
		}
	}
	e := event("gitlab", r, 0, debrief.EventDeployment, at)
	e.Report = report
	return append([]debrief.Event{e}, deploying...), nil
}
