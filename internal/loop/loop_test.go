package loop_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/judge"
	"github.com/debriefhq/debrief/internal/loop"
	"github.com/debriefhq/debrief/internal/measure"
	"github.com/debriefhq/debrief/internal/send"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/store/storetest"
)

// house is a loop on a real store with a clock of its own.
type house struct {
	t     *testing.T
	st    *store.Store
	clock *storetest.Clock
	cfg   config.Config
	chat  *chat
	tele  loop.Telemetry
	l     *loop.Loop
}

func each(t *testing.T, test func(*house)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		h := &house{t: t, st: s, clock: clock, cfg: config.Default(), chat: &chat{}, tele: loop.Telemetry{}}
		h.cfg.URL = "http://debrief.test"
		h.build()
		test(h)
	})
}

func (h *house) build() {
	h.l = loop.New(loop.Options{
		Store: h.st, Config: h.cfg, Now: h.clock.Now, Log: slog.New(slog.DiscardHandler),
		Sender: h.chat, Sources: h.tele,
	})
}

// deploy accepts a deployment that took two minutes and ends now.
func (h *house) deploy(env, version string, edit func(*debrief.Report)) {
	h.t.Helper()
	now := h.clock.Now()
	r := debrief.Report{Service: "shop", Environment: env, Version: version, State: debrief.Succeeded, Times: debrief.Times{Started: now.Add(-2 * time.Minute), Finished: now}}
	if edit != nil {
		edit(&r)
	}
	key := env + "-" + version + now.Format("-150405")
	body, err := json.Marshal(map[string]any{"key": key, "services": []string{"shop"}, "report": r})
	if err != nil {
		h.t.Fatal(err)
	}
	if _, err := h.st.Accept(h.t.Context(), debrief.Envelope{Source: "api", Key: "deployments/" + key, Body: body, Received: now}); err != nil {
		h.t.Fatal(err)
	}
}

// run does everything that is due up to d from now, each step at its own time.
func (h *house) run(d time.Duration) {
	h.t.Helper()
	until := h.clock.Now().Add(d)
	for {
		if did, err := h.l.Step(h.t.Context()); err != nil {
			h.t.Logf("a step failed, as a step may: %v", err)
			continue
		} else if did {
			continue
		}
		due, ok, err := h.st.NextDue(h.t.Context(), loop.Kinds())
		if err != nil {
			h.t.Fatal(err)
		}
		if !ok || due.After(until) {
			h.clock.Set(until)
			return
		}
		if due.After(h.clock.Now()) {
			h.clock.Set(due)
		}
	}
}

func (h *house) latest() debrief.Story {
	h.t.Helper()
	id, err := h.st.LatestRelease(h.t.Context(), "shop")
	if err != nil {
		h.t.Fatal(err)
	}
	s, err := h.st.Story(h.t.Context(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	return s
}

// chat is a receiver that does as it is told.
type chat struct {
	mu   sync.Mutex
	next func(n int) (send.Outcome, error)
	got  []string
}

func (c *chat) Send(_ context.Context, m debrief.Message) (send.Outcome, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.got = append(c.got, m.Text)
	if c.next != nil {
		return c.next(len(c.got))
	}
	return send.Sent, nil
}

// slowStep makes a release surprising without any telemetry.
func (h *house) slowStep() {
	took := func(d time.Duration) func(*debrief.Report) {
		return func(r *debrief.Report) {
			r.Stages = []debrief.Stage{{Name: "migrate", State: debrief.Succeeded, Started: r.Times.Finished.Add(-d), Finished: r.Times.Finished}}
			r.Times.Started = r.Times.Finished.Add(-d)
		}
	}
	h.deploy("staging", "v2", took(20*time.Second))
	h.run(time.Minute)
	h.deploy("production", "v2", took(5*time.Minute))
}

func TestALookThatHasSomethingToSaySaysItOnce(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		h.slowStep()
		h.run(10 * time.Minute)
		s := h.latest()
		if len(s.Surprises) != 1 || s.Surprises[0].Kind != "slow-step" {
			h.t.Fatalf("surprises: %+v", s.Surprises)
		}
		if len(h.chat.got) != 1 || !strings.Contains(h.chat.got[0], "http://debrief.test/releases/"+s.Release.ID) {
			h.t.Fatalf("said: %q", h.chat.got)
		}
		// Everything again from the same events: nothing is said again.
		if err := h.st.Update(h.t.Context(), func(tx *store.Tx) error {
			return tx.Enqueue(store.Work{Kind: "notice", Key: s.Release.ID, Service: "shop", Due: h.clock.Now()})
		}); err != nil {
			h.t.Fatal(err)
		}
		h.run(time.Minute)
		if len(h.chat.got) != 1 {
			h.t.Fatalf("said again: %q", h.chat.got)
		}
	})
}

func TestWhatMayHaveArrivedIsNotRepeatedAndWhatSurelyDidNotIs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		next func(int) (send.Outcome, error)
		sent int
		want debrief.MessageState
	}{
		"no answer came":   {func(int) (send.Outcome, error) { return send.Unknown, errors.New("no answer in time") }, 1, debrief.MessageUnresolved},
		"refused for good": {func(int) (send.Outcome, error) { return send.Refused, errors.New("404") }, 1, debrief.MessageFailed},
		"down for two attempts": {func(n int) (send.Outcome, error) {
			return []send.Outcome{0, send.Failed, send.Failed, send.Sent}[n], nil
		}, 3, debrief.MessageSent},
		"down for good": {func(int) (send.Outcome, error) { return send.Failed, errors.New("connection refused") }, 11, debrief.MessageFailed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(h *house) {
				h.chat.next = c.next
				h.slowStep()
				h.run(55 * time.Minute) // before the second look
				if len(h.chat.got) != c.sent {
					h.t.Errorf("handed over %d times, want %d", len(h.chat.got), c.sent)
				}
				ms, err := h.st.Messages(h.t.Context(), []debrief.MessageState{c.want}, 10)
				if err != nil || len(ms) != 1 {
					h.t.Errorf("%d messages are %s (%v), want one", len(ms), c.want, err)
				}
			})
		})
	}
}

// line is a provider with a constant metric that can be down, or empty.
type line struct {
	mu    sync.Mutex
	down  bool
	empty bool
	asked int
	until time.Time // label "version": old before, new after
	now   func() time.Time
}

func (p *line) Name() string { return "main" }
func (p *line) Kind() string { return "line" }

func (p *line) Series(_ context.Context, query string, w measure.Window) ([]measure.Labelled, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked++
	if p.down {
		return nil, debrief.Errorf(debrief.Unavailable, "", "connection refused")
	}
	if p.empty {
		return nil, nil
	}
	make1 := func(from, to time.Time, labels map[string]string) measure.Labelled {
		s := judge.Series{Start: w.From, Step: w.Step}
		for at := w.From; at.Before(w.To); at = at.Add(w.Step) {
			v := math.NaN()
			if !at.Before(from) && at.Before(to) && at.Before(p.now()) {
				v = 100 + 5*math.Sin(float64(at.Unix()%97))
			}
			s.V = append(s.V, v)
		}
		return measure.Labelled{Labels: labels, Series: s}
	}
	if query == "versions" {
		return []measure.Labelled{make1(time.Time{}, p.until, map[string]string{"version": "v1"}), make1(p.until, w.To, map[string]string{"version": "v2"})}, nil
	}
	return []measure.Labelled{make1(time.Time{}, w.To, nil)}, nil
}

func (h *house) metric(p *line) {
	p.now = h.clock.Now
	h.tele["main"] = p
	h.cfg.Services = map[string]config.Service{"shop": {
		Metrics: []config.Metric{{Name: "p95", Role: "latency", Unit: "ms", Provider: "main", Query: "p95"}},
		Version: config.VersionLabel{Provider: "main", Query: "versions", Label: "version"},
	}}
	h.build()
}

func TestABlindCheckIsTriedAgainAndThenSaysSo(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		p := &line{down: true}
		h.metric(p)
		h.deploy("production", "v1", nil)
		h.run(20 * time.Minute)
		s := h.latest()
		k := s.Looks[0]
		if k.State != debrief.LookDone || k.Word != debrief.CannotTell || k.Reason != debrief.ProviderFailed || len(k.Blind) == 0 {
			h.t.Fatalf("the look: %+v", k)
		}
		if k.Tries < 3 {
			h.t.Errorf("it was tried %d times only", k.Tries)
		}
		if len(s.Surprises) != 1 || s.Surprises[0].Kind != "blind-check" {
			h.t.Errorf("surprises: %+v", s.Surprises)
		}
		if len(h.chat.got) != 1 {
			h.t.Errorf("a blind check was not said: %q", h.chat.got)
		}
	})
}

func TestAProviderWithoutDataIsBlindToo(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		h.metric(&line{empty: true})
		h.deploy("production", "v1", nil)
		h.run(20 * time.Minute)
		k := h.latest().Looks[0]
		if k.Word != debrief.CannotTell || len(k.Blind) == 0 {
			h.t.Fatalf("the look: %+v", k)
		}
	})
}

func TestBetweenLooksThereAreDataButNoWord(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		h.metric(&line{})
		h.deploy("production", "v1", nil)
		h.run(4 * time.Minute)
		k := h.latest().Looks[0]
		if k.State != debrief.LookPlanned || k.Word != debrief.Pending {
			h.t.Fatalf("a word before its time: %+v", k)
		}
		if len(k.Verdicts) != 1 || len(k.Verdicts[0].Trace.V) == 0 || k.Verdicts[0].Word != debrief.Pending || k.Verdicts[0].P != 0 {
			h.t.Fatalf("no data, or a verdict, before its time: %+v", k.Verdicts)
		}
		h.run(3 * time.Minute)
		if k = h.latest().Looks[0]; k.Word != debrief.Steady {
			h.t.Fatalf("after it ended: %q %+v", k.Word, k.Verdicts)
		}
	})
}

func TestAVersionNobodyRecordedIsNoticedAndTakenBackWhenItIsToldLate(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		p := &line{until: h.clock.Now().Add(30 * time.Minute)}
		h.metric(p)
		h.deploy("production", "v1", nil)
		h.run(time.Minute)
		h.watch()
		h.run(time.Hour)
		s := h.latest()
		if s.Release.Version != "v1" || !has(s, "unrecorded-release") {
			h.t.Fatalf("%s: %+v", s.Release.Version, s.Surprises)
		}
		// The report was only late (a spool, a pipeline artifact).
		at := p.until
		h.deploy("production", "v2", func(r *debrief.Report) {
			r.Times = debrief.Times{Started: at.Add(-time.Minute), Finished: at}
		})
		h.run(time.Minute)
		v1, err := h.st.Story(h.t.Context(), s.Release.ID)
		if err != nil {
			h.t.Fatal(err)
		}
		if has(v1, "unrecorded-release") || h.latest().Release.Version != "v2" {
			h.t.Errorf("still called unrecorded: %+v", v1.Surprises)
		}
	})
}

func (h *house) watch() {
	h.t.Helper()
	if err := h.st.Update(h.t.Context(), func(tx *store.Tx) error {
		return tx.Enqueue(store.Work{Kind: "watch", Key: "shop", Due: h.clock.Now()})
	}); err != nil {
		h.t.Fatal(err)
	}
}

func has(s debrief.Story, kind string) bool {
	for _, x := range s.Surprises {
		if x.Kind == kind {
			return true
		}
	}
	return false
}

func TestAnAnswerStaysWhenSurprisesAreWorkedOutAnew(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		h.slowStep()
		h.run(time.Minute)
		s := h.latest()
		if _, err := h.st.Answer(h.t.Context(), s.Surprises[0].ID, debrief.Expected, h.clock.Now()); err != nil {
			h.t.Fatal(err)
		}
		h.run(2 * time.Hour)
		s = h.latest()
		if len(s.Surprises) != 1 || s.Surprises[0].Answer != debrief.Expected || s.Release.Open != 0 || s.Release.Surprises != 1 {
			h.t.Fatalf("release %+v, surprises %+v", s.Release, s.Surprises)
		}
	})
}

func TestOneLineADay(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		h.cfg.Chat.Daily = "09:30"
		h.build()
		if err := h.l.Plan(h.t.Context()); err != nil {
			h.t.Fatal(err)
		}
		h.run(73 * time.Hour)
		if len(h.chat.got) != 4 {
			h.t.Fatalf("four mornings, said: %q", h.chat.got)
		}
		for _, text := range h.chat.got {
			if text == "" {
				h.t.Error("an empty line: silence would be ambiguous")
			}
		}
	})
}

func TestWhatIsNotForUsIsSettledAndWhatIsWrongIsNotRetried(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		for key, body := range map[string]string{"deployments/a": `{"nonsense":`, "deployments/b": `{"key":"b","services":["shop"],"report":{"state":"sideways"}}`} {
			if _, err := h.st.Accept(h.t.Context(), debrief.Envelope{Source: "api", Key: key, Body: []byte(body), Received: h.clock.Now()}); err != nil {
				h.t.Fatal(err)
			}
		}
		if _, err := h.st.Accept(h.t.Context(), debrief.Envelope{Source: "nobody", Key: "x", Body: []byte("{}"), Received: h.clock.Now()}); err != nil {
			h.t.Fatal(err)
		}
		h.run(time.Minute)
		buried, err := h.st.Buried(h.t.Context(), 10)
		if err != nil || len(buried) != 0 {
			h.t.Errorf("dead letters: %+v, %v", buried, err)
		}
		if _, err := h.st.LatestRelease(h.t.Context(), ""); debrief.KindOf(err) != debrief.NotFound {
			h.t.Errorf("something was recorded of it: %v", err)
		}
	})
}
