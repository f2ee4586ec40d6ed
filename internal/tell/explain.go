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
		add(measuredAs(v), expected(v)+" expected, "+Number(v.After, v.Unit)+" seen")
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

// measuredAs names what before and after are of a verdict of that shape.
func measuredAs(v debrief.Verdict) string {
	switch v.Shape {
	case "spike":
		return "peak"
	case "spread":
		return "spread"
	}
	return "level"
}

// expected is the level before. Of a series that is mostly zero it is computed
// as a sliver above zero, which is no value that anything ever had.
func expected(v debrief.Verdict) string {
	largest := 0.0
	for _, x := range v.Trace.V {
		if finite(x) {
			largest = max(largest, math.Abs(x))
		}
	}
	if math.Abs(v.Before) < largest/10000 {
		return Number(0, v.Unit)
	}
	return Number(v.Before, v.Unit)
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

// unusual puts a p-value into words a person can weigh: never rarer than what
// stands behind it can support.
func unusual(p float64, null int) string {
	from := Count(null, "comparison", "comparisons") + " in its own past"
	if rarest := Rarest(null); p*rarest < 1 {
		text := "p < " + strconv.FormatFloat(1/rarest, 'g', 2, 64) + ": without a release less than once in " + digits(rarest, 0) + " such comparisons"
		if null > 0 {
			text += ", as far as " + from + " can tell"
		}
		return text
	}
	text := "p = " + strconv.FormatFloat(p, 'g', 2, 64)
	if p < 0.5 {
		text += ": without a release about once in " + digits(roundTo(1/p), 0) + " such comparisons"
	} else {
		text += ": as its own past"
	}
	if null > 0 {
		text += ", from " + from
	}
	return text
}

// Rarest is how rare a thing may be called (once in so many comparisons) on the
// word of that many comparisons: about ten times as many, as a tail reaches no
// farther than that beyond what it was learnt from. Of none it is a thousand.
func Rarest(comparisons int) float64 {
	if comparisons <= 0 {
		return 1000
	}
	most := 10 * float64(comparisons)
	unit := math.Pow(10, math.Floor(math.Log10(most)))
	return max(20, math.Floor(most/unit)*unit)
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
