package judge

import "math"

// machine is one way to compare before with after. It answers the same
// question for the release and for every placement in the past, so that the
// answers can be held against each other.
type machine interface {
	tests() []test
	// at writes one number per test; false where too little is there.
	at(s span, out []float64) bool
	// suffix is the level of the last l points after, against before.
	suffix(s span, l int) (float64, bool)
	// best is how many of the last points after the latest call of at found
	// furthest from before.
	best() int
	// noise is what the window itself says about the noise of the level: a
	// standard error and its degrees of freedom.
	noise(s span) (se, df float64)
	// effect turns a shift of one test into the question's Effect.
	effect(s span, shape Shape, shift float64) float64
	relative() bool
	// level is the typical value after, in the series' unit.
	level(s span, l int) float64
	// values are the series as onset and band see it, centre its level before,
	// and unit turns such a value at point i into the series' unit.
	values(lo, hi int) []float64
	centre(s span) float64
	unit(i int, y float64) float64
	seasonal() bool
}

// test is one statistic of a look.
type test struct {
	shape    Shape
	oneSided bool // only large values are unusual
	past     bool // has no meaning without a past to be held against
}

// atLeast is how many values a placement needs to be comparable with the
// release's own windows: half of what stands there.
func atLeast(have int) int { return max(2, (have+1)/2) }

// autocorrelated estimates spread and first-order autocorrelation of residuals
// around before and around after; the spread of a mean over n points is then
// s·sqrt(τ/n). The correction is Marriott and Pope's (1954) for the downward
// bias of φ in short series.
func autocorrelated(parts ...[]float64) (s, phi float64, n int) {
	var ss, lag, n2 float64
	for _, r := range parts {
		for i, x := range r {
			ss += x * x
			if i > 0 {
				lag += x * r[i-1]
				n2++
			}
		}
		n += len(r)
	}
	dof := float64(n - 2*len(parts))
	if dof < 1 || ss == 0 {
		return 0, 0, n
	}
	s = math.Sqrt(ss / dof)
	if n2 > 0 {
		phi = lag / ss * float64(n) / n2
	}
	phi += (1 + 3*phi) / float64(n)
	return s, max(0, min(0.95, phi)), n
}

// detrend centres a copy and cuts off what lies more than five spreads away.
func detrend(ys, scratch []float64) []float64 {
	out := append([]float64(nil), ys...)
	scratch = append(scratch[:0], ys...)
	mid := median(scratch)
	limit := 5 * spreadAround(out, mid, scratch)
	for i := range out {
		out[i] -= mid
		if limit > 0 {
			out[i] = max(-limit, min(limit, out[i]))
		}
	}
	return out
}
