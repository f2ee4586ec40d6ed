package ingest

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"

	"github.com/debriefhq/debrief"
)

// ghDeployment is one deployment as the API describes it:
// https://docs.github.com/en/rest/deployments/deployments
type ghDeployment struct {
	ID                  int64           `json:"id"`
	SHA                 string          `json:"sha"`
	Ref                 string          `json:"ref"`
	Task                string          `json:"task"`
	Environment         string          `json:"environment"`
	OriginalEnvironment string          `json:"original_environment"`
	CreatedAt           ghTime          `json:"created_at"`
	Payload             json.RawMessage `json:"payload"`
}

// ghDeploymentEvent is both deployment and deployment_status:
// https://docs.github.com/en/webhooks/webhook-events-and-payloads#deployment_status
type ghDeploymentEvent struct {
	Action     string       `json:"action"`
	Deployment ghDeployment `json:"deployment"`
	Status     struct {
		State     string `json:"state"`
		CreatedAt ghTime `json:"created_at"`
		LogURL    string `json:"log_url"`
		TargetURL string `json:"target_url"`
	} `json:"deployment_status"`
	Run *struct {
		ID      int64 `json:"id"`
		Attempt int   `json:"run_attempt"`
	} `json:"workflow_run"`
	Repository ghRepository `json:"repository"`
}

func githubDeployment(r Request) ([]debrief.Event, error) {
	p, report, err := readDeployment(r)
	if err != nil {
		return nil, err
	}
	if p.Action != "" && p.Action != "created" { // payloads before 2019 have no action
		return nil, ignored("deployment %s", line(p.Action, 40))
	}
	report.State = debrief.Queued
	return deploymentEvent(r, report, p.assumed(), p.Deployment.CreatedAt)
}

func githubDeploymentStatus(r Request) ([]debrief.Event, error) {
	p, report, err := readDeployment(r)
	if err != nil {
		return nil, err
	}
	if p.Action != "" && p.Action != "created" {
		return nil, ignored("deployment_status %s", line(p.Action, 40))
	}
	at := p.Status.CreatedAt
	if err := ghTimes(r.Received, ghAt("deployment_status.created_at", at)); err != nil {
		return nil, err
	}
	switch p.Status.State {
	case "queued", "pending":
		report.State = debrief.Queued
	case "waiting": // for a reviewer, a timer or a protection rule
		report.State, report.Times.WaitingSince = debrief.Waiting, at.Time
	case "in_progress":
		report.State, report.Times.Started = debrief.Running, at.Time
	case "success":
		report.State, report.Times.Finished = debrief.Succeeded, at.Time
	case "failure", "error":
		report.State, report.Times.Finished = debrief.Failed, at.Time
	case "inactive":
		// A newer deployment replaced this one. That is no end of its own: the
		// ledger lets it say nothing about one that had ended before.
		report.State = debrief.Superseded
	case "":
		return nil, debrief.Errorf(debrief.Invalid, "deployment_status.state", "missing")
	default:
		return nil, ignored("deployment status %q is not known", line(p.Status.State, 40))
	}
	if u := webAddress(p.Status.LogURL); u != "" {
		report.URL = u
	} else if u := webAddress(p.Status.TargetURL); u != "" {
		report.URL = u
	}
	return deploymentEvent(r, report, p.assumed(), at)
}

// assumed reports that nobody named the service: only the repository is known.
func (p *ghDeploymentEvent) assumed() bool { return saidBeside(p.Deployment.Payload).Service == "" }

func readDeployment(r Request) (*ghDeploymentEvent, *debrief.Report, error) {
	var p ghDeploymentEvent
	if err := decode(r.Body, &p); err != nil {
		return nil, nil, err
	}
	if err := p.Repository.check(); err != nil {
		return nil, nil, err
	}
	d := p.Deployment
	if d.ID <= 0 {
		return nil, nil, debrief.Errorf(debrief.Invalid, "deployment.id", "missing")
	}
	if err := ghTimes(r.Received, ghAt("deployment.created_at", d.CreatedAt)); err != nil {
		return nil, nil, err
	}
	env := d.OriginalEnvironment // a status can rename the environment; the first name is what was asked for
	if env == "" {
		env = d.Environment
	}
	if env = line(env, maxName); env == "" {
		return nil, nil, debrief.Errorf(debrief.Invalid, "deployment.environment", "missing")
	}
	said := saidBeside(d.Payload)
	report := &debrief.Report{
		Keys:        []string{deploymentKey(p.Repository, d.ID)},
		Service:     said.Service,
		Environment: env,
		Target:      said.Target,
		Version:     said.Version,
		Commit:      line(d.SHA, maxName),
		Rollout:     said.Rollout,
		Rollback:    strings.Contains(strings.ToLower(d.Task), "rollback"),
		Times:       debrief.Times{Queued: d.CreatedAt.Time},
	}
	if report.Service == "" {
		report.Service = p.Repository.service()
	}
	if report.Version == "" {
		report.Version = versionOf(d.Ref)
	}
	if base := webAddress(p.Repository.HTMLURL); base != "" {
		report.URL = base + "/deployments"
	}
	if p.Run != nil && p.Run.ID > 0 {
		report.Keys = append(report.Keys, runKey(p.Run.ID))
		report.Attempt = max(p.Run.Attempt, 0)
	} else if run := max(runOf(p.Status.LogURL), runOf(p.Status.TargetURL)); run > 0 {
		report.Keys = append(report.Keys, runKey(run)) // a status of the API names its run only so
	}
	return &p, report, nil
}

func deploymentEvent(r Request, report *debrief.Report, assumed bool, at ghTime) ([]debrief.Event, error) {
	e := event("github", r, 0, debrief.EventDeployment, at.Time)
	e.Service, e.Report = report.Service, report
	e.Assumed = assumed
	return []debrief.Event{e}, nil
}

func runKey(id int64) string { return "github/run/" + strconv.FormatInt(id, 10) }

// besides is what a team may say in the deployment's own payload.
type besides struct {
	Service string `json:"service"`
	Target  string `json:"target"`
	Version string `json:"version"`
	Rollout string `json:"rollout"`
}

// saidBeside reads the payload, which GitHub hands on as an object or as a
// text that holds one. It belongs to the team, so nothing in it is an error.
func saidBeside(raw json.RawMessage) besides {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		raw = json.RawMessage(text)
	}
	var b besides
	if json.Unmarshal(raw, &b) != nil {
		return besides{}
	}
	if debrief.Slug(b.Service) == "" {
		b.Service = "" // no name a service could have
	}
	return besides{line(b.Service, maxName), line(b.Target, maxName), line(b.Version, maxVersion), line(b.Rollout, maxVersion)}
}

// versionName is a ref that names a version rather than a branch. With words
// before the number all three parts are asked for: release-1.2 is most often a
// branch, shop/v1.2.0 a tag.
var versionName = regexp.MustCompile(`^(?:v?\d+(?:\.\d+)+|[A-Za-z][A-Za-z0-9_./-]*[@/_-]v?\d+\.\d+\.\d+)(?:[-+._][0-9A-Za-z.+_-]+)?$|^v\d+$`)

// versionOf is the version a ref names; empty for a branch or a commit.
func versionOf(ref string) string {
	if tag, ok := strings.CutPrefix(ref, "refs/tags/"); ok {
		return line(tag, maxVersion)
	}
	if versionName.MatchString(ref) {
		return line(ref, maxVersion)
	}
	return ""
}
