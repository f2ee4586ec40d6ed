package ingest

import (
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

const (
	sentryResource  = "Sentry-Hook-Resource"
	sentryTimestamp = "Sentry-Hook-Timestamp"
	sentrySignature = "Sentry-Hook-Signature"
	sentryRequest   = "Request-Id"
)

// sentry is the webhooks of a Sentry integration (internal or public).
func sentry() Source {
	return Source{
		Name:    "sentry",
		Title:   "Sentry",
		Proven:  "payloads written from Sentry's documentation; not yet seen live",
		Doc:     doc(sentryDoc()),
		Headers: []string{sentryResource, sentryTimestamp, sentryRequest},
		People:  []string{"assignedTo", "assigned_to", "seenBy", "participants", "created_by", "createdBy"},
		Verify: func(h map[string]string, body []byte, secrets []string) error {
			mac, _ := hex.DecodeString(header(h, sentrySignature))
			return sealed{"sentry", "Sentry", sentrySignature, [][]byte{mac}, [][]byte{body}}.verify(secrets)
		},
		Key: func(r Request) (string, error) {
			if id := header(r.Header, sentryRequest); IsKey(id) {
				return id, nil
			}
			return bodyKey(r)
		},
		Parse: parseSentry,
	}
}

func parseSentry(r Request) ([]debrief.Event, error) {
	kind := header(r.Header, sentryResource)
	var parse func(Request) (*debrief.IncidentReport, time.Time, error)
	switch kind {
	case "issue":
		parse = sentryIssue
	case "event_alert":
		parse = sentryEventAlert
	case "metric_alert":
		parse = sentryMetricAlert
	case "":
		return nil, debrief.Errorf(debrief.Invalid, sentryResource, "missing")
	default:
		return nil, ignored("debrief reads nothing from Sentry's %q webhooks", line(kind, 60))
	}
	report, at, err := parse(r)
	if err != nil {
		return nil, err
	}
	report.Alert = true
	e := event("sentry", r, 0, debrief.EventIncident, at)
	e.Service, e.Incident = report.Service, report
	return []debrief.Event{e}, nil
}

// sentrySent is when Sentry sent a request; what happens to an issue carries
// no time of its own.
func sentrySent(r Request) time.Time {
	n, err := strconv.ParseInt(header(r.Header, sentryTimestamp), 10, 64)
	if at := time.Unix(n, 0); err == nil && n < milliseconds && at.After(longAgo) && !farAhead(at, r.Received) {
		return debrief.Instant(at)
	}
	return r.Received
}

// sentryIssue is https://docs.sentry.io/organization/integrations/integration-platform/webhooks/issues/
func sentryIssue(r Request) (*debrief.IncidentReport, time.Time, error) {
	var p struct {
		Action string `json:"action"`
		Data   struct {
			Issue struct {
				ID        ident  `json:"id"`
				Title     string `json:"title"`
				WebURL    string `json:"web_url"`
				Permalink string `json:"permalink"`
				Level     string `json:"level"`
				FirstSeen when   `json:"firstSeen"`
				Project   struct {
					Slug string `json:"slug"`
				} `json:"project"`
			} `json:"issue"`
		} `json:"data"`
	}
	if err := decode(r.Body, &p); err != nil {
		return nil, time.Time{}, err
	}
	i, sent := p.Data.Issue, sentrySent(r)
	if err := i.FirstSeen.check("data.issue.firstSeen", r.Received); err != nil {
		return nil, time.Time{}, err
	}
	report := &debrief.IncidentReport{
		Service: sayable(i.Project.Slug), Title: firstLine(i.Title), URL: orElse(webAddress(i.WebURL), webAddress(i.Permalink)),
		Severity: line(i.Level, maxName), Detected: i.FirstSeen.Time,
	}
	switch p.Action {
	case "created", "unresolved":
	case "resolved":
		report.Closed = sent
	default:
		return nil, time.Time{}, ignored("issue %q says nothing about when it began or ended", line(p.Action, 40))
	}
	err := sentryKeyed(report, "issue", string(i.ID), "data.issue.id")
	return report, sent, err
}

// sentryEventAlert is https://docs.sentry.io/organization/integrations/integration-platform/webhooks/issue-alerts/
func sentryEventAlert(r Request) (*debrief.IncidentReport, time.Time, error) {
	var p struct {
		Data struct {
			Event struct {
				IssueID     ident       `json:"issue_id"`
				Title       string      `json:"title"`
				Level       string      `json:"level"`
				Release     string      `json:"release"`
				Environment string      `json:"environment"`
				URL         string      `json:"url"` // …/api/0/projects/ORG/PROJECT/events/…
				WebURL      string      `json:"web_url"`
				At          when        `json:"datetime"`
				Tags        [][2]string `json:"tags"`
			} `json:"event"`
			Rule string `json:"triggered_rule"`
		} `json:"data"`
	}
	if err := decode(r.Body, &p); err != nil {
		return nil, time.Time{}, err
	}
	e := p.Data.Event
	if err := e.At.check("data.event.datetime", r.Received); err != nil {
		return nil, time.Time{}, err
	}
	tags := map[string]string{}
	for _, t := range e.Tags {
		tags[t[0]] = t[1]
	}
	service, environment := labelled(tags, r.Labels)
	_, path, _ := strings.Cut(e.URL, "/projects/")
	if parts := strings.Split(path, "/"); service == "" && len(parts) > 1 {
		service = sayable(parts[1])
	}
	report := &debrief.IncidentReport{
		Service: service, Environment: line(orElse(e.Environment, environment), maxName), Title: firstLine(e.Title), URL: webAddress(e.WebURL),
		Severity: line(e.Level, maxName), Detected: e.At.Time, Version: sentryVersion(orElse(e.Release, tags["release"])),
		Labels: factsOf(without(map[string]string{"rule": p.Data.Rule}, "")),
	}
	err := sentryKeyed(report, "issue", string(e.IssueID), "data.event.issue_id")
	return report, e.At.Time, err
}

// sentryMetricAlert is https://docs.sentry.io/organization/integrations/integration-platform/webhooks/metric-alerts/
func sentryMetricAlert(r Request) (*debrief.IncidentReport, time.Time, error) {
	var p struct {
		Action string `json:"action"`
		Data   struct {
			Title  string `json:"description_title"`
			WebURL string `json:"web_url"`
			Alert  struct {
				ID       ident    `json:"id"`
				Title    string   `json:"title"`
				Started  when     `json:"date_started"`
				Detected when     `json:"date_detected"`
				Closed   when     `json:"date_closed"`
				Projects []string `json:"projects"`
				Rule     struct {
					Environment string `json:"environment"`
				} `json:"alert_rule"`
			} `json:"metric_alert"`
		} `json:"data"`
	}
	if err := decode(r.Body, &p); err != nil {
		return nil, time.Time{}, err
	}
	a, sent := p.Data.Alert, sentrySent(r)
	for _, t := range []struct {
		field string
		at    when
	}{{"date_started", a.Started}, {"date_detected", a.Detected}, {"date_closed", a.Closed}} {
		if err := t.at.check("data.metric_alert."+t.field, r.Received); err != nil {
			return nil, time.Time{}, err
		}
	}
	report := &debrief.IncidentReport{
		Environment: line(a.Rule.Environment, maxName), Title: firstLine(orElse(p.Data.Title, a.Title)), URL: webAddress(p.Data.WebURL),
		Impact: a.Started.Time, Detected: a.Detected.Time,
	}
	if len(a.Projects) == 1 {
		report.Service = sayable(a.Projects[0])
	}
	switch p.Action {
	case "critical", "warning":
		report.Severity = p.Action
	case "resolved":
		report.Closed = a.Closed.Time
		if report.Closed.IsZero() {
			report.Closed = sent
		}
		report.Restored = report.Closed // the metric is back within its threshold
	default:
		return nil, time.Time{}, ignored("metric_alert %q", line(p.Action, 40))
	}
	err := sentryKeyed(report, "metric-alert", string(a.ID), "data.metric_alert.id")
	return report, sent, err
}

func sentryKeyed(r *debrief.IncidentReport, kind, id, field string) error {
	if id == "" || !IsKey(id) {
		return debrief.Errorf(debrief.Invalid, field, "missing or not an identifier")
	}
	r.Keys = []string{"sentry/" + kind + "/" + id}
	return nil
}

// sentryVersion is a release as Sentry's SDKs name it, package@version+build,
// without the package, which is the service's own name.
func sentryVersion(release string) string {
	if i := strings.LastIndexByte(release, '@'); i > 0 {
		release = release[i+1:]
	}
	return line(release, maxVersion)
}

// sayable is a name that a service can have, or nothing.
func sayable(s string) string {
	if s = line(s, maxName); debrief.Slug(s) == "" {
		return ""
	}
	return s
}

// ident reads an id that is written as a string or as a number.
type ident string

func (t *ident) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err == nil {
		*t = ident(s)
		return nil
	}
	var n json.Number
	if err := json.Unmarshal(b, &n); err != nil {
		return &json.UnmarshalTypeError{Value: "object", Type: nil}
	}
	*t = ident(n)
	return nil
}
