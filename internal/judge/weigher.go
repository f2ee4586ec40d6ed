package judge

import (
	"math"
	"slices"
)

// productsAtOnce of likelihood ratios stay within what a float can hold: the
// density lies between its floor and that of a single bin.
const productsAtOnce = 16

// weigher walks from place to place; the density of the time just before is
// carried along, values added and removed as the window moves.
type weigher struct {
	l       *likeness
	usual   []float64 // what the whole past and the floor put into near
	near    []float64 // density of the past and of the time just before together
	lo, hi  int       // the values of the time just before in it
	weight  float64   // of one value of the time just before
	shifts  []int32   // bins
	sorted  []uint64  // after by bins, its places in the lower half
	own     []int32   // the bins of sorted
	lacking []float64 // the density of the past without after, as sorted
	inverse []float64 // one over the density of each value of after
	ratio   []float64
	back    []float64 // the same, downwards
	mids    []float64
	whiten
}

func newWeigher(l *likeness) *weigher {
	d := l.past
	x := &weigher{
		l: l, usual: make([]float64, len(d.p)), near: make([]float64, len(d.p)), sorted: make([]uint64, l.m), own: make([]int32, l.m),
		lacking: make([]float64, l.m), inverse: make([]float64, l.m), ratio: make([]float64, l.m), back: make([]float64, l.m), mids: make([]float64, 0, l.nb),
	}
	for b, p := range d.p {
		x.usual[b] = (1-halfLocal)*p + d.floor
	}
	x.weight = halfLocal / (float64(l.nb) * d.bin)
	for i := range shiftsASide {
		d := leastShift * math.Pow(mostShift/leastShift, float64(i)/(shiftsASide-1))
		x.shifts = append(x.shifts, int32(math.Round(d/l.past.bin)))
	}
	x.whiten = newWhiten(l)
	return x
}

// slide makes near the density with values lo to hi just before.
func (x *weigher) slide(lo, hi int) {
	bins, kernel := x.l.bins, &x.l.past.near
	if lo >= x.hi || lo < x.lo {
		copy(x.near, x.usual)
		x.lo, x.hi = lo, lo
	}
	for ; x.lo < lo; x.lo++ {
		kernel.spread(x.near, int(bins[x.lo]), -x.weight)
	}
	for ; x.hi < hi; x.hi++ {
		kernel.spread(x.near, int(bins[x.hi]), x.weight)
	}
}

func (x *weigher) place(n, i int) {
	l := x.l
	x.slide(i-l.gap-l.nb, i-l.gap)
	after := l.bins[i : i+l.m]
	l.values[byStrange][n] = x.strange(after, i == l.now) / float64(l.m)
	late, last := l.m/4, l.m-max(2, l.m/4)
	best, shift, pulse := x.shifted(after, late, last)
	below := false
	whole := best[0].log() / float64(l.m)
	l.values[byShift][n] = whole
	l.values[byLate][n] = best[1].log() / float64(l.m-late)
	l.values[byLast][n] = best[2].log() / float64(l.m-last)
	l.values[byPulse][n] = math.Log(pulse + 1e-9)
	l.rest[n] = l.values[byStrange][n] - max(0, whole)
	if whole > asGood {
		l.moved[n] = float64(shift[0]) * l.past.bin
	}
	if i == l.now {
		var at int
		l.apart, at = x.apart()
		below = x.below(at, i)
		for k, from := range []int{0, late, last} {
			l.shift[k] = x.likeliest(after[from:], shift[k])
		}
	}
	l.values[byPeak][n] = x.peak(i, below)
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
		for j, b := range after {
			x.sorted[j] = uint64(b)<<32 | uint64(j)
		}
		sortFew(x.sorted)
		for k, s := range x.sorted {
			x.own[k] = int32(s >> 32)
		}
		d.without(x.own, x.lacking)
		for k, s := range x.sorted {
			b := x.own[k]
			x.inverse[uint32(s)] = 1 / (x.near[b] - x.usual[b] + d.floor + (1-halfLocal)*x.lacking[k])
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
// late on, from last on; pulse is how much likelier the least so of three
// neighbours were.
func (x *weigher) shifted(after []int32, late, last int) (best [3]odds, shift [3]int32, pulse float64) {
	near, inverse, ratio, back := x.near, x.inverse[:len(after)], x.ratio[:len(after)], x.back[:len(after)]
	top := int32(len(near) - 1)
	from := [4]int{0, late, last, len(after)}
	for _, k := range x.shifts {
		up, down := odds{1, 0}, odds{1, 0}
		for part := 2; part >= 0; part-- {
			for hi := from[part+1]; hi > from[part]; hi -= productsAtOnce {
				u, d := 1.0, 1.0
				for j := max(from[part], hi-productsAtOnce); j < hi; j++ {
					b, w := after[j], inverse[j]
					q := near[max(0, min(top, b-k))] * w
					ratio[j] = q
					u *= q
					q = near[max(0, min(top, b+k))] * w
					back[j] = q
					d *= q
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
		pulse = neighbours(back, neighbours(ratio, pulse))
	}
	return best, shift, pulse
}

// neighbours is how much likelier the least so of some three neighbours is, where
// that is more than most.
func neighbours(ratio []float64, most float64) float64 {
	a, b := math.Inf(1), ratio[0]
	if len(ratio) > 2 {
		a, b = b, ratio[1]
	}
	for _, c := range ratio[min(2, len(ratio)-1):] {
		if c > most && b > most && a > most {
			most = min(a, b, c)
		}
		a, b = b, c
	}
	return most
}

// peak is how far two neighbours of after lie beyond the middle of before, the
// further on its side. The release's own is told on the side on which its
// neighbours are the stranger; where no two are, by the one furthest out.
func (x *weigher) peak(i int, below bool) float64 {
	l := x.l
	x.mids = append(x.mids[:0], l.v[i-l.gap-l.nb:i-l.gap]...)
	mid := median(x.mids)
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
	switch {
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

// likeliest looks closely for the shift that makes after most like its past;
// rough is what the coarse search found.
func (x *weigher) likeliest(after []int32, rough int32) float64 {
	d := x.l.past
	top := int32(len(d.p) - 1)
	fine := max(1, int32(0.01/d.bin))
	best, at := odds{}, rough
	for k := -int32(mostShift / d.bin); k <= int32(mostShift/d.bin); k += fine {
		all := odds{1, 0}
		for _, b := range after {
			b = max(0, min(top, b-k))
			all.times(x.near[b])
		}
		if all.more(best) {
			best, at = all, k
		}
	}
	return float64(at) * d.bin
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

// apart is how strange after is without its strangest few neighbours, and where
// those begin.
func (x *weigher) apart() (rest float64, at int) {
	most, sum := 0.0, 0.0
	width := min(3, len(x.inverse)-1)
	for j := range x.inverse {
		sum += math.Log(x.inverse[j])
		part := 0.0
		for k := j; k < min(j+width, len(x.inverse)); k++ {
			part += math.Log(x.inverse[k])
		}
		if part > most {
			most, at = part, j
		}
	}
	return (sum - most) / float64(len(x.inverse)-width), at
}

// below says whether the strangest neighbours lie lower than before.
func (x *weigher) below(at, i int) bool {
	l, sum := x.l, 0.0
	x.mids = append(x.mids[:0], l.v[i-l.gap-l.nb:i-l.gap]...)
	mid := median(x.mids)
	for _, v := range l.v[i+at : min(i+at+3, i+l.m)] {
		sum += v - mid
	}
	return sum < 0
}

// sortFew sorts; of few values, as most windows hold, by insertion.
func sortFew(xs []uint64) {
	if len(xs) > 32 {
		slices.Sort(xs)
		return
	}
	for i, x := range xs {
		j := i
		for ; j > 0 && x < xs[j-1]; j-- {
			xs[j] = xs[j-1]
		}
		xs[j] = x
	}
}
