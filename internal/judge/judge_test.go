package judge_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/debriefhq/debrief/internal/judge"
)

var at = time.Date(2026, 3, 3, 14, 0, 0, 0, time.UTC)

// noise is AR(1) with standard deviation sd; heavy makes its shocks t3.
func noise(r *rand.Rand, n int, phi, sd float64, heavy bool) []float64 {
	out := make([]float64, n)
	x := r.NormFloat64() * sd
	s := sd * math.Sqrt(1-phi*phi)
	for i := range out {
		e := r.NormFloat64()
		if heavy {
			c := 0.0
			for range 3 {
				z := r.NormFloat64()
				c += z * z
			}
			e /= math.Sqrt(c) // t3/√3: variance 1
		}
		x = phi*x + s*e
		out[i] = x
	}
	return out
}

// question is a gauge around 80 whose "after" begins at the instant at:
// history points before "before", nb before, na after.
func question(r *rand.Rand, step time.Duration, history, nb, na int, phi, sd float64, heavy bool) judge.Question {
	n := history + nb + na
	v := noise(r, n, phi, sd, heavy)
	for i := range v {
		v[i] = 80 * math.Exp(v[i])
	}
	return judge.Question{
		Kind: judge.Gauge, Good: judge.Lower,
		Series: judge.Series{Start: at.Add(-time.Duration(history+nb) * step), Step: step, V: v},
		From:   at, Exposed: at, To: at.Add(time.Duration(na) * step), Before: time.Duration(nb) * step,
		Margin: 0.10, Coarse: 0.5,
	}
}

func word(q judge.Question, budget float64) (judge.Word, judge.Result) {
	q.Alpha = budget
	r := judge.Judge(q)
	return judge.Settle([]judge.Result{r}, nil, budget)[0].Word, r
}

func rng(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 7)) }

func TestLevel(t *testing.T) {
	t.Parallel()
	q := question(rng(1), time.Minute, 7*1440, 60, 30, 0.3, 0.1, false)
	n := len(q.Series.V)
	for i := n - 30; i < n; i++ {
		q.Series.V[i] *= 1.5
	}
	w, r := word(q, 0.01)
	if w != judge.Worse || math.Abs(r.Effect-0.5) > 0.15 || r.Low > 0.5 || r.High < 0.5 {
		t.Fatalf("%s %+v", w, r)
	}
	if d := r.Since.Sub(at); d < -0 || d > 2*time.Minute {
		t.Errorf("since %s", r.Since)
	}
	if r.Weeks != 1 && r.Weeks != 0 {
		t.Errorf("weeks %d", r.Weeks)
	}
}

func TestCreepWithoutHistory(t *testing.T) {
	t.Parallel()
	worse, close := 0, 0
	for seed := range uint64(100) {
		q := question(rng(seed), time.Second, 0, 90, 90, 0.4, 0.2, false)
		n := len(q.Series.V)
		begin := n - 70 // 20 s after release
		for i := begin; i < n; i++ {
			q.Series.V[i] *= 1 + math.Min(1, float64(i-begin)/20)
		}
		w, r := word(q, 0.02/4)
		if w == judge.Worse {
			worse++
		}
		d := r.Since.Sub(at.Add(20 * time.Second)).Abs()
		if d <= 10*time.Second {
			close++
		}
	}
	t.Logf("worse %d close %d", worse, close)
	if worse < 95 || close < 85 {
		t.Errorf("worse %d, onset close %d of 100", worse, close)
	}
}

// TestFalseAlarms: at one per cent for the metric, untouched series stay quiet
// whatever their memory, and ×2 is seen where it can be.
func TestFalseAlarms(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		history, na int
		phi         float64
		crying, hit int // of 100: at most, at least
	}{
		{2000, 5, 0, 2, 99},
		{2000, 60, 0, 2, 99},
		{2000, 5, 0.5, 2, 80},
		{2000, 60, 0.5, 2, 99},
		{2000, 60, 0.9, 3, 60},
		{0, 30, 0, 1, 99},
		{0, 90, 0.5, 1, 99},
		{0, 90, 0.9, 4, 0},
	} {
		crying, hit := 0, 0
		for seed := range uint64(100) {
			q := question(rng(seed), time.Minute, c.history, 90, c.na, c.phi, 0.2, seed%2 == 0)
			if w, _ := word(q, 0.01); w == judge.Worse || w == judge.Better {
				crying++
			}
			n := len(q.Series.V)
			for i := n - c.na; i < n; i++ {
				q.Series.V[i] *= 2
			}
			if w, _ := word(q, 0.01); w == judge.Worse {
				hit++
			}
		}
		if crying > c.crying || hit < c.hit {
			t.Errorf("history %d, after %d, φ %.1f: %d cried wolf, %d found, of 100", c.history, c.na, c.phi, crying, hit)
		}
	}
}

func poisson(r *rand.Rand, mean float64) float64 {
	if mean > 50 {
		return max(0, math.Round(mean+math.Sqrt(mean)*r.NormFloat64()))
	}
	l, k, p := math.Exp(-mean), 0, 1.0
	for {
		p *= r.Float64()
		if p <= l {
			return float64(k)
		}
		k++
	}
}
