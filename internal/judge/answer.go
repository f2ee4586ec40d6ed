package judge

import (
	"math"
	"slices"
	"time"
)

const week = 7 * day

// finding is one test's outcome.
type finding struct {
	shape  Shape
	shift  float64
	length int // points of after it is about
	p      float64
	effect float64
}

func (a *asked) answer(r *Result) {
	m, f := a.m, &a.f
	like := a.likeness()
	tests := m.tests()
	most, several := mostPlaces, len(tests)
	if like != nil {
		most = fewPlaces
		if like.l.side >= enoughPast {
			several = 1 // the level's scale says how wide the interval is; the others are not needed
		}
	}
	past := nullOf(m, f, places(f, most), several)
	if like == nil && a.wild {
		past.sinceEra()
	}
	stats := make([]float64, len(tests))
	if !m.at(f.now, stats) {
		r.Why = Missing
		return
	}
	best := m.best()
	r.Tell = true
	r.Null = len(past.used)
	r.Short = past.side < enoughPast
	if like != nil {
		r.Null, r.Short = len(like.l.places)-1, like.l.side < enoughPast
	}
	a.age(r, &past)
	counts, _ := m.(*rate)
	if counts != nil {
		counts.dispersion = max(counts.overdispersed(past.used), shortOnly(r.Short, counts.within(f.now)))
	}
	scales := a.scales(&past, tests)
	found := a.test(scales, tests, stats, best, past.side)
	if counts != nil {
		if p, low := counts.exact(f.now); low {
			found = found[:1]
			found[0].p = p
			r.Warnings = append(r.Warnings, "few events: exact test")
		}
	}
	for i := range found {
		x := &found[i]
		x.p = min(1, x.p*dearer(found, x.shape))
		x.effect = a.effectOf(x)
	}
	x := pick(found, a.q, r.Short)
	both := 1.0
	if like != nil && r.Short {
		// Of so little past neither knows the tail well: both are asked.
		both = 2
		if x.p <= math.Exp(-like.w.total) {
			like = nil
		}
	}
	if like != nil {
		x = like.pick(a, found, scales[0].sd)
	}
	r.Shape, r.P, r.Effect = x.shape, min(1, both*x.p), x.effect
	r.Score = -math.Log10(max(r.P, 1e-300))
	if like == nil || !like.interval(a, r, x) {
		a.interval(r, x, tests, &scales[0], &past)
	}
	if like == nil {
		a.sensitivity(r, &scales[0], dearer(found, Level), counts)
	} else {
		r.Smallest = math.Abs(m.effect(f.now, Level, like.smallest(a.q.Alpha)))
	}
	a.levels(r, x)
	a.since(r, x)
	r.Band = band(a, past.used)
}

// dearer is what a test's p is multiplied by because others are made too: the
// level may use half of what a metric may spend, later beginnings a quarter,
// the rest share what is left; tests not made leave theirs to the others.
func dearer(found []finding, shape Shape) float64 {
	part := map[Shape]float64{Level: 4, Ramp: 2, Spread: 1, Spike: 1}
	all := 0.0
	for _, x := range found {
		all += part[x.shape]
	}
	return all / part[shape]
}

func shortOnly(short bool, x float64) float64 {
	if short {
		return x
	}
	return 1
}

// scales are the null's scale for each test.
func (a *asked) scales(past *null, tests []test) []scale {
	m, f := a.m, &a.f
	out := make([]scale, len(past.values))
	se, df := 0.0, 0.0 // where the witnesses speak, no noise of the window itself is asked for
	if len(past.values) > 1 {
		se, df = m.noise(f.now)
	}
	for i, t := range tests[:len(past.values)] {
		sc := measured(past.values[i], past.side, t.oneSided)
		if share := float64(len(past.used)-past.era) / float64(max(1, len(past.used))); past.era > 0 && share*past.side >= 5 {
			// Since the last deployment the series may be wilder than before it.
			era := measured(past.values[i][past.era:], past.side*share, t.oneSided)
			if era.sd > 1.5*sc.sd {
				sc = era
			}
		}
		if m.seasonal() {
			// The profile was fitted to the past, not to today.
			days := max(3, float64(time.Duration(f.now.b0)*f.step/day))
			sc.sd *= math.Sqrt((days + 1) / (days - 1))
		}
		sc.df = min(mostDF, sc.side-1)
		if t.shape == Level || t.shape == Ramp {
			sc.df = min(lightest(sc.side, f.now.a1-f.now.a0), sc.side-1)
		}
		switch {
		case i == 0:
			sc.blend(se, df, f.now.a1-f.now.a0)
		case t.shape == Ramp && past.side < enoughPast:
			sc = out[0]
			sc.mid = 0
		case t.shape == Ramp:
			// The best suffix is never quieter than the whole.
			sc.sd = max(sc.sd, out[0].sd)
		}
		sc.sd = max(sc.sd, a.least())
		out[i] = sc
	}
	return out
}

// least is the smallest noise of a level that is believed.
func (a *asked) least() float64 {
	switch m := a.m.(type) {
	case *rate:
		return m.binomial(a.f.now, a.f.now.a1-a.f.now.a0)
	case *gauge:
		return m.fuzz
	}
	return 1e-3
}

func (a *asked) test(scales []scale, tests []test, stats []float64, best int, side float64) []finding {
	_, whole := a.m.(*distribution)
	n := a.f.now.a1 - a.f.now.a0
	var out []finding
	for i, t := range tests {
		if stats[i] != stats[i] || (t.past && side < enoughPast) {
			continue
		}
		x := finding{shape: t.shape, shift: stats[i], length: n, p: 1}
		if i < len(scales) {
			x.p = scales[i].p(stats[i])
		}
		switch {
		case t.shape == Ramp:
			x.length = best
			x.shift, _ = a.m.suffix(a.f.now, best)
			if side < enoughPast {
				x.p = min(1, x.p*(1+math.Log2(float64(max(1, n)))))
			}
		case t.shape == Spread && whole && out[0].p > 0.05:
			x.p = 1 // another form at the same quantile: nothing a person would call a change
		}
		out = append(out, x)
	}
	return out
}

func (a *asked) effectOf(x *finding) float64 {
	s := a.f.now
	switch m := a.m.(type) {
	case *rate:
		if x.shape == Spike {
			x.shift, _ = m.suffix(s, x.length)
		}
		if m.logit {
			return m.level(s, x.length) - m.centre(s)
		}
	case *distribution:
		if x.shape == Spread {
			x.shift, _ = m.suffix(s, x.length)
		}
	case *gauge:
		if x.shape == Spike {
			x.shift, _ = m.peak(s)
		}
	}
	return a.m.effect(s, x.shape, x.shift)
}

// pick is the test that speaks: the simplest of those that are both sure
// enough and large enough, else the surest; simpler shapes go first.
func pick(found []finding, q *Question, short bool) *finding {
	margin := q.Margin
	if short {
		margin *= 2
	}
	handicap := map[Shape]float64{Level: 1, Ramp: 4, Spread: 10, Spike: 10}
	best, bestRank := 0, math.Inf(1)
	for i, x := range found {
		rank := (x.p + 1e-300) * handicap[x.shape]
		if x.p > q.Alpha || math.Abs(x.effect) < margin {
			rank += 10
		}
		if rank < bestRank {
			best, bestRank = i, rank
		}
	}
	return &found[best]
}

// interval is the effect less what placements without a release show (the
// inversion of the placement test).
func (a *asked) interval(r *Result, x *finding, tests []test, level *scale, past *null) {
	s := a.f.now
	sc := *level
	na, nb := float64(s.a1-s.a0), float64(max(1, s.b1-s.b0))
	wider := math.Sqrt((1/float64(max(1, x.length)) + 1/nb) / (1/na + 1/nb))
	if x.shape == Ramp && past.side >= enoughPast {
		values := make([]float64, 0, len(past.used))
		for _, p := range past.used {
			if v, ok := a.m.suffix(p, x.length); ok {
				values = append(values, v)
			}
		}
		df := sc.df
		sc = measured(values, past.side, false)
		sc.df, sc.sd = df, max(sc.sd, a.least())
	} else {
		sc.sd *= wider
	}
	if own := slices.IndexFunc(tests, func(t test) bool { return t.shape == x.shape }); own > 0 && x.shape == Spread && len(past.used) > 0 {
		if own >= len(past.values) {
			*past = nullOf(a.m, &a.f, past.used, len(tests))
		}
		sc = measured(past.values[own], past.side, false)
		sc.df = min(mostDF, max(1, sc.side-1))
	} else if x.shape == Spread || x.shape == Spike {
		sc.side = 0 // the level's own quantiles say nothing about these
	}
	lo, hi := sc.within(0.95)
	r.Low = a.m.effect(s, x.shape, x.shift-hi)
	r.High = a.m.effect(s, x.shape, x.shift-lo)
}

// sensitivity is the smallest change of level that eighty looks in a hundred
// would have called.
func (a *asked) sensitivity(r *Result, level *scale, tests float64, counts *rate) {
	alpha := a.q.Alpha / tests
	s := a.f.now
	if counts != nil {
		if _, low := counts.exact(s); low {
			r.Smallest = counts.smallest(s, alpha)
			return
		}
	}
	t := tQuantile(alpha/2, max(1, level.df)) + 0.85
	r.Smallest = math.Abs(a.m.effect(s, Level, t*level.sd))
	if r.Short {
		r.Smallest = max(r.Smallest, 2*a.q.Margin)
	}
}

func (a *asked) levels(r *Result, x *finding) {
	s := a.f.now
	r.After = a.m.level(s, x.length)
	g, ok := a.m.(*gauge)
	switch {
	case ok && x.shape == Spike && g.linear == 0:
		r.Before = g.usual(s, x.length, 0)
		r.After = r.Before * (1 + r.Effect)
	case ok && x.shape == Spike:
		_, at := g.peak(s)
		r.After = g.unit(at, g.y[at])
		r.Before = r.After - r.Effect*g.linear
	case ok && g.linear > 0:
		r.Before = r.After - r.Effect*g.linear
	case ok && x.shape == Spread:
		r.Before = g.usual(s, x.length, 0) // its level is not what changed
	case ok:
		r.Before = g.usual(s, x.length, x.shift)
		if r.After == 0 && r.Before > 0 {
			r.Effect, r.Low = -1, -1
		}
	case !r.Relative:
		r.Before = a.m.centre(s)
	case r.Effect > -1:
		// What was to be expected now: the level before, moved by the time of day.
		r.Before = r.After / (1 + r.Effect)
	}
}
