package ingest

import (
	"strconv"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// argocd is Argo CD's notifications, sent by the template of ours that
// docs/sources/argocd.md shows: Argo CD itself sends only what a template says.
func argocd() Source {
	return Source{
		Name:     "argocd",
		Title:    "Argo CD",
		Proven:   "our template, rendered over applications written from Argo CD's API reference; not yet seen live",
		Doc:      argocdDoc(),
		Template: argocdTemplate,
		Verify:   bearer("argocd", "Argo CD"),
		Key:      digestKey,
		Parse:    parseArgoCD,
	}
}

// argoSync is what the template sends of an application and its last sync. The
// fields are the Application's own:
// https://argo-cd.readthedocs.io/en/stable/user-guide/application-specification/
type argoSync struct {
	App         string            `json:"app"`
	Namespace   string            `json:"namespace"`
	Project     string            `json:"project"`
	Service     string            `json:"service"`     // annotation debrief/service
	Environment string            `json:"environment"` // annotation debrief/environment
	Image       string            `json:"image"`       // annotation debrief/image: the one whose tag is the version
	Labels      map[string]string `json:"labels"`
	URL         string            `json:"url"`
	Destination struct {
		Name      string `json:"name"`
		Server    string `json:"server"`
		Namespace string `json:"namespace"`
	} `json:"destination"`
	Images []string `json:"images"`
	Health struct {
		Status  string `json:"status"`
		Since   ghTime `json:"lastTransitionTime"`
		Message string `json:"message"`
	} `json:"health"`
	Sync    string `json:"sync"`
	History struct {
		ID      int64  `json:"id"`
		Started ghTime `json:"deployStartedAt"`
	} `json:"history"`
	Operation *struct {
		Phase     string   `json:"phase"`
		Message   string   `json:"message"`
		Started   ghTime   `json:"startedAt"`
		Finished  ghTime   `json:"finishedAt"`
		Retries   int      `json:"retryCount"`
		Manual    bool     `json:"manual"`
		Revision  string   `json:"revision"`
		Revisions []string `json:"revisions"`
		Repo      string   `json:"repo"`
	} `json:"operation"`
}

func parseArgoCD(r Request) ([]debrief.Event, error) {
	if len(r.Body) > maxEventsBody {
		return nil, debrief.Errorf(debrief.TooLarge, "", "%d bytes, and at most %d are allowed", len(r.Body), maxEventsBody)
	}
	var p argoSync
	if err := decode(r.Body, &p); err != nil {
		return nil, err
	}
	if p.App == "" || !IsKey(p.App) || !IsKey("x"+p.Namespace) {
		return nil, debrief.Errorf(debrief.Invalid, "app", "missing or not an application's name").
			WithHint("the template that debrief parses is in docs/sources/argocd.md")
	}
	op := p.Operation
	if op == nil || op.Phase == "" {
		return nil, ignored("application %s has not been synced", line(p.App, 60))
	}
	if op.Started.IsZero() && op.Started.bad == "" {
		return nil, debrief.Errorf(debrief.Invalid, "operation.startedAt", "missing")
	}
	if err := ghTimes(
		r.Received, ghAt("operation.startedAt", op.Started), ghAt("operation.finishedAt", op.Finished),
		ghAt("health.lastTransitionTime", p.Health.Since), ghAt("history.deployStartedAt", p.History.Started),
	); err != nil {
		return nil, err
	}
	report, err := p.report()
	if err != nil {
		return nil, err
	}
	at := op.Started.Time
	switch op.Phase {
	case "Running", "Terminating":
		report.State = debrief.Running
	case "Succeeded":
		report.State, report.Times.Finished, at = debrief.Succeeded, op.Finished.Time, op.Finished.Time
		if p.Health.Status == "Healthy" {
			report.Times.FullExposure = p.healthy(r.Received)
			at = report.Times.FullExposure
		}
	case "Failed", "Error":
		report.State, report.Times.Finished, at = debrief.Failed, op.Finished.Time, op.Finished.Time
		if strings.HasPrefix(op.Message, "Operation terminated") {
			report.State = debrief.Aborted
		}
	default:
		return nil, ignored("sync phase %q is not known", line(op.Phase, 40))
	}
	e := event("argocd", r, 0, debrief.EventDeployment, at)
	e.Service, e.Report = report.Service, report
	return []debrief.Event{e}, nil
}

// healthy is when everybody was served by what was synced: when the
// application became healthy, if that was after the sync began to change it.
// One that never stopped being healthy was so when the sync ended.
func (p *argoSync) healthy(received time.Time) time.Time {
	since, op := p.Health.Since.Time, p.Operation
	switch {
	case since.IsZero():
		return debrief.Instant(received) // Argo CD 2.x before 2.14 and 3.0 do not say since when
	case since.Before(op.Started.Time):
		return op.Finished.Time
	}
	return since
}

// settled reports that the images are those of this sync. Argo CD lists what
// runs: until the application has become healthy anew that may be the version
// before, or both.
func (p *argoSync) settled() bool {
	return p.Operation.Phase == "Succeeded" && p.Health.Status == "Healthy" &&
		!p.Health.Since.IsZero() && !p.Health.Since.Before(p.Operation.Started.Time)
}

func (p *argoSync) report() (*debrief.Report, error) {
	op := p.Operation
	app := p.App
	if p.Namespace != "" {
		app = p.Namespace + "/" + p.App
	}
	report := &debrief.Report{
		Keys:        []string{"argocd/" + app + "/" + op.Started.UTC().Format(time.RFC3339)},
		Service:     first(line(p.Service, maxName), line(p.App, maxName)),
		Environment: first(line(p.Environment, maxName), line(p.Labels["environment"], maxName), line(p.Labels["env"], maxName), line(p.Destination.Namespace, maxName)),
		Manual:      op.Manual,
		URL:         webAddress(p.URL),
		Times:       debrief.Times{Started: op.Started.Time},
		Facts:       debrief.Facts{},
	}
	if op.Retries > 0 {
		report.Attempt = min(op.Retries, 999) + 1
	}
	switch {
	case debrief.Slug(report.Service) == "":
		return nil, debrief.Errorf(debrief.Invalid, "service", "has no letter or digit")
	case report.Environment == "":
		return nil, debrief.Errorf(debrief.Invalid, "environment", "missing").
			WithHint("annotate the application with debrief/environment")
	}
	revisions := append([]string{op.Revision}, op.Revisions...)
	for _, rev := range revisions {
		switch {
		case isCommit(rev) && report.Commit == "":
			report.Commit = strings.ToLower(rev)
		case rev != "" && report.Version == "":
			report.Version = versionOf(rev) // a chart's
		}
	}
	if tag := p.tag(); tag != "" && p.settled() {
		report.Version = tag
		if isHex(strings.TrimPrefix(tag, "sha-")) { // images tagged by the commit they were built from
			report.Commit, report.Version = strings.TrimPrefix(tag, "sha-"), ""
		}
	}
	destination := first(p.Destination.Name, p.Destination.Server)
	for name, value := range map[string]string{
		"health": p.Health.Status, "project": p.Project, "cluster": destination, "namespace": p.Destination.Namespace,
		"revision": op.Revision, "message": op.Message, "images": strings.Join(p.Images[:min(len(p.Images), 20)], " "),
	} {
		if value = line(value, maxFact); value != "" {
			report.Facts[name] = value
		}
	}
	if p.History.ID > 0 && p.History.Started.Equal(op.Started.Time) { // else it is the sync before
		report.Facts["history"] = strconv.FormatInt(p.History.ID, 10)
	}
	return report, nil
}

// tag is the version by the application's image: the one that was named, the
// one called like the service or the application, or the only one.
func (p *argoSync) tag() string {
	tags := map[string]string{} // "": there are two
	note := func(name, tag string) {
		if old, ok := tags[name]; ok && old != tag {
			tag = ""
		}
		tags[name] = tag
	}
	for _, image := range p.Images {
		image, _, _ = strings.Cut(image, "@")
		repository, tag, ok := cutLast(image, ":")
		if !ok || strings.Contains(tag, "/") {
			repository, tag = image, "" // no tag, perhaps a registry's port
		}
		if _, short, ok := cutLast(repository, "/"); ok {
			note(short, tag)
		}
		note(repository, tag)
		if len(p.Images) == 1 {
			return line(tag, maxVersion)
		}
	}
	for _, name := range []string{p.Image, p.Service, p.App} {
		if tag := tags[name]; name != "" && tag != "" {
			return line(tag, maxVersion)
		}
	}
	return ""
}
