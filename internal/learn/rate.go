package learn

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// rate is a shrunken share with its 90 % interval, for display only: k of n
// held against what is usual there.
type rate struct{ share, low, high float64 }

// priorWeight is how many releases "as usual" is worth.
const priorWeight = 10

// shrunken is the posterior of a Beta prior around the usual share.
func shrunken(k, n int64, usual float64) rate {
	usual = min(max(usual, 0.001), 0.999)
	a, b := float64(k)+priorWeight*usual, float64(n-k)+priorWeight*(1-usual)
	return rate{a / (a + b), mathext.InvRegIncBeta(a, b, 0.05), mathext.InvRegIncBeta(a, b, 0.95)}
}

// median of values; NaN for none.
func median(sorted []float64) float64 { return quantile(sorted, 0.5) }

// quantile of sorted values, between the two neighbours.
func quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	at := q * float64(len(sorted)-1)
	i := int(at)
	if i+1 == len(sorted) {
		return sorted[i]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}
