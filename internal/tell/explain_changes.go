package tell

import (
	"cmp"
	"strconv"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/judge"
	"github.com/debriefhq/debrief/internal/plot"
)

// Slow is a slow series with where it changed.
type Slow struct {
	Name    string
	V       []float64
	Unit    string   // "%" of a share
	Labels  []string // of the points: days, versions; may be empty
	Percent bool     // effects are relative
	Changes []judge.Change
}

// ExplainChanges draws a slow series with its levels and says where each
// begins, how surely, and how much it changed.
func ExplainChanges(w TermWriter, s Slow) error {
	p := newPage(w)
	if s.Name != "" {
		p.head(Clean(s.Name))
	}
	switch n := len(s.Changes); n {
	case 0:
		p.para("No change of level", "in "+Count(len(s.V), "point", "points")+".")
	default:
		p.para(capital(Count(n, "change", "changes"))+" of level", "in "+Count(len(s.V), "point", "points")+".")
	}
	c := plot.Chart{V: s.V, Width: min(p.Width, 100), Height: 9, Label: func(x float64) string { return Number(x, s.Unit) }, From: s.label(0), To: s.label(len(s.V) - 1)}
	for _, x := range s.Changes {
		c.Marks = append(c.Marks, plot.ChartMark{At: x.At, Label: s.label(x.At)})
	}
	if lines := c.Lines(); len(lines) > 0 {
		p.line("")
		for _, line := range lines {
			p.line(line)
		}
	}
	if len(s.Changes) > 0 {
		p.line("")
		rs := make([][]cell, 0, len(s.Changes))
		for _, x := range s.Changes {
			rs = append(rs, s.row(x))
		}
		p.rows(rs)
	}
	return p.flush()
}

// label is a point's name, or its place.
func (s Slow) label(i int) string {
	if i >= 0 && i < len(s.Labels) {
		return cmp.Or(Clean(s.Labels[i]), strconv.Itoa(i))
	}
	return strconv.Itoa(i)
}

func (s Slow) row(x judge.Change) []cell {
	when := "at " + s.label(x.At)
	if x.Low < x.High {
		when += " (" + s.label(x.Low) + " to " + s.label(x.High) + ")"
	}
	v := debrief.Verdict{Relative: s.Percent, Unit: s.Unit, Effect: x.Effect, Low: x.EffectLow, High: x.EffectHigh, After: x.After}
	return []cell{
		{text: when},
		{text: Number(x.Before, s.Unit) + " → " + Number(x.After, s.Unit)},
		{text: Effect(v) + ", " + surely(x.Probability)},
	}
}

func surely(p float64) string {
	if p >= 0.995 {
		return "surely there"
	}
	return strconv.Itoa(int(100*p+0.5)) + " % likely"
}
