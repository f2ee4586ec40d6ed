package judge

import "math"

// weigher walks from place to place; the density of the time just before is
// carried along, values added and removed as the window moves.
type weigher struct {
	l       *likeness
	near    []float64 // density of the time just before
	lo, hi  int       // the values in it
	shifts  []int32   // bins
	inverse []float64 // one over the density of each value of after
	ratio   []float64
	form    []float64 // what another level leaves of itself, memory taken out
	before  int       // values before the place that the level is learnt from
	burst   [3][]float64
	run     []float64 // running sums of cut innovations
	a       []float64
	mids    []float64
}

func newWeigher(l *likeness) *weigher {
	x := &weigher{l: l, near: make([]float64, len(l.past.p)), inverse: make([]float64, l.m), ratio: make([]float64, l.m), a: make([]float64, l.m)}
	for i := range shiftsASide {
		d := leastShift * math.Pow(mostShift/leastShift, float64(i)/(shiftsASide-1))
		k := int32(math.Round(d / l.past.bin))
		x.shifts = append(x.shifts, k, -k)
	}
	step := make([]float64, l.m)
	for i := range step {
		step[i] = 1
	}
	x.form = answers(step, l.phi, nil)
	for w := range x.burst {
		pulse := make([]float64, w+1+len(l.phi))
		for i := range w + 1 {
			pulse[i] = 1
		}
		x.burst[w] = answers(pulse, l.phi, nil)
	}
	x.before = 3 * l.nb
	x.run = make([]float64, len(l.e)+1)
	for i, e := range l.e {
		x.run[i+1] = x.run[i] + max(-innovationCut, min(innovationCut, e))
	}
	return x
}

// slide makes near the density of values lo to hi.
func (x *weigher) slide(lo, hi int) {
	d := x.l.past
	weight := 1 / (float64(hi-lo) * d.bin)
	if lo >= x.hi || lo < x.lo {
		clear(x.near)
		x.lo, x.hi = lo, lo
	}
	for ; x.lo < lo; x.lo++ {
		d.spread(x.near, int(x.l.bins[x.lo]), -weight, d.near)
	}
	for ; x.hi < hi; x.hi++ {
		d.spread(x.near, int(x.l.bins[x.hi]), weight, d.near)
	}
}

func (x *weigher) place(n, i int) {
	l, d := x.l, x.l.past
	x.slide(i-l.gap-l.nb, i-l.gap)
	after := l.bins[i : i+l.m]
	own := after
	if i == l.now {
		own = nil // it is not in its past
	}
	strange := odds{1, 0}
	for j, b := range after {
		p := halfLocal*max(0, x.near[b]) + (1-halfLocal)*d.without(b, own) + d.floor
		x.inverse[j] = 1 / p
		strange.times(x.inverse[j])
	}
	l.values[byStrange][n] = strange.log() / float64(l.m)
	if i == l.now {
		l.apart = x.apart()
	}

	late, last := l.m/4, l.m-max(2, l.m/4)
	best := [3]odds{}
	pulse, shift := 0.0, [3]int32{}
	width := min(3, l.m)
	top := int32(len(d.p) - 1)
	for s, k := range x.shifts {
		prod := odds{1, 0}
		for j := l.m - 1; j >= 0; j-- {
			b := max(0, min(top, after[j]-k))
			q := (halfLocal*max(0, x.near[b]) + (1-halfLocal)*d.p[b] + d.floor) * x.inverse[j]
			x.ratio[j] = q
			prod.times(q)
			if j == last && prod.more(best[2]) {
				best[2], shift[2] = prod, k
			}
			if j == late && prod.more(best[1]) {
				best[1], shift[1] = prod, k
			}
		}
		if prod.more(best[0]) {
			best[0], shift[0] = prod, k
		}
		if s%2 == 0 { // upwards
			for j := 0; j+width <= l.m; j++ {
				q := min(x.ratio[j], x.ratio[j+1])
				if width == 3 {
					q = min(q, x.ratio[j+2])
				}
				pulse = max(pulse, q)
			}
		}
	}
	whole := best[0].log() / float64(l.m)
	l.values[byShift][n] = whole
	l.values[byLate][n] = best[1].log() / float64(l.m-late)
	l.values[byLast][n] = best[2].log() / float64(l.m-last)
	l.values[byPulse][n] = math.Log(pulse + 1e-9)
	l.rest[n] = l.values[byStrange][n] - max(0, whole)
	if whole > 0 {
		l.moved[n] = float64(shift[0]) * d.bin
	}
	if i == l.now {
		for k, from := range []int{0, late, last} {
			l.shift[k] = x.likeliest(after[from:], shift[k])
		}
	}

	x.mids = append(x.mids[:0], l.v[i-l.gap-l.nb:i-l.gap]...)
	mid, peak := median(x.mids), math.Inf(-1)
	for j := i; j+1 < i+l.m; j++ {
		peak = max(peak, min(l.v[j], l.v[j+1])-mid)
	}
	if l.peak = peak; peak <= 0 {
		for _, v := range l.v[i : i+l.m] {
			l.peak = max(l.peak, v-mid)
		}
	}
	l.values[byPeak][n] = math.Abs(peak)
}

// whitened fills in what needs the memory taken out.
func (x *weigher) whitened(n, i int) {
	l := x.l
	copy(x.a, l.e[i:i+l.m])
	if l.gap > 0 && i != l.now {
		// The release's after follows on its before without what lay between;
		// so it has to here.
		for j := range min(len(l.phi), l.m) {
			for k := j; k < len(l.phi); k++ {
				x.a[j] += l.phi[k] * (l.r[i+j-1-k] - l.r[i+j-1-k-l.gap]) / l.size
			}
		}
	}
	lo := max(0, i-l.gap-x.before)
	nb := float64(i - l.gap - lo)
	sum, square, dot, whole := 0.0, 0.0, 0.0, 0.0
	for j, w := range x.form {
		whole += w * x.a[j]
		sum += w
		square += w * w
		dot += w * max(-innovationCut, min(innovationCut, x.a[j]))
	}
	// The form less its own mean over both windows: the level is not known.
	mean := sum / (nb + float64(l.m))
	total := x.run[i-l.gap] - x.run[lo]
	uncut := total
	for _, a := range x.a {
		total += max(-innovationCut, min(innovationCut, a))
		uncut += a
	}
	length := math.Sqrt(max(1e-12, square-sum*mean))
	l.values[byJump][n] = math.Abs(dot-mean*total) / length
	l.jump = length / l.size
	l.steps[n] = (whole - mean*uncut) / length / l.jump

	burst := 0.0
	for _, h := range x.burst {
		norm := 0.0
		for _, w := range h {
			norm += w * w
		}
		for j := 0; j+1 <= l.m; j++ {
			dot, part := 0.0, 0.0
			for k := 0; k < len(h) && j+k < l.m; k++ {
				dot += h[k] * x.a[j+k]
				part += h[k] * h[k]
			}
			if part*2 >= norm {
				burst = max(burst, dot/math.Sqrt(part))
			}
		}
	}
	l.values[byBurst][n] = math.Log(burst + 0.5)
}

// likeliest looks closely for the shift that makes after most like its past;
// rough is what the coarse search found.
func (x *weigher) likeliest(after []int32, rough int32) float64 {
	d := x.l.past
	top := int32(len(d.p) - 1)
	fine := max(1, int32(0.01/d.bin))
	best, at := math.Inf(-1), rough
	for k := -int32(mostShift / d.bin); k <= int32(mostShift/d.bin); k += fine {
		sum := 0.0
		for _, b := range after {
			b = max(0, min(top, b-k))
			sum += math.Log(halfLocal*max(0, x.near[b]) + (1-halfLocal)*d.p[b] + d.floor)
		}
		if sum > best {
			best, at = sum, k
		}
	}
	return float64(at) * d.bin
}

func (x *weigher) restless() float64 {
	l := x.l
	size := func(es []float64) float64 {
		x.mids = append(x.mids[:0], es...)
		mid := median(x.mids)
		return spreadAround(es, mid, x.mids)
	}
	return size(x.a) / (size(l.e[l.now-l.nb:l.now]) + 0.05)
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

func (x odds) more(y odds) bool {
	return y.p == 0 || x.folds > y.folds || (x.folds == y.folds && x.p > y.p)
}

func (x odds) log() float64 { return math.Log(x.p) + float64(x.folds)*100*math.Ln10 }

// apart is how strange after is without its strangest few neighbours.
func (x *weigher) apart() float64 {
	most, sum := 0.0, 0.0
	width := min(3, len(x.inverse)-1)
	for j := range x.inverse {
		sum += math.Log(x.inverse[j])
		part := 0.0
		for k := j; k < min(j+width, len(x.inverse)); k++ {
			part += math.Log(x.inverse[k])
		}
		most = max(most, part)
	}
	return (sum - most) / float64(len(x.inverse)-width)
}
