package web

import (
	"encoding/json"
	"html/template"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/plot"
	"github.com/debriefhq/debrief/internal/tell"
)

// metric is one verdict with its pictures and the numbers behind them.
type metric struct {
	debrief.Verdict
	ID           string // within the page
	Loud         bool   // it differs: drawn large
	Early        bool
	Open         bool   // unfolded: the first picture of what is looked at now
	Class        string // worse, better, changed, tell
	Level        string // "298 ms", "n = 14"
	Says         string
	Wide, Narrow template.HTML
	Spark        template.HTML
	Data         string // for the read-out
	Table        []tableRow
	Per          string // what a row of the table covers
	Evidence     []fact
	Own          []string // warnings of this metric alone
}

type tableRow struct {
	At    template.HTML
	Value string
	Usual string
	After bool // the release is live
}

const (
	readPoints = 240
	tableRows  = 24
)

// metrics draws every verdict of a look. Warnings that all of them share are
// said once, for the whole look.
func (s *site) metrics(story debrief.Story, l debrief.Look) (ms []metric, notes []string) {
	open := false
	shared := sharedWarnings(l)
	for _, w := range shared {
		notes = append(notes, sentence(w))
	}
	for i, v := range l.Verdicts {
		v.Against = slices.DeleteFunc(slices.Clone(v.Against), func(a string) bool { return longer(v.Warnings, a) })
		m := s.metric(story, l, v)
		m.ID = "m" + strconv.Itoa(i+1)
		for _, w := range v.Warnings {
			if !longer(shared, w) && !saidAbove(l, w) {
				m.Own = append(m.Own, sentence(w))
			}
		}
		if m.Early && len(m.Table) > 0 && !open {
			m.Open, open = true, true
		}
		ms = append(ms, m)
	}
	return ms, notes
}

// sharedWarnings are what holds for several metrics of a look, where none of
// them says it at greater length.
func sharedWarnings(l debrief.Look) []string {
	counts := map[string]int{}
	var shared []string
	for _, v := range l.Verdicts {
		for _, w := range v.Warnings {
			if counts[w]++; counts[w] == 2 && !saidAbove(l, w) {
				shared = append(shared, w)
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(shared), func(w string) bool {
		return longer(slices.DeleteFunc(slices.Clone(shared), func(o string) bool { return o == w }), w)
	})
}

// longer reports whether one of the texts says w, or w and more.
func longer(texts []string, w string) bool {
	return slices.ContainsFunc(texts, func(o string) bool { return strings.HasPrefix(o, w) })
}

// saidAbove reports a warning that stands over all metrics already: which
// releases are judged together, and what could not be asked.
func saidAbove(l debrief.Look, w string) bool {
	if len(l.Run) > 1 && strings.Contains(w, "judged together") {
		return true
	}
	return slices.ContainsFunc(l.Blind, func(b string) bool { return tell.SameFailure(b, w) })
}

func (s *site) metric(story debrief.Story, l debrief.Look, v debrief.Verdict) metric {
	v = inUnit(v)
	m := metric{Verdict: v, Early: l.State != debrief.LookDone, Class: "tell"}
	m.Says = orElse(v.Sentence, tell.Verdict(v, s.Location))
	switch v.Word {
	case debrief.Worse, debrief.Better, debrief.Changed:
		if !v.Usual { // what every release brings is not drawn large
			m.Loud, m.Class = true, string(v.Word)
		}
	}
	if v.Beside != "" && v.Word != debrief.CannotTell {
		m.Says += ", held against " + v.Beside
	}
	if m.Early {
		m.Loud, m.Class, m.Says = false, "tell", "too early"
	}
	m.Level = tell.Number(v.After, v.Unit)
	switch {
	case v.Word == debrief.CannotTell && v.Reason == debrief.TooLittle:
		m.Level = "n = " + strconv.Itoa(v.N)
	case v.Word == debrief.CannotTell && len(v.Trace.V) == 0, m.Early && len(v.Trace.V) == 0:
		m.Level = ""
	case m.Early:
		m.Level = tell.Number(last(v.Trace.V), v.Unit)
	}
	p := s.series(story, l, v, m)
	wide, narrow, points := plot.Wide(), plot.Narrow(), readPoints
	if !m.Loud { // most of a page is quiet: half the points are enough for it
		wide.Points, narrow.Points, points = wide.Points/2, narrow.Points/2, points/2
	}
	if len(v.Trace.V) > 0 {
		m.Wide, m.Narrow = template.HTML(p.SVG(wide)), template.HTML(p.SVG(narrow)) //nolint:gosec // plot escapes
	}
	if !p.Shaded() {
		m.Trace.Shade = "" // nothing to see, nothing to name
	}
	m.Spark = spark(p, v)
	m.Data, m.Table, m.Per = s.numbers(story.Release, v, points)
	m.Evidence = evidence(v)
	return m
}

func (s *site) series(story debrief.Story, l debrief.Look, v debrief.Verdict, m metric) plot.Series {
	rel, t := story.Release, v.Trace
	p := plot.Series{
		Title: v.Metric, Desc: m.Says, Location: s.Location,
		Start: t.Start, Step: t.Step, V: t.V, Low: t.Low, High: t.High,
		Release: rel.FullExposure, Label: rel.Version + " live " + s.moment(story, rel.FullExposure),
		Until: l.To, Next: rel.NextAt,
	}
	if story.Next != nil {
		p.NextLabel = story.Next.Version
	}
	switch {
	case m.Early:
		p.Known, p.Until = plot.TooEarly, l.Due
		p.Desc = "too early to say; the look is due at " + s.moment(story, l.Due)
	case v.Word == debrief.CannotTell:
		p.Known = plot.CannotTell
	case m.Loud:
		p.Tone, p.Since = plot.Tone(v.Word), v.Since
		p.SinceLabel = verb(v) + " since " + s.moment(story, v.Since)
		iv := plot.Interval{Low: v.Before + v.Low, At: v.Before + v.Effect, High: v.Before + v.High}
		if v.Relative {
			iv = plot.Interval{Low: v.Before * (1 + v.Low), At: v.Before * (1 + v.Effect), High: v.Before * (1 + v.High)}
		}
		p.Interval = &iv
		if v.Since.IsZero() {
			p.Since = rel.FullExposure
			p.SinceLabel = ""
		}
	}
	return p
}

// inUnit shows seconds as milliseconds where all of them are below one: an axis
// from 0 to 0.02 is hard to read.
func inUnit(v debrief.Verdict) debrief.Verdict {
	if v.Unit != "s" {
		return v
	}
	top := math.Abs(v.After)
	for _, x := range v.Trace.V {
		if math.Abs(x) > top {
			top = math.Abs(x)
		}
	}
	if !(top < 1) {
		return v
	}
	times := func(xs debrief.Numbers) debrief.Numbers {
		out := make(debrief.Numbers, len(xs))
		for i, x := range xs {
			out[i] = x * 1000
		}
		return out
	}
	v.Unit, v.Before, v.After = "ms", v.Before*1000, v.After*1000
	if !v.Relative {
		v.Effect, v.Low, v.High, v.Smallest, v.Needed = v.Effect*1000, v.Low*1000, v.High*1000, v.Smallest*1000, v.Needed*1000
	}
	v.Trace.V, v.Trace.Low, v.Trace.High = times(v.Trace.V), times(v.Trace.Low), times(v.Trace.High)
	return v
}

func verb(v debrief.Verdict) string {
	up := v.Effect > 0
	switch {
	case v.Shape == "spread":
		return "spreads"
	case v.Shape == "spike":
		return "spikes"
	case v.Shape == "ramp" && up:
		return "rises"
	case v.Shape == "ramp":
		return "falls"
	case up:
		return "up"
	}
	return "down"
}

// spark is the same series as small as a word. The words beside it name it.
func spark(p plot.Series, v debrief.Verdict) template.HTML {
	n := len(p.V)
	switch {
	case p.Known == plot.CannotTell:
		return template.HTML(plot.Hatch("")) //nolint:gosec // ours
	case n == 0:
		return template.HTML(plot.Outline("")) //nolint:gosec // ours
	}
	whole := float64(n) * p.Step.Seconds()
	share := func(t time.Time) float64 {
		if t.IsZero() || whole <= 0 {
			return 0
		}
		return t.Sub(p.Start).Seconds() / whole
	}
	return template.HTML(plot.Spark{V: p.V, Low: p.Low, High: p.High, Release: share(p.Release), Tone: p.Tone, Since: share(v.Since)}.SVG()) //nolint:gosec // plot escapes
}

// numbers are the picture again, for those who read or hear rather than see.
func (s *site) numbers(rel debrief.Release, v debrief.Verdict, points int) (data string, rows []tableRow, per string) {
	t := v.Trace
	if len(t.V) == 0 {
		return "", nil, ""
	}
	fine, every := plot.Means(t.V, points)
	low, _ := plot.Means(t.Low, points)
	high, _ := plot.Means(t.High, points)
	b, err := json.Marshal(map[string]any{
		"start": t.Start.Unix(), "step": t.Step.Seconds() * float64(every), "unit": v.Unit, "zone": s.Location.String(),
		"v": debrief.Numbers(fine), "low": debrief.Numbers(low), "high": debrief.Numbers(high),
	})
	if err == nil {
		data = string(b)
	}
	coarse, each := plot.Means(t.V, tableRows)
	low, _ = plot.Means(t.Low, tableRows)
	high, _ = plot.Means(t.High, tableRows)
	for i, x := range coarse {
		at := t.Start.Add(time.Duration(i*each) * t.Step)
		r := tableRow{At: s.stamp(at, time.Duration(each)*t.Step), Value: tell.Number(x, v.Unit), Usual: "not known", After: !rel.FullExposure.IsZero() && !at.Before(rel.FullExposure)}
		if math.IsNaN(x) {
			r.Value = "missing"
		}
		if len(low) == len(coarse) && len(high) == len(coarse) && !math.IsNaN(low[i]) && !math.IsNaN(high[i]) {
			r.Usual = tell.Range(low[i], high[i], v.Unit)
		}
		rows = append(rows, r)
	}
	return data, rows, tell.Length(time.Duration(each) * t.Step)
}

// evidence is what stands behind the word, each in its unit.
func evidence(v debrief.Verdict) []fact {
	var out []fact
	add := func(name, value string) { out = append(out, fact{name, value}) }
	if v.Word == debrief.Pending {
		return nil
	}
	if v.Word != debrief.CannotTell || v.N > 0 {
		add("before", tell.Number(v.Before, v.Unit))
		add("after", tell.Number(v.After, v.Unit))
		add("observations after", strconv.Itoa(v.N))
	}
	if v.Word != debrief.CannotTell {
		add("difference", tell.Effect(v))
		if v.P >= 0 && v.P <= 1 {
			add("as large by chance", chance(v.P))
		}
		if v.Smallest > 0 {
			add("would have shown", "a change above "+tell.Size(v, v.Smallest))
		}
	}
	return out
}

func chance(p float64) string {
	switch {
	case p < 0.001:
		return "less than 1 time in 1,000"
	case p > 0.5:
		return "more often than not"
	}
	return "about " + tell.Percent(p) + " of the time"
}

// moment is a time of the release's day: to the second where its looks are so
// close that minutes would hide them.
func (s *site) moment(story debrief.Story, t time.Time) string {
	if tell.Quick(story) {
		return tell.ClockSeconds(t, story.Release.FullExposure, s.Location)
	}
	return tell.Clock(t, story.Release.FullExposure, s.Location)
}

func last(vs []float64) float64 {
	for i := len(vs) - 1; i >= 0; i-- {
		if !math.IsNaN(vs[i]) {
			return vs[i]
		}
	}
	return math.NaN()
}
