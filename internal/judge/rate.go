package judge

import "math"

// rate compares events of tries: errors of requests, or, with time as the
// denominator, counts too sparse to take logarithms of. Windows are pooled, so
// that a step with three requests weighs as much as three requests.
type rate struct {
	x, d       []float64 // running sums of events and tries; missing points add nothing
	px, pd     []float64 // the points themselves
	have       []int32   // running count of points that are there
	logit      bool
	needB      int
	needA      int
	dispersion float64 // variance of past counts over the binomial or Poisson one, at least 1
	bestL      int
}

func newRate(num, den []float64, logit bool, f *frame) *rate {
	n := len(num)
	r := &rate{x: make([]float64, n+1), d: make([]float64, n+1), px: num, pd: den, have: make([]int32, n+1), logit: logit, dispersion: 1}
	for i := range n {
		x, d := num[i], den[i]
		r.x[i+1], r.d[i+1], r.have[i+1] = r.x[i], r.d[i], r.have[i]
		if x == x && d == d {
			r.x[i+1] += x
			r.d[i+1] += d
			r.have[i+1]++
		}
	}
	r.needB = atLeast(r.points(f.now.b0, f.now.b1))
	r.needA = atLeast(r.points(f.now.a0, f.now.a1))
	return r
}

// usable reads one pair; what cannot be a count of tries is missing.
func usable(x, d float64, logit bool) (float64, float64) {
	if !finite(x) || !finite(d) || x < 0 || d < 0 {
		return math.NaN(), math.NaN()
	}
	if logit {
		x = min(x, d)
	}
	return x, d
}

func (r *rate) points(lo, hi int) int { return int(r.have[hi] - r.have[lo]) }

func (r *rate) sums(lo, hi int) (x, d float64) { return r.x[hi] - r.x[lo], r.d[hi] - r.d[lo] }

func (r *rate) link(x, d float64) float64 {
	if r.logit {
		return math.Log((x + 0.5) / (max(0, d-x) + 0.5))
	}
	return math.Log((x + 0.5) / max(d, 1e-300))
}

func (r *rate) tests() []test {
	return []test{{shape: Level}, {shape: Ramp}, {shape: Spike, oneSided: true, past: true}}
}

func (r *rate) fits(s span) bool {
	return r.points(s.b0, s.b1) >= r.needB && r.points(s.a0, s.a1) >= r.needA &&
		r.d[s.b1] > r.d[s.b0] && r.d[s.a1] > r.d[s.a0]
}

func (r *rate) at(s span, out []float64) bool {
	if !r.fits(s) {
		return false
	}
	xb, db := r.sums(s.b0, s.b1)
	xa, da := r.sums(s.a0, s.a1)
	before := r.link(xb, db)
	out[0] = r.link(xa, da) - before
	out[1], r.bestL = out[0], s.a1-s.a0
	na := s.a1 - s.a0
	for l := na - 1; l >= max(2, na/8); l-- {
		x, d := r.sums(s.a1-l, s.a1)
		if d <= 0 {
			continue
		}
		v := (r.link(x, d) - before) * math.Sqrt((1/da+1/db)/(1/d+1/db))
		if math.Abs(v) > math.Abs(out[1])*(1+asGood) {
			out[1], r.bestL = v, l
		}
	}
	peak := 0.0
	p := (xb + 0.5) / (db + 1)
	for i := s.a0; i < s.a1; i++ {
		if x, d := r.px[i], r.pd[i]; x == x && d > 0 {
			peak = max(peak, (x-d*p)/math.Sqrt(d*p+1))
		}
	}
	out[2] = math.Log(peak + 0.5)
	return true
}

func (r *rate) best() int { return r.bestL }

func (r *rate) suffix(s span, l int) (float64, bool) {
	if !r.fits(s) {
		return 0, false
	}
	xb, db := r.sums(s.b0, s.b1)
	xa, da := r.sums(max(s.a0, s.a1-l), s.a1)
	if da <= 0 {
		return 0, false
	}
	return r.link(xa, da) - r.link(xb, db), true
}

// binomial is the standard error of suffix l that chance alone gives where
// nothing changed: both windows at their common share.
func (r *rate) binomial(s span, l int) float64 {
	xb, db := r.sums(s.b0, s.b1)
	xa, da := r.sums(max(s.a0, s.a1-l), s.a1)
	p := (xa + xb + 0.5) / (da + db)
	if !(p > 0) || da <= 0 {
		return 1
	}
	v := 1/(p*da) + 1/(p*db)
	if r.logit {
		v /= max(1-p, 1/(da+db))
	}
	return math.Sqrt(v)
}

func (r *rate) noise(s span) (se, df float64) {
	return r.binomial(s, s.a1-s.a0) * math.Sqrt(max(r.dispersion, r.within(s))), 8
}

// within is the dispersion of the points inside before around their own share
// (Pearson). After is left out: a change would pass for dispersion.
func (r *rate) within(s span) float64 {
	x, d := r.sums(s.b0, s.b1)
	if d <= 0 || x <= 0 {
		return 1
	}
	p, chi, dof := x/d, 0.0, -1.0
	for i := s.b0; i < s.b1; i++ {
		v := r.pd[i] * p
		if r.logit {
			v *= 1 - p
		}
		if v == v && v > 0 {
			chi += (r.px[i] - r.pd[i]*p) * (r.px[i] - r.pd[i]*p) / v
			dof++
		}
	}
	if dof < 4 {
		return 1
	}
	return max(1, chi/dof)
}

func (r *rate) effect(s span, _ Shape, shift float64) float64 {
	if !r.logit {
		return math.Expm1(shift)
	}
	xb, db := r.sums(s.b0, s.b1)
	l := r.link(xb, db) + shift
	return 1/(1+math.Exp(-l)) - 1/(1+math.Exp(-r.link(xb, db)))
}

func (r *rate) relative() bool { return !r.logit }

func (r *rate) level(s span, l int) float64 {
	x, d := r.sums(max(s.a0, s.a1-l), s.a1)
	if d <= 0 {
		return 0
	}
	return x / d
}

func (r *rate) values(lo, hi int) []float64 {
	out := make([]float64, hi-lo)
	for i := range out {
		out[i] = math.NaN()
		if d := r.pd[lo+i]; d > 0 {
			out[i] = r.px[lo+i] / d
		}
	}
	return out
}

func (r *rate) centre(s span) float64 {
	x, d := r.sums(s.b0, s.b1)
	if d <= 0 {
		return 0
	}
	return x / d
}

func (r *rate) unit(_ int, y float64) float64 { return max(0, y) }

func (r *rate) seasonal() bool { return false }

// overdispersed is how much more placements' counts vary than chance alone
// would make them: the mean of (observed − expected)²/variance.
func (r *rate) overdispersed(places []span) float64 {
	var sum, n float64
	for _, s := range places {
		xb, db := r.sums(s.b0, s.b1)
		xa, da := r.sums(s.a0, s.a1)
		if xa+xb <= 0 || da <= 0 || db <= 0 {
			continue
		}
		share := da / (da + db)
		d := xa - (xa+xb)*share
		sum += d * d / ((xa + xb) * share * (1 - share))
		n++
	}
	if n < 4 {
		return 1
	}
	return max(1, sum/n)
}

// exact tests counts too low for the above (fewer than ten to be expected after): given all events of both windows,
// chance alone puts each into after with after's share of the tries. Both
// counts are divided by the dispersion first.
func (r *rate) exact(s span) (p float64, low bool) {
	xb, db := r.sums(s.b0, s.b1)
	xa, da := r.sums(s.a0, s.a1)
	if !(xb*da/db < 10) {
		return 1, false
	}
	phi := max(1, r.dispersion)
	return exactSplit(int(math.Round(xa/phi)), int(math.Round(xb/phi)), da/(da+db)), true
}

// smallest is the least effect that the exact test would find four times in
// five, tried over growing counts after.
func (r *rate) smallest(s span, alpha float64) float64 {
	xb, db := r.sums(s.b0, s.b1)
	_, da := r.sums(s.a0, s.a1)
	phi := max(1, r.dispersion)
	b := int(math.Round(xb / phi))
	need := max(1, int(math.Ceil(float64(b)*da/db)))
	for need < 1000 && exactSplit(need, b, da/(da+db)) > alpha {
		need++
	}
	// P(Poisson(λ) ≥ need) is 0.8 at about need + 0.84·√need + 0.4.
	x := (float64(need) + 0.84*math.Sqrt(float64(need)) + 0.4) * phi
	if r.logit {
		return max(0, min(1, x/da)-xb/db)
	}
	return max(0, x/da/((xb+0.5)/db)-1)
}
