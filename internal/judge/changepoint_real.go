package judge

import "math"

const (
	realPlaces = 600  // places tried in a series of any kind: twelve models are compared
	quietest   = 1e-3 // the least noise believed, in the series' spread
	spike      = 5.0  // a point as many noises away from those around it is left out
)

// realMemory are the memories tried with levels and with straight ways. The
// longest two explain wandering, which is rarer (rareMemory).
func realMemory() [6]float64 { return [...]float64{0, 0.3, 0.6, 0.8, 0.9, 0.97} }

// realChanges assumes nothing of sign, size, noise or memory: stretches of one
// level and stretches that each go straight are both tried, with several
// memories, and what makes the whole series likeliest is told.
func realChanges(raw []float64) []Change {
	y, centre, unit := standardised(raw)
	if y == nil {
		return nil
	}
	leaveSpikes(y)
	s, memories := newSearch(len(y)), realMemory()
	s.most = realPlaces
	s.first += math.Log(2 * float64(len(memories))) // the best of so many models
	var (
		best []int
		top  = math.Inf(-1)
		with *line
	)
	for _, steep := range [...]bool{false, true} {
		for _, phi := range memories {
			sd := 0.5
			for range 4 {
				f := newLine(y, sd, phi, steep)
				cuts := s.run(f, s.cost())
				evidence, left := f.evidence(cuts, len(y))
				evidence -= float64(len(cuts)) * s.penalty
				if phi > 0.85 {
					evidence -= rareMemory
				}
				if evidence > top {
					best, top, with = cuts, evidence, f
				}
				left = max(left, quietest)
				if math.Abs(left-sd) < 0.01*sd {
					break
				}
				sd = left
			}
		}
	}
	s.f = with
	out := s.report(best, difference)
	for i := range out {
		c := &out[i]
		c.Before, c.After = centre+unit*c.Before, centre+unit*c.After
		c.Effect, c.EffectLow, c.EffectHigh = unit*c.Effect, unit*c.EffectLow, unit*c.EffectHigh
	}
	return out
}

// standardised puts the series' median at zero and its spread at one; nil
// where there is too little, or no spread.
func standardised(raw []float64) (y []float64, centre, unit float64) {
	n, largest := 0, 0.0
	for _, x := range raw {
		if finite(x) {
			n++
			largest = max(largest, math.Abs(x))
		}
	}
	if n < 2*shortest || largest == 0 {
		return nil, 0, 0
	}
	buf := make([]float64, 2*len(raw))
	y, scratch := buf[:len(raw)], buf[len(raw):len(raw)]
	for i, x := range raw {
		y[i] = math.NaN()
		if finite(x) {
			y[i] = x / largest
			scratch = append(scratch, y[i])
		}
	}
	middle, squares := median(scratch), 0.0
	for i := range y {
		y[i] -= middle
		if !math.IsNaN(y[i]) {
			squares += y[i] * y[i]
		}
	}
	spread := math.Sqrt(squares / float64(n))
	if spread < 1e-12 {
		return nil, 0, 0
	}
	for i := range y {
		y[i] /= spread
	}
	return y, middle * largest, spread * largest
}

// leaveSpikes takes away single points far from those around them. Where most
// points stand still nothing can be said of noise, and all stay.
func leaveSpikes(y []float64) {
	strange := make([]bool, len(y))
	newSpikes(y, nil).mark(false, nil, spike, 0, strange)
	for i, is := range strange {
		if is {
			y[i] = math.NaN()
		}
	}
}
