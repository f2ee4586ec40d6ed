package tell

import (
	"strings"

	"github.com/debriefhq/debrief"
)

// ChatDebrief is what a finished debrief says in chat, once: what it was
// about, which gap it showed, and the one action with its owner and its day.
func ChatDebrief(d debrief.Debrief, a debrief.Action, url string) string {
	var b strings.Builder
	b.WriteString("*Debrief: " + mrkdwn(Clean(d.Title)) + ".*")
	if d.Gap != "" {
		b.WriteString(" The gap it showed: " + mrkdwn(string(d.Gap)) + ".")
	}
	b.WriteString("\nOne action: " + mrkdwn(strings.TrimSuffix(Clean(a.Title), ".")))
	if a.Owner != "" {
		b.WriteString(" (" + mrkdwn(Clean(a.Owner)) + ")")
	}
	switch {
	case a.State == debrief.ActionWaiting:
		b.WriteString(", waits in line: another one is in progress.")
	case !a.Due.IsZero():
		b.WriteString(", by " + a.Due.Format("Mon 2 January") + ".")
	default:
		b.WriteString(".")
	}
	if a.Promise != nil {
		b.WriteString(" It will have worked if: " + mrkdwn(a.Promise.String()) + ".")
	}
	if url != "" {
		b.WriteString(" <" + linkTarget(url) + "|Read it>")
	}
	return b.String()
}

// ActionState is how an action stands, in words.
func ActionState(a debrief.Action) string {
	s := string(a.State)
	switch n := len(a.Postponed); {
	case n == 1:
		s += ", put off once"
	case n > 1:
		s += ", put off " + Times(n)
	}
	if a.State != debrief.ActionDone || a.Promise == nil {
		return s
	}
	switch a.Promise.Outcome {
	case debrief.DidWork:
		return s + "; it worked"
	case debrief.DidNotWork:
		return s + "; it did not work"
	case debrief.CannotSay:
		return s + "; nobody can tell whether it worked"
	}
	return s + "; " + Count(len(a.Promise.Seen), "release", "releases") + " of " + Number(float64(a.Promise.Releases), "") + " that show whether it worked"
}

// TerminalActions writes actions one a line: what is in progress first, then
// what waits, then the rest.
func TerminalActions(w TermWriter, list []debrief.Action) error {
	p := newPage(w)
	if len(list) == 0 {
		p.para("No actions.", "A debrief decides one: debrief write, then debrief action decide.")
		return p.flush()
	}
	for _, state := range []debrief.ActionState{debrief.ActionProgress, debrief.ActionWaiting, debrief.ActionDone, debrief.ActionDropped} {
		var rows [][]cell
		for _, a := range list {
			if a.State != state {
				continue
			}
			due := ""
			if open := state == debrief.ActionProgress || state == debrief.ActionWaiting; open && !a.Due.IsZero() {
				due = "by " + in(a.Due, p.Loc).Format("2 Jan")
			}
			rows = append(rows, []cell{{text: a.ID[:min(len(a.ID), 12)], code: muted}, {text: cut(Clean(a.Service), p.Width/4), code: bold}, {text: cut(Clean(a.Title), p.Width/2)}, {text: due, code: muted}, {text: outcomeWord(a), code: muted}})
		}
		if len(rows) > 0 {
			p.head(capital(string(state)))
			p.grouped(rows)
		}
	}
	return p.flush()
}

func outcomeWord(a debrief.Action) string {
	if a.State == debrief.ActionDone && a.Promise != nil {
		return string(a.Promise.Outcome)
	}
	return ""
}

// TerminalAction writes one action and what it still lacks.
func TerminalAction(w TermWriter, a debrief.Action, lacks []string) error {
	p := newPage(w)
	p.line(p.paint(bold, cut(Clean(a.Title), p.Width)))
	p.line(p.paint(muted, a.ID+", "+ActionState(a)))
	for _, f := range []struct{ name, value string }{
		{"scope", a.Scope}, {"done when", a.DoneWhen}, {"owner", a.Owner}, {"issue", a.URL},
	} {
		if f.value != "" {
			p.line(f.name + ": " + Clean(f.value))
		}
	}
	if !a.Due.IsZero() {
		p.line("by: " + in(a.Due, p.Loc).Format("Mon 2 January 2006"))
	}
	if a.Promise != nil {
		p.line("promised: " + Clean(a.Promise.String()))
	}
	for _, x := range a.Postponed {
		p.line("put off on " + in(x.At, p.Loc).Format("2 January") + ": " + Clean(x.Reason))
	}
	if len(lacks) > 0 {
		p.head("What would help")
		for _, l := range lacks {
			p.para("", l)
		}
	}
	return p.flush()
}

// ChatDraft says, the morning after an incident that nobody wrote about, that
// its draft is there.
func ChatDraft(i debrief.Incident, url string) string {
	text := "*" + mrkdwn(Clean(i.Title)) + "* is over (" + mrkdwn(IncidentState(i)) + "). Its debrief is drafted: fifteen minutes, one action."
	if url != "" {
		text += " <" + linkTarget(url) + "|Write it down>"
	}
	return text
}

// ChatDue says that an action is due today.
func ChatDue(a debrief.Action, url string) string {
	text := "Due today: *" + mrkdwn(strings.TrimSuffix(Clean(a.Title), ".")) + "*"
	if a.Owner != "" {
		text += " (" + mrkdwn(Clean(a.Owner)) + ")"
	}
	text += "."
	switch n := len(a.Postponed); {
	case n == 1:
		text += " It was put off once."
	case n > 1:
		text += " It was put off " + Times(n) + "."
	}
	if url != "" {
		text += " <" + linkTarget(url) + "|Done, or what is in the way?>"
	}
	return text
}
