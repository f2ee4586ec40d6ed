package record

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/debriefhq/debrief"
)

var t0 = time.Date(2026, 3, 3, 14, 0, 0, 0, time.UTC)

func minutes(n int) time.Time { return t0.Add(time.Duration(n) * time.Minute) }

// anyEvents draws sets in which everything meets: shared keys, floating parts,
// runs, equal times, contradicting values.
func anyEvents(t *rapid.T) []debrief.Event {
	pickOf := func(name string, list ...string) string { return rapid.SampledFrom(list).Draw(t, name) }
	n := rapid.IntRange(1, 12).Draw(t, "n")
	events := make([]debrief.Event, 0, n)
	when := func(name string) time.Time {
		m := rapid.IntRange(-1, 90).Draw(t, name)
		if m < 0 {
			return time.Time{}
		}
		return minutes(m)
	}
	for i := range n {
		e := debrief.Event{
			ID: debrief.ID("e", string(rune('a'+i))), Source: pickOf("source", "api", "github", "argo"), Kind: debrief.EventDeployment,
			At: minutes(rapid.IntRange(0, 40).Draw(t, "at")), Service: pickOf("service", "shop", "shop", "org", ""),
		}
		e.Report = &debrief.Report{
			Keys:        rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"api/a", "api/b", "github/run/1", "github/run/2", "github/deployment/o/n/1"}), 0, 2, rapid.ID[string]).Draw(t, "keys"),
			Environment: pickOf("env", "production", "production", "staging", ""),
			Target:      pickOf("target", "", "", "eu", "us"),
			Version:     pickOf("version", "", "v1", "v2"),
			Commit:      pickOf("commit", "", "5d2a8f0", "5d2a8f0c1be94e7d3a6f58b2c4d1e0f9a7b63c84", "0b7c9e2"),
			State:       debrief.DeploymentState(pickOf("state", "", "queued", "running", "succeeded", "failed", "superseded")),
			Times:       debrief.Times{Queued: when("queued"), Started: when("started"), Finished: when("finished"), FullExposure: when("full")},
			Attempt:     rapid.IntRange(0, 3).Draw(t, "attempt"),
			Manual:      rapid.Bool().Draw(t, "manual"),
			Facts:       debrief.Facts{pickOf("fact", "rows", "pods"): pickOf("value", "1", "2")},
			URL:         pickOf("url", "", "https://a", "https://b"),
			Stages:      []debrief.Stage{{Name: pickOf("stage", "build", "migrate"), Attempt: rapid.IntRange(0, 2).Draw(t, "try"), Started: when("from"), Finished: when("to")}},
		}
		events = append(events, e)
		if rapid.IntRange(0, 5).Draw(t, "name") == 0 {
			events = append(events, debrief.Event{
				ID: debrief.ID("v", string(rune('a'+i))), Source: "github", Kind: debrief.EventVersion, At: e.At,
				Version: &debrief.Version{Name: pickOf("tag", "v1", "v2"), Commit: "5d2a8f0c1be94e7d3a6f58b2c4d1e0f9a7b63c84"},
			})
		}
	}
	return events
}

// The heart of the ledger: the order events arrive in, and arriving twice,
// change nothing.
func TestAnyOrderAnyRepetition(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		events := anyEvents(t)
		ds, absorbed := Deployments(events)
		again := rapid.Permutation(append(slices.Clone(events), rapid.SliceOf(rapid.SampledFrom(events)).Draw(t, "twice")...)).Draw(t, "order")
		ds2, absorbed2 := Deployments(again)
		if d := cmp.Diff(ds, ds2); d != "" {
			t.Fatalf("deployments differ: %s", d)
		}
		if d := cmp.Diff(absorbed, absorbed2); d != "" {
			t.Fatalf("redirects differ: %s", d)
		}
		mixed := rapid.Permutation(ds).Draw(t, "deployments")
		if d := cmp.Diff(Releases(ds), Releases(mixed)); d != "" {
			t.Fatalf("releases differ: %s", d)
		}
	})
}

// What must hold of any ledger.
func TestInvariants(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		events := anyEvents(t)
		ds, absorbed := Deployments(events)
		ids := map[string]bool{}
		owner := map[scope]map[string]string{}
		for _, d := range ds {
			if ids[d.ID] {
				t.Fatalf("id %s twice", d.ID)
			}
			ids[d.ID] = true
			s := scope{d.Service, d.Environment, d.Target}
			if d.Service == "" || d.Service == org || d.Environment == "" {
				t.Fatalf("a floating report became a deployment: %+v", d)
			}
			if d.State == "" || len(d.Keys) == 0 || d.ID != s.id(d.Keys[0]) || !slices.IsSorted(d.Keys) {
				t.Fatalf("state %q, id %s, keys %v", d.State, d.ID, d.Keys)
			}
			if d.State.Final() == d.Times.Finished.IsZero() {
				t.Fatalf("%s, finished %v", d.State, d.Times.Finished)
			}
			if d.Times.Started.IsZero() && d.State != debrief.Queued && d.State != debrief.Waiting {
				t.Fatalf("%s without a start", d.State)
			}
			if owner[s] == nil {
				owner[s] = map[string]string{}
			}
			for _, k := range d.Keys {
				if o := owner[s][k]; o != "" && !isRun(k) {
					t.Fatalf("key %s belongs to %s and %s", k, o, d.ID)
				}
				owner[s][k] = d.ID
			}
		}
		for from, to := range absorbed {
			if ids[from] || !ids[to] {
				t.Fatalf("redirect %s → %s: must lead from no deployment to one", from, to)
			}
		}
		for _, e := range events { // every firm report is somewhere
			if e.Report == nil || e.Service != "shop" || e.Report.Environment == "" {
				continue
			}
			k := reportKeys(e)[0]
			if !slices.ContainsFunc(ds, func(d debrief.Deployment) bool {
				return d.Environment == e.Report.Environment && slices.Contains(d.Keys, k)
			}) {
				t.Fatalf("report %s is lost", k)
			}
		}
		for _, r := range Releases(ds) {
			if r.NextID != "" && r.NextAt.Before(r.FullExposure) || r.PreviousID == r.ID || r.NextID == r.ID || len(r.DeploymentIDs) == 0 {
				t.Fatalf("release: %+v", r)
			}
		}
		for _, r := range Releases(ds[:min(len(ds), 1)]) {
			if r.PreviousID != "" || r.Looks == nil {
				t.Fatalf("first release: %+v", r)
			}
		}
	})
}

// Events that arrive one by one end where all at once do, and every id a
// deployment ever had leads to it.
func TestOldIDsLeadOn(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		events := anyEvents(t)
		known := map[string]bool{}
		for i := range events {
			ds, _ := Deployments(events[:i+1])
			for _, d := range ds {
				known[d.ID] = true
			}
		}
		ds, absorbed := Deployments(events)
		for id := range known {
			if !slices.ContainsFunc(ds, func(d debrief.Deployment) bool { return d.ID == id || absorbed[id] == d.ID }) {
				t.Fatalf("id %s leads nowhere", id)
			}
		}
	})
}

func TestKeys(t *testing.T) {
	t.Parallel()
	full := "5D2A8F0C1BE94E7D3A6F58B2C4D1E0F9A7B63C84"
	for _, c := range []struct {
		name string
		e    debrief.Event
		want []string
	}{
		{"environment and commit", debrief.Event{ID: "1", Report: &debrief.Report{Keys: []string{"b", "a"}, Environment: "production", Commit: full, Version: "v1"}}, []string{"a", "b", "commit/production/5d2a8f0"}},
		{"and would like a name", debrief.Event{ID: "1", Report: &debrief.Report{Keys: []string{"a"}, Environment: "production", Commit: full}}, []string{"a", "commit/production/5d2a8f0", "name/5d2a8f0"}},
		{"no keys", debrief.Event{ID: "1", Report: &debrief.Report{Environment: "production"}}, []string{"event/1"}},
		{"a run floats", debrief.Event{ID: "1", Report: &debrief.Report{Keys: []string{"github/run/1"}, Commit: full}}, []string{"github/run/1"}},
		{"a change", debrief.Event{Change: &debrief.Change{Repository: "a/b", Commit: full}}, []string{"change/a/b/5d2a8f0c1be94e7d3a6f58b2c4d1e0f9a7b63c84"}},
		{"a name", debrief.Event{Version: &debrief.Version{Name: "v1", Commit: full}}, []string{"name/5d2a8f0"}},
		{"a name without a commit", debrief.Event{Version: &debrief.Version{Name: "v1"}}, nil},
	} {
		if got := Keys(c.e); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func BenchmarkDeployments(b *testing.B) {
	events := week()
	b.ReportAllocs()
	for b.Loop() {
		Deployments(events)
	}
}

func BenchmarkReleases(b *testing.B) {
	var events []debrief.Event
	for i := range 500 {
		at := t0.Add(time.Duration(i) * time.Hour)
		events = append(events, report("api", "api/"+at.Format(time.RFC3339), at, debrief.Report{
			Service: "shop", Environment: "production", Version: at.Format("v0102.15"), State: debrief.Succeeded, Times: debrief.Times{Started: at, Finished: at.Add(time.Minute)},
		}))
	}
	ds, _ := Deployments(events)
	b.ReportAllocs()
	for b.Loop() {
		Releases(ds)
	}
}
