package loop

import (
	"context"
	"log/slog"
	"math"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/judge"
	"github.com/debriefhq/debrief/internal/measure"
)

// pastWorld answers with made-up weeks; it counts how often it is asked.
type pastWorld struct {
	asked atomic.Int64
	from  time.Time // nothing is known before
}

func (*pastWorld) Name() string { return "world" }
func (*pastWorld) Kind() string { return "prometheus" }

func (p *pastWorld) Series(_ context.Context, query string, w measure.Window) ([]measure.Labelled, error) {
	p.asked.Add(1)
	if query == "down" {
		return nil, debrief.Errorf(debrief.Unavailable, "", "world did not answer")
	}
	start, n, err := w.Grid()
	if err != nil || query == "nothing" {
		return nil, err
	}
	r := rand.New(rand.NewPCG(7, uint64(len(query))))
	s := judge.Series{Start: start, Step: w.Step, V: make([]float64, n)}
	for i := range s.V {
		at := start.Add(time.Duration(i) * w.Step)
		s.V[i] = 100 * math.Exp(0.1*r.NormFloat64())
		switch {
		case at.Before(p.from):
			s.V[i] = math.NaN()
		case query == "wild" && i%600 < 60: // for an hour in ten it is ten times as much
			s.V[i] *= 10
		}
	}
	return []measure.Labelled{{Series: s}}, nil
}

func backtestLoop(t *testing.T, world *pastWorld, metrics ...config.Metric) *Loop {
	t.Helper()
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	cfg := config.Default()
	cfg.Looks.Past, cfg.Looks.Step = 7*24*time.Hour, 5*time.Minute
	cfg.Looks.After = []time.Duration{30 * time.Minute, 2 * time.Hour}
	cfg.Services = map[string]config.Service{"shop": {Metrics: metrics}}
	return New(Options{Config: cfg, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler), Sources: Telemetry{"world": world}})
}

func TestBacktestMeasuresWhatTheCheckSees(t *testing.T) {
	t.Parallel()
	world := &pastWorld{}
	l := backtestLoop(
		t, world,
		config.Metric{Name: "p95", Role: "latency", Unit: "ms", Provider: "world", Query: "calm"},
		config.Metric{Name: "broken", Role: "other", Provider: "world", Query: "down"},
		config.Metric{Name: "absent", Role: "other", Provider: "world", Query: "nothing"},
	)
	real := l.Now().AddDate(0, 0, -3)
	o := BacktestOptions{Days: 5, Releases: 30, Seed: 1, Real: []judge.Window{{From: real, To: real}}}
	b, err := l.Backtest(t.Context(), "shop", o)
	if err != nil {
		t.Fatal(err)
	}
	if world.asked.Load() != 3 {
		t.Errorf("asked %d times for three metrics", world.asked.Load())
	}
	if b.Releases < 28 || b.Avoided != 1 || b.False > 2 {
		t.Errorf("%d releases, %d real, %d false", b.Releases, b.Avoided, b.False)
	}
	p95 := b.Metrics[0]
	first, second := p95.Looks[0], p95.Looks[1]
	// Noise of 10 % a point: six points and twelve before say about +15 %, more points less.
	if !(first.Seen > 0.09 && first.Seen < 0.4) || !(second.Seen > 0.09 && second.Seen <= first.Seen) {
		t.Errorf("sees %+.2f in half an hour and %+.2f in two", first.Seen, second.Seen)
	}
	for _, k := range p95.Looks {
		if 5*k.Found < 4*k.Planted || k.Planted < 20 || k.Taken < 28 || !k.Relative {
			t.Errorf("%+v", k)
		}
	}
	if b.Metrics[1].Problem == "" || b.Metrics[1].Looks[0].Taken != 0 {
		t.Errorf("a metric that cannot be asked: %+v", b.Metrics[1])
	}
	absent := b.Metrics[2].Looks[0]
	if absent.CannotTell[debrief.MetricsMissing] != absent.Taken || absent.Taken == 0 || absent.Seen != 0 {
		t.Errorf("a metric that is not there: %+v", absent)
	}
	o.Progress = func(doing string, done, of int) {
		if done < 1 || done > of {
			t.Errorf("%s %d of %d", doing, done, of)
		}
	}
	again, err := l.Backtest(t.Context(), "shop", o)
	if diff := cmp.Diff(b, again); err != nil || diff != "" {
		t.Errorf("the same seed gives another result: %v\n%s", err, diff)
	}
}

// A shift in the past that nobody recorded is what cries wolf.
func TestBacktestCountsFalseAlarms(t *testing.T) {
	t.Parallel()
	l := backtestLoop(t, &pastWorld{}, config.Metric{Name: "p95", Role: "latency", Provider: "world", Query: "wild"})
	b, err := l.Backtest(t.Context(), "shop", BacktestOptions{Days: 5, Releases: 40, Seed: 2})
	if err != nil {
		t.Fatal(err)
	}
	m := b.Metrics[0]
	if m.False != b.False || m.FalseLow > float64(m.False)/40 || m.FalseHigh <= float64(m.False)/40 {
		t.Errorf("%d of %d (%.2f to %.2f), metric %d", b.False, b.Releases, b.FalseLow, b.FalseHigh, m.False)
	}
	if blind := m.Looks[0].Blind(); m.Looks[0].Seen > 0 && m.Looks[0].Seen < 0.5 && blind == 0 {
		t.Errorf("a series this wild seems to be seen through: %+v", m.Looks[0])
	}
}

func TestBacktestBeginsWhereTheDataDo(t *testing.T) {
	t.Parallel()
	world := &pastWorld{}
	l := backtestLoop(t, world, config.Metric{Name: "p95", Role: "latency", Provider: "world", Query: "calm"})
	world.from = l.Now().AddDate(0, 0, -2)
	b, err := l.Backtest(t.Context(), "shop", BacktestOptions{Days: 5, Releases: 20, Seed: 1})
	if err != nil || len(b.Warnings) != 1 || b.From.Before(world.from) {
		t.Errorf("%v from %s: %q", err, b.From, b.Warnings)
	}
	if missing := b.Metrics[0].Looks[0].CannotTell[debrief.MetricsMissing]; missing != 0 {
		t.Errorf("%d looks where nothing is", missing)
	}
	// Deployed without a pause: nothing is quiet.
	var real []judge.Window
	for at := l.Now().AddDate(0, 0, -6); at.Before(l.Now()); at = at.Add(20 * time.Minute) {
		real = append(real, judge.Window{From: at, To: at})
	}
	if _, err := l.Backtest(t.Context(), "shop", BacktestOptions{Days: 5, Releases: 20, Seed: 1, Real: real}); debrief.KindOf(err) != debrief.NotFound {
		t.Errorf("deployed all the time: %v", err)
	}
	for query, kind := range map[string]debrief.ErrorKind{"nothing": debrief.NotFound, "down": debrief.Unavailable} {
		l := backtestLoop(t, &pastWorld{}, config.Metric{Name: "p95", Role: "latency", Provider: "world", Query: query})
		if _, err := l.Backtest(t.Context(), "shop", BacktestOptions{Days: 5, Releases: 20, Seed: 1}); debrief.KindOf(err) != kind {
			t.Errorf("%s: %v", query, err)
		}
	}
}

func TestMomentsKeepAway(t *testing.T) {
	t.Parallel()
	from := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	to := from.AddDate(0, 0, 10)
	real := []judge.Window{{From: from.Add(30 * time.Hour), To: from.Add(31 * time.Hour)}}
	got := madeUp(rand.New(rand.NewPCG(1, 2)), from, to, 240, time.Hour, 5*time.Minute, real)
	if len(got) < 235 || len(got) > 239 {
		t.Errorf("%d of 240", len(got))
	}
	for i, at := range got {
		if at.Before(from) || !at.Before(to) || i > 0 && !at.After(got[i-1]) {
			t.Errorf("%s is out of order or outside", at)
		}
		if at.Add(5*time.Minute).After(real[0].From) && !at.Add(-time.Hour).After(real[0].To) {
			t.Errorf("%s touches a real deployment", at)
		}
	}
}

func TestWhatIsPlanted(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	at := func(i int) time.Time { return start.Add(time.Duration(i) * time.Minute) }
	near := func(what string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 1e-9 {
			t.Errorf("%s: %g, want %g", what, got, want)
		}
	}
	gauge := judge.Question{Kind: judge.Gauge, Series: judge.Series{Start: start, Step: time.Minute, V: []float64{10, 10, math.NaN(), 10, 10}}}
	undo := plant(&gauge, at(1), at(4), 0.5)
	near("before", gauge.Series.V[0], 10)
	near("within", gauge.Series.V[1], 15)
	near("after", gauge.Series.V[4], 10)
	if !math.IsNaN(gauge.Series.V[2]) {
		t.Error("what is missing was made up")
	}
	undo()
	near("undone", gauge.Series.V[1], 10)

	// Whole counts stay whole, and the sum is right.
	counts := judge.Question{Kind: judge.Count, Series: judge.Series{Start: start, Step: time.Minute, V: make([]float64, 100)}}
	for i := range counts.Series.V {
		counts.Series.V[i] = 3
	}
	plant(&counts, at(0), at(100), 0.1)
	sum := 0.0
	for _, v := range counts.Series.V {
		sum += v
		near("whole", v, math.Trunc(v))
	}
	near("ten per cent of 300", sum, 330)

	share := judge.Question{Kind: judge.Share, Series: judge.Series{Start: start, Step: time.Minute, Num: make([]float64, 100), Den: make([]float64, 100)}}
	for i := range share.Series.Den {
		share.Series.Den[i] = 50
	}
	plant(&share, at(50), at(100), 0.01)
	sum = 0
	for i, v := range share.Series.Num {
		sum += v
		if i < 50 && v != 0 {
			t.Error("planted before the release")
		}
	}
	near("one in a hundred of 2,500", sum, 25)

	inf := math.Inf(1)
	got := slower([]float64{1, 2, 4, inf}, []float64{10, 10, 10, 2}, 2)
	for i, want := range []float64{5, 5, 10, 12} {
		near("twice as slow", got[i], want)
	}
	if slower([]float64{1, inf}, nil, 2) != nil {
		t.Error("a missing histogram was made up")
	}
}
