package judge_test

import (
	"math"
	"strings"
	"testing"

	"github.com/debriefhq/debrief/internal/judge"
)

// canary is a new version that runs for na steps beside the old one.
func canary(seed uint64, na int, factor float64) judge.Question {
	q := withControls(seed, 0, 60, na, 1, 0.2, 0.05)
	v := q.Series.V
	for i := range v {
		v[i] /= 2 // of the controls' level
		if i < 60 {
			v[i] = math.NaN()
		}
	}
	times(v, na, factor)
	return q
}

func TestCanaryBesideItsBaseline(t *testing.T) {
	t.Parallel()
	const n = 100
	for na, atLeast := range map[int]int{6: 50, 15: 80, 60: 98} {
		cry, found := 0, 0
		for seed := range uint64(n) {
			w, r := word(canary(seed, na, 1), 0.01)
			sane(t, r)
			if w == judge.Worse || w == judge.Better {
				cry++
			}
			if w, r = word(canary(seed, na, 1.4), 0.01); w == judge.Worse && r.Controls == 1 && r.Short {
				found++
			}
			sane(t, r)
		}
		t.Logf("%d steps: %d of %d untouched called, +40 %% found in %d", na, cry, n, found)
		if cry > 1 || found < atLeast {
			t.Errorf("%d steps: %d called, %d found", na, cry, found)
		}
	}
}

func TestCanaryOfErrors(t *testing.T) {
	t.Parallel()
	const n = 60
	cry, found := 0, 0
	for seed := range uint64(n) {
		ask := func(p float64) judge.Question {
			q := shares(seed, 0, 60, 20, 0.01, p, 200)
			base := shares(seed+1000, 0, 60, 20, 0.01, 0.01, 2000)
			for i := range 60 {
				q.Series.Num[i], q.Series.Den[i] = math.NaN(), math.NaN()
			}
			q.Controls = []judge.Series{base.Series}
			return q
		}
		w, r := word(ask(0.01), 0.01)
		sane(t, r)
		if w == judge.Worse || w == judge.Better {
			cry++
		}
		if w, r = word(ask(0.04), 0.01); w == judge.Worse && math.Abs(r.Effect-0.03) < 0.02 {
			found++
		}
		sane(t, r)
	}
	if cry > 1 || found < n*9/10 {
		t.Errorf("%d of %d untouched called, three points found in %d", cry, n, found)
	}
}

func TestCanaryThatCannotBeTold(t *testing.T) {
	t.Parallel()
	q := canary(1, 30, 1)
	q.Kind = judge.Count
	if w, r := word(q, 0.01); w != judge.CannotTell || r.Why != judge.NoBaseline {
		t.Errorf("traffic of a canary: %s %+v", w, short(r))
	}
	q = canary(1, 4, 1)
	if w, r := word(q, 0.01); w != judge.CannotTell || r.Why != judge.NoBaseline {
		t.Errorf("four steps: %s %+v", w, short(r))
	}
	q = canary(1, 30, 1)
	q.MinN = 100
	q.Series.N = make([]float64, len(q.Series.V))
	if w, r := word(q, 0.01); w != judge.CannotTell || r.Why != judge.TooLittle {
		t.Errorf("nobody met it: %s %+v", w, short(r))
	}
	q = canary(1, 30, 1)
	_, r := word(q, 0.01)
	if !strings.Contains(strings.Join(r.Warnings, ";"), "held against the old one beside it, over 30 steps") {
		t.Error(r.Warnings)
	}
}
