package judge_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"sort"

	"github.com/debriefhq/debrief/internal/judge"
)

// slow is a made series of the kind a delivery organisation has, and where it
// changes.
type slow struct {
	judge.SlowSeries
	at []int
}

// makeSlow draws one: of ten, four without a change. Changes keep ten points
// between them.
func makeSlow(r *rand.Rand, kind judge.SlowKind) slow {
	n := 40 + r.IntN(117)
	if kind == judge.Durations {
		n = 60 + r.IntN(341)
	}
	k := 0
	if r.Float64() >= 0.4 {
		k = min([]int{1, 1, 2, 3}[r.IntN(4)], (n-20)/12)
	}
	s := slow{SlowSeries: judge.SlowSeries{Kind: kind, V: make([]float64, n)}, at: makeCuts(r, n, k)}
	switch kind {
	case judge.Durations:
		makeDurations(r, s)
	case judge.Counts:
		base := 2 + 38*r.Float64()
		for i, f := range makeLevels(r, n, s.at, 1.5, 4) {
			s.V[i] = poisson(r, base*f*gammaMean(r, 8))
		}
	case judge.Shares:
		s.N = make([]float64, n)
		base := 0.03 + 0.27*r.Float64()
		for i, f := range makeLevels(r, n, s.at, 2, 6) {
			odds := base * f
			m, x := 3+r.IntN(28), 0
			for range m {
				if r.Float64() < odds/(1+odds) {
					x++
				}
			}
			s.N[i], s.V[i] = float64(m), float64(x)/float64(m)
		}
	}
	return s
}

func makeDurations(r *rand.Rand, s slow) {
	sd, phi, week, base := 0.05+0.3*r.Float64(), 0.5*r.Float64(), 0.15*r.Float64(), 3+57*r.Float64()
	e := 0.0
	for i, f := range makeLevels(r, len(s.V), s.at, 1.15, 2.5) {
		e = phi*e + sd*r.NormFloat64()*math.Sqrt(1-phi*phi)
		s.V[i] = base * f * math.Exp(e) * (1 + week*math.Sin(2*math.Pi*float64(i%7)/7))
		if r.Float64() < 0.02 {
			s.V[i] *= 3 + 7*r.Float64()
		}
	}
}

func makeCuts(r *rand.Rand, n, k int) []int {
	for k > 0 {
		at := r.Perm(n - 20)[:k]
		for i := range at {
			at[i] += 10
		}
		sort.Ints(at)
		wide := true
		for i, b := range append(slices.Clone(at), n) {
			a := 0
			if i > 0 {
				a = at[i-1]
			}
			wide = wide && b-a >= 10
		}
		if wide {
			return at
		}
	}
	return nil
}

// makeLevels is the factor at every point: each change by lo to hi, up or
// down, rather back towards where it began.
func makeLevels(r *rand.Rand, n int, at []int, lo, hi float64) []float64 {
	out := make([]float64, n)
	cur, next := 1.0, 0
	for i := range out {
		if next < len(at) && i == at[next] {
			f := math.Exp(math.Log(lo) + r.Float64()*(math.Log(hi)-math.Log(lo)))
			if (r.Float64() < 0.5) != (cur <= 1) {
				f = 1 / f
			}
			cur *= f
			next++
		}
		out[i] = cur
	}
	return out
}

// f1 is the Turing Change Point Detection Benchmark's measure with a margin of
// five points, the series' beginning counted as a change both sides know (van
// den Burg and Williams, arXiv 2003.06222).
func f1(truth []int, found []judge.Change) float64 {
	left := make([]int, 0, len(found))
	for _, c := range found {
		left = append(left, c.At)
	}
	hit := 1.0
	for _, t := range truth {
		near := -1
		for i, x := range left {
			if d := abs(t - x); d <= 5 && (near < 0 || d < abs(t-left[near])) {
				near = i
			}
		}
		if near >= 0 {
			hit++
			left = slices.Delete(left, near, near+1)
		}
	}
	p, rec := hit/float64(1+len(found)), hit/float64(1+len(truth))
	return 2 * p * rec / (p + rec)
}

func abs(x int) int { return max(x, -x) }
