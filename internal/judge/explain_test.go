package judge_test

import (
	"math"
	"testing"
	"time"

	"github.com/debriefhq/debrief/internal/judge"
)

// TestPulsesHaveADirection: three points far off and nothing else are told on
// the side on which they lie; what lies low, now and then as a spread.
func TestPulsesHaveADirection(t *testing.T) {
	t.Parallel()
	const seeds = 40
	for _, c := range []struct {
		name   string
		factor float64
		least  int // told as a spike on its side
	}{{"times three", 3, 34}, {"a third", 1. / 3, 26}, {"nothing", 0, 26}} {
		right, wrong, unseen := 0, 0, 0
		for seed := range uint64(seeds) {
			q := question(rng(seed), time.Minute, 2000, 48, 24, 0.5, 0.1, seed%2 == 0)
			v := q.Series.V
			for i := range 3 {
				v[len(v)-6-int(seed%12)+i] *= c.factor
			}
			q.Alpha = 0.01
			r := judge.Judge(q)
			switch side := r.Effect > 0 == (c.factor > 1); {
			case r.Low >= r.Effect || r.Effect >= r.High:
				t.Errorf("%s, seed %d: %.2f in %.2f to %.2f", c.name, seed, r.Effect, r.Low, r.High)
			case r.P > 0.01:
				unseen++
			case side && r.Shape == judge.Spike:
				right++
			case !side && r.Shape != judge.Spread:
				wrong++
			}
		}
		if t.Logf("%s: %d of %d, %d on the other side", c.name, right, seeds, wrong); right < c.least || wrong > 2 || unseen > 2 {
			t.Errorf("%s: %d of %d told as a spike on its side, %d on the other, %d not at all", c.name, right, seeds, wrong, unseen)
		}
	}
}

// TestSpreadIsToldFromALevel: values drawn apart on their own scale, some of
// them to nothing, are a spread, though on a logarithmic scale they reach down
// much further than up.
func TestSpreadIsToldFromALevel(t *testing.T) {
	t.Parallel()
	const seeds = 40
	right := 0
	for seed := range uint64(seeds) {
		q := question(rng(seed), time.Minute, 2000, 48, 24, 0.3, 0.2, false)
		after := q.Series.V[len(q.Series.V)-24:]
		mean := 0.0
		for _, v := range after {
			mean += v / float64(len(after))
		}
		for i, v := range after {
			after[i] = math.Max(0, mean+3*(v-mean))
		}
		q.Alpha = 0.01
		if r := judge.Judge(q); r.P <= 0.01 && r.Shape == judge.Spread {
			right++
		}
	}
	if t.Logf("%d of %d", right, seeds); right < seeds*9/10 {
		t.Errorf("%d of %d told as a spread", right, seeds)
	}
}

// TestIntervalsCover: the interval of a level holds the truth about as often as
// 95 in a hundred, and says something.
func TestIntervalsCover(t *testing.T) {
	t.Parallel()
	const seeds = 120
	for _, c := range []struct{ phi, effect float64 }{{0, 1.3}, {0.5, 1.3}, {0.5, 1 / 1.5}, {0.8, 2}} {
		held, width := 0, 0.0
		for seed := range uint64(seeds) {
			q := question(rng(1000+seed), time.Minute, 2000, 48, 24, c.phi, 0.1, false)
			for i := range 24 {
				q.Series.V[len(q.Series.V)-24+i] *= c.effect
			}
			r := judge.Judge(q)
			if truth := c.effect - 1; r.Low <= truth && truth <= r.High {
				held++
			}
			width += (r.High - r.Low) / seeds
		}
		if t.Logf("φ %.1f, ×%.2f: %d of %d held, width %.2f", c.phi, c.effect, held, seeds, width); held < seeds*88/100 || width > 0.5*c.effect {
			t.Errorf("φ %.1f, ×%.2f: %d of %d intervals hold the truth, of mean width %.2f", c.phi, c.effect, held, seeds, width)
		}
	}
}

// TestShortWildEra: a deployment not long ago after which the series is several
// times as wild leaves no past to be held against. What that wildness does by
// itself is no change.
func TestShortWildEra(t *testing.T) {
	t.Parallel()
	const seeds = 80
	for _, era := range []int{30, 100, 200, 260} {
		called := 0
		for seed := range uint64(seeds) {
			q := question(rng(seed), time.Minute, 2000, 48, 24, 0.3, 0.05, false)
			v := q.Series.V
			from := len(v) - 24 - 48 - era
			for i := from; i < len(v); i++ {
				v[i] = 80 * math.Pow(v[i]/80, 4)
			}
			began := at.Add(-time.Duration(48+era) * time.Minute)
			q.Past = []judge.Window{{From: began.Add(-time.Minute), To: began}}
			if w, _ := word(q, 0.01); w != judge.Steady && w != judge.CannotTell {
				called++
			}
		}
		if t.Logf("%d minutes: %d of %d", era, called, seeds); called > 2 {
			t.Errorf("%d minutes since: %d of %d untouched called", era, called, seeds)
		}
	}
}
