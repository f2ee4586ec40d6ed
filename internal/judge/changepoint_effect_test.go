package judge_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/debriefhq/debrief/internal/judge"
)

// The intervals of a plain step hold its size and its place as often as they
// say, or a little more often.
func TestCalibrateIntervals(t *testing.T) {
	t.Parallel()
	const n, at = 160, 90
	step := func(i int, before, after float64) float64 {
		if i < at {
			return before
		}
		return after
	}
	for _, c := range []struct {
		name string
		kind judge.SlowKind
		size float64 // true effect
		make func(r *rand.Rand) judge.SlowSeries
	}{
		{"durations", judge.Durations, 0.4, func(r *rand.Rand) judge.SlowSeries {
			v := noise(r, n, 0.4, 0.2, false)
			for i := range v {
				v[i] = math.Exp(v[i]) * step(i, 20, 28)
			}
			return judge.SlowSeries{V: v}
		}},
		{"counts", judge.Counts, 1, func(r *rand.Rand) judge.SlowSeries {
			v := make([]float64, n)
			for i := range v {
				v[i] = poisson(r, step(i, 8, 16)*gammaMean(r, 8))
			}
			return judge.SlowSeries{V: v}
		}},
		{"shares", judge.Shares, 0.2, func(r *rand.Rand) judge.SlowSeries {
			v, d := make([]float64, n), make([]float64, n)
			for i := range v {
				d[i] = 12
				for range 12 {
					if r.Float64() < step(i, 0.1, 0.3) {
						v[i]++
					}
				}
				v[i] /= 12
			}
			return judge.SlowSeries{V: v, N: d}
		}},
		{"any", judge.Reals, 2, func(r *rand.Rand) judge.SlowSeries {
			v := noise(r, n, 0.2, 1, false)
			for i := range v {
				v[i] += step(i, -1, 1)
			}
			return judge.SlowSeries{V: v}
		}},
	} {
		many := max(100, *calibrate)
		if c.kind == judge.Reals {
			many = max(60, *calibrate/10)
		}
		alone, size, place := 0.0, 0.0, 0.0
		for i := range many {
			s := c.make(rng(*calibrateFrom + uint64(i)))
			s.Kind = c.kind
			found := judge.Changes(s)
			if len(found) != 1 {
				continue
			}
			alone++
			if found[0].EffectLow <= c.size && c.size <= found[0].EffectHigh {
				size++
			}
			if found[0].Low <= at && at <= found[0].High {
				place++
			}
		}
		t.Logf("%-10s found alone %.1f %%, size in its 95 %% interval %.1f %%, place in its 90 %% interval %.1f %%", c.name, 100*alone/float64(many), 100*size/alone, 100*place/alone)
		if alone < 0.85*float64(many) || size < 0.88*alone || place < 0.86*alone {
			t.Errorf("%s: of %d found alone %.0f, size held %.0f, place held %.0f", c.name, many, alone, size, place)
		}
	}
}
