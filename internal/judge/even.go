package judge

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// A metric asked for more often than it is read shows each reading several
// times: a stair. That does no harm while it is so before and after alike; the
// past has the same stairs. But a past that was read more often, or less, than
// the present is noisier or calmer than it only for that. So where the two
// differ, repeated readings are taken out, and a finer past is thinned to the
// present's readings.

const (
	stairPiece = 288 // points that are searched at once for how often they were read
	mostStairs = 60  // points one reading is repeated over at most
)

// evened is the question with stairs taken out where past and present differ in
// them, and what is to be said of it.
func evened(q Question) (Question, string) {
	v := q.Series.V
	if q.Histogram != nil || q.Kind == Share || len(v) == 0 {
		return q, ""
	}
	f, ok := frameOf(q.Series.Start, q.Series.Step, len(v), &q)
	if !ok || f.now.b0 < 32 {
		return q, ""
	}
	v = v[f.skip : f.skip+f.n]
	now, phase := stair(v[f.now.b0:])
	past, known := pastStair(v[:f.now.b0])
	if !known || now == 0 || now == past {
		return q, ""
	}
	out := slices.Clone(v)
	if past > 1 {
		lone(out[:f.now.b0])
	}
	if now > 1 {
		lone(out[f.now.b0:])
		for i := range out[:f.now.b0] {
			if (i-f.now.b0-phase)%now != 0 {
				out[i] = math.NaN()
			}
		}
	}
	q.Series = Series{Start: f.start, Step: f.step, V: out, N: q.Series.N}
	if len(q.Series.N) >= f.skip+f.n {
		q.Series.N = q.Series.N[f.skip : f.skip+f.n]
	}
	every := func(k int) string { return (time.Duration(k) * f.step).String() }
	return q, fmt.Sprintf("the resolution changed: read every %s now, every %s in the past", every(now), every(past))
}

// stair is over how many points each reading is repeated, and at which point the
// first begins; 0 where too little changes to know. Values that repeat by
// chance do so at no fixed distance.
func stair(v []float64) (k, phase int) {
	last, first := -1, -1
	changes := 0
	for i := 1; i < len(v); i++ {
		a, b := v[i-1], v[i]
		if a == b || a != a && b != b {
			continue
		}
		if last >= 0 {
			k = gcd(k, i-last)
		} else {
			first = i
		}
		last = i
		changes++
		if k == 1 {
			return 1, 0
		}
	}
	if changes < 4 || k > mostStairs || changes*k*2 < last-first {
		return 0, 0
	}
	return k, first % k
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// pastStair is the stair most pieces of the past have.
func pastStair(v []float64) (k int, known bool) {
	count := map[int]int{}
	for lo := 0; lo < len(v); lo += stairPiece {
		if k, _ := stair(v[lo:min(len(v), lo+stairPiece)]); k > 0 {
			count[k]++
		}
	}
	best := 0
	for _, n := range count {
		best = max(best, n)
	}
	for n, c := range count {
		if c == best && (k == 0 || n < k) {
			k = n
		}
	}
	return k, best > 0
}

// lone keeps the first of equal neighbours.
func lone(v []float64) {
	for i := len(v) - 1; i > 0; i-- {
		if v[i] == v[i-1] {
			v[i] = math.NaN()
		}
	}
}
