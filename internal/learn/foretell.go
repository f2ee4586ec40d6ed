package learn

import (
	"fmt"
	"math"
	"slices"
)

// Whether a step's time in staging goes along with its time in production is
// asked of every step that ran in both places: the rank correlation of Spearman
// (1904), each step one test. All of them share a false discovery rate of their
// own, for they are no findings: they are told beside them.

// rehearsal is what is known of one step in both places.
type rehearsal struct {
	step, service string
	n             int
	rho           float64 // rank correlation
	p             float64 // of so much or more by chance
	low, high     float64 // production ÷ staging in eight of ten releases
	varies        bool    // in production: a step that always takes the same needs no foretelling
}

// mostRehearsed bounds how many are looked at, the latest: more make no
// correlation clearer.
const mostRehearsed = 100

// leastRehearsed releases are needed to say that staging says nothing.
const leastRehearsed = 20

// leastRho is what a correlation has to be to reckon with, however sure it is.
const leastRho = 0.5

// foretold tells which steps staging foretells, and of which it says nothing.
func (r *reading) foretold() (foretells, nought []string) {
	var all []rehearsal
	var ps []float64
	r.eachRehearsed(func(steps []rehearsed) {
		if len(steps) >= 2*Few && steps[len(steps)-1].row.at >= r.Month.From.Unix() {
			x := r.rehearsal(steps[max(0, len(steps)-mostRehearsed):])
			all, ps = append(all, x), append(ps, x.p)
		}
	})
	stands := discoveries(ps, len(ps), Rate)
	for i, x := range all {
		switch {
		case !x.varies:
		case stands[i] && x.rho >= leastRho:
			foretells = append(foretells, fmt.Sprintf("Staging foretells %s of %s: what takes longer there takes longer in production, %s to %s times as long in eight of ten releases (rank correlation %s over %d).",
				x.step, x.service, times(x.low), times(x.high), hundredths(x.rho), x.n))
		case x.n >= leastRehearsed && upper(x.rho, x.n) < leastRho:
			nought = append(nought, fmt.Sprintf("How long %s of %s takes in staging says nothing about production (rank correlation %s over %d releases).",
				x.step, x.service, hundredths(x.rho), x.n))
		}
	}
	slices.Sort(foretells)
	slices.Sort(nought)
	return foretells, nought
}

func (r *reading) rehearsal(steps []rehearsed) rehearsal {
	var here, there, ratios []float64
	for _, t := range steps {
		here, there, ratios = append(here, t.took), append(there, t.staging), append(ratios, t.took/t.staging)
	}
	n := len(steps)
	x := rehearsal{
		step: r.h.steps.names[steps[0].step], service: r.name(r.h.services.names[steps[0].row.service]), n: n,
		rho: correlation(ranksOf(here), ranksOf(there)),
	}
	x.p = normalTail(x.rho * math.Sqrt(float64(n-1)))
	slices.Sort(ratios)
	slices.Sort(here)
	x.low, x.high = quantile(ratios, 0.1), quantile(ratios, 0.9)
	x.varies = quantile(here, 0.9) >= 1.3*quantile(here, 0.1)
	return x
}

// ranksOf are the ranks of values; equal ones share theirs.
func ranksOf(values []float64) []float64 {
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	ranks := make([]float64, len(values))
	for i, v := range values {
		first, _ := slices.BinarySearch(sorted, v)
		past, _ := slices.BinarySearch(sorted, math.Nextafter(v, math.Inf(1)))
		ranks[i] = float64(first+past-1) / 2
	}
	return ranks
}

// correlation of two equally long lists; 0 where one of them does not vary.
func correlation(a, b []float64) float64 {
	n, ma, mb := float64(len(a)), 0.0, 0.0
	for i := range a {
		ma += a[i] / n
		mb += b[i] / n
	}
	ab, aa, bb := 0.0, 0.0, 0.0
	for i := range a {
		ab += (a[i] - ma) * (b[i] - mb)
		aa += (a[i] - ma) * (a[i] - ma)
		bb += (b[i] - mb) * (b[i] - mb)
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return ab / math.Sqrt(aa*bb)
}

// upper is the upper 95 % bound of a correlation (Fisher 1921).
func upper(rho float64, n int) float64 {
	return math.Tanh(math.Atanh(min(0.999, max(-0.999, rho))) + 1.96/math.Sqrt(float64(n-3)))
}

func hundredths(x float64) string { return fmt.Sprintf("%.2f", x) }
