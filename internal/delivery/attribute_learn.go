package delivery

import (
	"math"

	"github.com/debriefhq/debrief"
)

// LearnFrom is how many corrections there must be before they move the weights.
const LearnFrom = 30

// ridge is how strongly the weights are held to the defaults: the inverse
// variance of a normal prior around each, a standard deviation of 0.7 or a factor of
// two in the odds.
const ridge = 2.0

// Answered is an attribution as it stood before a person answered, and what they
// said it was.
type Answered struct {
	Then   debrief.Attribution
	Answer string
}

// Learn fits the weights to corrections: a logistic regression over the candidates
// of each (McFadden 1974: which of them it was, "no change at all" with odds of
// one among them), with a ridge penalty on the distance from the defaults (Hoerl and
// Kennard 1970; le Cessie and van Houwelingen 1992). The penalised likelihood is
// concave, so Newton's method finds its one maximum; equal corrections give equal
// weights in any order that keeps sums equal. Below LearnFrom usable ones the defaults
// stand.
func Learn(list []Answered) Weights {
	start := Defaults()
	var cases []choice
	for _, a := range list {
		if c, ok := choiceOf(a); ok {
			cases = append(cases, c)
		}
	}
	if len(cases) < LearnFrom {
		return start
	}
	w := append(Weights(nil), start...)
	for range 50 {
		grad, hess, at := penalised(cases, w, start)
		step := solve(hess, grad)
		size, moved := 1.0, false
		for range 30 { // halve until it improves: Newton may overshoot far from the maximum
			next := append(Weights(nil), w...)
			for i := range next {
				next[i] += size * step[i]
			}
			if _, _, v := penalised(cases, next, start); v > at {
				w, moved = next, true
				break
			}
			size /= 2
		}
		if !moved || norm(step)*size < 1e-9 {
			break
		}
	}
	return w
}

// choice is one correction as numbers: the candidates' values, and which it was.
type choice struct {
	values [][]float64 // one row per candidate
	it     int
}

func choiceOf(a Answered) (c choice, ok bool) {
	order := map[string]int{}
	for i, n := range names() {
		order[n] = i
	}
	c.it = -1
	for i, cand := range a.Then.Candidates {
		row := make([]float64, len(order))
		for _, r := range cand.Reasons {
			if k, known := order[r.Name]; known {
				row[k] += r.Value
			}
		}
		c.values = append(c.values, row)
		if cand.ID == a.Answer {
			c.it = i
		}
	}
	// What was no candidate then teaches nothing about how candidates are weighed.
	return c, c.it >= 0 && len(c.values) > 1
}

// penalised is the gradient, the negative Hessian and the value of the penalised
// log-likelihood.
func penalised(cases []choice, w, start Weights) (grad []float64, hess [][]float64, value float64) {
	n := len(w)
	grad, hess = make([]float64, n), make([][]float64, n)
	for i := range n {
		d := w[i] - start[i]
		value -= ridge / 2 * d * d
		grad[i] = -ridge * d
		hess[i] = make([]float64, n)
		hess[i][i] = ridge
	}
	for _, c := range cases {
		odds, most := make([]float64, len(c.values)), math.Inf(-1)
		for k, row := range c.values {
			for i, v := range row {
				odds[k] += w[i] * v
			}
			most = max(most, odds[k])
		}
		sum := 0.0
		for k := range odds {
			sum += math.Exp(odds[k] - most)
		}
		value += odds[c.it] - most - math.Log(sum)
		mean := make([]float64, n)
		for k, row := range c.values {
			p := math.Exp(odds[k]-most) / sum
			for i, v := range row {
				if v == 0 {
					continue
				}
				mean[i] += p * v
				for j, u := range row {
					hess[i][j] += p * v * u
				}
			}
		}
		for i := range n {
			grad[i] += c.values[c.it][i] - mean[i]
			for j := range n {
				hess[i][j] -= mean[i] * mean[j]
			}
		}
	}
	return grad, hess, value
}

// solve is Gaussian elimination of a symmetric positive definite system: the ridge
// keeps it far from singular.
func solve(a [][]float64, b []float64) []float64 {
	n := len(b)
	x := append([]float64(nil), b...)
	for i := range n {
		for r := i + 1; r < n; r++ {
			f := a[r][i] / a[i][i]
			for c := i; c < n; c++ {
				a[r][c] -= f * a[i][c]
			}
			x[r] -= f * x[i]
		}
	}
	for i := n - 1; i >= 0; i-- {
		for c := i + 1; c < n; c++ {
			x[i] -= a[i][c] * x[c]
		}
		x[i] /= a[i][i]
	}
	return x
}

func norm(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x * x
	}
	return math.Sqrt(sum)
}
