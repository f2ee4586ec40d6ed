package learn

import "math"

// cumulants of a statistic under chance, tilted by t: the logarithm of its
// generating function with the first two derivatives.
type cumulants func(t float64) (k, k1, k2 float64)

// midTail is the chance of more than s plus half that of exactly s, by the
// saddlepoint (Lugannani and Rice 1980). For statistics that take whole numbers
// the formula without a correction for steps is that mid-p (Pierce and Peters
// 1992). low and high are the least and the greatest value there can be.
func midTail(cum cumulants, s, low, high float64) float64 {
	_, mean, variance := cum(0)
	switch {
	case variance <= 0 || s <= low:
		return 1
	case s >= high:
		// The outermost value has no saddlepoint; half a step inside it has, and
		// leaves out about as much as mid-p does.
		s = high - 0.25
	}
	z := (s - mean) / math.Sqrt(variance)
	if math.Abs(z) < 1e-3 {
		return normalTail(z)
	}
	t, k, k2, ok := saddle(cum, s, z/math.Sqrt(variance))
	if !ok {
		return normalTail(z)
	}
	w := math.Copysign(math.Sqrt(max(0, 2*(t*s-k))), t)
	u := t * math.Sqrt(k2)
	if math.Abs(w) < 1e-4 {
		return normalTail(z)
	}
	return min(1, max(0, normalTail(w)+normalDensity(w)*(1/u-1/w)))
}

// saddle solves K'(t) = s by Newton's method, held between bounds.
func saddle(cum cumulants, s, start float64) (t, k, k2 float64, ok bool) {
	low, high := math.Inf(-1), math.Inf(1)
	t = start
	for range 80 {
		var k1 float64
		k, k1, k2 = cum(t)
		if math.Abs(k1-s) < 1e-7*(1+math.Abs(s)) {
			return t, k, k2, true
		}
		if k1 < s {
			low = t
		} else {
			high = t
		}
		next := t + (s-k1)/k2
		if !(next > low && next < high) || math.IsNaN(next) || math.Abs(next-t) > 3 {
			switch {
			case math.IsInf(high, 1):
				next = t + 1
			case math.IsInf(low, -1):
				next = t - 1
			default:
				next = (low + high) / 2
			}
		}
		if math.Abs(next) > 60 {
			return t, k, k2, k2 > 0
		}
		t = next
	}
	return t, k, k2, k2 > 0
}

func normalTail(z float64) float64    { return 0.5 * math.Erfc(z/math.Sqrt2) }
func normalDensity(z float64) float64 { return math.Exp(-z*z/2) / math.Sqrt(2*math.Pi) }
