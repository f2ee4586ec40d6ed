package loop_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/store/storetest"
)

// hook accepts a delivery of GitHub's deployment_status (or deployment) events.
func (h *house) hook(id, kind, state, env string, deployment int, at time.Time) {
	h.t.Helper()
	body := map[string]any{
		"action":       "created",
		"deployment":   map[string]any{"id": deployment, "sha": "5d2a8f0c1be94e7d3a6f58b2c4d1e0f9a7b63c84", "ref": "main", "environment": env, "created_at": at},
		"workflow_run": map[string]any{"id": 123, "run_attempt": 1},
		"repository":   map[string]any{"full_name": "acme/gshop", "default_branch": "main"},
	}
	if state != "" {
		body["deployment_status"] = map[string]any{"state": state, "created_at": at}
	}
	h.accept("github", id, map[string]string{"X-Github-Event": kind, "X-Github-Delivery": id}, body)
}

// wrapped accepts what `debrief deploy` says in a step of the same run.
func (h *house) wrapped(key, service, env string, from, to time.Time) {
	h.t.Helper()
	h.accept("api", "deployments/"+key, nil, map[string]any{"key": key, "services": []string{service}, "report": debrief.Report{
		Service: service, Environment: env, Version: "v2.0.0", Commit: "5d2a8f0c1be94e7d3a6f58b2c4d1e0f9a7b63c84", State: debrief.Succeeded,
		Keys: []string{"github/run/123"}, Times: debrief.Times{Started: from, Finished: to},
	}})
}

func (h *house) accept(source, key string, header map[string]string, body any) {
	h.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		h.t.Fatal(err)
	}
	if _, err := h.st.Accept(h.t.Context(), debrief.Envelope{Source: source, Key: key, Header: header, Body: text, Received: h.clock.Now()}); err != nil {
		h.t.Fatal(err)
	}
	h.run(time.Second)
}

// known lists all releases as "service version kind: sources".
func (h *house) known() string {
	h.t.Helper()
	rs, _, err := h.st.Releases(h.t.Context(), store.Filter{})
	if err != nil {
		h.t.Fatal(err)
	}
	var out []string
	for _, r := range rs {
		s, err := h.st.Story(h.t.Context(), r.ID)
		if err != nil {
			h.t.Fatal(err)
		}
		var sources []string
		for _, d := range s.Deployments {
			sources = append(sources, strings.Join(d.Sources, "+"))
		}
		out = append(out, fmt.Sprintf("%s %s %s: %s", r.Service, r.Version, r.Kind, strings.Join(sources, ", ")))
	}
	slices.Sort(out)
	return strings.Join(out, "; ")
}

// A workflow that runs `debrief deploy` and whose webhooks arrive too tells of
// one deployment, with no alias set and whatever comes first.
func TestOneRunToldByTheForgeAndByTheCommandLineIsOneRelease(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		tell []string
		want string
	}{
		"both":                          {[]string{"queued", "done", "shop"}, "gshop v2.0.0 release: api+github"},
		"both, staging too":             {[]string{"queued", "done", "shop", "staged", "stage"}, "gshop v2.0.0 release: api+github"},
		"the forge alone":               {[]string{"queued", "done"}, "github-acme-gshop 5d2a8f0 release: github"},
		"two steps of one service":      {[]string{"queued", "done", "shop", "shop again"}, "gshop v2.0.0 release: api; gshop v2.0.0 same version: api+github"},
		"two services, both told":       {[]string{"queued", "done", "shop", "ledger"}, "gshop v2.0.0 release: api; ledger v2.0.0 release: api"},
		"only its staging was told":     {[]string{"queued", "done", "stage"}, "gshop 5d2a8f0 release: github"},
		"two services, staging of both": {[]string{"queued", "done", "stage", "ledger stage"}, "github-acme-gshop 5d2a8f0 release: github"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(h *house) {
				at := h.clock.Now().Add(-time.Hour)
				tell := map[string]func(){
					"queued":       func() { h.hook("d1", "deployment", "", "production", 5, at) },
					"done":         func() { h.hook("d2", "deployment_status", "success", "production", 5, at.Add(5*time.Minute)) },
					"staged":       func() { h.hook("d3", "deployment_status", "success", "staging", 4, at.Add(-5*time.Minute)) },
					"shop":         func() { h.wrapped("k1", "gshop", "production", at.Add(time.Minute), at.Add(4*time.Minute)) },
					"shop again":   func() { h.wrapped("k5", "gshop", "production", at.Add(2*time.Minute), at.Add(4*time.Minute)) },
					"stage":        func() { h.wrapped("k2", "gshop", "staging", at.Add(-9*time.Minute), at.Add(-6*time.Minute)) },
					"ledger":       func() { h.wrapped("k3", "ledger", "production", at.Add(2*time.Minute), at.Add(4*time.Minute)) },
					"ledger stage": func() { h.wrapped("k4", "ledger", "staging", at.Add(-9*time.Minute), at.Add(-6*time.Minute)) },
				}
				all := orders(c.tell)
				if h.st.Engine() != "sqlite" {
					all = all[:2] // a database each; the rest differs in nothing the engine sees
				}
				all = all[:min(len(all), 6)]
				for _, order := range all {
					h.st, h.clock = storetest.Open(h.t, h.st.Engine())
					h.build()
					links := map[string]bool{}
					for _, what := range order {
						tell[what]()
						rs, _, err := h.st.Releases(h.t.Context(), store.Filter{})
						if err != nil {
							h.t.Fatal(err)
						}
						for _, r := range rs {
							links[r.ID] = true
						}
					}
					if got := h.known(); got != c.want {
						h.t.Errorf("%v:\ngot  %s\nwant %s", order, got, c.want)
					}
					services, err := h.st.Services(h.t.Context())
					if err != nil {
						h.t.Fatal(err)
					}
					for _, sv := range services {
						if !strings.Contains(c.want, sv.ID+" ") && sv.ID != "ledger" && sv.ID != "gshop" {
							h.t.Errorf("%v: a service that only stood in is still there: %s", order, sv.ID)
						}
					}
					if strings.Contains(c.want, "ledger") {
						continue // what was the forge's is nobody's now
					}
					for id := range links {
						if _, err := h.st.Story(h.t.Context(), id); err != nil {
							h.t.Errorf("%v: a link of before leads nowhere: %v", order, err)
						}
					}
				}
			})
		})
	}
}

// orders are some orders of a list: as it is, backwards, and each turn of it.
func orders(list []string) [][]string {
	out := [][]string{list}
	for i := range list {
		turned := append(slices.Clone(list[i:]), list[:i]...)
		back := slices.Clone(turned)
		slices.Reverse(back)
		out = append(out, turned, back)
	}
	return out[1:]
}
