package realprom_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief/internal/judge"
	"github.com/debriefhq/debrief/internal/measure"
	"github.com/debriefhq/debrief/internal/story/realprom"
)

// What real series do beside measuring: they have gaps, their processes begin
// anew, they stand still, they are read more often than they were.

// oddDays is how much past the odd series have.
const oddDays = 3

// odd writes one series read every minute (or as `every` says), as a function
// of minutes since the release; NaN is not written.
func odd(name string, live time.Time, after int, every func(i int) int, value func(i int) float64) realprom.Series {
	s := realprom.Series{Name: name, Labels: map[string]string{"app": "shop"}}
	for i := -oddDays * 1440; i <= after; i++ {
		if i%every(i) != 0 {
			continue
		}
		if v := value(i); v == v {
			s.Samples = append(s.Samples, realprom.Sample{At: live.Add(time.Duration(i) * time.Minute), V: v})
		}
	}
	return s
}

func minutely(int) int { return 1 }

func TestOddSeriesAreJudgedForWhatTheyAre(t *testing.T) {
	t.Parallel()
	srv := realprom.Start(t)
	const after = 60
	live := time.Now().UTC().Truncate(5 * time.Minute).Add(-after * time.Minute)
	noise := func(seed int, i int) float64 {
		return rand.New(rand.NewPCG(uint64(seed), uint64(i+1e6))).NormFloat64()
	}
	sum := 0.0
	counter := func(resets ...int) func(i int) float64 {
		return func(i int) float64 {
			if i == -oddDays*1440 {
				sum = 0
			}
			sum += 300 * (1 + 0.05*noise(1, i))
			for _, r := range resets {
				if i == r {
					sum = 40
				}
			}
			return sum
		}
	}
	gauge := func(i int) float64 { return 100 * math.Exp(0.05*noise(2, i)) }
	for _, c := range []struct {
		name   string
		query  string
		role   string
		every  func(int) int
		value  func(i int) float64
		word   judge.Word
		warn   string
		effect float64
	}{
		{"requests_total", "sum(rate(requests_total[5m]))", "traffic", minutely, counter(0, 7, 31, -3000), judge.Steady, "", 0},
		{"gap", "gap", "latency", minutely, func(i int) float64 {
			if i > 20 && i < 45 || i > -2000 && i < -1800 {
				return math.NaN()
			}
			return gauge(i)
		}, judge.Steady, "of 60 points after are missing", 0},
		{"still", "still", "latency", minutely, func(int) float64 { return 7 }, judge.Steady, "", 0},
		{"leaves", "leaves", "latency", minutely, func(i int) float64 {
			if i > 0 {
				return 9
			}
			return 7
		}, judge.Worse, "", 2.0 / 7},
		{"oftener", "oftener", "latency", func(i int) int {
			if i < -70 {
				return 5
			}
			return 1
		}, gauge, judge.Steady, "the resolution changed: read every 1m0s now, every 5m0s in the past", 0},
		{"seldomer", "seldomer", "latency", func(i int) int {
			if i < -70 {
				return 1
			}
			return 5
		}, gauge, judge.Steady, "the resolution changed: read every 5m0s now, every 1m0s in the past", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := srv.Write(t.Context(), odd(c.name, live, after, c.every, c.value)); err != nil {
				t.Fatal(err)
			}
			p, err := measure.NewPrometheus("main", measure.Options{URL: srv.URL})
			if err != nil {
				t.Fatal(err)
			}
			w := measure.Window{From: live.Add(-oddDays*24*time.Hour + 10*time.Minute), To: live.Add(after * time.Minute), Step: time.Minute}
			got, err := measure.Fetch(t.Context(), p, measure.Metric{Name: c.name, Role: c.role, Query: c.query}, w)
			if err != nil {
				t.Fatal(err)
			}
			margin := 0.1
			if c.role == "traffic" {
				// As configured by default. What was counted between the last reading
				// and a process's end is lost: a fifth of five minutes, here.
				margin = 0.25
			}
			r := judge.Judge(judge.Question{
				Kind: got.Kind, Good: judge.Lower, Series: got.Series, From: live, Exposed: live, To: w.To, Before: time.Hour, Margin: margin, Coarse: 0.5, Alpha: 0.01,
			})
			word := judge.Settle([]judge.Result{r}, nil, 0.01)[0].Word
			if word != c.word || math.IsNaN(r.P) || math.IsInf(r.Effect, 0) || math.Abs(r.Effect-c.effect) > margin {
				r.Band = judge.Band{}
				t.Errorf("%s, want %s: %+v", word, c.word, r)
			}
			if said := strings.Join(r.Warnings, ";"); !strings.Contains(said, c.warn) {
				t.Errorf("warnings %q, want %q", r.Warnings, c.warn)
			}
		})
	}
}
