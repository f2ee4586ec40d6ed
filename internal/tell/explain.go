package tell

import (
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/plot"
)

// Explained is one series' verdict with what it was told from.
type Explained struct {
	Name    string
	Verdict debrief.Verdict
	Release time.Time
	Counted bool // N are requests, not points
	Null    int  // how many comparisons in its own past stand behind P
}

// ExplainSeries draws a verdict and says what it rests on.
func ExplainSeries(w TermWriter, x Explained) error {
	p := newPage(w)
	v := x.Verdict
	if x.Name != "" {
		p.head(Clean(x.Name))
	}
	opening := capital(string(v.Word))
	if v.Word == debrief.CannotTell {
		p.para(opening+":", sentence(why(v)))
	} else {
		p.para(seriesSays(opening, v, p.Loc))
	}
	p.chart(v, x.Release)
	rows := [][]cell{}
	add := func(name, text string) {
		if text != "" {
			rows = append(rows, []cell{{text: name, code: muted}, {text: text}})
		}
	}
	if v.Word != debrief.CannotTell || v.Reason == debrief.NotSensitive {
		add("level", Number(v.Before, v.Unit)+" expected, "+Number(v.After, v.Unit)+" seen")
		add("how unusual", unusual(v.P, x.Null))
	}
	add("held against", list(v.Against))
	seen := Count(v.N, "point", "points") + " after the release"
	if x.Counted {
		seen = Count(v.N, "request", "requests") + " after the release"
	}
	add("seen", seen)
	if s := smallest(v); s != "" && v.Word != debrief.Steady {
		add("would show", "a change above "+s)
	}
	for _, warning := range v.Warnings {
		if !slices.Contains(v.Against, warning) { // said already
			add("beware", Clean(warning))
		}
	}
	p.line("")
	p.rows(rows)
	return p.flush()
}

// seriesSays is the verdict as an opening and the rest: "Changed:" and "38 % up
// (31 to 46 %) since 14:21."
func seriesSays(word string, v debrief.Verdict, loc *time.Location) (opening, rest string) {
	switch s := smallest(v); {
	case v.Word != debrief.Steady:
		return word + ":", sentence(Verdict(v, loc))
	case s != "":
		return word + ":", "a change above " + s + " would show."
	}
	return word + ".", ""
}

// unusual puts a p-value into words a person can weigh.
func unusual(p float64, null int) string {
	text := "p " + writeP(p)
	if p < 0.5 {
		text += ": without a release about once in " + thousands(strconv.FormatFloat(roundTo(1/max(p, 1e-9)), 'f', 0, 64)) + " such comparisons"
	} else {
		text += ": as its own past"
	}
	if null > 0 {
		text += ", from " + Count(null, "comparison", "comparisons") + " in its own past"
	}
	return text
}

func writeP(p float64) string {
	switch {
	case p < 1e-9:
		return "< 0.000000001"
	case p < 0.001:
		return "= " + strconv.FormatFloat(p, 'f', int(math.Ceil(-math.Log10(p))), 64)
	default:
		return "= " + strconv.FormatFloat(p, 'g', 2, 64)
	}
}

// roundTo keeps two digits.
func roundTo(x float64) float64 {
	if x < 10 {
		return math.Round(x)
	}
	unit := math.Pow(10, math.Floor(math.Log10(x))-1)
	return math.Round(x/unit) * unit
}

// chart draws a verdict's trace with the release marked.
func (p *page) chart(v debrief.Verdict, release time.Time) {
	t := v.Trace
	if t.Step <= 0 || len(t.V) == 0 {
		return
	}
	end := t.Start.Add(time.Duration(len(t.V)) * t.Step)
	c := plot.Chart{
		V: t.V, Low: t.Low, High: t.High, Width: min(p.Width, 100), Height: 9,
		Label: func(x float64) string { return Number(x, v.Unit) },
		From:  clock(t.Start, release, p.Loc, false), To: clock(end, release, p.Loc, false),
		Marks: []plot.ChartMark{{At: point(t, release), Label: "release " + clock(release, release, p.Loc, fineStep(v))}},
	}
	if at := point(t, v.Since); at > c.Marks[0].At {
		c.Marks = append(c.Marks, plot.ChartMark{At: at, Label: "since"})
	}
	p.line("")
	for _, line := range c.Lines() {
		p.line(line)
	}
	if len(t.Low) > 0 {
		p.line(p.paint(muted, "░ "+shadeOf(t)))
	}
}

func shadeOf(t debrief.Trace) string {
	if t.Shade == "" {
		return "its own past"
	}
	return Clean(t.Shade)
}
