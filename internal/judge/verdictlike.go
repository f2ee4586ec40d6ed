package judge

import (
	"math"
	"slices"
)

// likely is a series with its witnesses.
type likely struct {
	l *likeness
	w *witnesses
}

// likeness weighs measurements against what they usually are; nil where the
// past is too short for it, or where the values are no measurements.
func (a *asked) likeness() *likely {
	g, ok := a.m.(*gauge)
	if !ok || g.linear > 0 {
		return nil
	}
	l := newLikeness(g, &a.f)
	if l == nil {
		return nil
	}
	l.weigh()
	return &likely{l: l, w: newWitnesses(l.values[:], l.side)}
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
func (x *likely) pick(a *asked, found []finding) *finding {
	sure := func(members ...int) (most float64) {
		for _, k := range members {
			most = max(most, x.w.now(k))
		}
		return most
	}
	level, late := sure(byShift, byJump), sure(byLate, byLast)
	rest := newSurprise(x.l.rest, x.l.side, leastTail, true)
	strange := rest.of(x.l.rest[len(x.l.rest)-1])
	up, down := x.l.sides()
	least := min(up, down)
	i := slices.IndexFunc(found, func(f finding) bool { return f.shape == Spread })
	more := x.l.restless >= muchMore || (i >= 0 && found[i].p < 0.02)
	both := least >= wilder || (least >= wilder/1.3 && more)
	shape := Spike
	switch {
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
		// Each witness has a vote on the direction, as sure as it is.
		shift = x.l.shift[0]
		vote := math.Copysign(x.w.now(byShift), shift) + math.Copysign(x.w.now(byJump), x.l.step) + math.Copysign(believed, f.shift)
		if vote*shift < 0 {
			shift = math.Copysign(x.l.step, vote)
		}
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
