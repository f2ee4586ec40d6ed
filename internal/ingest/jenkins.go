package ingest

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// jenkins is what Jenkins' CDEvents plug-in posts, which is not quite CDEvents:
// https://github.com/jenkinsci/cdevents-plugin (HttpSink, BuildCDEvent)
func jenkins() Source {
	return Source{
		Name:     "jenkins",
		Title:    "Jenkins",
		Proven:   "payloads written from the source code of Jenkins' CDEvents plug-in and of the libraries that print them; not yet seen live",
		Doc:      jenkinsDoc,
		Headers:  []string{"Content-Type", "Ce-Id", "Ce-Source", "Ce-Type", "Ce-Time"},
		People:   []string{"userId", "userName", "causes"},
		Verify:   bearer("jenkins", "Jenkins"),
		URLToken: true,
		Open:     openJenkins,
		Key: func(r Request) (string, error) {
			r.Received = time.Time{} // its timestamps may lie in the future, see parseJenkins
			return cdeventsKey(r)
		},
		Parse: parseJenkins,
	}
}

// openJenkins reads the form in which Java prints an event for its log: the
// plug-in posts that instead of JSON, the data as a list of byte values. A
// version that sends JSON one day is read as well.
func openJenkins(h map[string]string, body []byte) (Opened, error) {
	text, ok := strings.CutPrefix(strings.TrimSpace(string(body[:min(len(body), maxEventsBody+1)])), "CloudEvent{id='")
	if !ok {
		return openCDEvents(h, body)
	}
	if len(body) > maxEventsBody {
		return Opened{}, debrief.Errorf(debrief.TooLarge, "", "%d bytes, and at most %d are allowed", len(body), maxEventsBody)
	}
	var e struct {
		SpecVersion string `json:"specversion"`
		cloudEvent
	}
	e.SpecVersion = "1.0"
	e.ID, text, _ = strings.Cut(text, "', source=")
	e.Source, text, _ = strings.Cut(text, ", type='")
	e.Type, text, _ = strings.Cut(text, "'")
	rest, list, ok := strings.Cut(text, ", data=BytesCloudEventData{value=[")
	if _, at, ok := strings.Cut(rest, ", time="); ok {
		e.Time = at
	}
	list, _, closed := strings.Cut(list, "]")
	if !ok || !closed {
		return Opened{}, debrief.Errorf(debrief.Invalid, "data", "missing").WithHint("what Jenkins' CDEvents plug-in posts holds its data as a list of byte values")
	}
	data, err := byteValues(list)
	if err != nil {
		return Opened{}, err
	}
	e.Data = data
	plain, err := json.Marshal(e)
	if err != nil {
		return Opened{}, debrief.Errorf(debrief.Invalid, "data", "not JSON")
	}
	return Opened{Body: plain}, nil
}

// byteValues reads Java's "123, 34, -61": bytes with a sign.
func byteValues(list string) ([]byte, error) {
	data := make([]byte, 0, len(list)/4)
	for field := range strings.SplitSeq(list, ",") {
		n, err := strconv.ParseInt(strings.TrimSpace(field), 10, 8)
		if err != nil {
			return nil, debrief.Errorf(debrief.Invalid, "data", "%q is no byte", line(field, 20))
		}
		data = append(data, byte(n))
	}
	return data, nil
}

// jenkinsData is the plug-in's customData: its models JobModel and QueuedJobModel.
type jenkinsData struct {
	Name  string `json:"name"`
	URL   string `json:"url"` // of a queued item: complete; else relative
	ID    int64  `json:"id"`  // of a queued item
	Build struct {
		FullURL    string         `json:"fullUrl"`
		URL        string         `json:"url"`
		QueueID    int64          `json:"queueId"`
		Duration   int64          `json:"duration"` // ms
		Status     string         `json:"status"`
		Parameters map[string]any `json:"parameters"`
		SCM        struct {
			Commit string `json:"commit"`
		} `json:"scmState"`
	} `json:"build"`
}

func parseJenkins(r Request) ([]debrief.Event, error) {
	list, err := cloudEvents(r)
	if err != nil {
		return nil, err
	}
	var events []debrief.Event
	var reason error
	for i, c := range list {
		ce, err := c.read(time.Time{})
		if err != nil {
			return nil, err
		}
		// The data's timestamp is Jenkins' local time called UTC; the CloudEvent's
		// is right, and the plug-in sends at once.
		at := debrief.Instant(r.Received)
		for _, form := range []string{time.RFC3339, "2006-01-02T15:04Z07:00"} { // Java drops seconds that are zero
			if t, err := time.Parse(form, c.Time); err == nil && t.After(longAgo) {
				at = debrief.Instant(t)
			}
		}
		if farAhead(at, r.Received) {
			return nil, futureDated(join(c.path, "time"), at, r.Received)
		}
		report, err := ce.jenkins(at)
		if debrief.KindOf(err) == debrief.Ignored && err != nil {
			reason = err
			continue
		} else if err != nil {
			return nil, within(ce.path, err)
		}
		e := event("jenkins", r, i, debrief.EventDeployment, at)
		e.Service, e.Report = report.Service, report
		events = append(events, e)
	}
	if len(events) == 0 {
		return nil, reason
	}
	return events, nil
}

// jenkins reads one event about a run. What runs is a job; that it deploys
// anything, its parameters or somebody else (debrief deploy) must say.
func (c *cdEvent) jenkins(at time.Time) (*debrief.Report, error) {
	kind, _ := strings.CutPrefix(c.Context.Type, "dev.cdevents.")
	subject, rest, _ := strings.Cut(kind, ".")
	predicate, _, _ := strings.Cut(rest, ".")
	switch {
	case subject == "taskrun":
		return nil, ignored("taskrun: the plug-in says neither which Jenkins a step belongs to nor which step ended")
	case subject != "pipelinerun":
		return nil, ignored("debrief reads nothing from Jenkins' %s", line(kind, 60))
	}
	if err := c.needSubject(); err != nil {
		return nil, err
	}
	var d jenkinsData
	if len(c.Custom) > 0 {
		if err := decode(c.Custom, &d); err != nil {
			return nil, within("customData", err)
		}
	}
	b := d.Build
	report := &debrief.Report{Facts: debrief.Facts{}}
	if name := first(c.Subject.Content.Pipeline, d.Name); name != "" {
		report.Facts["pipeline"] = line(name, maxFact)
	}
	if predicate == "queued" {
		root := strings.TrimSuffix(d.URL, c.Context.Source+strconv.FormatInt(d.ID, 10)+"/")
		if d.ID <= 0 || root == d.URL {
			return nil, ignored("a job that waits in a queue nobody can name")
		}
		report.Keys = []string{jenkinsQueue(root, d.ID)}
		report.State, report.Times.Queued = debrief.Queued, at
		return report, nil
	}
	address := first(b.FullURL, b.URL, c.Context.Source)
	report.Keys = []string{JenkinsRun(address)}
	if root := strings.TrimSuffix(b.FullURL, b.URL); b.QueueID > 0 && b.URL != "" && root != b.FullURL {
		report.Keys = append(report.Keys, jenkinsQueue(root, b.QueueID))
	}
	report.URL = webAddress(b.FullURL)
	if isCommit(b.SCM.Commit) {
		report.Commit = b.SCM.Commit
	}
	said := func(name string) string {
		s, _ := b.Parameters["DEBRIEF_"+name].(string)
		return line(s, maxName)
	}
	report.Service, report.Environment = said("SERVICE"), said("ENVIRONMENT")
	report.Version, report.Target = said("VERSION"), said("TARGET")
	if report.Service != "" && debrief.Slug(report.Service) == "" {
		return nil, debrief.Errorf(debrief.Invalid, "customData.build.parameters.DEBRIEF_SERVICE", "has no letter or digit")
	}
	switch predicate {
	case "started":
		report.State, report.Times.Started = debrief.Running, at
	case "finished":
		report.State, report.Times.Finished = jenkinsResult(b.Status, c.Subject.Content.Outcome), at
		if ms := b.Duration; ms > 0 && ms < int64(30*24*time.Hour/time.Millisecond) {
			report.Times.Started = debrief.Instant(at.Add(-time.Duration(ms) * time.Millisecond))
		}
		if b.Status != "" {
			report.Facts["result"] = line(b.Status, maxFact)
		}
	default:
		return nil, ignored("debrief reads nothing from Jenkins' %s", line(kind, 60))
	}
	return report, nil
}

// JenkinsRun is the key of a run by its address, which is BUILD_URL in the
// run's own environment.
func JenkinsRun(address string) string {
	_, place, ok := strings.Cut(address, "://")
	if !ok {
		place = address
	}
	place = strings.Trim(place, "/")
	if key := "jenkins/run/" + place; IsKey(key) {
		return key
	}
	return "jenkins/run/" + debrief.ID("jenkins", place)
}

// jenkinsQueue is the key by which a run and its time in the queue meet.
func jenkinsQueue(root string, id int64) string {
	return "jenkins/run/queue/" + debrief.ID(strings.Trim(root, "/")) + "/" + strconv.FormatInt(id, 10)
}

// jenkinsResult prefers Jenkins' own word: the plug-in calls aborted runs
// failures. https://javadoc.jenkins.io/hudson/model/Result.html
func jenkinsResult(status, outcome string) debrief.DeploymentState {
	switch status {
	case "SUCCESS", "UNSTABLE":
		return debrief.Succeeded
	case "FAILURE":
		return debrief.Failed
	case "ABORTED", "NOT_BUILT":
		return debrief.Aborted
	}
	return outcomeState(strings.ToLower(outcome))
}
