package judge

import (
	"math"
	"slices"
)

// likely is a series with its witnesses.
type likely struct {
	l    *likeness
	w    *witnesses
	null []float64 // what the estimate of the level is where nothing was released
}

// likeness weighs measurements against what they usually are; nil where the
// past is too short for it, or where the values are no measurements.
func (a *asked) likeness() *likely {
	g, ok := a.m.(*gauge)
	if !ok || g.linear > 0 {
		return nil
	}
	l, wild := newLikeness(g, &a.f, a.memory)
	a.wild = wild
	if l == nil {
		return nil
	}
	l.weigh()
	return &likely{l: l, w: newWitnesses(&l.values, l.side)}
}

// believed is −log p from which a member alone is believed about the way: 5 %.
const believed = 3.0

// pick says in what way it changed. The p is that of all members together;
// which way speaks is decided by what explains after best (fit).
func (x *likely) pick(a *asked, found []finding, sd float64) *finding {
	shape, shift := Level, 0.0 // where there is nothing to speak of: how its level moved
	if x.w.total >= max(believed, -math.Log(a.q.Alpha)) {
		shape, shift = x.l.fit()
	}
	at := slices.IndexFunc(found, func(f finding) bool { return f.shape == shape })
	if at < 0 { // the machine's own test of it needs a longer past
		at = len(found)
		found = append(found, finding{shape: shape, length: a.f.now.a1 - a.f.now.a0})
		if shape == Spread {
			found[at].shift = math.Log(x.l.restless + 1e-3)
			found[at].effect = a.m.effect(a.f.now, Spread, found[at].shift)
		}
	}
	f := &found[at]
	f.p = math.Exp(-x.w.total)
	switch {
	case f.shape == Level:
		x.estimate(a, f, sd)
	case f.shape == Spike:
		f.shift = x.l.peak
		f.effect = a.m.effect(a.f.now, f.shape, f.shift)
	case f.shape == Ramp && shift*f.shift <= 0 && x.vote(f.shift, shift, byLate, byLast)*shift > 0:
		f.shift = shift
		f.effect = a.m.effect(a.f.now, f.shape, f.shift)
	}
	return f
}

// sides is how much further from the middle of before after reaches than before
// did, upwards and downwards: the three furthest on each side against as large
// a share of before, on the values' own scale.
func (l *likeness) sides() (up, down float64) {
	from := l.now - l.nb
	if l.nb < 12 {
		from = 0 // too few to have reached anywhere
	}
	before := slices.Clone(l.v[from:l.now])
	slices.Sort(before)
	after := slices.Clone(l.v[l.now : l.now+l.m])
	slices.Sort(after)
	mid := quantileSorted(before, 0.5)
	reach := func(ys []float64, n int) (up, down float64) {
		n = clamp(n, 1, len(ys))
		for i := range n {
			down -= math.Expm1(ys[i]-mid) / float64(n)
			up += math.Expm1(ys[len(ys)-1-i]-mid) / float64(n)
		}
		return up, down
	}
	n := min(3, max(1, l.m/4))
	upA, downA := reach(after, n)
	upB, downB := reach(before, n*len(before)/l.m)
	return upA / (max(0, upB) + l.past.bin), downA / (max(0, downB) + l.past.bin)
}

// smallest is the least shift that four releases in five would show: what the
// step with its memory taken out needs to make all members together that sure.
// Others may see less; this one can be told beforehand.
func (x *likely) smallest(alpha float64) float64 {
	jump := &x.w.alone[byJump]
	spread := quantileSorted(jump.sorted, 0.5) / 0.6745
	return (jump.needed(x.w.most.needed(-math.Log(alpha))) + 0.84*spread) / x.l.jump
}

// vote is the direction in which most evidence points: that of the likeliest
// shift, as sure as its members are; of the step with its memory taken out; and
// of the windows' means.
func (x *likely) vote(means, likeliest float64, members ...int) float64 {
	sure := 0.0
	for _, k := range members {
		sure = max(sure, x.w.now(k))
	}
	step := x.l.steps[len(x.l.steps)-1]
	return math.Copysign(sure, likeliest) + math.Copysign(x.w.now(byJump), step) + math.Copysign(believed, means)
}

// estimate says how large a change of level is, by that of three estimates
// whose value at moments without a release lies closest together: the windows'
// robust means, the likeliest shift, the step with its memory taken out. Each
// has a vote on the direction, as sure as it is.
func (x *likely) estimate(a *asked, f *finding, sd float64) {
	last := len(x.l.steps) - 1
	likeliest, step := x.l.shift[0], x.l.steps[last]
	vote := x.vote(f.shift, likeliest, byShift)
	x.null = nil
	for _, e := range []struct {
		shift float64
		null  []float64
	}{{likeliest, x.l.moved[:last]}, {step, x.l.steps[:last]}} {
		null := slices.Clone(e.null)
		slices.Sort(null)
		own := max((quantileSorted(null, 0.95)-quantileSorted(null, 0.05))/(2*1.645), x.l.past.bin/2)
		wrong := f.shift*vote <= 0
		if e.shift*vote > 0 && (wrong || own < sd && math.Abs(f.shift) < mostShift) {
			f.shift, sd, x.null = e.shift, own, null
		}
	}
	f.effect = a.m.effect(a.f.now, Level, f.shift)
}

// interval is the estimate less what it is where nothing was released; false
// where the windows' means were the better estimate.
func (x *likely) interval(a *asked, r *Result, f *finding) bool {
	if f.shape == Spike {
		// As far as two neighbours stand out where nothing was released.
		peaks := x.w.alone[byPeak].sorted
		lo, hi := quantileSorted(peaks, 0.025), quantileSorted(peaks, 0.975)
		if f.shift < 0 {
			lo, hi = -hi, -lo
		}
		mid := (lo + hi) / 2
		r.Low, r.High = a.m.effect(a.f.now, Spike, f.shift-(hi-mid)), a.m.effect(a.f.now, Spike, f.shift-(lo-mid))
		return true
	}
	if f.shape != Level || x.null == nil {
		return false
	}
	lo, hi := quantileSorted(x.null, 0.025), quantileSorted(x.null, 0.975)
	least := x.l.past.bin / 2
	r.Low = a.m.effect(a.f.now, Level, f.shift-max(hi, least))
	r.High = a.m.effect(a.f.now, Level, f.shift-min(lo, -least))
	return true
}
