package judge_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief/internal/judge"
)

// TestAFaultThatPassed: slower from the release on, by itself as before again
// four hours before the look ends. The step back is as large as the one there,
// but nobody asks when it got better.
func TestAFaultThatPassed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		from, to time.Duration // after the release
		factor   float64
	}{
		"twenty hours of a day":    {0, 20 * time.Hour, 1.63},
		"later, and not for long":  {2 * time.Hour, 8 * time.Hour, 1.63},
		"for the better, for once": {time.Hour, 19 * time.Hour, 0.5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(20) {
				q := question(rng(seed), time.Minute, 7*1440, 60, 1440, 0.3, 0.1, seed%2 == 0)
				n := len(q.Series.V)
				for i := n - 1440 + int(c.from/time.Minute); i < n-1440+int(c.to/time.Minute); i++ {
					q.Series.V[i] *= c.factor
				}
				_, r := word(q, 0.02)
				if d := r.Since.Sub(at.Add(c.from)).Abs(); d > 5*time.Minute {
					t.Errorf("seed %d: since %s after the release, not %s", seed, r.Since.Sub(at), c.from)
				}
				if d := r.Until.Sub(at.Add(c.to)).Abs(); d > 5*time.Minute {
					t.Errorf("seed %d: until %s after the release, not %s", seed, r.Until.Sub(at), c.to)
				}
			}
		})
	}
}

// TestAFaultThatLasts has not passed, whatever it does on the way.
func TestAFaultThatLasts(t *testing.T) {
	t.Parallel()
	for seed := range uint64(50) {
		phi := []float64{0, 0.5, 0.9}[seed%3]
		q := question(rng(seed), time.Minute, 2000, 60, 60, phi, 0.1, seed%2 == 0)
		n := len(q.Series.V)
		for i := n - 60; i < n; i++ {
			q.Series.V[i] *= 2
		}
		if _, r := word(q, 0.02); !r.Until.IsZero() {
			t.Errorf("seed %d: passed at %s", seed, r.Until.Sub(at))
		}
	}
}

// TestNothingBeginsBeforeItMet anybody: the release was five minutes under way
// when the first user met it, and the effect came half a minute later. What the
// deployment itself did to the old version is not the new one's beginning.
func TestNothingBeginsBeforeItMet(t *testing.T) {
	t.Parallel()
	early := 0
	for seed := range uint64(50) {
		q := question(rng(seed), 15*time.Second, 0, 120, 60, 0.3, 0.2, false)
		n := len(q.Series.V)
		for i := n - 60 - 20; i < n; i++ {
			q.Series.V[i] *= 1.15 // the migration
		}
		for i := n - 60 + 2; i < n; i++ {
			q.Series.V[i] *= 1.7
		}
		q.Touched, q.Exposed = at.Add(-5*time.Minute), at.Add(-7*time.Second)
		_, r := word(q, 0.01)
		if r.Since.Before(q.Exposed) {
			t.Errorf("seed %d: since %s before anybody met it", seed, q.Exposed.Sub(r.Since))
		}
		if d := r.Since.Sub(at.Add(30 * time.Second)).Abs(); d > 15*time.Second+90*time.Second {
			early++
		}
	}
	if early > 3 {
		t.Errorf("%d of 50 beginnings are further off than one step and a tenth of the window", early)
	}
}

// TestBeforeEndsWhereTheDeploymentBegan: what its own steps do to the service
// is not the level to be held against.
func TestBeforeEndsWhereTheDeploymentBegan(t *testing.T) {
	t.Parallel()
	q := question(rng(5), time.Minute, 2000, 60, 60, 0.3, 0.1, false)
	n := len(q.Series.V)
	for i := n - 60 - 30; i < n; i++ {
		q.Series.V[i] *= 2
	}
	q.Touched = at.Add(-30 * time.Minute)
	if w, r := word(q, 0.02); w != judge.Worse || r.Before > 100 {
		t.Errorf("%s, from %.0f to %.0f", w, r.Before, r.After)
	}
}

func TestGapsSayWhatIsMissing(t *testing.T) {
	t.Parallel()
	q := question(rng(6), time.Minute, 0, 29, 44, 0.3, 0.1, false)
	for i := range 16 {
		q.Series.V[i] = math.NaN()
	}
	_, r := word(q, 0.02)
	if said := strings.Join(r.Warnings, "; "); !strings.Contains(said, "16 of 29 points before are missing") || strings.Contains(said, "after") {
		t.Error(said)
	}
}
