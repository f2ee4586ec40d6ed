package learn

import (
	"math"
	"slices"
)

// larger is how likely it is that after would lie as far above before if it
// made no difference which came when: the rank-sum test of Wilcoxon (1945) and
// Mann and Whitney (1947), one-sided, its tail by the saddlepoint.
func larger(after, before []float64) float64 {
	n, m := len(after), len(before)
	if n == 0 || m == 0 {
		return 1
	}
	sorted := slices.Clone(before)
	slices.Sort(sorted)
	u := 0.0 // pairs in which after is the larger one; a tie is half a pair
	for _, x := range after {
		less, _ := slices.BinarySearch(sorted, x)
		upTo, _ := slices.BinarySearch(sorted, math.Nextafter(x, math.Inf(1)))
		u += float64(less) + float64(upTo-less)/2
	}
	return midTail(pairs(n, m), u, 0, float64(n)*float64(m))
}

// pairs are the cumulants of the number of such pairs under chance; its
// generating function is a Gaussian binomial coefficient. Ties make the true
// spread a little smaller, and this answer a little too careful.
func pairs(n, m int) cumulants {
	return func(t float64) (k, k1, k2 float64) {
		for j := 1; j <= min(n, m); j++ {
			a, a1, a2 := steps(float64(max(n, m)+j), t)
			b, b1, b2 := steps(float64(j), t)
			k += a - b
			k1 += a1 - b1
			k2 += a2 - b2
		}
		return k, k1, k2
	}
}

// steps is log((1-e^(ct))/(1-e^t)·1/c), one uniform step, with its derivatives;
// near zero by its series.
func steps(c, t float64) (k, k1, k2 float64) {
	x, y := c*t/2, t/2
	k = (c-1)*t/2 + logSinhc(x) - logSinhc(y)
	k1 = (c-1)/2 + c/2*cothless(x) - cothless(y)/2
	k2 = c*c/4*curve(x) - curve(y)/4
	return k, k1, k2
}

// logSinhc is log(sinh(x)/x).
func logSinhc(x float64) float64 {
	x = math.Abs(x)
	switch {
	case x < 1e-2:
		return x * x / 6 * (1 - x*x/30)
	case x > 20:
		return x - math.Ln2 - math.Log(x)
	}
	return math.Log(math.Sinh(x) / x)
}

// cothless is coth(x) − 1/x.
func cothless(x float64) float64 {
	if math.Abs(x) < 1e-2 {
		return x / 3 * (1 - x*x/15)
	}
	return 1/math.Tanh(x) - 1/x
}

// curve is its derivative, 1/x² − 1/sinh²(x).
func curve(x float64) float64 {
	x = math.Abs(x)
	switch {
	case x < 1e-2:
		return 1.0/3 - x*x/15
	case x > 20:
		return 1 / (x * x)
	}
	s := math.Sinh(x)
	return 1/(x*x) - 1/(s*s)
}
