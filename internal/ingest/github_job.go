package ingest

import (
	"regexp"
	"strconv"

	"github.com/debriefhq/debrief"
)

// ghJob is one job of a workflow run:
// https://docs.github.com/en/webhooks/webhook-events-and-payloads#workflow_job
type ghJob struct {
	Action string `json:"action"`
	Job    struct {
		RunID       int64  `json:"run_id"`
		Attempt     int    `json:"run_attempt"`
		Name        string `json:"name"`
		Status      string `json:"status"`
		Conclusion  string `json:"conclusion"`
		SHA         string `json:"head_sha"`
		HTMLURL     string `json:"html_url"`
		StartedAt   ghTime `json:"started_at"`
		CompletedAt ghTime `json:"completed_at"`
	} `json:"workflow_job"`
	Deployment *struct {
		ID int64 `json:"id"`
	} `json:"deployment"`
	Repository ghRepository `json:"repository"`
}

// githubWorkflowJob takes a job as a stage of whatever its run deployed.
func githubWorkflowJob(r Request) ([]debrief.Event, error) {
	var p ghJob
	if err := decode(r.Body, &p); err != nil {
		return nil, err
	}
	if err := p.Repository.check(); err != nil {
		return nil, err
	}
	j := p.Job
	if j.RunID <= 0 {
		return nil, debrief.Errorf(debrief.Invalid, "workflow_job.run_id", "missing")
	}
	step := ghStep{
		field: "workflow_job", name: j.Name, status: j.Status, conclusion: j.Conclusion, commit: j.SHA, url: j.HTMLURL,
		attempt: max(j.Attempt, 0), started: j.StartedAt, completed: j.CompletedAt, keys: []string{runKey(j.RunID)},
	}
	if p.Deployment != nil && p.Deployment.ID > 0 {
		step.keys = append(step.keys, deploymentKey(p.Repository, p.Deployment.ID))
	}
	return step.event(r)
}

// ghCheck is https://docs.github.com/en/webhooks/webhook-events-and-payloads#check_run
type ghCheck struct {
	Action string `json:"action"`
	Check  struct {
		Name        string `json:"name"`
		SHA         string `json:"head_sha"`
		Status      string `json:"status"`
		Conclusion  string `json:"conclusion"`
		HTMLURL     string `json:"html_url"`
		DetailsURL  string `json:"details_url"`
		StartedAt   ghTime `json:"started_at"`
		CompletedAt ghTime `json:"completed_at"`
		Deployment  *struct {
			ID int64 `json:"id"`
		} `json:"deployment"`
	} `json:"check_run"`
	Repository ghRepository `json:"repository"`
}

// githubCheckRun takes a check as a stage of a deployment where it says which
// run or deployment it is of; any other only speaks of a commit.
func githubCheckRun(r Request) ([]debrief.Event, error) {
	var p ghCheck
	if err := decode(r.Body, &p); err != nil {
		return nil, err
	}
	if err := p.Repository.check(); err != nil {
		return nil, err
	}
	c := p.Check
	if p.Action != "created" && p.Action != "completed" {
		return nil, ignored("check_run %q", line(p.Action, 40))
	}
	step := ghStep{
		field: "check_run", name: c.Name, status: c.Status, conclusion: c.Conclusion, commit: c.SHA, url: c.HTMLURL,
		started: c.StartedAt, completed: c.CompletedAt,
	}
	run := runOf(c.DetailsURL)
	if run == 0 {
		run = runOf(c.HTMLURL)
	}
	if run > 0 {
		step.keys = append(step.keys, runKey(run))
	}
	if c.Deployment != nil && c.Deployment.ID > 0 {
		step.keys = append(step.keys, deploymentKey(p.Repository, c.Deployment.ID))
	}
	if len(step.keys) == 0 {
		return nil, ignored("check %q belongs to no workflow run and to no deployment", line(c.Name, 60))
	}
	return step.event(r)
}

// ghStep is a job or a check: one stage.
type ghStep struct {
	field, name, status, conclusion, commit, url string
	attempt                                      int
	started, completed                           ghTime
	keys                                         []string
}

// event makes the stage. It says nothing of the deployment's own state: a job
// that succeeds ends no deployment.
func (s ghStep) event(r Request) ([]debrief.Event, error) {
	name := line(s.name, maxName)
	if name == "" {
		return nil, debrief.Errorf(debrief.Invalid, s.field+".name", "missing")
	}
	if err := ghTimes(r.Received, ghAt(s.field+".started_at", s.started), ghAt(s.field+".completed_at", s.completed)); err != nil {
		return nil, err
	}
	stage := debrief.Stage{Name: name, Attempt: s.attempt, URL: webAddress(s.url)}
	at := s.started
	switch s.status {
	case "queued", "pending", "waiting", "requested":
		// Its started_at is when it was queued.
		return nil, ignored("%s %q has not begun", s.field, line(s.name, 60))
	case "in_progress":
		stage.State, stage.Started = debrief.Running, s.started.Time
	case "completed":
		state, ok := conclusion(s.conclusion)
		if !ok {
			return nil, ignored("%s %q ended %q, so it did nothing", s.field, line(s.name, 60), line(s.conclusion, 40))
		}
		stage.State, stage.Started, stage.Finished = state, s.started.Time, s.completed.Time
		at = s.completed
		if stage.Finished.Before(stage.Started) { // a job that was cancelled while it waited
			stage.Started = stage.Finished
		}
	default:
		return nil, ignored("%s status %q is not known", s.field, line(s.status, 40))
	}
	e := event("github", r, 0, debrief.EventDeployment, at.Time)
	e.Report = &debrief.Report{Keys: s.keys, Commit: line(s.commit, maxName), Attempt: s.attempt, Stages: []debrief.Stage{stage}}
	return []debrief.Event{e}, nil
}

var runAddress = regexp.MustCompile(`^https?://[^/\s]+/[^/\s]+/[^/\s]+/actions/runs/(\d{1,18})(?:[/?#].*)?$`)

// runOf is the workflow run that an address of GitHub's pages names; 0: none.
func runOf(address string) int64 {
	m := runAddress.FindStringSubmatch(address)
	if m == nil || len(address) > maxURL {
		return 0
	}
	id, _ := strconv.ParseInt(m[1], 10, 64)
	return id
}

func deploymentKey(r ghRepository, id int64) string {
	return "github/deployment/" + r.FullName + "/" + strconv.FormatInt(id, 10)
}
