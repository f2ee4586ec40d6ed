package judge

import (
	"math"
	"slices"
)

// helps reports whether the level varies less with the controls than without:
// over the placements in the past where there are enough, else over pieces of
// before.
func helps(alone, with *Question, f *frame) bool {
	g := *f
	g.skip = 0
	n := f.n
	cut := func(xs []float64) []float64 {
		if xs == nil {
			return nil
		}
		return xs[f.skip:min(len(xs), f.skip+n)]
	}
	own := alone.Series
	own.V, own.Num, own.Den = cut(own.V), cut(own.Num), cut(own.Den)
	candidates, side := places(&g, mostPlaces), 0
	for i, end := 0, 0; i < len(candidates); i++ {
		if candidates[i].b0 >= end {
			side++
			end = candidates[i].a1
		}
	}
	if side < enoughPast {
		candidates = pieces(g.now)
	}
	a := restless(alone.Kind == Share, &own, &with.Series, &g, candidates)
	b := restless(alone.Kind == Share, &with.Series, &own, &g, candidates)
	return b > 0 && a > 0 && b <= quieter*a
}

// pieces cut before into neighbours: with no past, that is all there is.
func pieces(now span) []span {
	w := max(2, (now.b1-now.b0)/10)
	var out []span
	for lo := now.b0; lo+2*w <= now.b1; lo += max(1, w/2) {
		out = append(out, span{lo, lo + w, lo + w, lo + 2*w})
	}
	return out
}

// restless is how far the level moves between before and after where nothing
// was released, time of day taken off; only where the other series has data too.
func restless(share bool, s, other *Series, f *frame, candidates []span) float64 {
	y := make([]float64, f.n)
	sum := make([]float64, f.n+1)
	n := make([]float64, f.n+1)
	for i := range y {
		y[i] = value(share, s, i)
		if o := value(share, other, i); o != o {
			y[i] = math.NaN()
		}
	}
	if !share {
		for i, v := range profile(y, f) {
			y[i] -= v
		}
	}
	for i, v := range y {
		sum[i+1], n[i+1] = sum[i], n[i]
		if v == v {
			sum[i+1] += v
			n[i+1]++
		}
	}
	mean := func(lo, hi int) float64 { return (sum[hi] - sum[lo]) / (n[hi] - n[lo]) }
	if share {
		mean = func(lo, hi int) float64 { return pooledLogit(s, other, lo, hi) }
	}
	var moves []float64
	for _, p := range candidates {
		if v := mean(p.a0, p.a1) - mean(p.b0, p.b1); finite(v) {
			moves = append(moves, v)
		}
	}
	if len(moves) < enoughPast {
		return 0
	}
	mid := median(slices.Clone(moves))
	for i := range moves {
		moves[i] = math.Abs(moves[i] - mid)
	}
	slices.Sort(moves)
	return max(quantileSorted(moves, 0.5)/0.6745, quantileSorted(moves, 0.9)/1.6449)
}

func pooledLogit(s, other *Series, lo, hi int) float64 {
	num, den := 0.0, 0.0
	for i := lo; i < hi; i++ {
		if value(true, s, i) == value(true, s, i) && value(true, other, i) == value(true, other, i) {
			num += s.Num[i]
			den += s.Den[i]
		}
	}
	return math.Log((num + 0.5) / (den - num + 0.5))
}
