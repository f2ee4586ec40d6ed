package tell

import (
	"strings"

	"github.com/clipperhouse/displaywidth"

	"github.com/debriefhq/debrief"
)

// TerminalPast writes what looks would have said about past releases, oldest
// first as given: when, version, one shape for each look, and what stood out,
// each one row that wraps within the terminal.
func TerminalPast(w TermWriter, all []debrief.Story) error {
	p := newPage(w)
	rows := make([][]cell, 0, len(all))
	left := p.Width // columns the last cell has, as rows will lay it out
	for _, s := range all {
		left = min(left, p.Width-columns("  02 Jan 15:04      ")-columns(cut(Clean(s.Release.Version), p.Width/5))-len(s.Release.Looks))
	}
	for _, s := range all {
		r := s.Release
		rows = append(rows, []cell{
			{text: in(r.Started, p.Loc).Format("02 Jan 15:04"), code: muted},
			{text: cut(Clean(r.Version), p.Width/5), code: bold},
			{text: glyphs(r), code: colourOf(r.Verdict)},
			{text: atMost(3, Headline(s, p.Loc), left)},
		})
	}
	p.rows(rows)
	return p.flush()
}

// atMost cuts text to so many lines of a width: ten releases are one screen.
func atMost(lines int, text string, width int) string {
	all := wrap(text, width)
	if len(all) <= lines {
		return text
	}
	last := displaywidth.TruncateString(all[lines-1], max(width-2, 1), "")
	return strings.Join(append(all[:lines-1], last), " ") + " …"
}

// TerminalLooks writes the same with every look on a row of its own; looks that
// say the same as the one before are left out.
func TerminalLooks(w TermWriter, all []debrief.Story) error {
	p := newPage(w)
	for i, s := range all {
		if i > 0 {
			p.line("")
		}
		p.para(in(s.Release.Started, p.Loc).Format("02 Jan 15:04")+" "+Clean(s.Release.Version), "")
		if len(s.Looks) == 0 {
			p.rows([][]cell{{{text: glyph(debrief.Pending), code: muted}, {text: "too early, its first look has not ended"}}})
		}
		last := ""
		for _, l := range s.Looks {
			text := Look(l, p.Loc)
			_, what, _ := strings.Cut(text, ": ")
			if what == last {
				continue
			}
			last = what
			p.rows([][]cell{{{text: glyph(l.Word), code: colourOf(l.Word)}, {text: text}}})
		}
	}
	return p.flush()
}
