package judge

import (
	"math"
	"slices"
)

// negbin is counts whose spread exceeds Poisson's: negative binomial with a
// known size, the mean's prior a beta on p.
type negbin struct {
	size    float64
	a, b    float64
	base    float64
	sum     []float64 // prefix sums of the counts
	present []int
	gammaA  []float64 // lnΓ(a + m·size) by m
}

// wide is the prior variance of a level's logarithm (or logit): levels within
// a factor of two of the series' own are usual, of five not unheard of.
const wide = 0.5

func newNegbin(v []float64, mean, size float64) *negbin {
	n := len(v)
	q := mean / size
	f := &negbin{size: size, a: (1 + 1/q) / wide, b: (1 + q) / wide, sum: make([]float64, n+1), present: make([]int, n+1), gammaA: make([]float64, n+1)}
	for i, x := range v {
		f.sum[i+1], f.present[i+1] = f.sum[i], f.present[i]
		if x >= 0 {
			f.sum[i+1] += x
			f.present[i+1]++
		}
	}
	for m := range f.gammaA {
		f.gammaA[m] = lnGamma(f.a + float64(m)*size)
	}
	f.base = lnGamma(f.a+f.b) - f.gammaA[0] - lnGamma(f.b)
	return f
}

func (f *negbin) one(s, t int) float64 {
	m := f.present[t] - f.present[s]
	b := f.b + f.sum[t] - f.sum[s]
	return f.base + f.gammaA[m] + lnGamma(b) - lnGamma(f.a+float64(m)*f.size+b)
}

func (f *negbin) row(t int, from []int, out []float64) {
	for i, s := range from {
		out[i] = f.one(s, t)
	}
}

func (f *negbin) level(s, t int) (middle, sd float64) {
	m := float64(f.present[t] - f.present[s])
	sum := f.sum[t] - f.sum[s]
	a, b := f.a+m*f.size, f.b+sum
	return math.Log(b / a * f.size), math.Sqrt(1/a + 1/b)
}

const (
	largest = 1 << 40 // beyond it a count is no count
	// Of counts this high Poisson's part of the noise is nothing: they are
	// divided, so that logarithms of factorials keep their digits.
	plenty = 10_000
)

func countChanges(raw []float64) []Change {
	v := make([]float64, len(raw))
	total, m := 0.0, 0
	for i, x := range raw {
		if !(x >= 0 && x <= largest) {
			x = math.NaN()
		} else {
			total += x
			m++
		}
		v[i] = x
	}
	if m < 2*shortest || total < 1 {
		return nil
	}
	mean, unit := total/float64(m), 1.0
	if mean > plenty {
		unit, mean = mean/plenty, plenty
		for i := range v {
			v[i] /= unit
		}
	}
	s := newSearch(len(v))
	usual := usualCounts(v)
	kept := usual(false, nil)
	cuts := s.sketch(newNegbin(kept, mean, 1/overdispersion(kept, windows(len(v)))), s.cost())
	kept = usual(true, cuts)
	cuts = s.run(newNegbin(kept, mean, 1/overdispersion(kept, cuts)), s.cost())
	out := s.report(cuts, relative)
	for i := range out {
		out[i].Before *= unit
		out[i].After *= unit
	}
	return out
}

// usualCounts gives the counts without those that belong to no level, around
// stretches or, while these are not known, around their neighbours.
func usualCounts(v []float64) func(known bool, cuts []int) []float64 {
	const limit = 4
	root := math.Sqrt(usualDispersion)
	y, kept, strange := make([]float64, len(v)), make([]float64, len(v)), make([]bool, len(v))
	for i, x := range v {
		y[i] = 2 / root * math.Asinh(root*math.Sqrt(x)) // Anscombe 1948: noise of about one
	}
	p := newSpikes(y, nil)
	return func(known bool, cuts []int) []float64 {
		p.mark(known, cuts, limit, 1, strange)
		for i, x := range v {
			kept[i] = x
			if strange[i] {
				kept[i] = math.NaN()
			}
		}
		return kept
	}
}

// usualDispersion is what teams' weekly counts usually show: 1/size of a
// negative binomial, the variance of the mean itself in its own square.
const usualDispersion = 0.1

// overdispersion is 1/size of the negative binomial: the method of moments
// around levels, drawn towards what is usual.
func overdispersion(v []float64, cuts []int) float64 {
	const prior, weight = usualDispersion, 5
	excess, square := 0.0, 0.0
	add := func(v []float64) {
		sum, m := 0.0, 0.0
		for _, x := range v {
			if x >= 0 {
				sum += x
				m++
			}
		}
		if m < 2 || sum == 0 {
			return
		}
		mean, dev := sum/m, 0.0
		for _, x := range v {
			if x >= 0 {
				dev += (x - mean) * (x - mean)
			}
		}
		noise := mean + prior*mean*mean
		w := mean * mean / (noise * noise)
		excess += w * (dev - mean*(m-1))
		square += w * mean * mean * (m - 1)
	}
	from := 0
	for _, to := range append(slices.Clip(cuts), len(v)) {
		add(v[from:to])
		from = to
	}
	const own = weight / (prior * prior) // what the prior weighs: so many points of a high mean
	return max((excess+prior*own)/(square+own), 0.002)
}
