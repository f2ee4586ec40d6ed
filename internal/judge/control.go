package judge

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"
)

// Difference in differences: what moves the service and its controls alike is
// none of the release's doing. The series is divided by what the controls'
// median moved by (of shares: their odds are), where that makes it quieter than
// it is alone. That is decided on the past and on "before" only: deciding on
// after would be choosing the answer.

const (
	quieter  = 0.95 // how much of the level's noise the controls may leave at most
	coverage = 0.8  // share of the series' own points a control must have before and after
	moving   = 0.01 // p from which the controls are said to have moved themselves
)

// control is what a question's controls came to, on the question's own grid.
type control struct {
	share bool // on the logit scale, else on the log scale
	start time.Time
	step  time.Duration
	own   Series    // the series as it was measured
	shift []float64 // what the controls moved by since before, per point; NaN is missing
	after float64   // the same, typically, over after
	used  int
}

// judgeAgainst answers a question that has controls.
func (m *Memory) judgeAgainst(q Question) Result {
	alone := q
	alone.Controls = nil
	if q.Alpha <= 0 || q.Alpha >= 1 || q.Alpha != q.Alpha {
		q.Alpha = usualAlpha
	}
	steps, ok := stepwise(q)
	f, framed := frameOf(steps.Series.Start, steps.Series.Step, points(&steps), &steps)
	if !ok || !framed || f.now.a1 <= f.now.a0 {
		return m.Judge(alone)
	}
	f.mark(steps.Past, new(Memory))
	y := onScale(&steps, steps.Series, &f)
	if count(y[f.now.b0:f.now.b1]) < 3 && count(y[f.now.a0:f.now.a1]) > 0 {
		if r, ok := beside(&steps, &f, y); ok {
			return r
		}
		return m.Judge(alone)
	}
	all, lacking := usableControls(&steps, &f, y)
	if len(all) == 0 {
		r := m.Judge(alone)
		r.Warnings = append(r.Warnings, fmt.Sprintf("judged by itself: %s", lacking))
		return r
	}
	c, typical := newControl(&steps, &f, all)
	adjusted := c.adjusted(&steps, &f)
	var r Result
	if helps(&steps, &adjusted, &f) {
		r = m.Judge(adjusted)
		c.restore(&r)
		r.Controls = c.used
	} else {
		r = m.Judge(alone)
		r.Warnings = append(r.Warnings, fmt.Sprintf("judged by itself: %s make it no quieter", countOf(c.used, "control")))
	}
	if lacking != "" {
		r.Warnings = append(r.Warnings, lacking)
	}
	if w := moved(&steps, typical); w != "" {
		r.Warnings = append(r.Warnings, w)
	}
	return r
}

// stepwise is the question with a distribution turned into the asked quantile
// of every step: that is what controls can be held against.
func stepwise(q Question) (Question, bool) {
	h := q.Histogram
	if h == nil {
		return q, true
	}
	d := newDistribution(h.Bounds, h.Counts, q.Quantile)
	if d == nil {
		return q, false
	}
	q.Histogram = nil
	q.Series = Series{Start: h.Start, Step: h.Step, V: d.steps(len(h.Counts)), N: make([]float64, len(h.Counts))}
	for i, row := range h.Counts {
		q.Series.N[i] = total(row)
	}
	return q, true
}

func points(q *Question) int {
	if q.Kind == Share {
		return min(len(q.Series.Num), len(q.Series.Den))
	}
	return len(q.Series.V)
}

// value of a series at a point, on the scale it is judged on.
func value(share bool, s *Series, i int) float64 {
	if i < 0 {
		return math.NaN()
	}
	if share {
		if i >= len(s.Num) || i >= len(s.Den) {
			return math.NaN()
		}
		num, den := s.Num[i], s.Den[i]
		if !finite(num) || !finite(den) || den <= 0 || num < 0 || num > den {
			return math.NaN()
		}
		return math.Log((num + 0.5) / (den - num + 0.5))
	}
	if i >= len(s.V) || !finite(s.V[i]) || s.V[i] <= 0 {
		return math.NaN()
	}
	return math.Log(s.V[i])
}

// onScale lays a series on the frame's points; NaN where it has none there.
func onScale(q *Question, s Series, f *frame) []float64 {
	out := make([]float64, f.n)
	off, whole := 0, s.Step == f.step && f.start.Sub(s.Start)%f.step == 0
	if whole {
		off = int(f.start.Sub(s.Start) / f.step)
	}
	for i := range out {
		out[i] = math.NaN()
		if whole {
			out[i] = value(q.Kind == Share, &s, off+i)
		}
	}
	return out
}

func count(ys []float64) int {
	n := 0
	for _, y := range ys {
		if y == y {
			n++
		}
	}
	return n
}

// laid is one control on the frame's points.
type laid struct {
	y []float64
	s Series
}

// usableControls are those with enough data around the release; lacking says
// how many are not.
func usableControls(q *Question, f *frame, y []float64) (all []laid, lacking string) {
	enough := func(c []float64, lo, hi int) bool {
		return float64(count(c[lo:hi])) >= coverage*float64(max(1, count(y[lo:hi])))
	}
	for _, s := range q.Controls {
		c := onScale(q, s, f)
		if enough(c, f.now.b0, f.now.b1) && enough(c, f.now.a0, f.now.a1) {
			all = append(all, laid{c, s})
		}
	}
	if len(all) < len(q.Controls) {
		lacking = fmt.Sprintf("%d of %s have too few data around the release", len(q.Controls)-len(all), countOf(len(q.Controls), "control"))
	}
	return all, lacking
}

// newControl takes the controls' median move since before, and what the
// typical control's series is. Levels may differ between controls, so each is
// taken relative to its own level before. Shares of few events are pooled: a
// median of counts like 0 and 1 says nothing.
func newControl(q *Question, f *frame, all []laid) (*control, Series) {
	c := &control{share: q.Kind == Share, start: f.start, step: f.step, own: q.Series, used: len(all), shift: make([]float64, f.n)}
	typical := Series{Start: f.start, Step: f.step}
	if c.share {
		typical.Num, typical.Den = pooled(f, all)
		if fewEvents(&typical, f, len(all)) {
			all = []laid{{onScale(q, typical, f), typical}}
		}
	}
	base := make([]float64, len(all))
	scratch := make([]float64, 0, max(len(all), f.n))
	level := 0.0
	for k, one := range all {
		scratch = present(scratch, one.y[f.now.b0:f.now.b1])
		base[k] = median(scratch)
		level += base[k] / float64(len(all))
	}
	for i := range c.shift {
		scratch = scratch[:0]
		for k, one := range all {
			if v := one.y[i]; v == v {
				scratch = append(scratch, v-base[k])
			}
		}
		c.shift[i] = math.NaN()
		if 2*len(scratch) >= len(all) {
			c.shift[i] = median(scratch)
		}
	}
	c.after = median(present(scratch, c.shift[f.now.a0:f.now.a1]))
	if !c.share {
		typical.V = make([]float64, f.n)
		for i, d := range c.shift {
			typical.V[i] = math.Exp(level + d)
		}
	}
	return c, typical
}

func pooled(f *frame, all []laid) (num, den []float64) {
	num, den = make([]float64, f.n), make([]float64, f.n)
	for i := range num {
		for _, one := range all {
			if one.y[i] != one.y[i] {
				continue
			}
			j := i + int(f.start.Sub(one.s.Start)/f.step)
			num[i] += one.s.Num[j]
			den[i] += one.s.Den[j]
		}
		if den[i] == 0 {
			num[i], den[i] = math.NaN(), math.NaN()
		}
	}
	return num, den
}

// fewEvents: the usual point of the usual control has under ten.
func fewEvents(all *Series, f *frame, controls int) bool {
	sum, n := 0.0, 0.0
	for i := f.now.b0; i < f.now.b1; i++ {
		if v := all.Num[i]; v == v {
			sum += v
			n++
		}
	}
	return sum < 10*n*float64(controls)
}

// adjusted is the question with its series as it would have been had the
// controls not moved.
func (c *control) adjusted(q *Question, f *frame) Question {
	out := *q
	out.Controls = nil
	cut := func(xs []float64) []float64 {
		if xs == nil {
			return nil
		}
		return slices.Clone(xs[f.skip:min(len(xs), f.skip+f.n)])
	}
	s := Series{Start: f.start, Step: f.step, V: cut(q.Series.V), Num: cut(q.Series.Num), Den: cut(q.Series.Den), N: cut(q.Series.N)}
	for i, d := range c.shift {
		switch {
		case d != d:
			if c.share {
				s.Num[i], s.Den[i] = math.NaN(), math.NaN()
			} else {
				s.V[i] = math.NaN()
			}
		case c.share:
			s.Num[i] = s.Den[i] * byOdds(s.Num[i]/s.Den[i], -d)
		default:
			s.V[i] *= math.Exp(-d)
		}
	}
	out.Series = s
	return out
}

// byOdds multiplies a share's odds by exp(d).
func byOdds(p, d float64) float64 {
	if !(p > 0) || d != d {
		return p + 0*d
	}
	if p >= 1 {
		return 1
	}
	odds := p / (1 - p) * math.Exp(d)
	return odds / (1 + odds)
}

// restore tells a result as it was measured: "before" is what was to be
// expected now, given what the controls did, and so is the band.
func (c *control) restore(r *Result) {
	scale := func(x, d float64) float64 {
		if c.share {
			x = byOdds(x, d)
		} else {
			x *= math.Exp(d)
		}
		if !finite(x) {
			return math.NaN()
		}
		return x
	}
	if c.share {
		before, after := r.Before, r.After
		r.Before, r.After = scale(before, c.after), scale(after, c.after)
		if size := after - before; r.Tell && size != 0 {
			// A difference of shares is larger where shares are.
			k := (r.After - r.Before) / size
			for _, x := range []*float64{&r.Effect, &r.Low, &r.High, &r.Smallest} {
				*x *= k
			}
		}
	} else {
		r.Before, r.After = scale(r.Before, c.after), scale(r.After, c.after)
	}
	b := &r.Band
	if b.Step <= 0 {
		return
	}
	k := max(1, int(b.Step/c.step))
	for i := range b.V {
		at := int(b.Start.Sub(c.start)/c.step) + i*k
		d := math.NaN()
		if at >= 0 && at < len(c.shift) {
			d = c.shift[at]
		}
		b.V[i] = scale(b.V[i], d)
		if i < len(b.Low) && i < len(b.High) {
			b.Low[i], b.High[i] = scale(b.Low[i], d), scale(b.High[i], d)
		}
	}
	tidy(r)
}

// moved says so where the controls changed at the release too: it may have
// reached them, or something else moved everything.
func moved(q *Question, typical Series) string {
	own := *q
	own.Controls, own.Series, own.MinN, own.Releases = nil, typical, 0, nil
	r := Judge(own)
	if !r.Tell || r.P > moving || math.Abs(r.Effect) < q.Margin || r.Effect == 0 {
		return ""
	}
	word, size := "up", r.Effect
	if size < 0 {
		word, size = "down", -size
	}
	digits := 1
	if size >= 0.1 {
		digits = 0
	}
	unit := " points "
	if r.Relative {
		unit = " % "
	}
	by := strconv.FormatFloat(100*size, 'f', digits, 64) + unit + word
	return "the controls moved with the release too, " + by + ": it may have reached them, or something else moved all"
}

func countOf(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
