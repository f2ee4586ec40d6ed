package judge

import (
	"math"
	"slices"
)

// mostMemory is how many steps back a series may remember.
const mostMemory = 8

// memory fits an autoregression to what a series does (Yule and Walker, by
// Levinson's recursion, on values cut off at four spreads, so that single
// bursts teach nothing): phi[k] is the weight of the value k+1 steps back.
func memory(x, scratch []float64) []float64 {
	p := min(mostMemory, len(x)/15)
	if p == 0 {
		return nil
	}
	sizes := thinned(scratch, x)
	for i, v := range sizes {
		sizes[i] = math.Abs(v)
	}
	s := max(normalMAD*kth(sizes, len(sizes)/2), kth(sizes, len(sizes)*9/10)/1.645, 1e-6)
	c := products(x, 4*s, slices.Grow(scratch[:0], len(x)))
	c[0] *= 1.001
	if c[0] <= 0 {
		return nil
	}
	phi, old, left := make([]float64, p), [mostMemory]float64{}, c[0]
	for k := range p {
		r := c[k+1]
		for j := range k {
			r -= phi[j] * c[k-j]
		}
		r /= left
		copy(old[:], phi[:k])
		phi[k] = r
		for j := range k {
			phi[j] = old[j] - r*old[k-1-j]
		}
		if left *= 1 - r*r; left <= 1e-12*c[0] {
			break
		}
	}
	return phi
}

// products are the sums of products of values with those 0 to mostMemory steps
// back, all cut off at most; in one pass, because the values of a long past do
// not stay near the processor.
func products(x []float64, most float64, cut []float64) (c [mostMemory + 1]float64) {
	cut = cut[:len(x)]
	for i, v := range x {
		if v > most {
			v = most
		} else if v < -most {
			v = -most
		}
		cut[i] = v
	}
	for i, v := range cut[:min(mostMemory, len(cut))] {
		for k := range i + 1 {
			c[k] += v * cut[i-k]
		}
	}
	var c0, c1, c2, c3, c4, c5, c6, c7, c8 float64
	for i := mostMemory; i < len(cut); i++ {
		v, w := cut[i], (*[mostMemory]float64)(cut[i-mostMemory:])
		c0 += v * v
		c1 += v * w[7]
		c2 += v * w[6]
		c3 += v * w[5]
		c4 += v * w[4]
		c5 += v * w[3]
		c6 += v * w[2]
		c7 += v * w[1]
		c8 += v * w[0]
	}
	for k, v := range [...]float64{c0, c1, c2, c3, c4, c5, c6, c7, c8} {
		c[k] += v
	}
	return c
}

// filter takes the memory phi out of x, from the first value on that has as
// many before it; the others become 0.
func filter(x, phi []float64) {
	if len(phi) == mostMemory {
		p := (*[mostMemory]float64)(phi)
		for i := len(x) - 1; i >= mostMemory; i-- {
			w := (*[mostMemory]float64)(x[i-mostMemory:])
			x[i] -= (p[0]*w[7] + p[1]*w[6] + p[2]*w[5] + p[3]*w[4]) + (p[4]*w[3] + p[5]*w[2] + p[6]*w[1] + p[7]*w[0])
		}
	} else {
		for i := len(x) - 1; i >= len(phi); i-- {
			for k, p := range phi {
				x[i] -= p * x[i-1-k]
			}
		}
	}
	clear(x[:min(len(phi), len(x))])
}

// answers is what a change of a given form leaves of itself once the memory is
// taken out: the form run through the same filter.
func answers(form, phi, out []float64) []float64 {
	out = slices.Grow(out[:0], len(form))
	for i, v := range form {
		for k := range min(i, len(phi)) {
			v -= phi[k] * form[i-1-k]
		}
		out = append(out, v)
	}
	return out
}

// bursts are the neighbours that may be too high together.
const bursts = 3

// whiten holds after against forms of change, the memory taken out.
type whiten struct {
	form        []float64         // what another level leaves of itself
	sum, square float64           // of form
	before      int               // values before the place that the level is learnt from
	run         []float64         // running sums of innovations, cut off
	dots        []float64         // each innovation and those after it against what a single value leaves of itself
	burst       [bursts][]float64 // per place in after: one over the length of what a burst there leaves; 0 where after ends too early
	a, at       []float64         // scratch: innovations of after, dots
}

func newWhiten(l *likeness) whiten {
	w := whiten{
		before: 3 * l.nb, run: l.memory.floats.of(len(l.e) + 1), dots: l.memory.floats.of(len(l.e)),
		a: l.memory.floats.of(l.m), at: l.memory.floats.of(l.m),
	}
	step := make([]float64, l.m)
	for i := range step {
		step[i] = 1
	}
	w.form = answers(step, l.phi, nil)
	for _, v := range w.form {
		w.sum += v
		w.square += v * v
	}
	for k := range w.burst {
		pulse := make([]float64, k+1+len(l.phi))
		for i := range k + 1 {
			pulse[i] = 1
		}
		h, norm := answers(pulse, l.phi, nil), 0.0
		for _, v := range h {
			norm += v * v
		}
		w.burst[k] = l.memory.floats.of(l.m)
		part := 0.0
		for j := l.m - 1; j >= 0; j-- {
			if i := l.m - 1 - j; i < len(h) {
				part += h[i] * h[i]
			}
			if part*2 >= norm*(1-asGood) {
				w.burst[k][j] = 1 / math.Sqrt(part)
			}
		}
	}
	for i, e := range l.e {
		w.run[i+1] = w.run[i] + cutOff(e)
	}
	for i := range len(l.e) - len(l.phi) {
		w.dots[i] = lonely(l.e[i:], l.phi)
	}
	return w
}

// cutOff is an innovation that single bursts cannot make larger.
func cutOff(e float64) float64 {
	if e > innovationCut {
		return innovationCut
	}
	if e < -innovationCut {
		return -innovationCut
	}
	return e
}

// lonely is what a single value too high leaves of itself against innovations
// from there on.
func lonely(e, phi []float64) float64 {
	v := e[0]
	e = e[1:]
	phi = phi[:min(len(phi), len(e))]
	for k, p := range phi {
		v -= p * e[k]
	}
	return v
}

// whitened fills in what needs the memory taken out.
func (x *weigher) whitened(n, i int) {
	l := x.l
	copy(x.a, l.e[i:i+l.m])
	other := 0 // so many innovations are not those of the series
	if l.gap > 0 && i != l.now {
		// The release's after follows on its before without what lay between;
		// so it has to here.
		other = min(len(l.phi), l.m)
		for j := range other {
			for k := j; k < len(l.phi); k++ {
				x.a[j] += l.phi[k] * (l.r[i+j-1-k] - l.r[i+j-1-k-l.gap]) / l.size
			}
		}
	}
	lo := max(0, i-l.gap-x.before)
	total := x.run[i-l.gap] - x.run[lo]
	dot, whole, uncut := 0.0, 0.0, total
	form := x.form[:len(x.a)]
	for j, a := range x.a {
		cut := cutOff(a)
		whole += form[j] * a
		dot += form[j] * cut
		uncut += a
		total += cut
	}
	// The form less its own mean over both windows: the level is not known.
	mean := x.sum / (float64(i-l.gap-lo) + float64(l.m))
	length := math.Sqrt(max(1e-12, x.square-x.sum*mean))
	l.values[byJump][n] = math.Abs(dot-mean*total) / length
	l.jump = length / l.size
	l.steps[n] = (whole - mean*uncut) / length / l.jump
	l.values[byBurst][n] = math.Log(x.highest(i, other) + 0.5)
}

// highest is how far the most striking burst stands out: up to three
// neighbours too high or too low, which leave the sum of what single values would.
func (x *weigher) highest(i, other int) float64 {
	m := len(x.a)
	at := x.at[:m]
	copy(at, x.dots[i:i+m])
	for j := range m {
		if j < other || j+len(x.l.phi) >= m {
			at[j] = lonely(x.a[j:], x.l.phi)
		}
	}
	burst, one, two := 0.0, 0.0, 0.0 // the next value, the one after it
	for j := m - 1; j >= 0; j-- {
		sum := at[j]
		if d := math.Abs(sum) * x.burst[0][j]; d > burst {
			burst = d
		}
		sum += one
		if d := math.Abs(sum) * x.burst[1][j]; d > burst {
			burst = d
		}
		if d := math.Abs(sum+two) * x.burst[2][j]; d > burst {
			burst = d
		}
		one, two = at[j], one
	}
	return burst
}

// restless is the usual innovation of after in that of before.
func (x *weigher) restless() float64 {
	l := x.l
	size := func(es []float64) float64 {
		x.mids = append(x.mids[:0], es...)
		return spreadAround(es, median(x.mids), x.mids)
	}
	return size(l.e[l.now:l.now+l.m]) / (size(l.e[l.now-l.nb:l.now]) + 0.05)
}
