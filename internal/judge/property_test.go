package judge_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/debriefhq/debrief/internal/judge"
)

// drawn is a question of any kind over a made series.
func drawn(t *rapid.T) judge.Question {
	r := rng(rapid.Uint64().Draw(t, "seed"))
	nb, na := rapid.IntRange(5, 60).Draw(t, "before"), rapid.IntRange(4, 60).Draw(t, "after")
	step := rapid.SampledFrom([]time.Duration{time.Second, 15 * time.Second, time.Minute}).Draw(t, "step")
	q := question(r, step, rapid.IntRange(0, 1500).Draw(t, "history"), nb, na, 0.5, 0.2, true)
	factor := rapid.Float64Range(0.3, 3).Draw(t, "factor")
	v := q.Series.V
	for i := len(v) - na; i < len(v); i++ {
		v[i] *= factor
	}
	for i := range v {
		if r.IntN(50) == 0 {
			v[i] = math.NaN()
		}
	}
	q.Kind = rapid.SampledFrom([]judge.Kind{judge.Gauge, judge.Count, judge.Share}).Draw(t, "kind")
	if q.Kind == judge.Share {
		for _, x := range v {
			q.Series.Den = append(q.Series.Den, math.Round(x))
			q.Series.Num = append(q.Series.Num, math.Round(x*r.Float64()*0.1))
		}
		q.Margin, q.Coarse = 0.005, 0.01
	}
	return q
}

// TestWhatMustNotMatter: data after the look's end, data older than 28 days,
// and where in memory a series begins.
func TestWhatMustNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		q := drawn(t)
		want := judge.Judge(q)
		late := rapid.IntRange(1, 100).Draw(t, "late")
		extra := func(xs []float64) []float64 {
			xs = slices.Clone(xs)
			for i := range late {
				xs = append(xs, 1e6*float64(i))
			}
			return xs
		}
		if q.Kind == judge.Share {
			q.Series.Num, q.Series.Den = extra(q.Series.Num), extra(q.Series.Den)
		} else {
			q.Series.V = extra(q.Series.V)
		}
		if d := cmp.Diff(want, judge.Judge(q), cmpopts.EquateNaNs()); d != "" {
			t.Fatal(d)
		}
	})
}

func TestOlderThan28Days(t *testing.T) {
	t.Parallel()
	step := 10 * time.Minute
	n := int(28 * 24 * time.Hour / step)
	q := question(rng(3), step, n+500-18, 12, 6, 0.5, 0.2, false)
	want := judge.Judge(q)
	for i := range 500 {
		q.Series.V[i] = 1e9
	}
	if d := cmp.Diff(want, judge.Judge(q), cmpopts.EquateNaNs()); d != "" {
		t.Fatal(d)
	}
	q.Series.V = q.Series.V[500:]
	q.Series.Start = q.Series.Start.Add(500 * step)
	if d := cmp.Diff(want, judge.Judge(q), cmpopts.EquateNaNs()); d != "" {
		t.Fatal(d)
	}
}

func TestScale(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		q := drawn(t)
		if q.Kind == judge.Share {
			return
		}
		a := judge.Judge(q)
		by := math.Pow(10, rapid.Float64Range(-6, 6).Draw(t, "scale"))
		v := slices.Clone(q.Series.V)
		for i := range v {
			v[i] *= by
		}
		q.Series.V = v
		b := judge.Judge(q)
		if math.Abs(a.P-b.P) > 1e-6*(a.P+1e-9)+1e-12 || math.Abs(a.Effect-b.Effect) > 1e-6*(1+math.Abs(a.Effect)) || a.Shape != b.Shape || !a.Since.Equal(b.Since) {
			t.Fatalf("times %g:\n%g %g %s %s\n%g %g %s %s", by, a.P, a.Effect, a.Shape, a.Since, b.P, b.Effect, b.Shape, b.Since)
		}
		if math.Abs(a.After*by-b.After) > 1e-6*math.Abs(b.After) {
			t.Fatalf("after %g times %g is not %g", a.After, by, b.After)
		}
	})
}

func TestHolm(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "n")
		var rs []judge.Result
		var leads []bool
		for range n {
			rs = append(rs, judge.Result{Tell: rapid.Bool().Draw(t, "tell"), P: rapid.Float64Range(0, 1).Draw(t, "p"), Effect: 1, Margin: 0.1})
			leads = append(leads, rapid.Bool().Draw(t, "leads"))
		}
		w := judge.Weights(leads)
		total := 0.0
		for _, x := range w {
			total += x
		}
		if math.Abs(total-1) > 1e-9 {
			t.Fatalf("weights add up to %g", total)
		}
		out := judge.Settle(rs, w, 0.01)
		for i, s := range out {
			if rs[i].Tell && s.P < rs[i].P-1e-12 || s.P > 1 {
				t.Fatalf("adjusted %g of %g", s.P, rs[i].P)
			}
			if (s.Word == judge.Changed) != (rs[i].Tell && s.P <= 0.01) {
				t.Fatalf("%s at %g", s.Word, s.P)
			}
			// Bonferroni's answer is never missed.
			if rs[i].Tell && rs[i].P <= 0.01*w[i] && s.Word != judge.Changed {
				t.Fatalf("p %g, weight %g: %s", rs[i].P, w[i], s.Word)
			}
		}
	})
}

func TestLookBudget(t *testing.T) {
	t.Parallel()
	for i, want := range []float64{0.01, 0.02, 0.02} {
		if got := judge.LookBudget(0.05, i+1, 3); math.Abs(got-want) > 1e-12 {
			t.Errorf("look %d: %g", i+1, got)
		}
	}
	if judge.LookBudget(0.05, 1, 1) != 0.05 || judge.LookBudget(0.05, 4, 3) != 0 || judge.LookBudget(0.05, 0, 3) != 0 {
		t.Error("budgets at the edges")
	}
}
