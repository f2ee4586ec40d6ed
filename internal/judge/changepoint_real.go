package judge

import "math"

// realChanges makes no assumption about sign or size: the series is measured
// in its own noise.
func realChanges(raw []float64) []Change {
	n := len(raw)
	if n < 2*shortest {
		return nil
	}
	y := make([]float64, n)
	scratch := make([]float64, 0, n)
	for i, x := range raw {
		y[i] = math.NaN()
		if finite(x) {
			y[i] = x
			scratch = append(scratch, x)
		}
	}
	if len(scratch) < 2*shortest {
		return nil
	}
	centre := median(scratch)
	spread := 0.0
	for i, x := range y {
		if !math.IsNaN(x) {
			y[i] = x - centre
			spread += y[i] * y[i]
		}
	}
	spread = math.Sqrt(spread / float64(len(scratch)))
	scratch = scratch[:0]
	last := math.NaN()
	for _, x := range y {
		if !math.IsNaN(x) && !math.IsNaN(last) {
			scratch = append(scratch, math.Abs(x-last))
		}
		last = x
	}
	sd := normalMAD * median(scratch) / math.Sqrt(2*(1-startPhi))
	if !(sd > spread/1000) || !finite(spread) {
		return nil
	}
	s := newSearch(n)
	out := s.report(s.run(newGauss(y, sd, startPhi, spread), s.costs()), difference)
	for i := range out {
		out[i].Before += centre
		out[i].After += centre
	}
	return out
}
