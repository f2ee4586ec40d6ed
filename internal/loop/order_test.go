package loop_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/loop"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/store/storetest"
)

var shuffles = flag.Int("shuffles", 4, "how many shuffled orders of the story are tried on each engine")

const (
	shaA = "5d2a8f0c1be94e7d3a6f58b2c4d1e0f9a7b63c84"
	shaB = "0b7c9e2d4f1a8b3c5d6e7f809a1b2c3d4e5f6071"
)

// tale is a story of several sources, told late: GitHub's deployments, runs,
// pushes and issues, a deployer that speaks the API (some of it only half), and
// what took effect by itself.
func tale(began time.Time) []debrief.Envelope {
	at := func(m int) time.Time { return began.Add(time.Duration(m) * time.Minute) }
	stamp := func(m int) string { return at(m).Format(time.RFC3339) }
	var out []debrief.Envelope
	hook := func(kind string, body map[string]any) {
		body["repository"] = map[string]any{"full_name": "acme/shop", "name": "shop", "html_url": "https://github.com/acme/shop", "default_branch": "main", "pushed_at": began.Unix()}
		text, _ := json.Marshal(body)
		out = append(out, debrief.Envelope{
			Source: "github", Key: fmt.Sprintf("delivery-%d", len(out)), Digest: "d", Body: text,
			Header: map[string]string{"X-Github-Event": kind, "X-Github-Delivery": fmt.Sprintf("delivery-%d", len(out))},
		})
	}
	n := 0
	api := func(key string, r debrief.Report) {
		body, _ := json.Marshal(map[string]any{"key": key, "services": []string{r.Service}, "report": r})
		n++
		k := "deployments/" + key
		if r.Service == "" {
			body, _ = json.Marshal(map[string]any{"key": key, "report": r})
			k += fmt.Sprintf("/%d", n) // a PATCH
		}
		out = append(out, debrief.Envelope{Source: "api", Key: k, Digest: "d", Body: body})
	}
	// GitHub and a deployer beside it tell of the same two deployments.
	for i, sha := range []string{shaA, shaB} {
		id, from := 100+i, i*600
		run := 900 + i
		hook("push", map[string]any{
			"ref": "refs/heads/main", "before": strings.Repeat("0", 40), "after": sha,
			"commits": []any{map[string]any{"id": sha, "message": "change " + sha[:7], "timestamp": stamp(from - 90), "added": []string{}, "removed": []string{}, "modified": []string{"a.go"}}},
		})
		deployment := map[string]any{"id": id, "sha": sha, "ref": "main", "environment": "production", "created_at": stamp(from), "payload": map[string]any{}}
		hook("deployment", map[string]any{"action": "created", "deployment": deployment, "workflow_run": map[string]any{"id": run, "run_attempt": 1}})
		for j, state := range []string{"in_progress", "success"} {
			hook("deployment_status", map[string]any{
				"action": "created", "deployment": deployment, "workflow_run": map[string]any{"id": run, "run_attempt": 1},
				"deployment_status": map[string]any{"id": id*10 + j, "state": state, "created_at": stamp(from + 2 + 5*j), "updated_at": stamp(from + 2 + 5*j), "environment": "production"},
			})
		}
		argo := fmt.Sprintf("argocd/shop/%d", i)
		api("argo-"+sha[:7], debrief.Report{
			Keys: []string{argo}, Service: "shop", Environment: "production", Commit: sha, Version: fmt.Sprintf("v%d", i+1),
			State: debrief.Running, Times: debrief.Times{Started: at(from + 3)}, Facts: debrief.Facts{"app": "shop"},
		})
		api("argo-"+sha[:7], debrief.Report{State: debrief.Succeeded, Times: debrief.Times{Finished: at(from + 8)}, URL: "https://argo.example/shop"})
	}
	// A finish whose start never came, and a start without a finish; a clock
	// that runs ahead in one of the reports.
	api("lost-start", debrief.Report{Service: "cart", Environment: "production", Version: "v7", State: debrief.Failed, Times: debrief.Times{Finished: at(30)}})
	api("lost-end", debrief.Report{Service: "cart", Environment: "production", Version: "v8", State: debrief.Running, Times: debrief.Times{Started: at(60)}})
	api("skewed", debrief.Report{Service: "cart", Environment: "staging", Version: "v8", State: debrief.Running, Times: debrief.Times{Started: at(90)}})
	api("skewed", debrief.Report{State: debrief.Succeeded, Times: debrief.Times{Finished: at(80)}})
	api("lost-start", debrief.Report{Keys: []string{"ci/7"}, Environment: "production", Target: "eu"})
	api("rolled", debrief.Report{Keys: []string{"ci/7"}, Service: "cart", Environment: "production", Target: "eu", Version: "v7", URL: "https://ci.example/7"})
	// An issue that is an incident, reported, closed and opened anew; another
	// is labelled only later.
	for i, action := range []string{"opened", "closed", "reopened"} {
		issue := map[string]any{
			"id": 5, "number": 12, "title": "Checkout fails", "state": "open", "html_url": "https://github.com/acme/shop/issues/12",
			"created_at": stamp(40), "updated_at": stamp(40 + 10*i), "closed_at": nil, "labels": []any{map[string]any{"name": "incident"}}, "user": map[string]any{"login": "a"},
		}
		if action == "closed" {
			issue["state"], issue["closed_at"] = "closed", stamp(50)
		}
		hook("issues", map[string]any{"action": action, "issue": issue})
	}
	return out
}

// hear takes envelopes in the order given, with some of the work done between
// them, and returns what is known in the end.
func hear(t *testing.T, engine string, envs []debrief.Envelope, rnd *rand.Rand) string {
	t.Helper()
	st, clock := storetest.Open(t, engine)
	l := loop.New(loop.Options{Store: st, Config: config.Default(), Now: clock.Now, Log: slog.New(slog.DiscardHandler)})
	step := func() bool {
		did, err := l.Step(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return did
	}
	for _, e := range envs {
		if _, err := st.Accept(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		for rnd != nil && rnd.IntN(3) > 0 && step() {
		}
		if rnd == nil {
			for step() {
			}
		}
	}
	for step() {
	}
	if buried, err := st.Buried(t.Context(), 10); err != nil || len(buried) > 0 {
		t.Fatal(buried, err)
	}
	return known(t, st)
}

func known(t testing.TB, st *store.Store) string {
	t.Helper()
	var b bytes.Buffer
	if _, err := st.Export(t.Context(), &b, false); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Whatever the order, however often: the same database, on both engines.
func TestAnyOrderEndsInTheSameDatabase(t *testing.T) {
	t.Parallel()
	envs := tale(storetest.NewClock().Now().Add(-6 * 24 * time.Hour))
	want := hear(t, "sqlite", envs, nil)
	expectations(t, want)
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(*shuffles) {
				rnd := rand.New(rand.NewPCG(seed, 7))
				order := append([]debrief.Envelope(nil), envs...)
				for range rnd.IntN(len(envs)) {
					order = append(order, envs[rnd.IntN(len(envs))])
				}
				rnd.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
				if got := hear(t, engine, order, rnd); got != want {
					t.Fatalf("seed %d:\n%s", seed, cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")))
				}
			}
		})
	}
}

// expectations holds the story's end to what it tells, so that equal does not
// mean equally wrong.
func expectations(t *testing.T, text string) {
	t.Helper()
	var shop []debrief.Deployment
	carts, skewed, incidents := 0, 0, 0
	for line := range strings.Lines(text) {
		var row struct {
			Table string
			Row   struct {
				Service string `json:"service_id"`
				State   string
				Reason  string
				Data    json.RawMessage
			}
		}
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		switch row.Table {
		case "inbox":
			if row.Row.State != "done" {
				t.Errorf("an envelope is %s: %s", row.Row.State, row.Row.Reason)
			}
		case "incidents":
			incidents++
		case "deployments":
			var d debrief.Deployment
			if err := json.Unmarshal(row.Row.Data, &d); err != nil {
				t.Fatal(err)
			}
			switch {
			case len(d.Skew) > 0:
				skewed++
			case d.Service == "shop":
				shop = append(shop, d)
			default:
				carts++
			}
		}
	}
	if len(shop) != 2 || carts != 2 || skewed != 1 || incidents != 1 {
		t.Fatalf("%d deployments of the shop, %d of the cart, %d skewed, %d incidents", len(shop), carts, skewed, incidents)
	}
	for _, d := range shop {
		said := map[string]bool{}
		for _, f := range d.Said {
			said[f.Source+" "+f.Name] = true
		}
		if len(d.Sources) != 2 || d.State != debrief.Succeeded || !said["github finished_at"] && !said["github state"] || !said["api version"] || !said["api fact/app"] {
			t.Errorf("one deployment told by two sources, all facts kept: %+v", d)
		}
	}
}
