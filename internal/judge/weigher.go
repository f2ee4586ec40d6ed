package judge

import "math"

// productsAtOnce of likelihood ratios stay within what a float can hold: the
// density lies between its floor and that of a single bin.
const productsAtOnce = 16

// pulses are the shifts of three neighbours alone: smaller ones do not show.
var pulses = [...]int{3, 5, 7, 8}

// weigher walks from place to place; the density of the time just before is
// carried along, values added and removed as the window moves.
type weigher struct {
	l       *likeness
	near    []float64 // density of the past and of the time just before together
	lo, hi  int       // the values of the time just before in it
	weight  float64   // of one value of the time just before
	shifts  []int     // bins
	lacking []float64 // the density of the past without after, at its values
	inverse []float64 // one over the density of each value of after
	mids    []float64
	local   half
	whiten
}

func newWeigher(l *likeness) *weigher {
	d := l.past
	x := &weigher{
		l: l, near: l.memory.floats.of(len(d.p)),
		lacking: l.memory.floats.of(l.m), inverse: l.memory.floats.of(l.m), mids: l.memory.floats.of(max(l.m, l.nb))[:0],
	}
	x.weight = halfLocal / (float64(l.nb) * d.bin)
	x.shifts = make([]int, 0, shiftsASide)
	for i := range shiftsASide {
		d := leastShift * math.Pow(mostShift/leastShift, float64(i)/(shiftsASide-1))
		x.shifts = append(x.shifts, int(math.Round(d/l.past.bin)))
	}
	x.local = half{count: d.counts, at: d.low}
	x.whiten = newWhiten(l)
	return x
}

// slide makes near the density with values lo to hi just before.
func (x *weigher) slide(lo, hi int) {
	bins, kernel := x.l.bins, &x.l.past.near
	if lo >= x.hi || lo < x.lo {
		for b, p := range x.l.past.p {
			x.near[b] = (1-halfLocal)*p + x.l.past.floor
		}
		clear(x.local.count)
		x.local = half{count: x.local.count, at: x.l.past.low}
		x.lo, x.hi = lo, lo
	}
	for ; x.lo < lo; x.lo++ {
		kernel.spread(x.near, int(bins[x.lo]), -x.weight)
		x.local.add(int(bins[x.lo]), -1)
	}
	for ; x.hi < hi; x.hi++ {
		kernel.spread(x.near, int(bins[x.hi]), x.weight)
		x.local.add(int(bins[x.hi]), 1)
	}
}

// half finds the middle one of the values just before, as they come and go.
type half struct {
	count        []int32 // values per bin
	at, below, n int     // a bin, how many values lie below it, how many there are
}

func (h *half) add(bin, n int) {
	h.count[bin] += int32(n)
	h.n += n
	if bin < h.at {
		h.below += n
	}
}

// middle is the bin of the middle value.
func (h *half) middle() int {
	for h.below > h.n/2 {
		h.at--
		h.below -= int(h.count[h.at])
	}
	for h.below+int(h.count[h.at]) <= h.n/2 {
		h.below += int(h.count[h.at])
		h.at++
	}
	return h.at
}

func (x *weigher) place(n, i int) {
	l := x.l
	x.slide(i-l.gap-l.nb, i-l.gap)
	after := l.bins[i : i+l.m]
	l.values[byStrange][n] = x.strange(after, i == l.now) / float64(l.m)
	late, last := l.m/4, l.m-max(2, l.m/4)
	best, shift := x.shifted(after, late, last)
	l.values[byShift][n] = best[0].log() / float64(l.m)
	l.values[byLate][n] = best[1].log() / float64(l.m-late)
	l.values[byLast][n] = best[2].log() / float64(l.m-last)
	l.values[byPulse][n] = math.Log(x.pulse(after) + 1e-9)
	if l.values[byShift][n] > asGood {
		l.moved[n] = float64(shift[0]) * l.past.bin
	}
	if i == l.now {
		l.shift, l.gain = x.likeliest(after, late, last, shift)
		x.explain()
	}
	l.values[byPeak][n] = x.peak(i)
}

// strange is how unlikely the values of after are together; what they are in
// themselves does not count for them, except that the release is not in its past.
func (x *weigher) strange(after []int32, now bool) float64 {
	d := x.l.past
	if now {
		for j, b := range after {
			x.inverse[j] = 1 / x.near[b]
		}
	} else {
		d.without(after, x.lacking)
		for j, b := range after {
			x.inverse[j] = 1 / (x.near[b] - (1-halfLocal)*(d.p[b]-x.lacking[j]))
		}
	}
	all := odds{1, 0}
	for lo := 0; lo < len(x.inverse); lo += productsAtOnce {
		part := 1.0
		for _, q := range x.inverse[lo:min(lo+productsAtOnce, len(x.inverse))] {
			part *= q
		}
		all.times(part)
	}
	return all.log()
}

// shifted tries how much likelier after were if shifted back: all of it, from
// late on, from last on.
func (x *weigher) shifted(after []int32, late, last int) (best [3]odds, shift [3]int) {
	near, inverse := x.near, x.inverse[:len(after)]
	from := [4]int{0, late, last, len(after)}
	for _, k := range x.shifts {
		up, down := odds{1, 0}, odds{1, 0}
		for part := 2; part >= 0; part-- {
			for hi := from[part+1]; hi > from[part]; hi -= productsAtOnce {
				u, d := 1.0, 1.0
				for j := hi - 1; j >= max(from[part], hi-productsAtOnce); j-- {
					b, w := int(after[j]), inverse[j]
					u *= near[b-k] * w
					d *= near[b+k] * w
				}
				up.times(u)
				down.times(d)
			}
			if up.more(best[part]) {
				best[part], shift[part] = up, k
			}
			if down.more(best[part]) {
				best[part], shift[part] = down, -k
			}
		}
	}
	return best, shift
}

// pulse is how much likelier the least so of three neighbours were if shifted
// back.
func (x *weigher) pulse(after []int32) float64 {
	near, inverse := x.near, x.inverse[:len(after)]
	most := int64(0) // positive numbers are in the order of their bits
	for _, i := range pulses {
		k := x.shifts[i]
		var u1, u2, d1, d2 int64 // of the two values before
		for j, b := range after {
			u := int64(math.Float64bits(near[int(b)-k] * inverse[j]))
			d := int64(math.Float64bits(near[int(b)+k] * inverse[j]))
			if three := lesser(u, lesser(u1, u2)); three > most {
				most = three
			}
			if three := lesser(d, lesser(d1, d2)); three > most {
				most = three
			}
			u1, u2, d1, d2 = u, u1, d, d1
		}
	}
	return math.Float64frombits(uint64(most))
}

// lesser of two positive numbers, without a branch, which would be guessed
// wrong half the time.
func lesser(a, b int64) int64 { return b + (a-b)&((a-b)>>63) }

// peak is how far two neighbours of after lie beyond the middle of before, the
// further on its side. The release's own is told on the side on which its
// neighbours are the stranger; where no two are, by the one furthest out.
func (x *weigher) peak(i int) float64 {
	l := x.l
	mid := l.past.value(x.local.middle())
	after := l.v[i : i+l.m]
	high, low := math.Inf(-1), math.Inf(1) // the upper one's lesser, the lower one's greater neighbour
	most, least := after[0], after[0]
	for j, v := range after[1:] {
		a, b := v, after[j]
		if a > b {
			a, b = b, a
		}
		high, low = max(high, a), min(low, b)
		most, least = max(most, v), min(least, v)
	}
	switch below := l.fits.off < 0; {
	case below && low < mid:
		l.peak = low - mid
	case below:
		l.peak = least - mid
	case high > mid:
		l.peak = high - mid
	default:
		l.peak = most - mid
	}
	return max(high-mid, mid-low)
}

// likeliest looks closely for the shifts that make all of after, what begins
// late and the last of it most like its past; rough is what the coarse search
// found. Their gains are those over no shift at all.
func (x *weigher) likeliest(after []int32, late, last int, rough [3]int) (shift, gain [3]float64) {
	d := x.l.past
	fine, most, top := max(1, int(0.01/d.bin)), x.shifts[len(x.shifts)-1], len(x.near)-1
	from, best := [4]int{0, late, last, len(after)}, [3]odds{}
	try := func(k int) {
		all := odds{1, 0}
		for part := 2; part >= 0; part-- {
			for hi := from[part+1]; hi > from[part]; hi -= productsAtOnce {
				some := 1.0
				for j := max(from[part], hi-productsAtOnce); j < hi; j++ {
					some *= x.near[clamp(int(after[j])-k, 0, top)] * x.inverse[j]
				}
				all.times(some)
			}
			if all.more(best[part]) {
				best[part], rough[part] = all, k
			}
		}
	}
	for k := -most; k <= most; k += fine {
		try(k)
	}
	// However far it went: middle upon middle.
	x.mids = x.mids[:0]
	for _, b := range after {
		x.mids = append(x.mids, float64(b))
	}
	try(int(median(x.mids)) - x.local.middle())
	for part, k := range rough {
		shift[part], gain[part] = float64(k)*d.bin, max(0, best[part].log())
	}
	return shift, gain
}

// odds are a product of many likelihoods, kept within what a float can hold.
type odds struct {
	p     float64
	folds int // of 1e100 each
}

func (x *odds) times(q float64) {
	x.p *= q
	switch {
	case x.p > 1e100:
		x.p *= 1e-100
		x.folds++
	case x.p < 1e-100:
		x.p *= 1e100
		x.folds--
	}
}

// more says whether x is larger than y, by more than rounding.
func (x odds) more(y odds) bool {
	switch d := x.folds - y.folds; {
	case y.p == 0 || d > 1:
		return true
	case d == 1:
		return x.p > y.p*1e-100*(1+asGood)
	case d == 0:
		return x.p > y.p*(1+asGood)
	case d == -1:
		return x.p*1e-100 > y.p*(1+asGood)
	}
	return false
}

func (x odds) log() float64 { return math.Log(x.p) + float64(x.folds)*100*math.Ln10 }
