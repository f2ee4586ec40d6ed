package ingest

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// issue is what forges say of an issue. One with an incident's label is an
// incident; any other is somebody's report of a problem.
type issue struct {
	key      string // "github/issue/OWNER/NAME/12"
	service  string // the repository's alias
	title    string
	text     string
	url      string
	state    string
	labels   []string
	severity string
	incident bool // the forge itself says so
	alert    bool
	opened   time.Time
	closed   time.Time
	settled  bool // closed because it was dealt with, and not as a duplicate or unfounded
}

const (
	maxText = 4 << 10 // of a ticket
)

// What labels say beside incident or not: "sev2", "severity::high", "P1",
// "service:shop", "env/production".
var (
	severityLabel = regexp.MustCompile(`(?i)^(?:sev(?:erity)?[-_:/ ]*\w.*|[ps][0-5])$`)
	serviceLabel  = regexp.MustCompile(`(?i)^service ?(?::{1,2}|/) ?(.+)$`)
	environLabel  = regexp.MustCompile(`(?i)^env(?:ironment)? ?(?::{1,2}|/) ?(.+)$`)
)

func issueEvent(source string, r Request, at time.Time, i issue) debrief.Event {
	labels := make([]string, 0, min(len(i.labels), maxLabels))
	environment := ""
	for _, l := range i.labels {
		if l = line(l, maxName); l == "" || len(labels) == maxLabels {
			continue
		}
		labels = append(labels, l)
		if i.severity == "" && severityLabel.MatchString(l) {
			i.severity = l
		}
		if m := serviceLabel.FindStringSubmatch(l); m != nil && debrief.Slug(m[1]) != "" {
			i.service = m[1]
		}
		if m := environLabel.FindStringSubmatch(l); m != nil {
			environment = m[1]
		}
	}
	if !i.incident && !isIncident(labels, r.Incident) {
		e := event(source, r, 0, debrief.EventTicket, at)
		e.Service = i.service
		e.Ticket = &debrief.TicketReport{
			Keys: []string{i.key}, Service: i.service, Title: i.title, Text: clip(clean(i.text, true), maxText),
			URL: i.url, State: i.state, Labels: labels, Opened: i.opened, Closed: i.closed,
		}
		return e
	}
	e := event(source, r, 0, debrief.EventIncident, at)
	e.Service = i.service
	e.Incident = &debrief.IncidentReport{
		Keys: []string{i.key}, Service: i.service, Environment: environment, Title: i.title, URL: i.url,
		Severity: i.severity, Alert: i.alert, Detected: i.opened, Closed: i.closed,
	}
	if i.settled {
		e.Incident.Restored = i.closed
	}
	if len(labels) > 0 {
		e.Incident.Labels = debrief.Facts{"labels": clip(strings.Join(labels, ", "), maxFact)}
	}
	return e
}

func isIncident(labels, wanted []string) bool {
	if len(wanted) == 0 {
		wanted = []string{"incident"}
	}
	return slices.ContainsFunc(labels, func(l string) bool {
		return slices.ContainsFunc(wanted, func(w string) bool { return strings.EqualFold(l, w) })
	})
}
