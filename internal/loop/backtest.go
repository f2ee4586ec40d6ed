package loop

import (
	"context"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/judge"
)

// BacktestOptions say what to try.
type BacktestOptions struct {
	Days     int            // over how many days made-up releases are spread
	Releases int            // how many
	Seed     uint64         // which
	Real     []judge.Window // real deployments: kept away from, and left out of the past
	// Progress is told how far it is: what is done, and of how much. It may be
	// called from several goroutines. It may be nil.
	Progress func(doing string, done, of int)
}

// Backtest replays made-up releases on a service's own past. Each metric is
// asked once; every look is judged from memory, as a real one would be then.
func (l *Loop) Backtest(ctx context.Context, service string, o BacktestOptions) (debrief.Backtest, error) {
	if o.Progress == nil {
		o.Progress = func(string, int, int) {}
	}
	now := l.Now().Add(-l.lag()).Truncate(l.Config.Looks.Step)
	b := debrief.Backtest{Service: service, Measured: debrief.Instant(l.Now()), From: now.AddDate(0, 0, -o.Days), To: now, Seed: o.Seed}
	x := Exam{Service: service, Config: l.service(service), Exposed: b.From, From: b.From, To: now, Number: 1, Releases: o.Real, Final: true}
	all, err := l.fetchAll(ctx, x, o.Progress)
	if err != nil {
		return b, err
	}
	t := &trial{l: l, all: all, real: o.Real, looks: l.Config.Looks.After, now: now, progress: o.Progress}
	if err := t.reach(&b); err != nil {
		return b, err
	}
	longest := slices.Max(t.looks)
	until := now.Add(-longest)
	if !until.After(b.From) { // a day of past still says something about the short looks
		until = now.Add(-slices.Min(t.looks))
	}
	r := rand.New(rand.NewPCG(o.Seed, 0xdeb21ef))
	t.moments = madeUp(r, b.From, until, o.Releases, l.Config.Looks.Before, slices.Min(t.looks), o.Real)
	b.To = until
	for _, w := range o.Real {
		if w.From.After(b.From) && w.From.Before(now) {
			b.Avoided++
		}
	}
	if len(t.moments) == 0 {
		return b, debrief.Errorf(debrief.NotFound, "", "no quiet moment was found in the last %d days: every one lies within %s after a deployment", o.Days, l.Config.Looks.Before).
			WithHint("look at more days with --days")
	}
	if err := t.judgeAll(ctx); err != nil {
		return b, err
	}
	t.count(&b)
	return b, t.plantAll(ctx, &b)
}

// fetchAll asks every metric, saying how far it is.
func (l *Loop) fetchAll(ctx context.Context, x Exam, progress func(string, int, int)) ([]measured, error) {
	all := make([]measured, len(x.Config.Metrics))
	var done atomic.Int64
	var g errgroup.Group
	g.SetLimit(2)
	for i, m := range x.Config.Metrics {
		g.Go(func() error {
			all[i] = l.ask(ctx, x, m)
			progress("asking", int(done.Add(1)), len(all))
			return ctx.Err()
		})
	}
	return all, g.Wait()
}

// trial is a backtest under way.
type trial struct {
	l        *Loop
	all      []measured
	real     []judge.Window
	looks    []time.Duration
	moments  []time.Time
	now      time.Time
	results  [][][]judge.Result // by moment, look and metric; nil: a real deployment touches that look
	progress func(string, int, int)
}

// reach begins where the data begin, and says where nothing is there at all.
func (t *trial) reach(b *debrief.Backtest) error {
	var first time.Time
	var failed error
	for i := range t.all {
		m := &t.all[i]
		if m.err != nil {
			failed = m.err
			continue
		}
		if at, ok := reaches(&m.q); ok && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	switch {
	case first.IsZero() && failed != nil:
		return failed
	case first.IsZero():
		return debrief.Errorf(debrief.NotFound, "services."+b.Service+".metrics", "no configured metric has data in the last %d days", int(t.now.Sub(b.From).Hours()/24)).
			WithHint("debrief init --prometheus URL finds what is there")
	}
	if first = first.Add(t.l.Config.Looks.Before); first.After(b.From) {
		b.From = debrief.Instant(first)
		b.Warnings = append(b.Warnings, "metrics reach back to "+first.Add(-t.l.Config.Looks.Before).UTC().Format("2 January 15:04")+" UTC only")
	}
	return nil
}

// question is metric i at one look after a made-up release.
func (t *trial) question(q judge.Question, at time.Time, look int, alpha float64) judge.Question {
	q.Exposed, q.From, q.To, q.Touched = at, at, at.Add(t.looks[look]), time.Time{}
	q.Past, q.Alpha = t.real, alpha
	return q
}

// budget is what a look may spend, and how its metrics share it.
func (t *trial) budget(look int) (float64, []float64) {
	leads := make([]bool, len(t.all))
	for i, m := range t.all {
		role := debrief.Role(m.metric.Role)
		leads[i] = role == debrief.Latency || role == debrief.Errors
	}
	return judge.LookBudget(t.l.Config.Looks.Budget, look+1, len(t.looks)), judge.Weights(leads)
}

// judgeAll takes every look at every made-up release.
func (t *trial) judgeAll(ctx context.Context) error {
	t.results = make([][][]judge.Result, len(t.moments))
	var done atomic.Int64
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i, at := range t.moments {
		g.Go(func() error {
			t.results[i] = make([][]judge.Result, len(t.looks))
			var memory judge.Memory
			for k, after := range t.looks {
				if at.Add(after).After(t.now) || touched(t.real, at, at.Add(after)) {
					continue
				}
				budget, weights := t.budget(k)
				rs := make([]judge.Result, len(t.all))
				for m := range t.all {
					if err := ctx.Err(); err != nil {
						return err
					}
					if t.all[m].err == nil {
						rs[m] = memory.Judge(t.question(t.all[m].q, at, k, budget*weights[m]))
						rs[m].Band, rs[m].Warnings = judge.Band{}, nil // pictures of nothing
					}
				}
				t.results[i][k] = rs
			}
			t.progress("judging", int(done.Add(1)), len(t.moments))
			return nil
		})
	}
	return g.Wait()
}

// count says how often the check would have cried wolf, and why it could not
// tell.
func (t *trial) count(b *debrief.Backtest) {
	b.Releases = len(t.moments)
	b.Metrics = make([]debrief.BacktestMetric, len(t.all))
	for m, x := range t.all {
		bm := &b.Metrics[m]
		*bm = debrief.BacktestMetric{Metric: x.metric.Name, Role: debrief.Role(x.metric.Role), Unit: x.metric.Unit, Part: x.metric.Part, Looks: make([]debrief.BacktestLook, len(t.looks))}
		if x.q.Kind == judge.Share {
			bm.Unit = "%"
		}
		if x.err != nil {
			bm.Problem = x.err.Error()
		}
		for _, note := range x.notes {
			if text := x.metric.Name + ": " + note; len(b.Warnings) < mostNotes && !slices.Contains(b.Warnings, text) {
				b.Warnings = append(b.Warnings, text)
			}
		}
		for k, after := range t.looks {
			bm.Looks[k] = debrief.BacktestLook{After: after, Relative: x.q.Kind != judge.Share, CannotTell: map[debrief.Reason]int{}}
		}
	}
	for i := range t.moments {
		wolf := make([]bool, len(t.all))
		seen := make([]bool, len(t.all))
		for k, rs := range t.results[i] {
			if rs == nil {
				continue
			}
			budget, weights := t.budget(k)
			for m, s := range judge.Settle(rs, weights, budget) {
				if t.all[m].err != nil {
					continue
				}
				bl := &b.Metrics[m].Looks[k]
				bl.Taken++
				seen[m] = true
				switch {
				case called(s.Word):
					bl.False++
					wolf[m] = true
				case s.Word == judge.CannotTell:
					bl.CannotTell[reasons[s.Why]]++
				}
			}
		}
		for m := range t.all {
			if seen[m] {
				b.Metrics[m].Releases++
			}
			if wolf[m] {
				b.Metrics[m].False++
			}
		}
		if slices.Contains(wolf, true) {
			b.False++
		}
	}
	b.FalseLow, b.FalseHigh = wilson(b.False, b.Releases)
	for m := range b.Metrics {
		bm := &b.Metrics[m]
		bm.FalseLow, bm.FalseHigh = wilson(bm.False, bm.Releases)
	}
}

// mostNotes bounds what providers said beside numbers.
const mostNotes = 10

// called says whether a word claims that something changed.
func called(w judge.Word) bool {
	return w == judge.Worse || w == judge.Better || w == judge.Changed
}

// wilson are the 95 % bounds of a share of n.
func wilson(k, n int) (low, high float64) {
	if n == 0 {
		return 0, 1
	}
	const z = 1.96
	p, m := float64(k)/float64(n), float64(n)
	d := 1 + z*z/m
	mid := (p + z*z/(2*m)) / d
	half := z * math.Sqrt(p*(1-p)/m+z*z/(4*m*m)) / d
	return max(0, mid-half), min(1, mid+half)
}
