package judge_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief/internal/judge"
)

// released is a series with earlier releases `every` points apart, each of
// which brings a shift of its own for as long as a look is.
func released(seed uint64, n, every, na int, bump func(k int) float64) judge.Question {
	q := question(rng(seed), time.Minute, n, 60, na, 0.3, 0.05, false)
	live := n + 60
	for k := 1; live-k*every-60 >= 0; k++ {
		at := live - k*every
		for i := at; i < at+na; i++ {
			q.Series.V[i] *= bump(k)
		}
		when := q.Series.Start.Add(time.Duration(at) * time.Minute)
		q.Releases = append([]time.Time{when}, q.Releases...)
		q.Past = append(q.Past, judge.Window{From: when.Add(-2 * time.Minute), To: when})
	}
	return q
}

func TestUsualAfterADeployment(t *testing.T) {
	t.Parallel()
	n := max(12, *calibrate)
	wobbling := func(seed uint64) func(int) float64 {
		return func(k int) float64 { return 1.4 + 0.05*math.Sin(float64(k)+float64(seed)) }
	}
	usual, unusual, quiet, bad := 0, 0, 0, 0
	for seed := range uint64(n) {
		q := released(seed, 6000, 720, 10, wobbling(seed))
		times(q.Series.V, 10, 1.4)
		w, r := word(q, 0.01)
		sane(t, r)
		if w == judge.Worse && r.Usual && r.Releases >= 8 {
			usual++
		}
		times(q.Series.V, 10, 1.5) // on top of what is usual
		if w, r = word(q, 0.01); w == judge.Worse && !r.Usual {
			unusual++
		}
		// The other releases of this service bring nothing.
		q = released(seed, 6000, 720, 10, func(int) float64 { return 1 })
		times(q.Series.V, 10, 1.4)
		if w, r = word(q, 0.01); w == judge.Worse && !r.Usual {
			quiet++
		}
		// One of them went badly wrong: that is not what is usual.
		q = released(seed, 6000, 720, 10, func(k int) float64 {
			if k == 3 {
				return 6
			}
			return 1
		})
		times(q.Series.V, 10, 1.4)
		if w, r = word(q, 0.01); w == judge.Worse && !r.Usual {
			bad++
		}
	}
	t.Logf("of %d: the usual bump %d, more than it %d, a first one %d, one after one bad release %d", n, usual, unusual, quiet, bad)
	if usual < n*9/10 || unusual < n*9/10 || quiet < n*9/10 || bad < n*9/10 {
		t.Error("what is usual is not told from what is not")
	}
}

// TestShipsTooOften: with a release every hour no look of an hour has quiet
// moments side by side, and the releases are all there is.
func TestShipsTooOften(t *testing.T) {
	t.Parallel()
	n := max(20, *calibrate)
	cry, found := 0, 0
	for seed := range uint64(n) {
		ask := func(factor float64) judge.Question {
			q := released(seed, 3000, 100, 50, func(int) float64 { return 1.3 })
			times(q.Series.V, 50, factor)
			return q
		}
		w, r := word(ask(1.3), 0.01)
		sane(t, r)
		if w == judge.Worse || w == judge.Better {
			cry++
		}
		if said := strings.Join(r.Warnings, ";"); r.Short || !strings.Contains(said, "ships too often for quiet moments of its own: held against its last ") || strings.Contains(said, "just before only") {
			t.Fatalf("short %v, warnings %q", r.Short, r.Warnings)
		}
		if w, _ := word(ask(1.3*1.4), 0.01); w == judge.Worse {
			found++
		}
	}
	t.Logf("of %d: %d called for what each release brings, +40 %% on top found in %d", n, cry, found)
	if cry > 1+n/40 || found < n*9/10 {
		t.Error("releases as the only null do not tell")
	}
}

func TestSharesAreUsualToo(t *testing.T) {
	t.Parallel()
	q := shares(3, 6000, 60, 10, 0.01, 0.04, 300)
	r := rng(8)
	live := 6060
	for k := 1; k <= 9; k++ {
		at := live - k*600
		q.Releases = append([]time.Time{q.Series.Start.Add(time.Duration(at) * time.Minute)}, q.Releases...)
		q.Past = append(q.Past, judge.Window{From: q.Releases[0], To: q.Releases[0]})
		for i := at; i < at+10; i++ {
			q.Series.Num[i] = math.Round(q.Series.Den[i] * (0.04 + 0.004*r.NormFloat64()))
		}
	}
	if w, r := word(q, 0.01); w != judge.Worse || !r.Usual || r.Releases != 9 {
		t.Errorf("%s %+v", w, short(r))
	}
	q.Releases = q.Releases[2:] // seven are too few to say
	if w, r := word(q, 0.01); w != judge.Worse || r.Usual || r.Releases != 0 {
		t.Errorf("%s %+v", w, short(r))
	}
}
