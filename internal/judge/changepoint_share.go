package judge

import "math"

// betabin is shares of known denominators: binomial, the share's prior a beta;
// where denominators scatter more than that, both are divided by how much.
type betabin struct {
	a, b     float64
	base     float64
	num, den []float64 // prefix sums, divided by the dispersion
}

func newBetabin(num, den []float64, share, dispersion float64) *betabin {
	n := len(num)
	share = max(1e-6, min(1-1e-6, share))
	f := &betabin{a: 1 / (wide * (1 - share)), b: 1 / (wide * share), num: make([]float64, n+1), den: make([]float64, n+1)}
	for i := range num {
		f.num[i+1], f.den[i+1] = f.num[i]+num[i]/dispersion, f.den[i]+den[i]/dispersion
	}
	f.base = lnGamma(f.a+f.b) - lnGamma(f.a) - lnGamma(f.b)
	return f
}

func (f *betabin) one(s, t int) float64 {
	x, d := f.num[t]-f.num[s], f.den[t]-f.den[s]
	return f.base + lnGamma(f.a+x) + lnGamma(f.b+d-x) - lnGamma(f.a+f.b+d)
}

func (f *betabin) row(t int, from []int, out []float64) {
	for i, s := range from {
		out[i] = f.one(s, t)
	}
}

func (f *betabin) level(s, t int) (middle, sd float64) {
	x, d := f.num[t]-f.num[s], f.den[t]-f.den[s]
	a, b := f.a+x, f.b+d-x
	p := a / (a + b)
	return p, math.Sqrt(p * (1 - p) / (a + b + 1))
}

func shareChanges(v, n []float64) []Change {
	if len(v) != len(n) || len(v) < 2*shortest {
		return nil
	}
	num, den := make([]float64, len(v)), make([]float64, len(v))
	events, tries, m := 0.0, 0.0, 0
	for i, x := range v {
		if x >= 0 && x <= 1 && n[i] > 0 && n[i] <= largest {
			num[i], den[i] = x*n[i], n[i]
			events += num[i]
			tries += den[i]
			m++
		}
	}
	if m < 2*shortest || events < 1 || tries-events < 1 {
		return nil
	}
	s, usual := newSearch(len(v)), usualShares(num, den)
	keptNum, keptDen := usual(false, nil)
	cuts := s.sketch(newBetabin(keptNum, keptDen, events/tries, shareDispersion(keptNum, keptDen, windows(len(v)))), s.cost())
	keptNum, keptDen = usual(true, cuts)
	cuts = s.run(newBetabin(keptNum, keptDen, events/tries, shareDispersion(keptNum, keptDen, cuts)), s.cost())
	return s.report(cuts, difference)
}

// windows cuts a series into stretches so short that each keeps its level,
// mostly.
func windows(n int) (cuts []int) {
	const window = 8
	for i := window; i+window <= n; i += window {
		cuts = append(cuts, i)
	}
	return cuts
}

// usualShares gives numerators and denominators without the points that belong
// to no level, around stretches or, while these are not known, around their
// neighbours.
func usualShares(num, den []float64) func(known bool, cuts []int) (n, d []float64) {
	const limit = 5 // three failures of three are no wonder
	size := len(num)
	buf := make([]float64, 4*size)
	y, weight, n, d := buf[:size], buf[size:2*size], buf[2*size:3*size], buf[3*size:]
	strange := make([]bool, size)
	for i := range num {
		y[i] = math.NaN()
		if den[i] > 0 {
			y[i], weight[i] = 2*math.Asin(math.Sqrt(num[i]/den[i])), math.Sqrt(den[i]) // Anscombe 1948
		}
	}
	p := newSpikes(y, weight)
	return func(known bool, cuts []int) ([]float64, []float64) {
		p.mark(known, cuts, limit, 1, strange)
		for i := range num {
			n[i], d[i] = num[i], den[i]
			if strange[i] {
				n[i], d[i] = 0, 0
			}
		}
		return n, d
	}
}

// shareDispersion is Pearson's, around the levels, drawn towards one.
func shareDispersion(num, den []float64, cuts []int) float64 {
	const weight = 15
	chi, free := 0.0, 0.0
	from := 0
	for i := 0; i <= len(cuts); i++ {
		to := len(num)
		if i < len(cuts) {
			to = cuts[i]
		}
		x, d, m := 0.0, 0.0, 0.0
		for j := from; j < to; j++ {
			x += num[j]
			d += den[j]
			if den[j] > 0 {
				m++
			}
		}
		if p := x / d; p > 0 && p < 1 {
			for j := from; j < to; j++ {
				if den[j] > 0 {
					e := num[j] - den[j]*p
					chi += e * e / (den[j] * p * (1 - p))
				}
			}
			free += m - 1
		}
		from = to
	}
	return max(1, (chi+weight)/(free+weight))
}
