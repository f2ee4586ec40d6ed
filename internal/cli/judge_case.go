package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/judge"
	"github.com/debriefhq/debrief/internal/tell"
)

// errorRate is a share of failed requests, given in percent.
const errorRate = "error_rate"

// seriesCase is one question as it is written.
type seriesCase struct {
	ID      string        `json:"id"`
	Metric  string        `json:"metric"`
	Kind    string        `json:"kind"`
	Step    float64       `json:"step_s"`
	Release float64       `json:"release_ts"`
	Before  seriesPart    `json:"before"`
	After   seriesPart    `json:"after"`
	History seriesHistory `json:"history"`
	// The same metric where the release did not go: as history, and on past the release.
	Controls []seriesHistory `json:"controls"`
	// Deployments and incidents, from and to: left out of the past.
	Disturbed [][2]float64 `json:"disturbed"`
}

// seriesPart is a stretch of points with their times.
type seriesPart struct {
	T debrief.Numbers `json:"t"`
	seriesColumns
}

// seriesHistory is a stretch at equal steps, or with its times.
type seriesHistory struct {
	T0   float64         `json:"t0"`
	Step float64         `json:"step_s"`
	T    debrief.Numbers `json:"t"`
	seriesColumns
}

func (h *seriesHistory) at(i int) float64 {
	if len(h.T) > 0 {
		return h.T[i]
	}
	return h.T0 + float64(i)*h.Step
}

// seriesColumns are the values of a stretch. An error rate is judged by its counts.
type seriesColumns struct {
	V        debrief.Numbers `json:"v"`
	Errors   debrief.Numbers `json:"errors"`
	Requests debrief.Numbers `json:"requests"`
}

func readCase(line []byte) (seriesCase, error) {
	var c seriesCase
	if fastCase(line, &c) {
		return c, nil
	}
	c = seriesCase{}
	return c, readOne(line, &c)
}

// readOne reads a line's one JSON value.
func readOne(line []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(line))
	if err := dec.Decode(into); err != nil {
		return asInvalid(err)
	}
	if dec.More() {
		return debrief.Errorf(debrief.Invalid, "", "holds more than one JSON value").WithHint("write one a line")
	}
	return nil
}

// asInvalid words what the JSON decoder found wrong.
func asInvalid(err error) error {
	var known *debrief.Error
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &known):
		return err
	case errors.As(err, &kind):
		found, digits, _ := strings.Cut(kind.Value, " ")
		if digits != "" && kind.Type.Kind() == reflect.Float64 { // 1e999
			return debrief.Errorf(debrief.Invalid, kind.Field, "%s is too large a number", tell.Clean(digits))
		}
		return debrief.Errorf(debrief.Invalid, kind.Field, "%s is needed, not %s", wanted(kind.Type), jsonKind(found))
	}
	return debrief.Errorf(debrief.Invalid, "", "is no JSON that can be read: %w", err)
}

// wanted names what a field must hold, as its writer thinks of it.
func wanted(t reflect.Type) string {
	switch t {
	case reflect.TypeFor[seriesPart]():
		return "an object with t and v"
	case reflect.TypeFor[seriesHistory]():
		return "an object with t0, step_s and v"
	case reflect.TypeFor[[2]float64]():
		return "a pair of unix seconds, [from, to],"
	}
	switch t.Kind() {
	case reflect.Struct:
		return "an object"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.String:
		return "a text"
	}
	return "a number"
}

// jsonKind is a kind of JSON value with its article.
func jsonKind(kind string) string {
	switch kind {
	case "array":
		return "a list"
	case "bool":
		return "true or false"
	case "string":
		return "a text"
	case "number":
		return "a number"
	}
	return "an " + kind // object
}

// longestPast is how much before the look's end can matter to the judge.
const longestPast = 28 * 24 * time.Hour

// mostControls bounds how many series one is held against.
const mostControls = 50

// mostCells bounds the grid: four weeks at one-second steps.
const mostCells = 28 * 24 * 3600

// question lays history, before and after on one grid. Each part keeps its own
// phase: a scrape that came a second late is still the next point.
func (c *seriesCase) question() (judge.Question, error) {
	q := judge.Question{Alpha: c.alpha()}
	kind, ok := map[string]judge.Kind{"": judge.Gauge, "gauge": judge.Gauge, "count": judge.Count, errorRate: judge.Share}[c.Kind]
	if !ok {
		return q, debrief.Errorf(debrief.Invalid, "kind", "%q is not known; known are count, error_rate, gauge", c.Kind)
	}
	if err := c.check(); err != nil {
		return q, err
	}
	// In points from where after begins: before ends at least one ahead of it,
	// history one ahead of before.
	most := min(longestPast.Seconds()/c.Step, mostCells) + 1
	points := func(seconds float64) int { return int(math.Round(max(-most, min(seconds/c.Step, most)))) }
	first := c.Release
	if len(c.After.T) > 0 {
		first = slices.Min(c.After.T)
	}
	began, ended, some := c.Before.within(first)
	end, begin := 0, 0
	if some {
		end = -max(1, points(first-ended))
		begin = end - points(ended-began)
	}
	afterAt := func(i int) int { return points(c.After.T[i] - first) }
	beforeAt := func(i int) int { return end - points(ended-c.Before.T[i]) }
	phase := min(c.History.Step, c.Step)/2 - c.Step/2 // finer points fall where they begin
	pastAt := func(i int) int {
		return begin + min(-1, points(c.History.at(i)-began+phase))
	}
	g := grid{share: kind == judge.Share, lo: begin}
	for i := range c.After.T {
		g.hi = max(g.hi, 1+afterAt(i))
	}
	if g.hi > int(most)-1 {
		return q, debrief.Errorf(debrief.Invalid, "after.t", "reaches over more than 28 days or %d points of %g s", mostCells, c.Step)
	}
	for i := range c.History.length() {
		g.lo = min(g.lo, pastAt(i))
	}
	g.lo = max(g.lo, g.hi-int(most)+1)
	if (g.hi-g.lo)*len(c.Controls) > 2*mostCells {
		return q, debrief.Errorf(debrief.Invalid, "controls", "%d series of %d points are too much; lengthen step_s", len(c.Controls), g.hi-g.lo)
	}
	g.make()
	for i := range c.History.length() {
		g.add(pastAt(i), &c.History.seriesColumns, i)
	}
	for i, t := range c.Before.T {
		if t < first {
			g.add(beforeAt(i), &c.Before.seriesColumns, i)
		}
	}
	for i := range c.After.T {
		g.add(afterAt(i), &c.After.seriesColumns, i)
	}
	width := time.Duration(c.Step * float64(time.Second))
	release := time.UnixMicro(int64(first * 1e6))
	at := func(i int) time.Time { return release.Add(time.Duration(i) * width) }
	q.Kind, q.Coarse = kind, map[judge.Kind]float64{judge.Gauge: 0.5, judge.Share: 0.01, judge.Count: 1}[kind]
	q.Series = g.series(at(g.lo), width)
	q.From, q.Exposed, q.To = release, release, at(g.hi)
	q.Touched = at(min(0, end+1)) // "before" ends where its points do
	q.Before = q.Touched.Sub(at(begin))
	for _, x := range c.Controls {
		beside := grid{share: g.share, lo: g.lo, hi: g.hi}
		beside.make()
		for i := range x.length() {
			beside.add(points(x.at(i)-first+min(x.Step, c.Step)/2-c.Step/2), &x.seriesColumns, i)
		}
		q.Controls = append(q.Controls, beside.series(q.Series.Start, width))
	}
	for _, d := range c.Disturbed {
		q.Past = append(q.Past, judge.Window{From: time.UnixMicro(int64(d[0] * 1e6)), To: time.UnixMicro(int64(d[1] * 1e6))})
	}
	return q, nil
}

// within are the first and last time before a moment. Clocks jump: a point of
// "before" that says it is later belongs nowhere.
func (p *seriesPart) within(first float64) (began, ended float64, some bool) {
	began, ended = first, first
	for _, t := range p.T {
		switch {
		case t >= first:
		case !some:
			began, ended, some = t, t, true
		default:
			began, ended = min(began, t), max(ended, t)
		}
	}
	return began, ended, some
}

// check finds what cannot be laid on a grid.
func (c *seriesCase) check() error {
	switch {
	case !(c.Step >= 0.001 && c.Step <= longestPast.Seconds()):
		return debrief.Errorf(debrief.Invalid, "step_s", "%g is not between 0.001 and %.0f seconds", c.Step, longestPast.Seconds())
	case !unixSeconds(c.Release):
		return debrief.Errorf(debrief.Invalid, "release_ts", "%g are no unix seconds", c.Release)
	}
	if err := c.History.check("history", c.Step); err != nil {
		return err
	}
	for i := range c.Controls {
		name := fmt.Sprintf("controls.%d", i)
		x := &c.Controls[i]
		if err := x.check(name, c.Step); err != nil {
			return err
		}
		n := x.length()
		if len(x.T) > 0 {
			n = len(x.T)
		}
		if err := x.even(name, c.Kind == errorRate, n); err != nil {
			return err
		}
	}
	if len(c.Controls) > mostControls {
		return debrief.Errorf(debrief.Invalid, "controls", "%d series, and at most %d are taken", len(c.Controls), mostControls)
	}
	for i, d := range c.Disturbed {
		if !unixSeconds(d[0]) || !unixSeconds(d[1]) || d[1] < d[0] {
			return debrief.Errorf(debrief.Invalid, fmt.Sprintf("disturbed.%d", i), "is no span of unix seconds: from, to")
		}
	}
	for _, p := range []struct {
		name string
		seriesPart
	}{{"before", c.Before}, {"after", c.After}, {"history", seriesPart{c.History.T, c.History.seriesColumns}}} {
		for i, t := range p.T {
			if !unixSeconds(t) {
				return debrief.Errorf(debrief.Invalid, p.name+".t", "value %d is not unix seconds", i+1)
			}
		}
		n := len(p.T)
		if p.name == "history" && len(p.T) == 0 {
			n = p.length() // at even steps
		}
		if err := p.even(p.name, c.Kind == errorRate, n); err != nil {
			return err
		}
	}
	return nil
}

// check finds what is wrong with a stretch's times; its step is the question's
// where it names none.
func (h *seriesHistory) check(name string, step float64) error {
	if h.Step == 0 {
		h.Step = step
	}
	switch {
	case !unixSeconds(h.T0):
		return debrief.Errorf(debrief.Invalid, name+".t0", "%g are no unix seconds", h.T0)
	case !(h.Step >= 0.001 && h.Step <= longestPast.Seconds()):
		return debrief.Errorf(debrief.Invalid, name+".step_s", "%g is not between 0.001 and %.0f seconds", h.Step, longestPast.Seconds())
	}
	for i, t := range h.T {
		if !unixSeconds(t) {
			return debrief.Errorf(debrief.Invalid, name+".t", "value %d is not unix seconds", i+1)
		}
	}
	return nil
}

// unixSeconds says whether a number can be some; NaN cannot.
func unixSeconds(x float64) bool { return x > -1e11 && x < 1e11 }

func (s *seriesColumns) length() int { return max(len(s.V), len(s.Errors)) }

// even says whether a stretch has as many values as points.
func (s *seriesColumns) even(name string, share bool, n int) error {
	type column struct {
		name string
		n    int
	}
	need := []column{{"v", len(s.V)}}
	if share {
		need = []column{{"errors", len(s.Errors)}, {"requests", len(s.Requests)}}
	}
	for _, x := range need {
		if x.n != n {
			return debrief.Errorf(debrief.Invalid, name+"."+x.name, "%s for %s", tell.Count(x.n, "value", "values"), tell.Count(n, "point", "points"))
		}
	}
	return nil
}

// grid collects points in cells from lo to hi. Several points in one cell
// count as their mean, counts as their sum.
type grid struct {
	share  bool
	lo, hi int
	v, n   []float64 // sums and how many; of a share errors and requests
	have   []bool
}

func (g *grid) make() {
	k := g.hi - g.lo
	g.v, g.n, g.have = make([]float64, k), make([]float64, k), make([]bool, k)
}

func (g *grid) add(at int, s *seriesColumns, i int) {
	if at < g.lo || at >= g.hi {
		return
	}
	var v, n float64
	if g.share {
		v, n = s.Errors[i], s.Requests[i]
	} else {
		v, n = s.V[i], 1
	}
	if !finite(v) || !finite(n) {
		return
	}
	at -= g.lo
	g.v[at] += v
	g.n[at] += n
	g.have[at] = true
}

func (g *grid) series(start time.Time, step time.Duration) judge.Series {
	s := judge.Series{Start: start, Step: step}
	for i, ok := range g.have {
		switch {
		case !ok:
			g.v[i], g.n[i] = math.NaN(), math.NaN()
		case !g.share:
			g.v[i] /= g.n[i]
		}
	}
	if g.share {
		s.Num, s.Den = g.v, g.n
		return s
	}
	s.V = g.v
	return s
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
