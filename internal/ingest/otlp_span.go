package ingest

import (
	"regexp"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/debriefhq/debrief"
)

// What a span is to us, by the attributes of
// https://opentelemetry.io/docs/specs/semconv/cicd/cicd-spans/ and
// https://opentelemetry.io/docs/specs/semconv/registry/attributes/deployment/
const (
	spanRun        = "run"
	spanTask       = "task"
	spanDeployment = "deployment"
)

func roleOf(resource pcommon.Map, s ptrace.Span) string {
	own := func(names ...string) bool { return attribute(names, s.Attributes()) != "" }
	switch {
	// The environment alone says nothing: every span of a service carries it.
	case own("deployment.id", "deployment.name", "deployment.status"),
		attribute([]string{"cicd.pipeline.task.type"}, s.Attributes()) == "deploy" && own("deployment.environment.name", "deployment.environment"):
		return spanDeployment
	case own("cicd.pipeline.task.name", "cicd.pipeline.task.run.id"):
		return spanTask
	case own("cicd.pipeline.result", "cicd.pipeline.action.name", "cicd.pipeline.name", "cicd.pipeline.run.id", "cicd.pipeline.run.url.full"):
		return spanRun
	}
	// The pipeline may stand on the resource: its run is the span around all.
	if s.ParentSpanID().IsEmpty() && attribute([]string{"cicd.pipeline.name", "cicd.pipeline.run.id"}, resource) != "" {
		return spanRun
	}
	return ""
}

// attribute is the first of the names that has a value, in the first map that
// has one.
func attribute(names []string, maps ...pcommon.Map) string {
	for _, m := range maps {
		for _, n := range names {
			if v, ok := m.Get(n); ok { // what is not there must not be asked for its text
				if text := v.AsString(); text != "" {
					return text
				}
			}
		}
	}
	return ""
}

// span is one span with what its resource says for all of them.
type span struct {
	role       string
	trace, id  string
	name       string
	start, end time.Time
	failed, ok bool
	assumed    bool // the service was only derived
	own, all   func(names ...string) string
}

func newSpan(resource pcommon.Map, s ptrace.Span) span {
	return span{
		role: roleOf(resource, s), trace: s.TraceID().String(), id: s.SpanID().String(), name: s.Name(),
		start: spanTime(s.StartTimestamp()), end: spanTime(s.EndTimestamp()),
		failed: s.Status().Code() == ptrace.StatusCodeError, ok: s.Status().Code() == ptrace.StatusCodeOk,
		own: func(names ...string) string { return attribute(names, s.Attributes()) },
		all: func(names ...string) string { return attribute(names, s.Attributes(), resource) },
	}
}

func spanTime(t pcommon.Timestamp) time.Time {
	if at := t.AsTime(); at.After(longAgo) {
		return debrief.Instant(at)
	}
	return time.Time{}
}

// report is what the span tells of; nil where it tells nothing after all.
func (s *span) report() *debrief.Report {
	report := &debrief.Report{Keys: s.runKeys()}
	if rev := s.all("vcs.ref.head.revision", "vcs.repository.ref.revision"); isHex(strings.ToLower(rev)) {
		report.Commit = strings.ToLower(rev)
	}
	switch s.role {
	case spanRun:
		return s.run(report)
	case spanTask:
		return s.task(report)
	}
	environment := line(s.all("deployment.environment.name", "deployment.environment"), maxName)
	report.Service, s.assumed = s.service()
	if environment == "" || report.Service == "" {
		report.Service, s.assumed = "", false
		return s.task(report) // of an environment nobody names: a step of the run
	}
	report.Environment = environment
	report.Target = line(s.all("debrief.target"), maxName)
	report.Version = first(line(s.all("debrief.version"), maxVersion), s.tag())
	report.State, report.Times.Started, report.Times.Finished = s.state(s.own("deployment.status", "cicd.pipeline.task.run.result", "cicd.pipeline.result")), s.start, s.end
	report.URL = webAddress(s.all("cicd.pipeline.task.run.url.full", "cicd.pipeline.run.url.full"))
	own := s.trace + "/" + s.id
	if id := s.own("deployment.id"); id != "" {
		own = debrief.ID(s.all("vcs.repository.url.full", "vcs.repository.name"), id)
		if repo := s.repository(); strings.HasPrefix(repo, "github:") && isDigits(id) {
			report.Keys = append(report.Keys, "github/deployment/"+strings.TrimPrefix(repo, "github:")+"/"+id)
		}
	}
	report.Keys = append([]string{"otlp/deployment/" + own}, report.Keys...)
	if name := line(s.own("deployment.name"), maxFact); name != "" {
		report.Facts = debrief.Facts{"deployment": name}
	}
	return report
}

// run tells of a whole run; it floats to the deployments that name it.
func (s *span) run(report *debrief.Report) *debrief.Report {
	result := s.own("cicd.pipeline.result")
	if result == "skip" || result == "skipped" {
		return nil
	}
	report.URL = webAddress(s.all("cicd.pipeline.run.url.full"))
	report.Times.Started, report.Times.Finished = s.start, s.end
	if s.own("cicd.pipeline.run.state") == "pending" { // the time before it began has a span of its own
		report.Times = debrief.Times{Queued: s.start}
		return report
	}
	report.State = s.state(result)
	if name := line(s.all("cicd.pipeline.name"), maxFact); name != "" {
		report.Facts = debrief.Facts{"pipeline": name}
	}
	return report
}

// task is one step: a stage of the deployments that name the run.
func (s *span) task(report *debrief.Report) *debrief.Report {
	result := s.own("cicd.pipeline.task.run.result", "deployment.status")
	if result == "skip" || result == "skipped" {
		return nil
	}
	report.Stages = []debrief.Stage{{
		Name:    first(line(s.own("cicd.pipeline.task.name", "deployment.name"), maxName), line(s.name, maxName), s.id),
		State:   s.state(result),
		Started: s.start, Finished: s.end,
		URL: webAddress(s.own("cicd.pipeline.task.run.url.full")),
	}}
	return report
}

// state maps the conventions' words, of three versions; a span that says
// nothing else has succeeded unless its status is an error.
func (s *span) state(result string) debrief.DeploymentState {
	switch strings.ToLower(result) {
	case "success", "succeeded":
		return debrief.Succeeded
	case "failure", "failed", "error", "timeout":
		return debrief.Failed
	case "cancellation", "cancelled", "canceled":
		return debrief.Aborted
	}
	switch {
	case s.failed:
		return debrief.Failed
	case s.end.IsZero():
		return debrief.Running
	}
	return debrief.Succeeded
}

// service is what was deployed. service.name is who sent the trace, most often
// the pipeline's own tool, so it comes last.
func (s *span) service() (name string, assumed bool) {
	for _, c := range []struct {
		name    string
		assumed bool
	}{
		{s.all("debrief.service"), false},
		{s.repository(), true},
		{s.all("vcs.repository.name"), true},
		{s.all("service.name"), true},
	} {
		if n := line(c.name, maxName); debrief.Slug(n) != "" {
			return n, c.assumed
		}
	}
	return "", false
}

// repository is the alias a forge's repository is known by.
func (s *span) repository() string {
	_, rest, _ := strings.Cut(s.all("vcs.repository.url.full"), "://")
	host, path, _ := strings.Cut(strings.TrimSuffix(strings.TrimRight(rest, "/"), ".git"), "/")
	if path == "" || !IsKey(path) {
		return ""
	}
	switch provider := s.all("vcs.provider.name"); {
	case provider == "github" || host == "github.com":
		return "github:" + path
	case provider == "gitlab" || host == "gitlab.com":
		return "gitlab:" + path
	}
	return ""
}

func (s *span) tag() string {
	name := s.all("vcs.ref.head.name", "vcs.repository.ref.name")
	if s.all("vcs.ref.head.type", "vcs.repository.ref.type") == "tag" {
		return line(strings.TrimPrefix(name, "refs/tags/"), maxVersion)
	}
	return versionOf(name)
}

var (
	githubRunURL = regexp.MustCompile(`^https?://[^/]+/[^/]+/[^/]+/actions/runs/(\d{1,20})(?:[/?#]|$)`)
	gitlabRunURL = regexp.MustCompile(`^https?://[^/]+/([A-Za-z0-9._/-]{1,150}?)/-/pipelines/(\d{1,20})(?:[/?#]|$)`)
)

// runKeys name the run: by its trace, by the id its system gave it, and by the
// key under which that system's own webhooks and debrief deploy know it.
func (s *span) runKeys() []string {
	keys := []string{"otlp/run/" + s.trace}
	address, id := s.all("cicd.pipeline.run.url.full"), s.all("cicd.pipeline.run.id")
	if m := githubRunURL.FindStringSubmatch(first(address, s.own("cicd.pipeline.task.run.url.full"))); m != nil {
		return append(keys, "github/run/"+m[1])
	}
	if m := gitlabRunURL.FindStringSubmatch(address); m != nil {
		return append(keys, "gitlab/pipeline/"+m[1]+"/"+m[2])
	}
	if id != "" {
		keys = append(keys, "otlp/run/id/"+debrief.ID(s.all("cicd.pipeline.name"), id))
	}
	if webAddress(address) != "" && strings.Contains(address, "/job/") { // Jenkins
		keys = append(keys, JenkinsRun(address))
	}
	return keys
}

func isDigits(s string) bool {
	return s != "" && len(s) <= 20 && strings.Trim(s, "0123456789") == ""
}
