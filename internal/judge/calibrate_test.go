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
		demo   bool
	}{
		{"white", 0, false, 0, true},
		{"AR .5", 0.5, false, 0, true},
		{"AR .9", 0.9, false, 0, true},
		{"AR .5, t3", 0.5, true, 0, true},
		{"white, t3, daily and weekly season", 0, true, 0.5, false},
		{"AR .5, t3, daily and weekly season", 0.5, true, 0.5, false},
		{"AR .9, t3, daily and weekly season", 0.9, true, 0.5, false},
	} {
		if n.demo {
			out = append(out,
				cell{"demo, no past: " + n.name, time.Second, 0, 90, []int{30, 90}, 6, n.phi, n.heavy, 0, 0.3, 1},
				cell{"demo, 20 minutes: " + n.name, time.Second, 1200, 90, []int{30, 90}, 6, n.phi, n.heavy, 0, 0.3, 1})
		}
		out = append(out,
			cell{"14 days: " + n.name, time.Minute, 14 * 1440, 60, []int{5, 60, 1440}, 10, n.phi, n.heavy, n.season, 0, 0.5})
	}
	return out
}

// release makes one release's metrics, up to the end of the longest look.
func (c cell) release(r *rand.Rand) [][]float64 {
	n := c.history + c.before + c.looks[len(c.looks)-1]
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
		}
		out[m] = v
	}
	return out
}

// shares are what the metrics of a look may spend of its budget.
func (c cell) shares(look int) (weights []float64, budget float64) {
	leads := make([]bool, c.metrics)
	for i := range leads {
		leads[i] = i < c.metrics*2/3
	}
	return judge.Weights(leads), judge.LookBudget(0.05, look+1, len(c.looks))
}

// look judges one metric of one look of a release.
func (c cell) look(memory *judge.Memory, v []float64, metric, look int) judge.Result {
	weights, budget := c.shares(look)
	return memory.Judge(judge.Question{
		Kind: judge.Gauge, Good: judge.Lower,
		Series: judge.Series{Start: at.Add(-time.Duration(c.history+c.before) * c.step), Step: c.step, V: v[:c.history+c.before+c.looks[look]]},
		From:   at, Exposed: at, To: at.Add(time.Duration(c.looks[look]) * c.step), Before: time.Duration(c.before) * c.step,
		Margin: c.margin, Coarse: c.coarse, Alpha: budget * weights[metric],
	})
}

type tally struct {
	releases, crying, worse, found, early, onset, blind, looks int
	adequate, mute                                             int    // looks at a metric that would have shown the coarse change; those of them that cannot tell
	by                                                         [3]int // untouched releases called anything at each look
}

// run makes n releases, each without and with a fault in its first metric: a
// creep to twice that begins a fifth into the last look (demo), or +25 % at once
// (14 days).
func (c cell) run(n int) tally {
	var t tally
	var mu sync.Mutex
	var wg sync.WaitGroup
	next := make(chan int)
	for range min(2, runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			var memory judge.Memory
			for seed := range next {
				one := c.once(&memory, *calibrateFrom+uint64(seed))
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
				t.adequate += one.adequate
				t.mute += one.mute
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

func (c cell) once(memory *judge.Memory, seed uint64) (t tally) {
	metrics := c.release(rng(seed))
	results := make([][]judge.Result, len(c.looks))
	for l := range c.looks {
		for m, v := range metrics {
			results[l] = append(results[l], c.look(memory, v, m, l))
		}
		weights, budget := c.shares(l)
		for m, w := range judge.Settle(results[l], weights, budget) {
			t.looks++
			adequate := results[l][m].Tell && results[l][m].Smallest <= c.coarse
			if adequate {
				t.adequate++
			}
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
				if adequate {
					t.mute++
				}
			}
		}
	}
	demo := c.step == time.Second
	begin := float64(c.looks[len(c.looks)-1]) / 5
	bad := metrics[0]
	for i := range bad[c.history+c.before:] {
		f := 1.25
		if demo {
			f = 1 + math.Max(0, math.Min(1, (float64(i)-begin)/20))
		}
		bad[c.history+c.before+i] *= f
	}
	for l := range c.looks[:2] { // the hour is what is asked for
		results[l][0] = c.look(memory, bad, 0, l)
		weights, budget := c.shares(l)
		if judge.Settle(results[l], weights, budget)[0].Word != judge.Worse {
			continue
		}
		t.found = 1
		if l == 0 {
			t.early = 1
		}
		if off := results[l][0].Since.Sub(at.Add(time.Duration(begin) * c.step)).Abs(); demo && l == 1 && off <= c.step+time.Duration(c.looks[1])*c.step/10 {
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

// enoughToProve releases in a cell settle it: there, five per cent must lie
// above what the false ones may be in truth. Of fewer, all that can be asked is
// that five per cent is not already out of reach.
const enoughToProve = 2000

func TestCalibrate(t *testing.T) {
	t.Parallel()
	t.Logf("%-52s %9s %-22s %6s %8s %7s %7s %9s", "world", "releases", "false per release", "found", "at look 1", "onset", "blind", "adequate  by look")
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
		share := func(k, n int) float64 { return 100 * float64(k) / float64(max(1, n)) }
		t.Logf("%-52s %9d %5.1f %% (%4.1f to %4.1f) %5.0f %% %6.0f %% %6.0f %% %5.1f %% %5.1f %% of %d  %v", c.name, n,
			share(x.crying, n), 100*lo, 100*hi, share(x.found, n), share(x.early, n), share(x.onset, n), share(x.blind, x.looks), share(x.mute, x.adequate), x.adequate, x.by)
		if lo > 0.05 || n >= enoughToProve && hi > 0.05 {
			t.Errorf("%s: %d of %d releases cried wolf", c.name, x.crying, n)
		}
		if share(x.mute, x.adequate) > 5 {
			t.Errorf("%s: %d of %d looks could not tell what they would have seen", c.name, x.mute, x.adequate)
		}
		if c.step == time.Second && c.phi <= 0.5 && x.found*10 < n*8 {
			t.Errorf("%s: found %d of %d", c.name, x.found, n)
		}
	}
}
