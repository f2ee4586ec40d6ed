package judge_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/debriefhq/debrief/internal/judge"
)

// TestUnitsDoNotMatter: what is measured in milliseconds gets the same p and
// relative effect in seconds, also where few different values make many ties.
func TestUnitsDoNotMatter(t *testing.T) {
	t.Parallel()
	for seed := range uint64(12) {
		q := question(rng(seed), 5*time.Minute, 1200, 48, []int{6, 24}[seed%2], 0.5, 0.2, seed%3 == 0)
		v := q.Series.V
		if coarse := []float64{0, 5, 40}[seed/2%3]; coarse > 0 {
			for i := range v {
				v[i] = math.Round(v[i]/coarse) * coarse
			}
		}
		if seed%4 == 3 {
			for i := len(v) - 6; i < len(v); i++ {
				v[i] *= 1.25
			}
		}
		want := judge.Judge(q)
		for _, by := range []float64{1000, 0.001, 3.7} {
			q.Series.V = slices.Clone(v)
			for i := range v {
				q.Series.V[i] *= by
			}
			got := judge.Judge(q)
			if math.Abs(got.P-want.P) > 1e-6*want.P || math.Abs(got.Effect-want.Effect) > 1e-6 || got.Shape != want.Shape {
				t.Errorf("seed %d times %g: p %g, %s %g; before p %g, %s %g", seed, by, got.P, got.Shape, got.Effect, want.P, want.Shape, want.Effect)
			}
		}
	}
}
