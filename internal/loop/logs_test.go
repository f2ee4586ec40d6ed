package loop_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/loop"
	"github.com/debriefhq/debrief/internal/measure"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/store/storetest"
)

// lines is a log provider that keeps to a budget, as real ones do.
type lines struct {
	all    []measure.Line
	budget int
	down   bool
}

func (p *lines) Lines(_ context.Context, _ string, w measure.Window) (out []measure.Line, truncated bool, err error) {
	if p.down {
		return nil, false, debrief.Errorf(debrief.Unavailable, "", "connection refused")
	}
	for _, l := range p.all {
		if l.At.Before(w.From) || !l.At.Before(w.To) {
			continue
		}
		if len(out) == p.budget {
			return out, true, nil
		}
		out = append(out, l)
	}
	return out, false, nil
}

// shopLines writes one request a minute, and after bad a new kind of error every 20 s.
func shopLines(from, bad, to time.Time) []measure.Line {
	var out []measure.Line
	for at := from; at.Before(to); at = at.Add(20 * time.Second) {
		if at.Sub(from)%time.Minute == 0 {
			out = append(out, measure.Line{At: at, Text: fmt.Sprintf("level=info msg=request path=/checkout ms=%d", at.Unix()%90)})
		}
		if !at.Before(bad) {
			out = append(out, measure.Line{At: at.Add(time.Second), Text: fmt.Sprintf("level=error msg=\"canceling statement due to lock timeout\" pid=%d password=hunter2", at.Unix()%9999)})
		}
	}
	return out
}

func (h *house) withLogs(p *lines, src config.LogSource) {
	h.tele["logs"] = p
	h.cfg.Services = map[string]config.Service{"shop": {Logs: []config.LogSource{src}}}
	h.build()
}

func TestANewKindOfErrorInAProvidersLogsIsNoticed(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		start := h.clock.Now()
		live := start.Add(30 * time.Hour)
		p := &lines{all: shopLines(start, live.Add(time.Minute), live.Add(26*time.Hour)), budget: 300}
		h.withLogs(p, config.LogSource{Provider: "logs", Query: "{}"})
		h.clock.Set(live)
		h.deploy("production", "v2", nil)
		h.run(20 * time.Minute)
		s := h.latest()
		f := s.Looks[0].Logs
		if f.Word != debrief.Worse || len(f.Patterns) != 1 || !f.Patterns[0].New || f.Patterns[0].Level != "error" {
			h.t.Fatalf("found: %+v", f)
		}
		if want := 12; f.Patterns[0].Count != want {
			h.t.Errorf("counted %d times, want %d: pages overlap or leave gaps", f.Patterns[0].Count, want)
		}
		if strings.Contains(f.Patterns[0].Example+f.Patterns[0].Template, "hunter2") {
			h.t.Errorf("a password was kept: %+v", f.Patterns[0])
		}
		if !has(s, "new-error") {
			h.t.Errorf("not noticed: %+v", s.Surprises)
		}
		h.run(2 * time.Hour)
		// The hour's look asked for the rest only: nothing is counted twice.
		f = h.latest().Looks[1].Logs
		if want := 59 * 3; len(f.Patterns) != 1 || f.Patterns[0].Count != want {
			h.t.Errorf("after an hour: %+v, want %d", f.Patterns, want)
		}
	})
}

func TestLogsKnownForTooShortATimeCannotTell(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		live := h.clock.Now().Add(2 * time.Hour)
		h.withLogs(&lines{all: shopLines(h.clock.Now(), live.Add(time.Minute), live.Add(time.Hour)), budget: 5000}, config.LogSource{Provider: "logs", Query: "{}"})
		h.clock.Set(live)
		h.deploy("production", "v2", nil)
		h.run(20 * time.Minute)
		s := h.latest()
		f := s.Looks[0].Logs
		if f.Word != debrief.CannotTell || f.Reason != debrief.LogsTooNew || has(s, "new-error") {
			h.t.Fatalf("found: %+v, surprises %+v", f, s.Surprises)
		}
	})
}

func TestLogsThatCannotBeReadMakeABlindCheck(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		h.withLogs(&lines{down: true}, config.LogSource{Provider: "logs", Query: "{}"})
		h.deploy("production", "v2", nil)
		h.run(20 * time.Minute)
		if s := h.latest(); !has(s, "blind-check") || s.Looks[0].Logs.Reason != debrief.ProviderFailed {
			h.t.Fatalf("look %+v, surprises %+v", s.Looks[0], s.Surprises)
		}
	})
}

func TestAFileIsFollowedFromItsBeginningAndNoLineCountsTwice(t *testing.T) {
	t.Parallel()
	st := storetest.Reopen(t, storetest.DSN(t, "sqlite"), storetest.NewClock())
	file := filepath.Join(t.TempDir(), "shop.log")
	write := func(text string) {
		f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := f.WriteString(text); err != nil {
			t.Fatal(err)
		}
	}
	day := time.Date(2026, 3, 10, 8, 0, 0, 0, time.UTC)
	line := func(i int) string {
		return fmt.Sprintf("time=%s level=info msg=\"order %d placed\"\n", day.Add(time.Duration(i)*time.Second).Format(time.RFC3339), i)
	}
	for i := range 50 {
		write(line(i))
	}
	cfg := config.Default()
	cfg.Services = map[string]config.Service{"shop": {Logs: []config.LogSource{{File: file}}}}
	total := func() int {
		known, ps, err := st.LogPatterns(t.Context(), "shop", day.Add(-time.Hour), day.Add(time.Hour))
		if err != nil || len(ps) == 0 {
			return 0
		}
		if !known.Equal(day) {
			t.Errorf("known since %s, want the first line's time %s", known, day)
		}
		n := 0
		for _, p := range ps {
			for _, c := range p.Bins {
				n += c
			}
		}
		return n
	}
	// Two lives: the second goes on where the first stopped.
	for life, want := range []int{50, 80} {
		ctx, cancel := context.WithCancel(t.Context())
		var done sync.WaitGroup
		done.Go(func() { _ = runLoop(ctx, st, cfg) })
		eventually(t, "all lines to be counted", func() bool { return total() >= want })
		cancel()
		done.Wait()
		if got := total(); got != want {
			t.Fatalf("life %d counted %d lines, want %d", life, got, want)
		}
		for i := 50; i < 80; i++ {
			if life == 0 {
				write(line(i))
			}
		}
	}
}

func TestTheProbeMeasuresAllTheTimeAndTheLookUsesIt(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	asked := 0
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		asked++
	}))
	defer srv.Close()
	st, err := store.Open(t.Context(), storetest.DSN(t, "sqlite"), store.Options{Now: time.Now, NewID: storetest.IDs()})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	cfg := config.Default()
	cfg.Looks = config.Looks{After: []time.Duration{2 * time.Second}, Before: 2 * time.Second, Step: 100 * time.Millisecond, Past: time.Minute, Budget: 0.05}
	cfg.Services = map[string]config.Service{"shop": {Probes: []config.Probe{{Name: "home", URL: srv.URL, Every: 20 * time.Millisecond, Timeout: time.Second}}}}
	ctx, cancel := context.WithCancel(t.Context())
	var done sync.WaitGroup
	done.Go(func() { _ = runLoop(ctx, st, cfg) })
	defer done.Wait()
	defer cancel()
	eventually(t, "some probings", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return asked > 100
	})
	now := time.Now()
	body := fmt.Sprintf(`{"key":"k","services":["shop"],"report":{"environment":"production","version":"v1","state":"succeeded","times":{"started_at":%q,"finished_at":%q}}}`,
		now.Add(-10*time.Millisecond).Format(time.RFC3339Nano), now.Format(time.RFC3339Nano))
	if _, err := st.Accept(ctx, debrief.Envelope{Source: "api", Key: "deployments/k", Body: []byte(body), Received: now}); err != nil {
		t.Fatal(err)
	}
	var look debrief.Look
	eventually(t, "the look to be taken", func() bool {
		id, err := st.LatestRelease(ctx, "shop")
		if err != nil {
			return false
		}
		s, err := st.Story(ctx, id)
		if err != nil || len(s.Looks) == 0 {
			return false
		}
		look = s.Looks[0]
		return look.State == debrief.LookDone
	})
	if len(look.Verdicts) != 2 || look.Verdicts[0].Metric != "response time of home" || look.Verdicts[1].Metric != "failures of home" {
		t.Fatalf("judged: %+v", look.Verdicts)
	}
	if v := look.Verdicts[0]; v.Unit != "s" || v.After <= 0 || v.After > 1 || v.Reason == debrief.MetricsMissing {
		t.Errorf("response time: %+v", v)
	}
}

func runLoop(ctx context.Context, st *store.Store, cfg config.Config) error {
	return loop.New(loop.Options{Store: st, Config: cfg, Now: time.Now, Log: slog.New(slog.DiscardHandler), Sources: loop.Telemetry{}}).Run(ctx)
}

// eventually waits for a condition.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for !done() {
		if time.Now().After(deadline) {
			t.Fatalf("waited a minute in vain for %s", what)
		}
		time.Sleep(10 * time.Millisecond) // between two looks at the condition
	}
}
