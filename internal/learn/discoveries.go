package learn

import (
	"cmp"
	"slices"
)

// discoveries says which of the tests stand when a share rate of what stands
// may be chance (Benjamini and Hochberg 1995): the largest number r of smallest
// p of which all lie below rate·r/n. n counts tests that were made and are not
// in the list too.
func discoveries(p []float64, n int, rate float64) []bool {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p[a], p[b]) })
	last := -1
	for r, i := range order {
		if p[i] <= rate*float64(r+1)/float64(max(n, len(p))) {
			last = r
		}
	}
	stand := make([]bool, len(p))
	for _, i := range order[:last+1] {
		stand[i] = true
	}
	return stand
}
