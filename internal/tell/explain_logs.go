package tell

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/debriefhq/debrief"
)

// ExplainLogs tells what a release changed in a log: a sentence, and the
// patterns, the worst first, each with a line as it was.
func ExplainLogs(w TermWriter, f debrief.LogFindings, release time.Time) error {
	p := newPage(w)
	opening := LogSentence(f, release, p.Loc)
	p.para(cmp.Or(opening, capital(string(f.Word))+"."), capital(Count(f.Lines, "line", "lines"))+" since the release at "+clock(release, f.Known, p.Loc, false)+
		", held against those since "+clock(f.Known, release, p.Loc, false)+".")
	for _, x := range f.Patterns {
		p.line("")
		p.rows([][]cell{{
			{text: happened(x), code: levelColour(x)},
			{text: cmp.Or(x.Level, "–")},
			{text: thousands(strconv.Itoa(x.Count)), right: true},
			{text: Clean(x.Template)},
		}})
		for _, line := range wrap(cut(Clean(x.Example), 2*p.Width), p.Width-4) {
			p.line("    " + p.paint(muted, line))
		}
	}
	return p.flush()
}

// happened says what became of a pattern: new, or how its count changed.
func happened(x debrief.LogPattern) string {
	switch {
	case x.New:
		return "new"
	case x.Count == 0:
		return "gone quiet"
	case x.Before <= 0:
		return "more"
	}
	return "×" + digits(float64(x.Count)/x.Before, 0)
}

func levelColour(x debrief.LogPattern) string {
	if x.Level == "error" && (x.New || float64(x.Count) > x.Before) {
		return red
	}
	return ""
}

// RankLogs puts patterns in the order a person should read them: what sounds
// worst first, then what is most frequent.
func RankLogs(ps []debrief.LogPattern) {
	bad := func(level string) int {
		return map[string]int{"error": 0, "warn": 1, "": 2, "info": 3, "debug": 4}[level]
	}
	slices.SortStableFunc(ps, func(a, b debrief.LogPattern) int {
		return cmp.Or(cmp.Compare(bad(a.Level), bad(b.Level)), cmp.Compare(b.Count, a.Count))
	})
}

// ExplainPatterns lists the patterns of a log, the worst first.
func ExplainPatterns(w TermWriter, ps []debrief.LogPattern) error {
	p := newPage(w)
	RankLogs(ps)
	lines := 0
	for _, x := range ps {
		lines += x.Count
	}
	p.para(capital(Count(len(ps), "pattern", "patterns"))+" in "+Count(lines, "line", "lines")+".", "")
	if len(ps) > 0 {
		p.line("")
	}
	rs := make([][]cell, 0, len(ps))
	for _, x := range ps {
		rs = append(rs, []cell{
			{text: cmp.Or(x.Level, "–"), code: levelColour(debrief.LogPattern{Level: x.Level, New: true})},
			{text: thousands(strconv.Itoa(x.Count)), right: true},
			{text: Clean(x.Template)},
		})
	}
	if len(rs) > 0 {
		p.rows(rs)
	}
	return p.flush()
}
