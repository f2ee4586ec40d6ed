package judge

import (
	"math"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"
)

// normalMAD makes a median absolute deviation comparable with a standard
// deviation; normalMean does so for a mean absolute deviation.
const (
	normalMAD  = 1.4826
	normalMean = 1.2533
)

// kth returns the k-th smallest of xs and reorders xs: selection by partition
// without branches that depend on the values (a processor guesses those wrong
// half the time), no allocation, no randomness.
func kth(xs []float64, k int) float64 {
	lo, hi := 0, len(xs)-1
	for hi-lo >= 8 {
		pivot := pivotOf(xs, lo, hi, k)
		j := lo + below(xs[lo:hi+1], pivot)
		switch {
		case k < j:
			hi = j - 1
		case j > lo:
			lo = j
		default: // the pivot is the smallest: its equals go to the front
			if lo += upTo(xs[lo:hi+1], pivot); k < lo || lo > hi {
				return pivot
			}
		}
	}
	for i := lo + 1; i <= hi; i++ {
		x, j := xs[i], i
		for ; j > lo && x < xs[j-1]; j-- {
			xs[j] = xs[j-1]
		}
		xs[j] = x
	}
	return xs[k]
}

// pivotOf is a value of xs[lo:hi+1] near where the k-th will stand: of many
// values one out of a sample of nine, as far up in it as k is in all.
func pivotOf(xs []float64, lo, hi, k int) float64 {
	n := hi - lo
	if n < 64 {
		a, b, c := xs[lo], xs[lo+n/2], xs[hi]
		if b < a {
			a, b = b, a
		}
		if c < b {
			b = c
			if b < a {
				b = a
			}
		}
		return b
	}
	var s [9]float64
	for i := range s {
		x, j := xs[lo+i*n/8], i
		for ; j > 0 && x < s[j-1]; j-- {
			s[j] = s[j-1]
		}
		s[j] = x
	}
	return s[(k-lo)*9/(n+1)]
}

// below moves what is smaller than pivot to the front and counts it.
func below(xs []float64, pivot float64) int {
	j := 0
	for i, x := range xs {
		xs[i] = xs[j]
		xs[j] = x
		less := 0
		if x < pivot {
			less = 1
		}
		j += less
	}
	return j
}

// upTo moves what is not larger than pivot to the front and counts it.
func upTo(xs []float64, pivot float64) int {
	j := 0
	for i, x := range xs {
		xs[i] = xs[j]
		xs[j] = x
		most := 1
		if x > pivot {
			most = 0
		}
		j += most
	}
	return j
}

// median reorders xs; it is 0 of nothing.
func median(xs []float64) float64 {
	n := len(xs)
	if n == 0 {
		return 0
	}
	m := kth(xs, n/2)
	if n%2 == 1 {
		return m
	}
	largest := xs[0]
	for _, x := range xs[1 : n/2] {
		largest = max(largest, x)
	}
	return largest + (m-largest)/2
}

// quantileSorted reads a quantile off sorted xs.
func quantileSorted(xs []float64, p float64) float64 {
	if len(xs) == 0 {
		return 0
	}
	at := p * float64(len(xs)-1)
	i := clamp(int(at), 0, len(xs)-1)
	j := min(i+1, len(xs)-1)
	return xs[i] + (xs[j]-xs[i])*(at-float64(i))
}

// spreadAround is 1.4826 times the median absolute deviation; scratch is
// overwritten.
func spreadAround(xs []float64, centre float64, scratch []float64) float64 {
	scratch = scratch[:0]
	for _, x := range xs {
		scratch = append(scratch, math.Abs(x-centre))
	}
	return normalMAD * median(scratch)
}

// huber is one step of Huber's location estimate from centre: nearly as sharp
// as a mean, not moved by outliers.
func huber(xs []float64, centre, scale float64) float64 {
	if len(xs) == 0 || scale <= 0 {
		return centre
	}
	limit := 2 * scale
	sum := 0.0
	for _, x := range xs {
		sum += max(-limit, min(limit, x-centre))
	}
	return centre + sum/float64(len(xs))
}

// twoSided is the probability of a |t| at least this large.
func twoSided(t, df float64) float64 {
	if !finite(t) {
		return 0
	}
	return mathext.RegIncBeta(df/2, 0.5, df/(df+t*t))
}

func upper(t, df float64) float64 {
	if t < 0 {
		return 1 - twoSided(t, df)/2
	}
	return twoSided(t, df) / 2
}

// tQuantile is the upper p point of Student's t.
func tQuantile(p, df float64) float64 {
	return -distuv.StudentsT{Mu: 0, Sigma: 1, Nu: df}.Quantile(max(p, 1e-12))
}

// binomialTails are P(X ≤ k) and P(X ≥ k) for n tries at p.
func binomialTails(k, n int, p float64) (low, high float64) {
	low, high = 1, 1
	if k < n {
		low = mathext.RegIncBeta(float64(n-k), float64(k+1), 1-p)
	}
	if k > 0 {
		high = mathext.RegIncBeta(float64(k), float64(n-k+1), p)
	}
	return low, high
}

// exactSplit is the exact two-sided p (twice the smaller tail, mid-p left out:
// conservative) of a counts on one side and b on the other, when chance alone
// puts share of all counts on the first side.
func exactSplit(a, b int, share float64) float64 {
	const most = 1 << 40 // beyond it the counts are no counts
	if a < 0 || b < 0 || a > most || b > most || !(share > 0 && share < 1) {
		return 1
	}
	low, high := binomialTails(a, a+b, share)
	return min(1, 2*min(low, high))
}
