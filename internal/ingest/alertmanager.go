package ingest

import (
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// alertmanager is the Prometheus Alertmanager's webhook receiver. It signs
// nothing: it shows a secret, as a bearer token or a password.
func alertmanager() Source {
	return Source{
		Name:   "alertmanager",
		Title:  "Alertmanager",
		Proven: "a real Alertmanager 0.25 sends to debrief in a test; payloads of ours follow its documentation",
		Doc:    doc(alertmanagerDoc()),
		Verify: tokenOrPassword("alertmanager", "Alertmanager"),
		Key:    bodyKey,
		Parse: func(r Request) ([]debrief.Event, error) {
			return parseAlerts("alertmanager", r)
		},
	}
}

// alertGroup is https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
// and what Grafana adds to it.
type alertGroup struct {
	Version string  `json:"version"`
	Alerts  []alert `json:"alerts"`
}

type alert struct {
	Status      string            `json:"status"`
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
	StartsAt    when              `json:"startsAt"`
	EndsAt      when              `json:"endsAt"`
	Generator   string            `json:"generatorURL"`
	Dashboard   string            `json:"dashboardURL"` // Grafana's
	Panel       string            `json:"panelURL"`     // Grafana's
	Fingerprint string            `json:"fingerprint"`
}

// parseAlerts makes one report of each alert of a group. The same alert in
// another group, or told again, is the same report.
func parseAlerts(source string, r Request) ([]debrief.Event, error) {
	var g alertGroup
	if err := decode(r.Body, &g); err != nil {
		return nil, err
	}
	switch {
	case g.Version != "" && g.Version != "4" && source == "alertmanager":
		return nil, ignored("a webhook of version %s; version 4 is read", line(g.Version, 20))
	case g.Alerts == nil:
		return nil, debrief.Errorf(debrief.Invalid, "alerts", "missing").WithHint("is this the body of a webhook receiver?")
	case len(g.Alerts) == 0:
		return nil, ignored("a group without alerts")
	case len(g.Alerts) > maxAlerts:
		return nil, debrief.Errorf(debrief.TooLarge, "alerts", "%d alerts, and at most %d are allowed", len(g.Alerts), maxAlerts).
			WithHint("set max_alerts in the receiver")
	}
	events := make([]debrief.Event, 0, len(g.Alerts))
	for i, a := range g.Alerts {
		report, at, err := a.report(source, r, "alerts."+itoa(i))
		if err != nil {
			return nil, err
		}
		e := event(source, r, i, debrief.EventIncident, at)
		e.Service, e.Incident = report.Service, report
		events = append(events, e)
	}
	return events, nil
}

func (a alert) report(source string, r Request, at string) (*debrief.IncidentReport, time.Time, error) {
	if !isFingerprint(a.Fingerprint) {
		return nil, time.Time{}, debrief.Errorf(debrief.Invalid, at+".fingerprint", "missing or not hexadecimal")
	}
	if a.StartsAt.IsZero() && a.StartsAt.bad == "" {
		return nil, time.Time{}, debrief.Errorf(debrief.Invalid, at+".startsAt", "missing")
	}
	if err := a.StartsAt.check(at+".startsAt", r.Received); err != nil {
		return nil, time.Time{}, err
	}
	service, environment := labelled(a.Labels, r.Labels)
	report := &debrief.IncidentReport{
		Keys:        []string{source + "/" + a.Fingerprint + "/" + a.StartsAt.UTC().Format(time.RFC3339)},
		Service:     service,
		Environment: environment,
		Title:       alertTitle(a),
		URL:         orElse(webAddress(a.Panel), webAddress(a.Dashboard), webAddress(a.Generator)),
		Severity:    line(firstLabel(a.Labels, []string{"severity", "priority"}), maxName),
		Alert:       true,
		Detected:    a.StartsAt.Time,
		Version:     line(a.Labels["version"], maxVersion),
		Labels:      factsOf(a.Labels),
	}
	last := a.StartsAt.Time
	switch a.Status {
	case "firing":
	case "resolved":
		if err := a.EndsAt.check(at+".endsAt", r.Received); err != nil {
			return nil, time.Time{}, err
		}
		if before(a.EndsAt.Time, a.StartsAt.Time) {
			return nil, time.Time{}, debrief.Errorf(debrief.Invalid, at+".endsAt", "is before %s.startsAt", at)
		}
		if !a.EndsAt.IsZero() {
			last = a.EndsAt.Time
		}
		report.Restored, report.Closed = a.EndsAt.Time, a.EndsAt.Time
	default:
		return nil, time.Time{}, debrief.Errorf(debrief.Invalid, at+".status", "is %q, and neither firing nor resolved", line(a.Status, 40))
	}
	return report, last, nil
}

// alertTitle is the rule's name with what its author wrote for people.
func alertTitle(a alert) string {
	name, summary := line(a.Labels["alertname"], maxName), orElse(a.Annotations["summary"], a.Annotations["description"], a.Annotations["message"])
	switch summary = firstLine(summary); {
	case name == "":
		return summary
	case summary == "" || strings.Contains(summary, name):
		return orElse(summary, name)
	}
	return line(name+": "+summary, maxTitle)
}

// isFingerprint reports the hash of an alert's labels: 16 hexadecimal digits,
// in forks up to 64.
func isFingerprint(s string) bool {
	if len(s) < 8 || len(s) > 64 {
		return false
	}
	return strings.Trim(s, "0123456789abcdefABCDEF") == ""
}
