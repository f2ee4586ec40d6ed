package judge

import (
	"math"
	"slices"
)

// fits are ways to explain after beside a shift, each by how much likelier it makes it than
// "nothing happened" does (logarithms). Once something is sure to have happened,
// the best of them says what.
type fits struct {
	spread float64 // drawn together around the middle of before
	burst  float64 // its strangest neighbours replaced by usual values
	off    float64 // how far those lie from the middle of before
}

const (
	burstCost = 4.0 // nats: up to three neighbours anywhere are easily found
	downCost  = 0.3 // and so many more per value of after where they lie low: a spread reaches far down on a logarithmic scale
	laterCost = 2.0 // a later beginning is found easily as well
	surer     = 1.0 // nats by which a spread has to explain more than a shift does
	farOut    = 8.0 // nats by which a burst has to explain more than a spread that reaches further on both sides
	furtherBy = 1.4 // how much further out both sides have to lie for that
	muchMore  = 2.0 // how much larger the usual innovation has to be for any other spread
)

// wider are the factors a spread is tried with.
var wider = [...]float64{1.5, 2, 3, 4.5}

// explain fills in the fits of the release.
func (x *weigher) explain() {
	l, d := x.l, x.l.past
	mid := d.value(x.local.middle())
	after := l.v[l.now : l.now+l.m]
	f := fits{burst: math.Inf(-1)}
	surprise := slices.Grow(x.mids[:0], len(after))[:len(after)] // of each value
	sum := 0.0
	for j, q := range x.inverse {
		surprise[j] = math.Log(q)
		sum += surprise[j]
	}
	for width := 1; width <= min(bursts, len(after)-1); width++ {
		part, off := 0.0, 0.0
		for j := range after {
			part += surprise[j]
			off += after[j] - mid
			if j < width-1 {
				continue
			}
			if gain := part - float64(width)*(sum-part)/float64(len(after)-width); gain > f.burst+asGood {
				f.burst, f.off = gain, off/float64(width)
			}
			part -= surprise[j-width+1]
			off -= after[j-width+1] - mid
		}
	}
	for _, by := range wider {
		gain := -float64(len(after)) * math.Log(by)
		for j, v := range after {
			y := math.Log1p(math.Expm1(v-mid)/by) + mid
			gain += math.Log(x.near[d.of(y)]) + surprise[j]
		}
		f.spread = max(f.spread, gain)
	}
	l.fits = f
}

// fit is the best of the explanations, and the shift of a level or a ramp. Where
// the neighbours of a burst lie off by more than the shift, so much the likelier
// is the burst. A spread reaches further than before on both sides, or leaves a
// restless series.
func (l *likeness) fit() (shape Shape, shift float64) {
	f := &l.fits
	shape, shift = Level, l.shift[0]
	best := l.gain[0]
	for k := 1; k <= 2; k++ {
		if l.gain[k]-laterCost > l.gain[0] && l.gain[k] > best {
			shape, shift, best = Ramp, l.shift[k], l.gain[k]
		}
	}
	size := func(shift float64) float64 { return max(0.01, math.Abs(math.Expm1(shift))) }
	burst := f.burst - burstCost + max(0, min(math.Log(100), math.Log(size(f.off)/size(shift))))
	low := 0.0
	if f.off < 0 {
		low = downCost * float64(l.m)
	}
	up, down := l.sides()
	switch {
	case min(up, down) >= furtherBy && f.spread >= burst-low-farOut:
		return Spread, 0
	case l.restless >= muchMore && f.spread >= max(burst-low, best+surer, believed):
		return Spread, 0
	case burst >= best:
		return Spike, f.off
	}
	return shape, shift
}
