package loop_test

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/forge"
	"github.com/debriefhq/debrief/internal/loop"
)

// What is polled is kept and recorded as what is sent; a refusal is heeded and
// shown, and nothing counts twice.
func TestARepositoryIsPolledIntoTheRecord(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		h.clock.Set(began)
		w := newGitHubWorld(h.t, began)
		rapid.Custom(func(rt *rapid.T) bool {
			w.startRun(rt)
			w.deploy(rt, w.runs[0], "production", "https://github.com/acme/shop/actions/runs/1/job/9", "success")
			w.finishRun(rt, 0)
			w.pull(rt)
			return true
		}).Example(1)
		w.now = w.now.Add(time.Minute)
		h.clock.Set(w.now)
		h.cfg.Sources = map[string]config.Source{"github": {Poll: config.Poll{Repositories: []string{"acme/shop"}, Every: time.Minute, Since: 24 * time.Hour}}}
		h.cfg.Services = map[string]config.Service{"shop": {Aliases: []string{"github:acme/shop"}}}
		h.l = loop.New(loop.Options{
			Store: h.st, Config: h.cfg, Now: h.clock.Now, Log: slog.New(slog.DiscardHandler), Sender: h.chat, Sources: h.tele,
			Forges: map[string]forge.Poller{"github": forge.GitHub{URL: w.URL, Client: w.Client(), Now: h.clock.Now}},
			Mask: func(_ string, body []byte) ([]byte, bool) {
				return []byte(strings.ReplaceAll(string(body), "Faster", "***")), true
			},
		})
		ok := func(err error) {
			h.t.Helper()
			if err != nil {
				h.t.Fatal(err)
			}
		}
		ok(h.l.Plan(h.t.Context()))
		h.run(time.Second)
		told := h.latest()
		if told.Release.Version != "v1.2.2" {
			h.t.Errorf("release: %+v", told.Release)
		}
		count := func() int {
			sources, err := h.st.SourceCounts(h.t.Context())
			ok(err)
			if len(sources) != 1 || sources[0].Source != "github" || sources[0].Rejected != 0 || sources[0].Open != 0 {
				h.t.Fatalf("sources: %+v", sources)
			}
			return sources[0].Done
		}
		first := count()
		h.run(5 * time.Minute)
		if again := count(); first == 0 || again != first {
			h.t.Errorf("%d, then %d payloads of the same things", first, again)
		}

		w.mu.Lock()
		w.fail = func(int) int { return http.StatusTooManyRequests }
		w.mu.Unlock()
		h.run(2 * time.Minute)
		polls, err := h.st.Polls(h.t.Context())
		ok(err)
		if len(polls) != 1 || !strings.Contains(polls[0].Problem, "429") || !strings.Contains(polls[0].Progress, "deployments") {
			h.t.Errorf("polls: %+v", polls)
		}
		w.mu.Lock()
		w.fail = nil
		w.mu.Unlock()
		h.run(3 * time.Minute)
		polls, err = h.st.Polls(h.t.Context())
		ok(err)
		if polls[0].Problem != "" || count() != first {
			h.t.Errorf("after the pause: %+v", polls)
		}

		// Taken out of the configuration, the routine ends.
		h.cfg.Sources = nil
		h.build()
		h.run(2 * time.Minute)
		asked := w.asked
		h.run(10 * time.Minute)
		if w.asked != asked {
			h.t.Error("it is still asked")
		}
		if w, err := h.st.Claim(h.t.Context(), []string{"poll"}, time.Second); w != nil || err != nil {
			h.t.Errorf("%+v, %v", w, err)
		}
	})
}
