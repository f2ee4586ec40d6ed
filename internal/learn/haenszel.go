package learn

import (
	"math"
	"slices"
)

// chance is how likely it is that as many releases with the factor came to it
// by chance alone: each stratum's releases dealt out anew, which of them had
// the factor left to luck. That is the permutation distribution of the
// statistic of Mantel and Haenszel (1959), all permutations at once: a sum of
// hypergeometric numbers. The value is the mid-p of at least as many.
//
// Small questions are worked out exactly, by adding up the strata one after the
// other; large ones by the saddlepoint, which a test holds against the exact.
func chance(tables []table) float64 {
	var kept []table
	low, high, seen := 0, 0, 0
	work := 0
	for _, t := range tables {
		if !t.tells() {
			continue
		}
		kept = append(kept, t)
		low += int(max(0, t.k+t.m-t.n))
		high += int(min(t.k, t.m))
		seen += int(t.a)
		work += (high - low + 1) * int(min(t.k, t.m)-max(0, t.k+t.m-t.n)+1)
	}
	if len(kept) == 0 || high == low {
		return 1
	}
	if work <= exactWork {
		return exactTail(kept, seen)
	}
	return midTail(dealt(kept), float64(seen), float64(low), float64(high))
}

// exactWork bounds the multiplications of an exact answer.
const exactWork = 400_000

// exactTail adds up the strata.
func exactTail(tables []table, seen int) float64 {
	sum, low := []float64{1}, 0
	for _, t := range tables {
		from, to := max(0, t.k+t.m-t.n), min(t.k, t.m)
		next := make([]float64, len(sum)+int(to-from))
		for x := from; x <= to; x++ {
			p := math.Exp(logDealt(t, x))
			for i, q := range sum {
				next[i+int(x-from)] += p * q
			}
		}
		sum, low = next, low+int(from)
	}
	p := 0.0
	for i := len(sum) - 1; i >= 0 && low+i >= seen; i-- {
		if low+i == seen {
			p += sum[i] / 2
		} else {
			p += sum[i]
		}
	}
	return min(1, p)
}

// logDealt is the logarithm of the chance that x of a stratum's k releases with
// the factor are among its m that came to it.
func logDealt(t table, x int32) float64 {
	return logChoose(t.k, x) + logChoose(t.n-t.k, t.m-x) - logChoose(t.n, t.m)
}

func logChoose(n, k int32) float64 {
	if k < 0 || k > n {
		return math.Inf(-1)
	}
	return logFactorial(n) - logFactorial(k) - logFactorial(n-k)
}

// logFactorials of what a stratum usually counts.
var logFactorials = func() (table [2048]float64) {
	for n := 2; n < len(table); n++ {
		table[n] = table[n-1] + math.Log(float64(n))
	}
	return table
}()

func logFactorial(n int32) float64 {
	if int(n) < len(logFactorials) {
		return logFactorials[n]
	}
	l, _ := math.Lgamma(float64(n) + 1)
	return l
}

// dealt are the cumulants of the sum. Strata that look alike are worked out
// once.
func dealt(tables []table) cumulants {
	type cell struct {
		from  float64
		times float64
		log   []float64
	}
	alike := map[table]int{}
	var cells []cell
	for _, t := range tables {
		t.a = 0
		if i, ok := alike[t]; ok {
			cells[i].times++
			continue
		}
		from, to := max(0, t.k+t.m-t.n), min(t.k, t.m)
		c := cell{from: float64(from), times: 1}
		for x := from; x <= to; x++ {
			c.log = append(c.log, logDealt(t, x))
		}
		alike[t] = len(cells)
		cells = append(cells, c)
	}
	return func(t float64) (k, k1, k2 float64) {
		for _, c := range cells {
			top := slices.Max(c.log) + math.Max(0, t*float64(len(c.log)-1))
			s0, s1, s2 := 0.0, 0.0, 0.0
			for i, l := range c.log {
				x := float64(i)
				w := math.Exp(l + t*x - top)
				s0 += w
				s1 += w * x
				s2 += w * x * x
			}
			mean := s1 / s0
			k += c.times * (top + math.Log(s0) + t*c.from)
			k1 += c.times * (mean + c.from)
			k2 += c.times * (s2/s0 - mean*mean)
		}
		return k, k1, k2
	}
}
