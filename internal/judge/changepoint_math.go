package judge

import (
	"math"
	"slices"
)

// A segmentation search asks for some ten thousand logarithms a series, so
// they come from a table: good to 1e-11 and three times as fast.
const logBits = 8

var logTable = func() (t [1 << logBits]struct{ inverse, log float64 }) {
	for i := range t {
		middle := 1 + (float64(i)+0.5)/(1<<logBits)
		t[i].inverse, t[i].log = 1/middle, math.Log(middle)
	}
	return t
}()

// fastLog is the natural logarithm of a positive, normal x.
func fastLog(x float64) float64 {
	b := math.Float64bits(x)
	e := &logTable[b>>(52-logBits)&(1<<logBits-1)]
	r := math.Float64frombits(b&(1<<52-1)|1023<<52)*e.inverse - 1
	return float64(int(b>>52)-1023)*math.Ln2 + e.log + r*(1-r*(0.5-r*(1.0/3-r*0.25)))
}

// lnGamma is Stirling's series: for x ≥ 1.5 within 1e-4, which is ample for a
// ratio of likelihoods.
func lnGamma(x float64) float64 {
	i := 1 / x
	return (x-0.5)*fastLog(x) - x + 0.9189385332046727 + i*(1.0/12-i*i*(1.0/360-i*i*(1.0/1260)))
}

// runningMedian fills out with the median of the points at most reach away;
// NaN is missing. scratch needs room for 2·reach+1.
func runningMedian(y []float64, reach int, out, scratch []float64) {
	w := scratch[:0]
	add := func(i int) {
		if i < len(y) && !math.IsNaN(y[i]) {
			at, _ := slices.BinarySearch(w, y[i])
			w = slices.Insert(w, at, y[i])
		}
	}
	for i := range min(reach, len(y)) {
		add(i)
	}
	for i := range y {
		add(i + reach)
		if old := i - reach - 1; old >= 0 && !math.IsNaN(y[old]) {
			at, _ := slices.BinarySearch(w, y[old])
			w = slices.Delete(w, at, at+1)
		}
		switch m := len(w); {
		case m == 0:
			out[i] = 0
		case m%2 == 1:
			out[i] = w[m/2]
		default:
			out[i] = (w[m/2-1] + w[m/2]) / 2
		}
	}
}
