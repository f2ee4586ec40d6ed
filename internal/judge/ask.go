package judge

import (
	"fmt"
	"math"
	"time"
)

// usualAlpha is what a metric is tested with where the question does not say:
// a fifth of the first look's one per cent.
const usualAlpha = 0.002

// Judge answers one question. It never panics, whatever the numbers are.
func Judge(q Question) Result { return new(Memory).Judge(q) }

// Judge answers as the function of that name does, with the memory of the
// question before.
func (m *Memory) Judge(q Question) Result {
	m.floats.again()
	m.ints.again()
	if len(q.Controls) > 0 {
		return m.judgeAgainst(q)
	}
	r := Result{Good: q.Good, Margin: q.Margin, Coarse: q.Coarse, P: 1, Relative: q.Kind != Share}
	if q.Alpha <= 0 || q.Alpha >= 1 || q.Alpha != q.Alpha {
		q.Alpha = usualAlpha
	}
	var uneven string
	if q, uneven = evened(q); uneven != "" {
		r.Warnings = append(r.Warnings, uneven)
	}
	a := prepare(&q, &r, m)
	if a != nil {
		a.answer(&r)
	}
	tidy(&r)
	if a != nil && a.coarse && r.Tell {
		r = m.finer(q, r, a.fine)
	}
	againstReleases(&q, &r)
	return r
}

// finer asks again at full resolution, of the windows alone, where the past is
// known only coarsely: single samples of the past are noisier than what
// happened lately. Asking twice doubles the p-value of the answer that is kept:
// the past's, unless only the windows are sure of a change that is beyond
// twice the margin.
func (m *Memory) finer(q Question, past Result, f frame) Result {
	from := f.skip + f.now.b0
	q.Past = nil
	if h := q.Histogram; h != nil {
		q.Histogram = &Histogram{Start: f.time(f.now.b0), Step: h.Step, Bounds: h.Bounds, Counts: h.Counts[from:]}
	} else {
		cut := func(xs []float64) []float64 { return xs[min(from, len(xs)):] }
		s := q.Series
		q.Series = Series{Start: f.time(f.now.b0), Step: s.Step, V: cut(s.V), Num: cut(s.Num), Den: cut(s.Den), N: cut(s.N)}
	}
	now := m.Judge(q)
	past.P, now.P = min(1, 2*past.P), min(1, 2*now.P)
	if now.Tell && past.P > q.Alpha && now.P <= q.Alpha && math.Abs(now.Effect) >= 2*q.Margin {
		now.Weeks, now.Null, now.Band.Past = past.Weeks, past.Null, past.Band.Past
		now.Warnings = append([]string{"held against the time just before at full resolution: the past is known coarsely only"}, now.Warnings[min(1, len(now.Warnings)):]...)
		return now
	}
	if now.Tell {
		past.Smallest = min(past.Smallest, max(now.Smallest, 2*q.Margin))
	}
	return past
}

// asked is a question made ready: the frame, the machine on it, and the frame
// at full resolution for onset and picture.
type asked struct {
	q      *Question
	f      frame
	m      machine
	fine   frame
	detail machine
	memory *Memory
	wild   bool // only what was since the last deployment or incident is like now
	coarse bool // the past is known at a coarser resolution than the present
}

// data are the columns of a question within the frame.
type data struct {
	v, num, den, n []float64
	counts         [][]float64
	ok             []bool
}

func prepare(q *Question, r *Result, m *Memory) *asked {
	start, step, length := q.Series.Start, q.Series.Step, max(len(q.Series.V), min(len(q.Series.Num), len(q.Series.Den)))
	if q.Kind == Share && q.Histogram == nil {
		length = min(len(q.Series.Num), len(q.Series.Den))
	}
	if q.Histogram != nil {
		start, step, length = q.Histogram.Start, q.Histogram.Step, len(q.Histogram.Counts)
	}
	f, ok := frameOf(start, step, length, q)
	if !ok || f.now.a1 <= f.now.a0 {
		r.Why = Missing
		return nil
	}
	f.mark(q.Past, m)
	d := columns(q, &f)
	have := func(lo, hi int) int {
		n := 0
		for _, ok := range d.ok[lo:hi] {
			if ok {
				n++
			}
		}
		return n
	}
	r.N = observations(q, &d, f.now)
	a := &asked{q: q, fine: f, memory: m}
	defer func() {
		if r.Why != CanTell {
			if a.detail, _ = machineFor(q, &f, &d, false, m); a.detail != nil {
				r.Band = plain(a)
			}
		}
	}()
	// Coverage is counted on the grid the values really have.
	own := max(1, gap(d.ok, f.now.a0, f.now.a1), gap(d.ok, f.now.b0, f.now.b1))
	after, before := have(f.now.a0, f.now.a1), have(f.now.b0, f.now.b1)
	switch {
	case after < 2 || after*own*4 < f.now.a1-f.now.a0:
		r.Why = Missing
		return nil
	case before < 3:
		r.Why = NoBaseline
		return nil
	case q.MinN > 0 && counted(q) && r.N < q.MinN:
		r.Why = TooLittle
		return nil
	}
	if after*own*10 < 8*(f.now.a1-f.now.a0) || before*own*10 < 8*(f.now.b1-f.now.b0) {
		r.Warnings = append(r.Warnings, gaps(before, (f.now.b1-f.now.b0)/own, after, (f.now.a1-f.now.a0)/own))
	}
	k := own
	if past := gap(d.ok, 0, f.now.b0); past > k && (f.now.a1-f.now.a0)/past >= 2 && (f.now.b1-f.now.b0)/past >= 3 {
		k = past
		r.Warnings = append(r.Warnings, fmt.Sprintf("the past is known every %s only: compared at that resolution", time.Duration(past)*f.step))
	}
	a.f = f
	if k > 1 {
		c, shift := f.coarser(k, q, m)
		if c.now.a1-c.now.a0 >= 2 && c.now.b1-c.now.b0 >= 2 {
			a.detail, _ = machineFor(q, &f, &d, false, m)
			a.f, d = c, d.coarser(k, shift, c.n)
			a.coarse = k > own
		}
	}
	var warnings []string
	a.m, warnings = machineFor(q, &a.f, &d, true, m)
	r.Warnings = append(r.Warnings, warnings...)
	if a.m == nil {
		r.Why = Missing
		return nil
	}
	if a.detail == nil {
		a.detail = a.m
	}
	return a
}

// gaps says how much is missing on the sides where something is.
func gaps(before, ofBefore, after, ofAfter int) string {
	side := func(have, of int, where string) string {
		return fmt.Sprintf("%d of %d points %s", of-have, of, where)
	}
	b, a := side(before, ofBefore, "before"), side(after, ofAfter, "after")
	switch {
	case before >= ofBefore:
		return a + " are missing"
	case after >= ofAfter:
		return b + " are missing"
	}
	return b + " and " + a + " are missing"
}

// counted says whether N are observations, so that MinN has a meaning. Falling
// traffic is itself an answer, never too little of one.
func counted(q *Question) bool {
	return q.Histogram != nil || q.Kind == Share || (q.Kind == Gauge && len(q.Series.N) > 0)
}

func observations(q *Question, d *data, s span) int {
	sum := 0.0
	for i := s.a0; i < s.a1; i++ {
		switch {
		case !d.ok[i]:
		case q.Histogram != nil:
			sum += total(d.counts[i])
		case q.Kind == Share:
			sum += d.den[i]
		case d.n != nil:
			if finite(d.n[i]) && d.n[i] > 0 {
				sum += d.n[i]
			}
		default:
			sum++
		}
	}
	return int(math.Round(min(sum, 1e15)))
}

func columns(q *Question, f *frame) data {
	d := data{ok: make([]bool, f.n)}
	cut := func(xs []float64) []float64 {
		if len(xs) < f.skip+f.n {
			return nil
		}
		return xs[f.skip : f.skip+f.n]
	}
	switch {
	case q.Histogram != nil:
		d.counts = q.Histogram.Counts[f.skip : f.skip+f.n]
		for i, row := range d.counts {
			d.ok[i] = sound(row, len(q.Histogram.Bounds))
		}
	case q.Kind == Share:
		num, den := cut(q.Series.Num), cut(q.Series.Den)
		d.num, d.den = make([]float64, f.n), make([]float64, f.n)
		for i := range num {
			d.num[i], d.den[i] = usable(num[i], den[i], true)
			d.ok[i] = d.den[i] == d.den[i]
		}
	default:
		d.v, d.n = cut(q.Series.V), cut(q.Series.N)
		if d.v == nil {
			d.v = make([]float64, f.n)
			for i := range d.v {
				d.v[i] = math.NaN()
			}
		}
		for i, v := range d.v {
			d.ok[i] = finite(v) && (v >= 0 || q.Kind != Count)
		}
	}
	return d
}

// coarser merges k points each: means of values, sums of counts.
func (d *data) coarser(k, shift, n int) data {
	out := data{ok: make([]bool, n)}
	mean := func(xs []float64, sum bool) []float64 {
		if xs == nil {
			return nil
		}
		ys := make([]float64, n)
		for i := range ys {
			c := 0.0
			for j := shift + i*k; j < shift+(i+1)*k; j++ {
				if finite(xs[j]) && d.ok[j] {
					ys[i] += xs[j]
					c++
				}
			}
			switch {
			case c == 0:
				ys[i] = math.NaN()
			case !sum:
				ys[i] /= c
			}
		}
		return ys
	}
	out.v, out.n = mean(d.v, false), mean(d.n, true)
	out.num, out.den = mean(d.num, true), mean(d.den, true)
	if d.counts != nil {
		out.counts = make([][]float64, n)
		for i := range out.counts {
			for j := shift + i*k; j < shift+(i+1)*k; j++ {
				if !d.ok[j] {
					continue
				}
				if out.counts[i] == nil {
					out.counts[i] = make([]float64, len(d.counts[j]))
				}
				for b, c := range d.counts[j] {
					out.counts[i][b] += c
				}
			}
		}
	}
	return out
}

// machineFor picks the machine. Traffic that is often zero is counted, not
// taken the logarithm of.
func machineFor(q *Question, f *frame, d *data, season bool, m *Memory) (machine, []string) {
	switch {
	case q.Histogram != nil:
		h := newDistribution(q.Histogram.Bounds, d.counts, q.Quantile)
		if h == nil {
			return nil, nil
		}
		g, warnings := newGauge(h.steps(f.n), f, season, q, m)
		h.attach(g)
		return h, warnings
	case q.Kind == Share:
		return newRate(d.num, d.den, true, f), nil
	case q.Kind == Count && sparse(d.v, f.now):
		den := make([]float64, f.n)
		v := make([]float64, f.n)
		for i := range den {
			v[i], den[i] = usable(d.v[i], 1, false)
		}
		return newRate(v, den, false, f), nil
	}
	return wrap(newGauge(d.v, f, season, q, m))
}

func wrap(g *gauge, warnings []string) (machine, []string) { return g, warnings }

// sparse: whole numbers, and fewer than ten in the usual point.
func sparse(v []float64, s span) bool {
	var sum, n float64
	for i := s.b0; i < s.a1; i++ {
		x := v[i]
		if !finite(x) || x < 0 {
			continue
		}
		if x != math.Trunc(x) {
			return false
		}
		sum += x
		n++
	}
	return n > 0 && sum < 10*n
}

// tidy leaves nothing in a result that cannot be written down.
func tidy(r *Result) {
	for _, x := range []*float64{&r.Before, &r.After, &r.Effect, &r.Low, &r.High, &r.Smallest} {
		switch {
		case *x != *x:
			*x = 0
		case math.IsInf(*x, 0):
			*x = math.Copysign(math.MaxFloat64, *x)
		}
	}
	if !(r.P >= 0 && r.P <= 1) {
		r.P = 1
	}
	r.Low, r.High = min(r.Low, r.Effect), max(r.High, r.Effect)
}
