package judge

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestKth holds selection against sorting, on values that are all different,
// mostly equal, or in order.
func TestKth(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		xs := make([]float64, 1+r.IntN(300))
		kinds := 1 + r.IntN(1+len(xs))
		for i := range xs {
			xs[i] = float64(r.IntN(kinds)) - 3
			if r.IntN(40) == 0 {
				xs[i] = math.Inf(1 - 2*r.IntN(2))
			}
		}
		if r.IntN(4) == 0 {
			slices.Sort(xs)
		}
		sorted := slices.Clone(xs)
		slices.Sort(sorted)
		k := r.IntN(len(xs))
		if got := kth(slices.Clone(xs), k); got != sorted[k] {
			t.Fatalf("%d-th of %v: %g, want %g", k, xs, got, sorted[k])
		}
		half := sorted[len(xs)/2]
		if low := sorted[(len(xs)-1)/2]; low != half {
			half = low + (half-low)/2
		}
		if got := median(xs); got != half && (got == got || half == half) {
			t.Fatalf("median of %v: %g, want %g", sorted, got, half)
		}
	}
}

func BenchmarkKth(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{48, 2000} {
		all := make([]float64, 64*n)
		for i := range all {
			all[i] = r.NormFloat64()
		}
		xs := make([]float64, n)
		b.Run(map[int]string{48: "48", 2000: "2000"}[n], func(b *testing.B) {
			i := 0
			for b.Loop() {
				copy(xs, all[i%64*n:])
				median(xs)
				i++
			}
		})
	}
}
