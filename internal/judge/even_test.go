package judge_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/debriefhq/debrief/internal/judge"
)

// stairs repeats every reading k times, as a server does that is asked more
// often than it reads.
func stairs(v []float64, k int) {
	for i := range v {
		v[i] = v[i-i%k]
	}
}

func TestResolutionThatChanged(t *testing.T) {
	t.Parallel()
	const n = 50
	for name, c := range map[string]struct {
		past, now int
		warn      string
		found     int // of n, at least, of a level half as high again
	}{
		"read less often before":    {5, 1, "read every 1m0s now, every 5m0s in the past", 45},
		"read less often now":       {1, 5, "read every 5m0s now, every 1m0s in the past", 38},
		"read seldom all the time":  {5, 5, "", 36},
		"read in every step always": {1, 1, "", 45},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cry, found := 0, 0
			for seed := range uint64(n) {
				ask := func(factor float64) judge.Question {
					q := question(rng(seed), time.Minute, 4000, 60, 30, 0.3, 0.15, false)
					stairs(q.Series.V[:4000], c.past)
					stairs(q.Series.V[4000:], c.now)
					times(q.Series.V, 30, factor)
					return q
				}
				w, r := word(ask(1), 0.01)
				sane(t, r)
				if w == judge.Worse || w == judge.Better {
					cry++
				}
				if said := strings.Join(r.Warnings, ";"); !strings.Contains(said, c.warn) || c.warn == "" && strings.Contains(said, "resolution") {
					t.Fatalf("warnings %q", r.Warnings)
				}
				if w, _ := word(ask(1.5), 0.01); w == judge.Worse {
					found++
				}
			}
			t.Logf("%d of %d untouched called, half as much again found in %d", cry, n, found)
			if cry > 2 || found < c.found {
				t.Errorf("%d called, %d found", cry, found)
			}
		})
	}
}

// TestWhatOnlyLooksLikeStairs: queue lengths repeat, and constants do, without
// having been read any less often.
func TestWhatOnlyLooksLikeStairs(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]func(i int, noise float64) float64{
		"small whole numbers": func(_ int, noise float64) float64 { return math.Round(2 + 2*noise) },
		"constant":            func(int, float64) float64 { return 7 },
		"a rare spike":        func(i int, _ float64) float64 { return 7 + float64(i%997/996) },
	} {
		r := rng(3)
		q := question(r, time.Minute, 3000, 60, 30, 0.3, 0.15, false)
		for i, e := range noise(r, len(q.Series.V), 0, 1, false) {
			q.Series.V[i] = value(i, e)
		}
		_, got := word(q, 0.01)
		sane(t, got)
		if strings.Contains(strings.Join(got.Warnings, ";"), "resolution") {
			t.Errorf("%s: %q", name, got.Warnings)
		}
	}
}

// TestEveningLeavesTheGivenSeriesAlone: what is taken out is taken out of a copy.
func TestEveningLeavesTheGivenSeriesAlone(t *testing.T) {
	t.Parallel()
	q := question(rng(9), time.Minute, 1000, 60, 30, 0.3, 0.15, false)
	stairs(q.Series.V[:1000], 5)
	before := append([]float64(nil), q.Series.V...)
	a, b := judge.Judge(q), judge.Judge(q)
	if d := cmp.Diff(before, q.Series.V, cmpopts.EquateNaNs()) + cmp.Diff(a, b, cmpopts.EquateNaNs()); d != "" {
		t.Error(d)
	}
}
