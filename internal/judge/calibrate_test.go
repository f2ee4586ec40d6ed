package judge_test

import (
	"flag"
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/debriefhq/debrief/internal/judge"
)

// How many made releases stand in each cell of the tables in docs/judging.md:
// go test ./internal/judge -run Calibrate -v -timeout 5h -calibrate 2000
// The seeds begin at -calibrate-from: those the judge was built with begin at 0.
var (
	calibrate     = flag.Int("calibrate", 0, "releases per cell of the calibration (0: a short check)")
	calibrateOnly = flag.String("calibrate-only", "", "only worlds whose name holds this")
	calibrateFrom = flag.Uint64("calibrate-from", 0, "the first release's seed")
)

// cell is one kind of world. Every metric of a release is made anew.
type cell struct {
	name    string
	step    time.Duration
	history int   // points before the longest "before"
	before  int   // points
	looks   []int // points after
	metrics int
	phi     float64
	heavy   bool
	season  float64 // amplitude on the log scale of the time of day, with half of it on weekends
	margin  float64
	coarse  float64
}

func cells() []cell {
	var out []cell
	for _, n := range []struct {
		name   string
		phi    float64
		heavy  bool
		season float64
	}{{"white", 0, false, 0}, {"AR .5", 0.5, false, 0}, {"AR .9", 0.9, false, 0}, {"AR .5, t3", 0.5, true, 0}, {"AR .5, t3, daily and weekly season", 0.5, true, 0.5}} {
		if n.season == 0 {
			out = append(out,
				cell{"demo, no past: " + n.name, time.Second, 0, 90, []int{30, 90}, 6, n.phi, n.heavy, 0, 0.3, 1},
				cell{"demo, 20 minutes: " + n.name, time.Second, 1200, 90, []int{30, 90}, 6, n.phi, n.heavy, 0, 0.3, 1})
		}
		out = append(out,
			cell{"14 days: " + n.name, time.Minute, 14 * 1440, 60, []int{5, 60, 1440}, 10, n.phi, n.heavy, n.season, 0, 0.5})
	}
	return out
}

// release makes one release's metrics, longest look; fault, where not nil,
// changes the first metric from the release on.
func (c cell) release(r *rand.Rand, fault func(i int) float64) [][]float64 {
	longest := c.looks[len(c.looks)-1]
	n := c.history + c.before + longest
	out := make([][]float64, c.metrics)
	for m := range out {
		v := noise(r, n, c.phi, 0.2, c.heavy)
		phase := r.Float64()
		for i := range v {
			x := v[i]
			if c.season > 0 {
				now := at.Add(time.Duration(i-c.history-c.before) * c.step)
				day := c.season
				if w := now.Weekday(); w == time.Saturday || w == time.Sunday {
					day /= 2
				}
				x += day * math.Sin(2*math.Pi*(now.Sub(at).Hours()/24+phase))
			}
			v[i] = 80 * math.Exp(x)
			if m == 0 && fault != nil && i >= c.history+c.before {
				v[i] *= fault(i - c.history - c.before)
			}
		}
		out[m] = v
	}
	return out
}

// look judges one look of a release.
func (c cell) look(metrics [][]float64, look int) ([]judge.Settled, []judge.Result) {
	leads := make([]bool, c.metrics)
	for i := range leads {
		leads[i] = i < c.metrics*2/3
	}
	weights := judge.Weights(leads)
	budget := judge.LookBudget(0.05, look+1, len(c.looks))
	rs := make([]judge.Result, len(metrics))
	for i, v := range metrics {
		rs[i] = judge.Judge(judge.Question{
			Kind: judge.Gauge, Good: judge.Lower,
			Series: judge.Series{Start: at.Add(-time.Duration(c.history+c.before) * c.step), Step: c.step, V: v[:c.history+c.before+c.looks[look]]},
			From:   at, Exposed: at, To: at.Add(time.Duration(c.looks[look]) * c.step), Before: time.Duration(c.before) * c.step,
			Margin: c.margin, Coarse: c.coarse, Alpha: budget * weights[i],
		})
	}
	return judge.Settle(rs, weights, budget), rs
}

type tally struct {
	releases, crying, worse, found, early, onset, blind, looks int
	by                                                         [3]int // untouched releases called anything at each look
}

// run makes n releases without and n with a fault: a creep to twice that
// begins a fifth into the last look (demo), or +25 % at once (14 days).
func (c cell) run(n int) tally {
	var t tally
	var mu sync.Mutex
	var wg sync.WaitGroup
	next := make(chan int)
	for range min(2, runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for seed := range next {
				one := c.once(*calibrateFrom + uint64(seed))
				mu.Lock()
				t.releases++
				for i, k := range one.by {
					t.by[i] += k
				}
				t.crying += one.crying
				t.worse += one.worse
				t.found += one.found
				t.early += one.early
				t.onset += one.onset
				t.blind += one.blind
				t.looks += one.looks
				mu.Unlock()
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
	return t
}

func (c cell) once(seed uint64) (t tally) {
	r := rng(seed)
	quiet := c.release(r, nil)
	for l := range c.looks {
		words, _ := c.look(quiet, l)
		for _, w := range words {
			t.looks++
			if w.Word != judge.Steady && w.Word != judge.CannotTell {
				t.by[l] = 1
			}
			switch w.Word {
			case judge.Worse:
				t.worse, t.crying = 1, 1
			case judge.Better, judge.Changed:
				t.crying = 1
			case judge.CannotTell:
				t.blind++
			}
		}
	}
	demo := c.step == time.Second
	begin := float64(c.looks[len(c.looks)-1]) / 5
	bad := c.release(r, func(i int) float64 {
		if !demo {
			return 1.25
		}
		return 1 + math.Max(0, math.Min(1, (float64(i)-begin)/20))
	})
	for l := range c.looks {
		if l == 2 {
			break // the hour is what is asked for
		}
		words, rs := c.look(bad, l)
		if words[0].Word != judge.Worse {
			continue
		}
		t.found = 1
		if l == 0 {
			t.early = 1
		}
		if off := rs[0].Since.Sub(at.Add(time.Duration(begin) * c.step)).Abs(); demo && l == 1 && off <= c.step+time.Duration(c.looks[1])*c.step/10 {
			t.onset = 1
		}
	}
	return t
}

// wilson bounds a share at 95 %.
func wilson(k, n int) (lo, hi float64) {
	const z = 1.96
	p, m := float64(k)/float64(n), float64(n)
	mid, half := (p+z*z/(2*m))/(1+z*z/m), z*math.Sqrt(p*(1-p)/m+z*z/(4*m*m))/(1+z*z/m)
	return mid - half, mid + half
}

func TestCalibrate(t *testing.T) {
	t.Parallel()
	t.Logf("%-52s %9s %-22s %6s %8s %7s %7s", "world", "releases", "false per release", "found", "at look 1", "onset", "blind  by look")
	for _, c := range cells() {
		if !strings.Contains(c.name, *calibrateOnly) {
			continue
		}
		n := *calibrate
		if n == 0 {
			if c.history > 10000 || c.phi > 0.5 {
				continue
			}
			n = 25
		}
		x := c.run(n)
		lo, hi := wilson(x.crying, n)
		t.Logf("%-52s %9d %5.1f %% (%4.1f to %4.1f) %5.0f %% %6.0f %% %6.0f %% %5.1f %%  %v", c.name, n,
			100*float64(x.crying)/float64(n), 100*lo, 100*hi, 100*float64(x.found)/float64(n), 100*float64(x.early)/float64(n),
			100*float64(x.onset)/float64(n), 100*float64(x.blind)/float64(x.looks), x.by)
		if lo > 0.05 {
			t.Errorf("%s: %d of %d releases cried wolf", c.name, x.crying, n)
		}
		if c.step == time.Second && c.phi <= 0.5 && x.found*10 < n*8 {
			t.Errorf("%s: found %d of %d", c.name, x.found, n)
		}
	}
}
