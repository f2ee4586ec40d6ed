package ingest

import (
	"strconv"

	"github.com/debriefhq/debrief"
)

// glJob is https://docs.gitlab.com/user/project/integrations/webhook_events/#job-events
type glJob struct {
	Ref         string         `json:"ref"`
	Tag         bool           `json:"tag"`
	SHA         string         `json:"sha"`
	ID          int64          `json:"build_id"`
	Name        string         `json:"build_name"`
	Status      string         `json:"build_status"`
	StartedAt   glTime         `json:"build_started_at"`
	FinishedAt  glTime         `json:"build_finished_at"`
	Retries     int            `json:"retries_count"`
	Pipeline    int64          `json:"pipeline_id"`
	Environment *glEnvironment `json:"environment"`
	Project     glProject      `json:"project"` // since GitLab 16
	Repository  struct {
		Homepage string `json:"homepage"`
	} `json:"repository"`
}

// gitlabJob takes a job as a stage of what its pipeline deployed; one with an
// environment is a deployment itself.
func gitlabJob(r Request) ([]debrief.Event, error) {
	var j glJob
	if err := decode(r.Body, &j); err != nil {
		return nil, err
	}
	project := j.Project
	if project.Path == "" {
		if project = projectAt(j.Repository.Homepage); !projectPath(project.Path) {
			return nil, debrief.Errorf(debrief.Invalid, "repository.homepage", "missing or not the address of a project")
		}
	}
	if err := project.check(); err != nil {
		return nil, err
	}
	if j.Pipeline <= 0 {
		return nil, ignored("job %q of no pipeline", line(j.Name, 60)) // as GitLab before version 9 sent them
	}
	if err := j.check(r, "build_"); err != nil {
		return nil, err
	}
	stage, ok := j.stage(project)
	if !ok {
		return nil, ignored("job %q is %s: it did nothing yet", line(j.Name, 60), line(j.Status, 40))
	}
	return []debrief.Event{j.event(r, project, stage)}, nil
}

func (j glJob) check(r Request, prefix string) error {
	if j.ID <= 0 {
		return debrief.Errorf(debrief.Invalid, prefix+"id", "missing")
	}
	if line(j.Name, maxName) == "" {
		return debrief.Errorf(debrief.Invalid, prefix+"name", "missing")
	}
	return glTimes(r.Received, glAt{prefix + "started_at", j.StartedAt}, glAt{prefix + "finished_at", j.FinishedAt})
}

// stage is the job as a step; false: it has not begun, or never will.
func (j glJob) stage(p glProject) (debrief.Stage, bool) {
	s := debrief.Stage{Name: line(j.Name, maxName), URL: p.page("/-/jobs/" + itoa64(j.ID)), Started: j.StartedAt.Time}
	switch j.Status {
	case "running":
		s.State = debrief.Running
		return s, true
	case "success":
		s.State = debrief.Succeeded
	case "failed":
		s.State = debrief.Failed
	case "canceled":
		s.State = debrief.Aborted
	default: // created, pending, manual, skipped, scheduled, waiting_for_resource, preparing
		return s, false
	}
	s.Finished = j.FinishedAt.Time
	if !s.Finished.IsZero() && s.Finished.Before(s.Started) {
		s.Started = s.Finished
	}
	return s, true
}

// deploys reports a job that puts something into an environment; others only
// look at one, or stop it.
func (j glJob) deploys() bool {
	e := j.Environment
	return e != nil && line(e.Name, maxName) != "" && (e.Action == "" || e.Action == "start")
}

// event is the job's report. A job that deploys is known by its own id, which
// deployment events name too, and by its pipeline.
func (j glJob) event(r Request, p glProject, stage debrief.Stage) debrief.Event {
	e := event("gitlab", r, 0, debrief.EventDeployment, latestOf(j.StartedAt, j.FinishedAt))
	e.Report = &debrief.Report{Keys: []string{p.key("pipeline", j.Pipeline)}, Commit: line(j.SHA, maxName), Stages: []debrief.Stage{stage}}
	if !j.deploys() {
		return e
	}
	e.Service, e.Assumed = p.service(), true
	e.Report.Keys = []string{p.key("job", j.ID), p.key("pipeline", j.Pipeline)}
	e.Report.Service = e.Service
	e.Report.Environment = line(j.Environment.Name, maxName)
	e.Report.State = stage.State
	e.Report.Times = debrief.Times{Started: stage.Started, Finished: stage.Finished}
	e.Report.URL = stage.URL
	if e.Report.Version = versionOf(j.Ref); e.Report.Version == "" && j.Tag {
		e.Report.Version = line(j.Ref, maxVersion)
	}
	if j.Retries > 0 {
		e.Report.Attempt = min(j.Retries, 1<<20) + 1
	}
	return e
}

func itoa64(n int64) string { return strconv.FormatInt(n, 10) }
