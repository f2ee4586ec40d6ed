package loop_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/ingest"
	"github.com/debriefhq/debrief/internal/loop"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/store/storetest"
)

var shuffles = flag.Int("shuffles", 4, "how many shuffled orders of the story are tried on each engine")

const (
	shaA = "5d2a8f0c1be94e7d3a6f58b2c4d1e0f9a7b63c84"
	shaB = "0b7c9e2d4f1a8b3c5d6e7f809a1b2c3d4e5f6071"
)

// tale is a story of several sources, told late: GitHub's deployments, pushes
// and issues, Argo CD telling of the same deployments, and a deployer that
// speaks the API, of some things only half.
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
	argo := func(body map[string]any) {
		text, _ := json.Marshal(body)
		key := fmt.Sprintf("notification/%d", len(out))
		out = append(out, debrief.Envelope{Source: "argocd", Key: key, Digest: key, Body: text})
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
		argo(map[string]any{"app": "shop", "service": "Shop", "environment": "production", "operation": map[string]any{"phase": "Running", "startedAt": stamp(from + 3), "revision": sha}})
		argo(map[string]any{
			"app": "shop", "environment": "production", "images": []string{fmt.Sprintf("acme/shop:v%d", i+1)}, "url": "https://argo.example/shop",
			"health":    map[string]any{"status": "Healthy", "lastTransitionTime": stamp(from + 9)},
			"operation": map[string]any{"phase": "Succeeded", "startedAt": stamp(from + 3), "finishedAt": stamp(from + 8), "revision": sha},
		})
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
	// becomes one when somebody labels it, and is no ticket then.
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
	for i, labels := range [][]any{{}, {map[string]any{"name": "incident"}}} {
		hook("issues", map[string]any{"action": []string{"opened", "labeled"}[i], "issue": map[string]any{
			"id": 6, "number": 13, "title": "Carts are empty", "state": "open", "html_url": "https://github.com/acme/shop/issues/13",
			"created_at": stamp(70), "updated_at": stamp(70 + i), "closed_at": nil, "labels": labels, "user": map[string]any{"login": "a"},
		}})
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
	inAnyOrder(t, envs, want, *shuffles)
}

// The same for all that the tests of the sources have: what nobody thought of.
func TestAnyOrderOfEveryPayload(t *testing.T) {
	t.Parallel()
	envs := payloads(t)
	want := hear(t, "sqlite", envs, nil)
	for _, table := range []string{"deployments", "releases", "changes", "incidents", "tickets"} {
		if n := strings.Count(want, `{"table":"`+table+`"`); n < 2 {
			t.Errorf("only %d rows of %s: the payloads tell too little", n, table)
		}
	}
	inAnyOrder(t, envs, want, max(1, *shuffles/4))
}

// payloads are those that the tests of every source have.
func payloads(t *testing.T) []debrief.Envelope {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "ingest", "testdata", "*", "*.json"))
	if err != nil || len(files) < 100 {
		t.Fatalf("%d payloads, %v", len(files), err)
	}
	var out []debrief.Envelope
	for _, file := range files {
		source := filepath.Base(filepath.Dir(file))
		src, err := ingest.Lookup(source)
		if err != nil {
			t.Fatal(err)
		}
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		kind, _, _ := strings.Cut(name, ".")
		header := map[string]string{}
		if source == "github" {
			header["X-Github-Event"], header["X-Github-Delivery"] = kind, name
		}
		about, _ := os.ReadFile(strings.TrimSuffix(file, ".json") + ".txt")
		for l := range strings.Lines(string(about)) {
			if h, ok := strings.CutPrefix(l, "header: "); ok {
				k, v, _ := strings.Cut(h, ":")
				header[textproto.CanonicalMIMEHeaderKey(k)] = strings.TrimSpace(v)
			}
		}
		received := storetest.NewClock().Now()
		if src.Open != nil {
			if opened, err := src.Open(header, body); err == nil {
				body = opened.Body
			}
		}
		key := name
		if source == "api" {
			key, body = named(name, body)
		}
		out = append(out, debrief.Envelope{Source: source, Key: key, Digest: name, Header: header, Body: body, Received: received})
	}
	return out
}

// named gives a report of the API a key of its own: a server refuses another
// report under a key it knows. Additions keep theirs.
func named(name string, body []byte) (key string, renamed []byte) {
	var flat map[string]json.RawMessage
	if json.Unmarshal(body, &flat) != nil || flat["key"] == nil {
		return "deployments/" + name, body
	}
	if strings.HasPrefix(name, "patch.") {
		var of string
		_ = json.Unmarshal(flat["key"], &of)
		return "deployments/" + of + "/" + name, body
	}
	flat["key"], _ = json.Marshal(name)
	renamed, _ = json.Marshal(flat)
	return "deployments/" + name, renamed
}

func inAnyOrder(t *testing.T, envs []debrief.Envelope, want string, times int) {
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(times) {
				rnd := rand.New(rand.NewPCG(seed, 7))
				order := append([]debrief.Envelope(nil), envs...)
				for range rnd.IntN(min(len(envs), 80)) {
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
		case "tickets":
			t.Errorf("an incident stands as a ticket too: %s", row.Row.Data)
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
	if len(shop) != 2 || carts != 2 || skewed != 1 || incidents != 2 {
		t.Fatalf("%d deployments of the shop, %d of the cart, %d skewed, %d incidents", len(shop), carts, skewed, incidents)
	}
	for _, d := range shop {
		said := map[string]bool{}
		for _, f := range d.Said {
			said[f.Source+" "+f.Name] = true
		}
		if len(d.Sources) != 2 || d.State != debrief.Succeeded || !said["github finished_at"] && !said["github state"] || !said["argocd version"] || !said["argocd fact/health"] {
			t.Errorf("one deployment told by two sources, all facts kept: %+v", d)
		}
	}
}
