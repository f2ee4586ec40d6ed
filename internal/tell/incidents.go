package tell

import (
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// Incident is one incident in a line: what, how far, how long.
func Incident(i debrief.Incident) string {
	title := Clean(i.Title)
	if title == "" && len(i.Keys) > 0 {
		title = Clean(i.Keys[0])
	}
	return title + ", " + IncidentState(i)
}

// IncidentState is how far an incident has come: "open, acknowledged after
// 4:10", "restored after 38:00".
func IncidentState(i debrief.Incident) string {
	what := ""
	if i.Alert {
		what = "alert, "
	}
	after := func(word string, at time.Time) string {
		if d := at.Sub(i.Began); d > 0 {
			return word + " after " + Duration(d)
		}
		return word
	}
	switch {
	case !i.Times.Restored.IsZero():
		return what + after("restored", i.Times.Restored)
	case !i.Times.Closed.IsZero():
		return what + after("closed", i.Times.Closed)
	case !i.Times.Acknowledged.IsZero():
		return what + "open, " + after("acknowledged", i.Times.Acknowledged)
	}
	return what + "open"
}

// Flip is one change that took effect by itself, in a line.
func Flip(c debrief.Change) string {
	kind := Clean(c.Kind)
	if kind == "manual" {
		kind = "by hand"
	}
	title := Clean(c.Title)
	if title == "" {
		title = Clean(c.ID)
	}
	return kind + ": " + title
}

// Ticket is one ticket in a line.
func Ticket(t debrief.Ticket) string {
	title := Clean(t.Title)
	if title == "" && len(t.Keys) > 0 {
		title = Clean(t.Keys[0])
	}
	state := Clean(t.State)
	switch {
	case !t.Open() && t.Closed.After(t.Opened):
		state = "closed after " + Duration(t.Closed.Sub(t.Opened))
	case state == "" && t.Open():
		state = "open"
	case state == "":
		state = "closed"
	}
	return title + ", " + state
}

// TerminalIncidents writes incidents one a line, with a line for each new day.
func TerminalIncidents(w TermWriter, list []debrief.Incident) error {
	return happenings(w, "No incidents.", len(list), func(n int) (time.Time, string, string) {
		return list[n].Began, strings.Join(list[n].Services, ", "), Incident(list[n]) + " (" + list[n].ID + ")"
	})
}

// TerminalTickets writes tickets as TerminalIncidents does.
func TerminalTickets(w TermWriter, list []debrief.Ticket) error {
	return happenings(w, "No tickets.", len(list), func(n int) (time.Time, string, string) {
		return list[n].Opened, list[n].Service, Ticket(list[n])
	})
}

func happenings(w TermWriter, none string, n int, at func(int) (time.Time, string, string)) error {
	p := newPage(w)
	if n == 0 {
		p.para(none, "Connect who tells of them: see docs/sources.")
		return p.flush()
	}
	var day string
	var rows [][]cell
	for i := range n {
		when, service, says := at(i)
		if d := dayOf(when, p.Loc); d != day {
			day = d
			rows = append(rows, []cell{{text: day, code: muted}})
		}
		if service == debrief.Org {
			service = ""
		}
		rows = append(rows, []cell{{text: Clock(when, time.Time{}, p.Loc), code: muted}, {text: cut(Clean(service), p.Width/3), code: bold}, {text: says}})
	}
	p.grouped(rows)
	return p.flush()
}
