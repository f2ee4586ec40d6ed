package judge

import (
	"math"
	"slices"
)

// leading is the share of a look's budget that latency and errors carry.
const leading = 0.8

// LookBudget is the part of a release's false-alarm budget that one of its
// looks may spend; look counts from 1. The first look, which has the least to
// go by, gets half of what each later one gets: 5 % over three is 1, 2, 2 %.
func LookBudget(total float64, look, looks int) float64 {
	if looks < 1 || look < 1 || look > looks || !(total > 0) {
		return 0
	}
	parts := float64(2*looks - 1)
	if look == 1 {
		return total / parts
	}
	return 2 * total / parts
}

// Weights shares a look's budget among its metrics: four fifths over those
// that lead (latency, errors), one fifth over the others, all of it over one
// kind where the other is missing. They add up to 1. A metric's Alpha is the
// look's budget times its weight.
func Weights(leads []bool) []float64 {
	n := 0
	for _, l := range leads {
		if l {
			n++
		}
	}
	out := make([]float64, len(leads))
	for i, l := range leads {
		switch {
		case n == 0 || n == len(leads):
			out[i] = 1 / float64(len(leads))
		case l:
			out[i] = leading / float64(n)
		default:
			out[i] = (1 - leading) / float64(len(leads)-n)
		}
	}
	return out
}

// Settled is a metric's word within its look.
type Settled struct {
	Word Word
	Why  Why     // with CannotTell
	P    float64 // adjusted for the look's other metrics
}

// Settle gives the words of one look: P-values are adjusted by Holm's weighted
// step-down (1979) over the metrics that can tell at all, and a change is
// named only where the adjusted one is within the budget and the effect is
// beyond the practical margin. weights may be nil: all alike.
func Settle(results []Result, weights []float64, budget float64) []Settled {
	adjusted := holm(results, weights)
	out := make([]Settled, len(results))
	for i, r := range results {
		out[i] = settle(r, adjusted[i], budget)
	}
	return out
}

func settle(r Result, p, budget float64) Settled {
	if !r.Tell {
		why := r.Why
		if why == CanTell {
			why = Missing
		}
		return Settled{Word: CannotTell, Why: why, P: 1}
	}
	margin := r.Margin
	if r.Short {
		margin *= 2
	}
	out := Settled{Word: Steady, P: p}
	switch {
	case p <= budget && math.Abs(r.Effect) >= margin && r.Effect != 0:
		out.Word = Changed
		if r.Good != Neither {
			out.Word = Worse
			if (r.Effect < 0) == (r.Good == Lower) {
				out.Word = Better
			}
		}
	case r.Smallest > r.Coarse && r.Coarse > 0:
		out.Word, out.Why = CannotTell, Insensible
	}
	return out
}

func holm(results []Result, weights []float64) []float64 {
	out := make([]float64, len(results))
	weight := func(i int) float64 {
		if i < len(weights) {
			if w := weights[i]; w > 0 && !math.IsInf(w, 1) {
				return w
			}
			return 0
		}
		return 1
	}
	var order []int
	rest := 0.0
	for i, r := range results {
		out[i] = 1
		if r.Tell && weight(i) > 0 {
			order = append(order, i)
			rest += weight(i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		x, y := results[a].P/weight(a), results[b].P/weight(b)
		switch {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
	least := 0.0
	for _, i := range order {
		least = max(least, min(1, results[i].P*rest/weight(i)))
		out[i] = least
		rest = max(0, rest-weight(i))
	}
	return out
}
