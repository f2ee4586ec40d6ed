package tell

import (
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// TerminalList writes releases one a line, newest first as given, with a line
// for each new day: time, name, one shape per look, headline.
func TerminalList(w TermWriter, rs []debrief.Release) error {
	p := newPage(w)
	if len(rs) == 0 {
		p.para("No releases yet.", "Record one with: debrief deploy --service NAME --env production --version V -- COMMAND")
		return p.flush()
	}
	var day string
	var rows [][]cell
	// Columns are aligned over the whole list, so a day is a row of its own.
	for _, r := range rs {
		if d := dayOf(r.Started, p.Loc); d != day {
			day = d
			rows = append(rows, []cell{{text: day, code: muted}})
		}
		rows = append(rows, []cell{
			{text: Clock(r.Started, time.Time{}, p.Loc), code: muted},
			{text: cut(strings.TrimSpace(Clean(r.Service)+" "+Clean(r.Version)), p.Width/3), code: bold},
			{text: glyphs(r), code: colourOf(r.Verdict)},
			{text: listed(r)},
		})
	}
	p.grouped(rows)
	return p.flush()
}

func dayOf(t time.Time, loc *time.Location) string {
	if t.IsZero() {
		return unknown
	}
	return in(t, loc).Format("Monday, 2 January 2006")
}

func glyphs(r debrief.Release) string {
	var b strings.Builder
	for _, l := range r.Looks {
		b.WriteString(glyph(l))
	}
	return b.String()
}

func listed(r debrief.Release) string {
	text := Clean(r.Headline)
	if text == "" {
		text = Word(r.Verdict)
		if !r.Kind.Checked() && r.Kind != "" {
			text = string(r.Kind)
		}
	}
	if r.Sample {
		text += " (sample)"
	}
	return text
}

// grouped writes rows whose single-celled ones are headings.
func (p *page) grouped(rows [][]cell) {
	var all [][]cell
	for _, r := range rows {
		if len(r) > 1 {
			all = append(all, r)
		}
	}
	sub := newPage(p.TermWriter)
	widest := make([]int, 3)
	for _, r := range all {
		for i := range widest {
			widest[i] = max(widest[i], columns(r[i].text))
		}
	}
	for i, r := range rows {
		if len(r) == 1 {
			if i > 0 {
				p.line("")
			}
			p.line(p.paint(r[0].code, r[0].text))
			continue
		}
		padded := append([]cell(nil), r...)
		for j := range widest {
			padded[j].text += strings.Repeat(" ", widest[j]-columns(r[j].text))
		}
		sub.buf.Reset()
		sub.rows([][]cell{padded})
		p.buf.Write(sub.buf.Bytes())
	}
}
