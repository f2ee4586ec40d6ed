package ingest

import (
	"encoding/hex"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

const pagerdutySignature = "X-Pagerduty-Signature"

// pagerduty is PagerDuty's V3 webhook subscriptions.
func pagerduty() Source {
	return Source{
		Name:   "pagerduty",
		Title:  "PagerDuty",
		Proven: "a body signed by PagerDuty's own library (go-pagerduty), and payloads written from PagerDuty's documentation; not yet seen live",
		Doc:    doc(pagerdutyDoc()),
		People: []string{"agent", "responders", "requester", "acknowledgers", "assigned_to", "last_status_change_by"},
		Verify: verifyPagerDuty,
		Key:    pagerdutyKey,
		Parse:  parsePagerDuty,
	}
}

// verifyPagerDuty follows
// https://developer.pagerduty.com/docs/ZG9jOjExMDI5NTkz-verifying-signatures:
// several signatures with commas, while a secret is replaced.
func verifyPagerDuty(h map[string]string, body []byte, secrets []string) error {
	var given [][]byte
	for _, s := range strings.SplitN(header(h, pagerdutySignature), ",", 10) {
		if v1, ok := strings.CutPrefix(strings.TrimSpace(s), "v1="); ok {
			mac, _ := hex.DecodeString(v1)
			given = append(given, mac)
		}
	}
	return sealed{"pagerduty", "PagerDuty", pagerdutySignature, given, [][]byte{body}}.verify(secrets)
}

// pdEvent is https://developer.pagerduty.com/docs/webhooks/v3-overview/
type pdEvent struct {
	Event struct {
		ID       string   `json:"id"`
		Type     string   `json:"event_type"`
		Occurred when     `json:"occurred_at"`
		Agent    *pdThing `json:"agent"`
		Data     pdData   `json:"data"`
	} `json:"event"`
}

// pdThing is anything PagerDuty refers to.
type pdThing struct {
	ID      string `json:"id"`
	Type    string `json:"type"`
	Summary string `json:"summary"`
}

type pdData struct {
	pdThing
	URL       string    `json:"html_url"`
	Status    string    `json:"status"`
	Title     string    `json:"title"`
	Created   when      `json:"created_at"`
	Urgency   string    `json:"urgency"`
	Service   *pdThing  `json:"service"`
	Priority  *pdThing  `json:"priority"`
	Assignees []pdThing `json:"assignees"`
	User      *pdThing  `json:"user"`     // of a responder's answer
	Incident  *pdThing  `json:"incident"` // the same
}

func pagerdutyKey(r Request) (string, error) {
	var p struct {
		Event struct {
			ID string `json:"id"`
		} `json:"event"`
	}
	if err := decode(r.Body, &p); err != nil {
		return "", err
	}
	if !IsKey(p.Event.ID) {
		return "", debrief.Errorf(debrief.Invalid, "event.id", "missing or not an identifier")
	}
	return p.Event.ID, nil
}

func parsePagerDuty(r Request) ([]debrief.Event, error) {
	var p pdEvent
	if err := decode(r.Body, &p); err != nil {
		return nil, err
	}
	ev := p.Event
	if ev.Type == "pagey.ping" {
		return nil, ignored("ping: the webhook works")
	}
	report := &debrief.IncidentReport{Acknowledges: true, Alert: true}
	if err := ev.Occurred.check("event.occurred_at", r.Received); err != nil {
		return nil, err
	}
	switch at := ev.Occurred.Time; ev.Type {
	case "incident.triggered":
		report.Detected, report.Alert = at, !ev.Agent.isPerson() // raised by hand: no alert, whatever the others say
	case "incident.acknowledged":
		report.Acknowledged = at
	case "incident.resolved":
		report.Closed = at
		if ev.Agent != nil && !ev.Agent.isPerson() {
			report.Restored = at // what raised it saw it end; a person's click says less
		}
	case "incident.unacknowledged", "incident.escalated", "incident.reassigned", "incident.delegated", "incident.reopened",
		"incident.priority_updated", "incident.responder.added", "incident.responder.replied":
	default:
		return nil, ignored("debrief reads nothing from PagerDuty's %q events", line(ev.Type, 60))
	}
	if err := ev.Data.into(report, r.Received); err != nil {
		return nil, err
	}
	report.People = people(append([]pdThing{deref(ev.Agent), deref(ev.Data.User)}, ev.Data.Assignees...))
	e := event("pagerduty", r, 0, debrief.EventIncident, ev.Occurred.Time)
	e.Service, e.Incident = report.Service, report
	return []debrief.Event{e}, nil
}

// into says what the incident itself says, or the answer of a responder to it.
func (d pdData) into(r *debrief.IncidentReport, received time.Time) error {
	id := d.ID
	if d.Incident != nil {
		id, d.Title = d.Incident.ID, d.Incident.Summary
	}
	if id == "" || !IsKey(id) {
		return debrief.Errorf(debrief.Invalid, "event.data.id", "missing or not an identifier")
	}
	if err := d.Created.check("event.data.created_at", received); err != nil {
		return err
	}
	if !d.Created.IsZero() {
		r.Detected = d.Created.Time
	}
	r.Keys = []string{"pagerduty/incident/" + id}
	r.Service = line(deref(d.Service).Summary, maxName)
	if debrief.Slug(r.Service) == "" {
		r.Service = ""
	}
	r.Title, r.URL = firstLine(d.Title), webAddress(d.URL)
	r.Severity = line(orElse(deref(d.Priority).Summary, d.Urgency), maxName)
	r.Labels = factsOf(without(map[string]string{"status": d.Status, "urgency": d.Urgency}, ""))
	return nil
}

// without drops entries with a value that says nothing.
func without(m map[string]string, nothing string) map[string]string {
	for k, v := range m {
		if v == nothing {
			delete(m, k)
		}
	}
	return m
}

// isPerson tells a person from an integration or a service.
func (t *pdThing) isPerson() bool { return t != nil && strings.HasPrefix(t.Type, "user") }

func deref(t *pdThing) pdThing {
	if t == nil {
		return pdThing{}
	}
	return *t
}

// people counts distinct persons. Who they are is not kept.
func people(list []pdThing) int {
	seen := map[string]bool{}
	for _, t := range list {
		if t.isPerson() && t.ID != "" {
			seen[t.ID] = true
		}
	}
	return len(seen)
}
