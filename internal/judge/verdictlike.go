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
	l := newLikeness(g, &a.f, a.memory)
	if l == nil {
		return nil
	}
	l.weigh()
	return &likely{l: l, w: newWitnesses(&l.values, l.side)}
}

const (
	believed = 3.0 // −log p from which a member alone is believed about the shape: 5 %
	muchMore = 1.7 // how much larger the usual innovation has to be for the same
	wilder   = 1.5 // how much further out both sides have to lie for a change of spread
)

// pick says in what way it changed. The p is that of all members together;
// which of them speaks is decided by what explains after best: another level,
// where after shifted back is as usual; a spread, where both sides lie further
// out; else a spike.
func (x *likely) pick(a *asked, found []finding, sd float64) *finding {
	sure := func(members ...int) (most float64) {
		for _, k := range members {
			most = max(most, x.w.now(k))
		}
		return most
	}
	level, late := sure(byShift, byJump), sure(byLate, byLast)
	rest := newSurprise(x.l.rest, leastTail, byItself)
	strange := rest.of(x.l.rest[len(x.l.rest)-1])
	up, down := x.l.sides()
	least := min(up, down)
	i := slices.IndexFunc(found, func(f finding) bool { return f.shape == Spread })
	more := x.l.restless >= muchMore || (i >= 0 && found[i].p < 0.02)
	burst := x.w.alone[byStrange].of(x.l.apart) < believed && x.l.peak != 0
	both := !burst && (least >= wilder || (least >= wilder/1.3 && more))
	shape := Spike
	switch {
	case x.w.total < max(believed, -math.Log(a.q.Alpha)):
		shape = Level // nothing to speak of: how its level moved
	case both && (strange >= believed || (more && strange >= believed/2)):
		shape = Spread
	case strange >= believed && sure(byPulse, byBurst) >= max(level, late)+believed:
		// A burst that no other level of all of after explains.
	case level >= believed && level >= late-1.5:
		shape = Level
	case late >= believed:
		shape = Ramp
	case both:
		shape = Spread
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
	var shift float64
	switch f.shape {
	case Level:
		x.estimate(a, f, sd)
		return f
	case Ramp:
		shift = x.l.shift[1]
		if x.w.now(byLast) > x.w.now(byLate) {
			shift = x.l.shift[2]
		}
	case Spike:
		shift = x.l.peak
	default:
		return f
	}
	if shift*f.shift <= 0 || f.shape == Spike {
		f.shift = shift
		f.effect = a.m.effect(a.f.now, f.shape, shift)
	}
	return f
}

// sides is how much further from the middle of before after reaches than before
// did, upwards and downwards: the three furthest on each side against as large
// a share of before.
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
			down += (mid - ys[i]) / float64(n)
			up += (ys[len(ys)-1-i] - mid) / float64(n)
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

// estimate says how large a change of level is, by that of three estimates
// whose value at moments without a release lies closest together: the windows'
// robust means, the likeliest shift, the step with its memory taken out. Each
// has a vote on the direction, as sure as it is.
func (x *likely) estimate(a *asked, f *finding, sd float64) {
	last := len(x.l.steps) - 1
	likeliest, step := x.l.shift[0], x.l.steps[last]
	vote := math.Copysign(x.w.now(byShift), likeliest) + math.Copysign(x.w.now(byJump), step) + math.Copysign(believed, f.shift)
	x.null = nil
	for _, e := range []struct {
		shift float64
		null  []float64
	}{{likeliest, x.l.moved[:last]}, {step, x.l.steps[:last]}} {
		null := slices.Clone(e.null)
		slices.Sort(null)
		own := max((quantileSorted(null, 0.95)-quantileSorted(null, 0.05))/(2*1.645), x.l.past.bin/2)
		wrong := f.shift*vote <= 0
		if e.shift*vote > 0 && (own < sd || wrong) && math.Abs(f.shift) < mostShift {
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
