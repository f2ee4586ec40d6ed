package judge

import "math"

// mostMemory is how many steps back a series may remember.
const mostMemory = 8

// memory fits an autoregression to what a series does (Yule and Walker, by
// Levinson's recursion, on values cut off at four spreads, so that single
// bursts teach nothing): phi[k] is the weight of the value k+1 steps back.
func memory(x, scratch []float64) []float64 {
	p := min(mostMemory, len(x)/15)
	if p == 0 {
		return nil
	}
	scratch = append(scratch[:0], x...)
	for i, v := range scratch {
		scratch[i] = math.Abs(v)
	}
	s := max(normalMAD*kth(scratch, len(x)/2), kth(scratch, len(x)*9/10)/1.645, 1e-6)
	cut := scratch[:len(x)]
	for i, v := range x {
		cut[i] = max(-4*s, min(4*s, v))
	}
	var c [mostMemory + 1]float64
	for k := range p + 1 {
		sum := 0.0
		for i := k; i < len(cut); i++ {
			sum += cut[i] * cut[i-k]
		}
		c[k] = sum
	}
	c[0] *= 1.001
	if c[0] <= 0 {
		return nil
	}
	phi, old, left := make([]float64, p), [mostMemory]float64{}, c[0]
	for k := range p {
		r := c[k+1]
		for j := range k {
			r -= phi[j] * c[k-j]
		}
		r /= left
		copy(old[:], phi[:k])
		phi[k] = r
		for j := range k {
			phi[j] = old[j] - r*old[k-1-j]
		}
		if left *= 1 - r*r; left <= 1e-12*c[0] {
			break
		}
	}
	return phi
}

// answers is what a change of a given form leaves of itself once the memory is
// taken out: the form run through the same filter.
func answers(form, phi, out []float64) []float64 {
	out = out[:0]
	for i, v := range form {
		for k := range min(i, len(phi)) {
			v -= phi[k] * form[i-1-k]
		}
		out = append(out, v)
	}
	return out
}
