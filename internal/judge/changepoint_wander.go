package judge

import "math"

// A series that remembers for weeks is rarer than one that changes, by e^this.
const rareMemory = 2.0

// wanders says whether one level with a long memory explains a series clearly
// better than the changes do: steps and a slow wander look alike where the
// series is short. f is what the steps were found with, sd its noise, spread
// the variance of levels.
func wanders(y []float64, f family, cuts []int, penalty, sd, spread float64) bool {
	steps, at, points := 0.0, 0, 0.0
	for _, c := range cuts {
		steps += f.one(at, c) - penalty
		at = c
	}
	for _, v := range y {
		if !math.IsNaN(v) {
			points++
		}
	}
	steps += f.one(at, len(y)) - points*math.Log(sd)
	for _, phi := range [...]float64{0.5, 0.6, 0.7, 0.8, 0.9, 0.95} {
		if steps-wander(y, points, phi, spread) < -rareMemory {
			return true
		}
	}
	return false
}

// wander is the logarithm of how likely the series is with one level and this
// memory, at the noise that suits it best.
func wander(y []float64, points, phi, spread float64) float64 {
	var x, xy, yy, weights, last, pow float64
	for _, v := range y {
		pow *= phi
		if math.IsNaN(v) {
			continue
		}
		w := 1 / (1 - pow*pow)
		a, b := 1-pow, v-pow*last
		x += a * a * w
		xy += a * b * w
		yy += b * b * w
		weights += math.Log(w)
		last, pow = v, 1
	}
	variance := max((yy-xy*xy/x)/points, 1e-12)
	return 0.5*weights - 0.5*points - 0.5*points*math.Log(variance) - 0.5*math.Log(1+x*spread/variance)
}
