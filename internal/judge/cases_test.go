package judge_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief/internal/judge"
)

// TestWhy: every way in which nothing can be told, and some in which it can.
func TestWhy(t *testing.T) {
	t.Parallel()
	base := func() judge.Question { return question(rng(5), time.Minute, 600, 60, 30, 0.3, 0.1, false) }
	nan := func(v []float64, lo, hi int) {
		for i := lo; i < hi; i++ {
			v[i] = math.NaN()
		}
	}
	for _, c := range []struct {
		name string
		make func(*judge.Question)
		why  judge.Why
		word judge.Word
		warn string
	}{
		{"untouched", func(*judge.Question) {}, "", judge.Steady, "no earlier weeks"},
		{"nothing after", func(q *judge.Question) { nan(q.Series.V, 660, 690) }, judge.Missing, judge.CannotTell, ""},
		{"nothing before", func(q *judge.Question) { nan(q.Series.V, 0, 660) }, judge.NoBaseline, judge.CannotTell, ""},
		{"nothing at all", func(q *judge.Question) { q.Series.V = nil }, judge.Missing, judge.CannotTell, ""},
		{"no step", func(q *judge.Question) { q.Series.Step = 0 }, judge.Missing, judge.CannotTell, ""},
		{"ends before it begins", func(q *judge.Question) { q.To = q.From }, judge.Missing, judge.CannotTell, ""},
		{"few requests", func(q *judge.Question) {
			q.MinN = 50
			q.Series.N = make([]float64, 690)
			for i := range q.Series.N {
				q.Series.N[i] = 1
			}
		}, judge.TooLittle, judge.CannotTell, ""},
		{"a gap", func(q *judge.Question) { nan(q.Series.V, 670, 682) }, "", judge.Steady, "12 of 30 points after are missing"},
		{"constant", func(q *judge.Question) { fill(q.Series.V, 5) }, "", judge.Steady, ""},
		{"zero", func(q *judge.Question) { fill(q.Series.V, 0) }, "", judge.Steady, ""},
		{"constant, then another", func(q *judge.Question) { fill(q.Series.V, 5); fill(q.Series.V[660:], 9) }, "", judge.Worse, ""},
		{"zero, then not", func(q *judge.Question) { fill(q.Series.V, 0); fill(q.Series.V[660:], 9) }, "", judge.Worse, ""},
		{"counter resets", func(q *judge.Question) { q.Series.V[100], q.Series.V[665] = -1e9, -1e9 }, "", judge.Steady, "negative"},
		{"coarser past", func(q *judge.Question) {
			for i := range 600 {
				if i%5 != 0 {
					q.Series.V[i] = math.NaN()
				}
			}
		}, "", judge.Steady, "every 5m"},
		{"coarser before", func(q *judge.Question) {
			for i := range 660 {
				if i%3 != 0 {
					q.Series.V[i] = math.NaN()
				}
			}
		}, "", judge.Steady, ""},
		{"infinite", func(q *judge.Question) { q.Series.V[665] = math.Inf(1); q.Series.V[3] = math.Inf(-1) }, "", judge.Steady, ""},
		{"never quiet", func(q *judge.Question) {
			for i := range 200 {
				q.Past = append(q.Past, judge.Window{From: at.Add(-time.Duration(5*i+61) * time.Minute), To: at.Add(-time.Duration(5*i+61) * time.Minute)})
			}
		}, "", judge.Steady, "too few"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			q := base()
			c.make(&q)
			w, r := word(q, 0.01)
			sane(t, r)
			if c.name == "never quiet" {
				c.warn = "just before only"
			}
			if r.Why != c.why || w != c.word || !strings.Contains(strings.Join(r.Warnings, "; "), c.warn) {
				t.Errorf("why %q word %q warnings %q: %+v", r.Why, w, r.Warnings, short(r))
			}
		})
	}
}

func short(r judge.Result) judge.Result { r.Band = judge.Band{}; return r }

func fill(v []float64, x float64) {
	for i := range v {
		v[i] = x
	}
}

// shares is a question about errors of requests: history, before and after in
// points of one minute, with the given shares and requests per minute.
func shares(seed uint64, history, nb, na int, p0, p1, perMinute float64) judge.Question {
	r := rng(seed)
	q := question(r, time.Minute, history, nb, na, 0, 0.1, false)
	n := history + nb + na
	q.Kind, q.Margin, q.Coarse = judge.Share, 0.005, 0.01
	for i := range n {
		p := p0
		if i >= n-na {
			p = p1
		}
		d := poisson(r, perMinute)
		x := 0.0
		for range int(d) {
			if r.Float64() < p {
				x++
			}
		}
		q.Series.Num, q.Series.Den = append(q.Series.Num, x), append(q.Series.Den, d)
	}
	q.Series.V = nil
	return q
}

func TestErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name            string
		history         int
		p0, p1, perMin  float64
		worse           int // of 40, at least
		quiet           bool
		smallestAtMost  float64
		requestsAtLeast int
	}{
		{"0.1 to 5 %", 2000, 0.001, 0.05, 200, 39, false, 0.01, 1000},
		{"0.1 to 5 %, no history", 0, 0.001, 0.05, 200, 39, false, 0.02, 1000},
		{"none to 20 %, little traffic", 300, 0, 0.20, 20, 36, false, 0.2, 100},
		{"1 % stays", 2000, 0.01, 0.01, 200, 0, true, 0.03, 1000},
		{"none stays", 2000, 0, 0, 200, 0, true, 0.01, 1000},
		{"1 % stays, no history", 0, 0.01, 0.01, 100, 0, true, 0.05, 400},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			worse := 0
			for seed := range uint64(40) {
				q := shares(seed, c.history, 60, 10, c.p0, c.p1, c.perMin)
				w, r := word(q, 0.01)
				sane(t, r)
				if w == judge.Worse {
					worse++
					if math.Abs(r.Effect-(c.p1-c.p0)) > 0.1 || r.Relative {
						t.Errorf("effect %g", r.Effect)
					}
				}
				if r.Smallest > c.smallestAtMost || r.Smallest == 0 || r.N < c.requestsAtLeast {
					t.Errorf("smallest %g n %d", r.Smallest, r.N)
				}
			}
			if worse < c.worse || (c.quiet && worse > 1) {
				t.Errorf("worse %d of 40", worse)
			}
		})
	}
}

// histograms has perStep observations each step, log-normal around centre.
func histograms(seed uint64, history, nb, na, perStep int, factor, spread float64) judge.Question {
	r := rng(seed)
	q := question(r, time.Minute, 0, 0, 1, 0, 0.1, false)
	q.Series = judge.Series{}
	q.Quantile, q.Before, q.To = 0.95, time.Duration(nb)*time.Minute, at.Add(time.Duration(na)*time.Minute)
	h := &judge.Histogram{Start: at.Add(-time.Duration(history+nb) * time.Minute), Step: time.Minute}
	for b := 0.005; b < 12; b *= 2 {
		h.Bounds = append(h.Bounds, b)
	}
	h.Bounds = append(h.Bounds, math.Inf(1))
	for i := range history + nb + na {
		row := make([]float64, len(h.Bounds))
		f, s := 1.0, 0.5
		if i >= history+nb {
			f, s = factor, spread
		}
		for range perStep {
			x := 0.08 * f * math.Exp(s*r.NormFloat64())
			for j, b := range h.Bounds {
				if x <= b {
					row[j]++
					break
				}
			}
		}
		h.Counts = append(h.Counts, row)
	}
	q.Histogram = h
	return q
}

func TestHistogram(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name           string
		history        int
		factor, spread float64
		worse, most    int
	}{
		{"twice as slow", 1500, 2, 0.5, 29, 30},
		{"twice as slow, no history", 0, 2, 0.5, 29, 30},
		{"same", 1500, 1, 0.5, 0, 1},
		{"same, no history", 0, 1, 0.5, 0, 1},
		{"wider", 1500, 1, 1, 29, 30},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			worse := 0
			for seed := range uint64(30) {
				q := histograms(seed, c.history, 60, 10, 100, c.factor, c.spread)
				w, r := word(q, 0.01)
				sane(t, r)
				if w == judge.Worse {
					worse++
				}
				if r.N != 1000 || math.Abs(r.Before-0.22) > 0.06 {
					t.Errorf("n %d before %g", r.N, r.Before)
				}
			}
			if worse < c.worse || worse > c.most {
				t.Errorf("worse %d of 30", worse)
			}
		})
	}
	q := histograms(1, 100, 60, 10, 100, 1, 0.5)
	for i := 160; i < 170; i++ {
		q.Histogram.Counts[i] = nil
	}
	if r := judge.Judge(q); r.Why != judge.Missing {
		t.Errorf("why %q", r.Why)
	}
	q = histograms(1, 100, 60, 10, 3, 1, 0.5)
	q.MinN = 50
	if r := judge.Judge(q); r.Why != judge.TooLittle || r.N != 30 {
		t.Errorf("why %q n %d", r.Why, r.N)
	}
}

// TestSeason: a steep morning is no change, and a change in it is found.
func TestSeason(t *testing.T) {
	t.Parallel()
	for _, kind := range []judge.Kind{judge.Gauge, judge.Count} {
		worse := 0
		for seed := range uint64(20) {
			q := question(rng(seed), time.Minute, 21*1440, 60, 60, 0.3, 0.05, false)
			q.Kind, q.Good = kind, judge.Neither
			for i := range q.Series.V {
				hours := q.Series.Start.Add(time.Duration(i) * time.Minute).Sub(at).Hours()
				q.Series.V[i] *= math.Exp(0.8 * math.Sin(2*math.Pi*hours/24))
			}
			w, r := word(q, 0.01)
			if w != judge.Steady {
				t.Errorf("%s: %s %+v", kind, w, short(r))
			}
			if !r.Band.Seasonal || r.Weeks < 2 {
				t.Errorf("band seasonal %v, weeks %d", r.Band.Seasonal, r.Weeks)
			}
			n := len(q.Series.V)
			for i := n - 60; i < n; i++ {
				q.Series.V[i] *= 1.5
			}
			if w, r := word(q, 0.01); w == judge.Changed && math.Abs(r.Effect-0.5) < 0.15 {
				worse++
			}
		}
		if worse < 19 {
			t.Errorf("%s: found %d of 20", kind, worse)
		}
	}
}

func TestTrafficStops(t *testing.T) {
	t.Parallel()
	for _, per := range []float64{2, 300} {
		r := rng(9)
		q := question(r, time.Minute, 1000, 60, 20, 0, 0.1, false)
		q.Kind, q.Good, q.MinN = judge.Count, judge.Neither, 50
		for i := range q.Series.V {
			q.Series.V[i] = poisson(r, per)
			if i >= 1060 {
				q.Series.V[i] = 0
			}
		}
		w, x := word(q, 0.01)
		if w != judge.Changed || x.Effect > -0.8 {
			t.Errorf("%g per minute: %s %+v", per, w, short(x))
		}
	}
}

// TestCoarsePast: four weeks known every 15 s, the last minutes every second,
// as a scraped Prometheus with an older store behind it has them.
func TestCoarsePast(t *testing.T) {
	t.Parallel()
	worse, crying, close := 0, 0, 0
	for seed := range uint64(40) {
		const history, nb, na = 30000, 120, 90
		q := question(rng(seed), time.Second, history, nb, na, 0.3, 0.35, true)
		q.Margin, q.Coarse = 0.3, 1
		for i := range history {
			if i%15 != 0 {
				q.Series.V[i] = math.NaN()
			}
		}
		if w, _ := word(q, 0.02/6); w != judge.Steady && w != judge.CannotTell {
			crying++
		}
		for i := 20; i < na; i++ {
			q.Series.V[history+nb+i] *= 1 + math.Min(1, float64(i-20)/20)
		}
		w, r := word(q, 0.02/6)
		if w == judge.Worse {
			worse++
		}
		if r.Since.Sub(at.Add(20*time.Second)).Abs() <= 10*time.Second {
			close++
		}
	}
	if worse < 36 || crying > 1 || close < 30 {
		t.Errorf("worse %d, cried wolf %d, onset close %d of 40", worse, crying, close)
	}
}

// TestHistogramDemo: a little shop scraped every second, minutes old.
func TestHistogramDemo(t *testing.T) {
	t.Parallel()
	for _, history := range []int{0, 600} {
		crying, worse, close := 0, 0, 0
		for seed := range uint64(60) {
			r := rng(seed)
			for _, fault := range []bool{false, true} {
				q := histograms(seed, 0, 1, 1, 1, 1, 0.5)
				h := q.Histogram
				h.Step, h.Start, h.Counts = time.Second, at.Add(-time.Duration(history+90)*time.Second), nil
				q.Before, q.To, q.Margin, q.Coarse = 90*time.Second, at.Add(90*time.Second), 0.3, 1
				for i := range history + 180 {
					row := make([]float64, len(h.Bounds))
					f := 1.0
					if since := i - history - 90; fault && since > 20 {
						f += math.Min(1, float64(since-20)/20)
					}
					for range int(poisson(r, 15)) {
						x := 0.03 * f * math.Exp(0.5*r.NormFloat64())
						for j, b := range h.Bounds {
							if x <= b {
								row[j]++
								break
							}
						}
					}
					h.Counts = append(h.Counts, row)
				}
				w, x := word(q, 0.02/6)
				switch {
				case !fault && w != judge.Steady && w != judge.CannotTell:
					crying++
				case fault && w == judge.Worse:
					worse++
					if x.Since.Sub(at.Add(20*time.Second)).Abs() <= 10*time.Second {
						close++
					}
				}
			}
		}
		if crying > 1 || worse < 57 || close < 50 {
			t.Errorf("history %d: %d cried wolf, %d worse, %d onsets close, of 60", history, crying, worse, close)
		}
	}
}
