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

// withControls is a question whose controls share what moves the service: shared is
// how much everything moves together, own what each series does by itself.
func withControls(seed uint64, history, nb, na, controls int, shared, own float64) judge.Question {
	r := rng(seed)
	q := question(r, time.Minute, history, nb, na, 0, 0, false)
	n := history + nb + na
	common := noise(r, n, 0.9, shared, false)
	series := func(level float64) []float64 {
		v, e := make([]float64, n), noise(r, n, 0.3, own, false)
		for i := range v {
			v[i] = level * math.Exp(common[i]+e[i])
		}
		return v
	}
	q.Series.V = series(80)
	for k := range controls {
		q.Controls = append(q.Controls, judge.Series{Start: q.Series.Start, Step: q.Series.Step, V: series(40 * float64(k+1))})
	}
	return q
}

func times(v []float64, last int, factor float64) {
	for i := len(v) - last; i < len(v); i++ {
		v[i] *= factor
	}
}

func TestControlsTakeOffWhatMovesAll(t *testing.T) {
	t.Parallel()
	cry, cryAlone, found, foundAlone, used := 0, 0, 0, 0, 0
	n := max(15, *calibrate)
	for seed := range uint64(n) {
		q := withControls(seed, 2500, 60, 10, 3, 0.08, 0.03)
		// Something outside moves everything at the moment of the release.
		times(q.Series.V, 10, 3)
		for _, c := range q.Controls {
			times(c.V, 10, 3)
		}
		w, r := word(q, 0.01)
		sane(t, r)
		if w == judge.Worse || w == judge.Better {
			cry++
		}
		used += r.Controls
		if !strings.Contains(strings.Join(r.Warnings, ";"), "the controls moved with the release too") {
			t.Errorf("seed %d: nobody says that the controls moved: %q", seed, r.Warnings)
		}
		q.Controls = nil
		if w, _ := word(q, 0.01); w == judge.Worse {
			cryAlone++
		}
		// The release alone makes it a seventh slower.
		q = withControls(seed, 2500, 60, 10, 3, 0.08, 0.03)
		times(q.Series.V, 10, 1.14)
		if w, r := word(q, 0.01); w == judge.Worse && r.Controls == 3 && math.Abs(r.Effect-0.14) < 0.07 {
			found++
		}
		q.Controls = nil
		if w, _ := word(q, 0.01); w == judge.Worse {
			foundAlone++
		}
	}
	t.Logf("of %d: moved together %d called with controls, %d alone; +14 %% found %d with, %d alone", n, cry, cryAlone, found, foundAlone)
	if cry > 1+n/40 || cryAlone < n/2 || found < n*9/10 || foundAlone > n/2 || used != 3*n {
		t.Error("the controls do not do what they are for")
	}
}

func TestControlsOfTheirOwnMindAreLeft(t *testing.T) {
	t.Parallel()
	q := withControls(4, 3000, 60, 30, 2, 0, 0.1)
	alone := q
	alone.Controls = nil
	_, want := word(alone, 0.01)
	_, got := word(q, 0.01)
	if got.Controls != 0 || got.P != want.P || got.Effect != want.Effect {
		t.Errorf("%+v, alone %+v", short(got), short(want))
	}
	if w := strings.Join(got.Warnings, ";"); !strings.Contains(w, "judged by itself: 2 controls make it no quieter") {
		t.Error(w)
	}
}

// TestControlsAreChosenBlindly: what happens after the release changes nothing
// in whether they are used.
func TestControlsAreChosenBlindly(t *testing.T) {
	t.Parallel()
	for _, history := range []int{0, 300, 3000} {
		for seed := range uint64(8) {
			a := withControls(seed, history, 60, 20, 2, 0.05, 0.05)
			b := withControls(seed, history, 60, 20, 2, 0.05, 0.05)
			times(b.Series.V, 20, 3)
			times(b.Controls[0].V, 20, 0.2)
			_, ra := word(a, 0.01)
			_, rb := word(b, 0.01)
			if ra.Controls != rb.Controls {
				t.Errorf("history %d seed %d: %d controls, then %d", history, seed, ra.Controls, rb.Controls)
			}
		}
	}
}

func TestControlsWithoutData(t *testing.T) {
	t.Parallel()
	q := withControls(5, 2000, 60, 30, 3, 0.1, 0.02)
	for i := range q.Controls[1].V {
		if i%3 > 0 {
			q.Controls[1].V[i] = math.NaN()
		}
	}
	w, r := word(q, 0.01)
	if r.Controls != 2 || w != judge.Steady || !strings.Contains(strings.Join(r.Warnings, ";"), "1 of 3 controls have too few data") {
		t.Errorf("%s %+v", w, short(r))
	}
	// None is on the grid: as if there were none, but it is said.
	for i := range q.Controls {
		q.Controls[i].Step = time.Hour
	}
	_, r = word(q, 0.01)
	if r.Controls != 0 || !strings.Contains(strings.Join(r.Warnings, ";"), "3 of 3 controls have too few data") {
		t.Errorf("%+v", short(r))
	}
}

// TestControlsTellTheMeasuredLevels: after is what was measured, before is what
// was to be expected then, and the band goes with the controls.
func TestControlsTellTheMeasuredLevels(t *testing.T) {
	t.Parallel()
	q := withControls(6, 3000, 60, 30, 3, 0.1, 0.01)
	times(q.Series.V, 30, 3) // all doubled, and the release half as much again
	for _, c := range q.Controls {
		times(c.V, 30, 2)
	}
	w, r := word(q, 0.01)
	if w != judge.Worse || math.Abs(r.Effect-0.5) > 0.05 || math.Abs(r.After/r.Before-1-r.Effect) > 1e-9 {
		t.Fatalf("%s %+v", w, short(r))
	}
	n := len(q.Series.V)
	for i, v := range r.Band.V {
		if want := q.Series.V[n-len(r.Band.V)+i]; math.Abs(v/want-1) > 1e-9 {
			t.Fatalf("point %d of the picture is %v, measured was %v", i, v, want)
		}
	}
	last := len(r.Band.V) - 1
	if r.Band.High[last] >= r.Band.V[last] || r.Band.Low[last] < 80 {
		t.Errorf("the band does not go with the controls: %v to %v, measured %v", r.Band.Low[last], r.Band.High[last], r.Band.V[last])
	}
}

// TestControlsMayReachFurther: what controls have before 28 days and after the
// look's end changes nothing, nor does where they begin.
func TestControlsMayReachFurther(t *testing.T) {
	t.Parallel()
	q := withControls(7, 2000, 60, 20, 2, 0.1, 0.03)
	times(q.Series.V, 20, 1.3)
	_, a := word(q, 0.01)
	for i, c := range q.Controls {
		q.Controls[i].Start = c.Start.Add(-50 * time.Minute)
		q.Controls[i].V = append(append(noise(rng(1), 50, 0, 9, false), c.V...), noise(rng(2), 70, 0, 9, false)...)
	}
	if _, b := word(q, 0.01); a.Controls != 2 {
		t.Error("no controls")
	} else if d := cmp.Diff(a, b, cmpopts.EquateNaNs()); d != "" {
		t.Error(d)
	}
}

func TestControlsDoNotMindTheUnit(t *testing.T) {
	t.Parallel()
	q := withControls(7, 2000, 60, 20, 2, 0.1, 0.03)
	times(q.Series.V, 20, 1.3)
	_, a := word(q, 0.01)
	for _, s := range append([]judge.Series{q.Series}, q.Controls...) {
		for i := range s.V {
			s.V[i] *= 1024
		}
	}
	_, b := word(q, 0.01)
	if a.P == 1 || math.Abs(a.P-b.P) > 1e-9 || math.Abs(a.Effect-b.Effect) > 1e-9 {
		t.Error(cmp.Diff(short(a), short(b)))
	}
}

func TestControlsOfSharesAndHistograms(t *testing.T) {
	t.Parallel()
	q := shares(3, 2000, 60, 20, 0.02, 0.08, 2000)
	same := shares(4, 2000, 60, 20, 0.02, 0.08, 2000)
	// A shared wave in the errors of both, so that the control is worth having.
	for i := range q.Series.Num {
		k := 1 + 0.4*math.Sin(float64(i)/40)
		q.Series.Num[i] = math.Round(q.Series.Num[i] * k)
		same.Series.Num[i] = math.Round(same.Series.Num[i] * k)
	}
	if w, _ := word(q, 0.01); w != judge.Worse {
		t.Errorf("alone it is %s", w)
	}
	q.Controls = []judge.Series{same.Series}
	w, r := word(q, 0.01)
	sane(t, r)
	if w == judge.Worse || r.Controls != 1 {
		t.Errorf("%s %+v", w, short(r))
	}

	h := withControls(8, 600, 60, 20, 3, 0.15, 0.01)
	h.Histogram, h.Quantile = bucketed(h.Series), 0.9
	times(h.Series.V, 20, 1)
	h.Series = judge.Series{}
	_, r = word(h, 0.01)
	sane(t, r)
	if r.Controls != 3 {
		t.Errorf("a distribution is held against no controls: %+v", short(r))
	}
}

// bucketed is a distribution around each value of a series.
func bucketed(s judge.Series) *judge.Histogram {
	h := &judge.Histogram{Start: s.Start, Step: s.Step}
	for b := 10.0; b < 1000; b *= 1.05 {
		h.Bounds = append(h.Bounds, b)
	}
	h.Bounds = append(h.Bounds, math.Inf(1))
	for _, v := range s.V {
		row := make([]float64, len(h.Bounds))
		for k := range 200 {
			x := v * (0.5 + float64(k)/200)
			for j, b := range h.Bounds {
				if x <= b {
					row[j]++
					break
				}
			}
		}
		h.Counts = append(h.Counts, row)
	}
	return h
}
