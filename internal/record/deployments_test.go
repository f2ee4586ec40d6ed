package record

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/debriefhq/debrief"
)

func TestIdentity(t *testing.T) {
	t.Parallel()
	const full, short = "5d2a8f0c1be94e7d3a6f58b2c4d1e0f9a7b63c84", "5d2a8f0"
	prod := func(r debrief.Report) debrief.Report {
		r.Service, r.Environment = "shop", "production"
		return r
	}
	starting := func(at time.Time, commit string) debrief.Report {
		return prod(debrief.Report{Commit: commit, Times: debrief.Times{Started: at}})
	}
	for _, c := range []struct {
		name   string
		events []debrief.Event
		want   string // env/target: keys; …
	}{
		{"the same key", []debrief.Event{report("api", "api/a", minutes(0), prod(debrief.Report{})), report("api", "api/a", minutes(5), prod(debrief.Report{}))}, "production/: api/a"},
		{"two keys", []debrief.Event{report("api", "api/a", minutes(0), prod(debrief.Report{})), report("api", "api/b", minutes(5), prod(debrief.Report{}))}, "production/: api/a; production/: api/b"},
		{"joined by a third", []debrief.Event{
			report("api", "api/a", minutes(0), prod(debrief.Report{})), report("api", "api/b", minutes(0), prod(debrief.Report{})),
			report("api", "api/a", minutes(9), debrief.Report{Keys: []string{"api/b"}}),
		}, "production/: api/a api/b"},
		{"one run, two environments", []debrief.Event{
			report("api", "github/run/1", minutes(0), debrief.Report{Service: "shop", Environment: "staging"}),
			report("api", "github/run/1", minutes(9), prod(debrief.Report{})),
			report("github", "github/run/1", minutes(20), debrief.Report{State: debrief.Succeeded}),
		}, "staging/: github/run/1; production/: github/run/1"},
		{"one key, two targets, and a report for both", []debrief.Event{
			report("api", "api/a", minutes(0), prod(debrief.Report{Target: "eu"})), report("api", "api/a", minutes(1), prod(debrief.Report{Target: "us"})),
			report("api", "api/a", minutes(2), prod(debrief.Report{URL: "https://x"})),
		}, "production/eu: api/a; production/us: api/a"},
		{"no target said by anybody", []debrief.Event{report("api", "api/a", minutes(0), prod(debrief.Report{})), report("api", "api/b", minutes(1), prod(debrief.Report{Target: "eu"}))}, "production/: api/a; production/eu: api/b"},
		{"two steps of one run, each with a name of its own", []debrief.Event{
			report("api", "api/a", minutes(0), prod(debrief.Report{Keys: []string{"github/run/1"}, Commit: full})),
			report("api", "api/b", minutes(5), prod(debrief.Report{Keys: []string{"github/run/1"}, Commit: full})),
			report("github", "github/run/1", minutes(9), debrief.Report{State: debrief.Succeeded}),
		}, "production/: api/a github/run/1; production/: api/b github/run/1"},
		{"and the forge's own deployment belongs to the first", []debrief.Event{
			report("api", "api/a", minutes(1), prod(debrief.Report{Keys: []string{"github/run/1"}, Commit: full})),
			report("api", "api/b", minutes(5), prod(debrief.Report{Keys: []string{"github/run/1"}, Commit: full})),
			report("github", "github/deployment/o/n/1", minutes(0), prod(debrief.Report{Keys: []string{"github/run/1"}, Commit: full})),
		}, "production/: api/a github/deployment/o/n/1 github/run/1; production/: api/b github/run/1"},
		{"one name and one run: one deployment", []debrief.Event{
			report("api", "api/a", minutes(0), prod(debrief.Report{Keys: []string{"github/run/1"}})),
			report("github", "github/deployment/o/n/1", minutes(5), prod(debrief.Report{Keys: []string{"github/run/1"}})),
		}, "production/: api/a github/deployment/o/n/1 github/run/1"},
		{"floats alone: no deployment", []debrief.Event{report("github", "github/run/1", minutes(0), debrief.Report{State: debrief.Succeeded}), report("api", "api/a", minutes(0), debrief.Report{Service: "shop"})}, ""},
		{"org is nobody's service", []debrief.Event{report("api", "api/a", minutes(0), debrief.Report{Service: "org", Environment: "production"})}, ""},
		{"two sources, one commit, 30 minutes apart", []debrief.Event{report("api", "api/a", minutes(0), starting(minutes(0), full)), report("github", "github/deployment/o/n/1", minutes(40), starting(minutes(30), short))}, "production/: api/a github/deployment/o/n/1"},
		{"31 minutes apart", []debrief.Event{report("api", "api/a", minutes(0), starting(minutes(0), full)), report("github", "github/deployment/o/n/1", minutes(40), starting(minutes(31), short))}, "production/: api/a; production/: github/deployment/o/n/1"},
		{"one source knows its own", []debrief.Event{report("api", "api/a", minutes(0), starting(minutes(0), full)), report("api", "api/b", minutes(1), starting(minutes(1), full))}, "production/: api/a; production/: api/b"},
		{"two sources, another commit", []debrief.Event{report("api", "api/a", minutes(0), starting(minutes(0), full)), report("github", "github/run/2", minutes(1), starting(minutes(1), "0b7c9e2"))}, "production/: api/a; production/: github/run/2"},
		{"two sources, no commit", []debrief.Event{report("api", "api/a", minutes(0), starting(minutes(0), "")), report("github", "github/run/2", minutes(1), starting(minutes(1), ""))}, "production/: api/a; production/: github/run/2"},
		{"two sources, another target", []debrief.Event{
			report("api", "api/a", minutes(0), prod(debrief.Report{Commit: full, Target: "eu"})), report("github", "github/run/2", minutes(1), prod(debrief.Report{Commit: full, Target: "us"})),
		}, "production/eu: api/a; production/us: github/run/2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			ds, _ := Deployments(c.events)
			var got []string
			for _, d := range ds {
				got = append(got, d.Environment+"/"+d.Target+": "+strings.Join(d.Keys, " "))
			}
			if g := strings.Join(got, "; "); g != c.want {
				t.Errorf("got  %s\nwant %s", g, c.want)
			}
		})
	}
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	a := report("github", "github/run/9", minutes(0), debrief.Report{Service: "shop", Environment: "production"})
	before, _ := Deployments([]debrief.Event{a})
	b := report("api", "api/z", minutes(1), debrief.Report{Service: "shop", Environment: "production", Target: "eu", Keys: []string{"github/run/9"}})
	after, absorbed := Deployments([]debrief.Event{a, b})
	if len(before) != 1 || len(after) != 1 || before[0].ID == after[0].ID {
		t.Fatalf("%v, %v", before, after)
	}
	if absorbed[before[0].ID] != after[0].ID {
		t.Errorf("the id from before its target and its least key were known must lead on: %v", absorbed)
	}
	if after[0].ID != debrief.ID("deployment", "shop", "production", "eu", "api/z") {
		t.Error("the id is the least key's")
	}
}

// Two steps of one run stay two deployments, in any order of arrival: the
// first one's failure does not vanish in the second.
func TestAFailedStepIsKept(t *testing.T) {
	t.Parallel()
	step := func(key string, from int, state debrief.DeploymentState) []debrief.Event {
		r := debrief.Report{Service: "shop", Environment: "production", Version: "v1", Keys: []string{"github/run/1"}, State: debrief.Running, Times: debrief.Times{Started: minutes(from)}}
		end := debrief.Report{State: state, Times: debrief.Times{Finished: minutes(from + 2)}}
		return []debrief.Event{report("api", "api/"+key, minutes(from), r), report("api", "api/"+key, minutes(from+2), end)}
	}
	events := slices.Concat(step("z", 0, debrief.Failed), step("a", 5, debrief.Succeeded), []debrief.Event{
		report("github", "github/run/1", minutes(9), debrief.Report{State: debrief.Succeeded, Times: debrief.Times{Finished: minutes(9)}}),
	})
	want, redirects := Deployments(events)
	if len(want) != 2 || want[0].State != debrief.Failed || want[1].State != debrief.Succeeded {
		t.Fatalf("%+v", want)
	}
	if rs := Releases(want); len(rs) != 2 || rs[0].Kind != debrief.ReleaseAttempt || rs[1].Kind != debrief.ReleaseNew {
		t.Errorf("%+v", rs)
	}
	if to := redirects[debrief.ID("deployment", "shop", "production", "", "github/run/1")]; to != want[0].ID {
		t.Errorf("the run leads to %q, not to the first of its deployments", to)
	}
	permutations(events, func(order []debrief.Event) {
		ds, absorbed := Deployments(order)
		if d := cmp.Diff(want, ds) + cmp.Diff(redirects, absorbed); d != "" {
			t.Fatal(d)
		}
	})
}

func permutations(list []debrief.Event, try func([]debrief.Event)) {
	var swap func(k int)
	swap = func(k int) {
		if k == len(list) {
			try(slices.Clone(list))
		}
		for i := k; i < len(list); i++ {
			list[k], list[i] = list[i], list[k]
			swap(k + 1)
			list[k], list[i] = list[i], list[k]
		}
	}
	swap(0)
}

// deployment merges reports under one key, each a minute after the other.
func deployment(t *testing.T, reports ...debrief.Report) debrief.Deployment {
	t.Helper()
	events := []debrief.Event{}
	for i, r := range reports {
		if i == 0 {
			r.Service, r.Environment = "shop", "production"
		}
		source := "api"
		if len(r.Keys) > 0 {
			source = "github"
		}
		e := report(source, "api/a", minutes(i), r)
		if len(r.Keys) > 0 {
			e.Report.Keys = r.Keys
		}
		events = append(events, e)
	}
	slices.Reverse(events)
	ds, _ := Deployments(events)
	if len(ds) != 1 {
		t.Fatalf("%d deployments", len(ds))
	}
	return ds[0]
}

func TestOutcome(t *testing.T) {
	t.Parallel()
	run := []string{"github/run/1"}
	in := func(s debrief.DeploymentState) debrief.Report { return debrief.Report{State: s} }
	floating := func(s debrief.DeploymentState) debrief.Report { return debrief.Report{State: s, Keys: run} }
	linked := debrief.Report{State: debrief.Running, Keys: append([]string{"api/a"}, run...)}
	one, zero := 1, 0
	for _, c := range []struct {
		name    string
		reports []debrief.Report
		want    debrief.DeploymentState
	}{
		{"later stands", []debrief.Report{in("queued"), in("running")}, "running"},
		{"a final state beats a later one that is not", []debrief.Report{in("failed"), in("running")}, "failed"},
		{"the later final one", []debrief.Report{in("failed"), in("running"), in("succeeded")}, "succeeded"},
		{"inactive takes nothing back", []debrief.Report{in("running"), in("succeeded"), in("superseded")}, "succeeded"},
		{"nor from a failure", []debrief.Report{in("failed"), in("superseded")}, "failed"},
		{"inactive ends what never ended", []debrief.Report{in("running"), in("superseded")}, "superseded"},
		{"success told after inactive", []debrief.Report{in("running"), in("superseded"), in("succeeded")}, "succeeded"},
		{"a run's failure is not this deployment's", []debrief.Report{linked, in("succeeded"), floating("failed")}, "succeeded"},
		{"but ends one that nobody ended", []debrief.Report{linked, floating("failed")}, "failed"},
		{"a run that goes on says little", []debrief.Report{linked, floating("queued")}, "running"},
		{"exit code 0", []debrief.Report{in("running"), {ExitCode: &zero}}, "succeeded"},
		{"exit code 1", []debrief.Report{in("running"), {ExitCode: &one}}, "failed"},
		{"only an end", []debrief.Report{{Times: debrief.Times{Finished: minutes(9)}}}, "succeeded"},
		{"only a start", []debrief.Report{{Times: debrief.Times{Started: minutes(0)}}}, "running"},
		{"only a queue", []debrief.Report{{Times: debrief.Times{Queued: minutes(0)}}}, "queued"},
		{"only an approval asked for", []debrief.Report{{Times: debrief.Times{Queued: minutes(0), WaitingSince: minutes(1)}}}, "waiting"},
		{"nothing", []debrief.Report{{}}, "running"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := deployment(t, c.reports...)
			if d.State != c.want {
				t.Errorf("got %s, want %s", d.State, c.want)
			}
			if d.State.Final() == d.Times.Finished.IsZero() {
				t.Errorf("%s, finished %v", d.State, d.Times.Finished)
			}
		})
	}
}

func TestTimes(t *testing.T) {
	t.Parallel()
	run := []string{"github/run/1"}
	for _, c := range []struct {
		name    string
		reports []debrief.Report
		want    debrief.Times
	}{
		{
			"earliest beginnings, latest end",
			[]debrief.Report{
				{State: "succeeded", Times: debrief.Times{Queued: minutes(2), Started: minutes(5), FirstExposure: minutes(7), FullExposure: minutes(9), Finished: minutes(9)}},
				{Times: debrief.Times{Queued: minutes(1), Started: minutes(4), FirstExposure: minutes(6), FullExposure: minutes(8), Finished: minutes(10)}},
			},
			debrief.Times{Queued: minutes(1), Started: minutes(4), FirstExposure: minutes(6), FullExposure: minutes(8), Finished: minutes(10)},
		},
		{
			"the run around it does not make it longer",
			[]debrief.Report{
				{State: "succeeded", Times: debrief.Times{Started: minutes(30), Finished: minutes(35)}},
				{Keys: []string{"api/a", "github/run/1"}},
				{Keys: run, State: "succeeded", Times: debrief.Times{Queued: minutes(0), Started: minutes(1), Finished: minutes(50)}},
			},
			debrief.Times{Started: minutes(30), Finished: minutes(35)},
		},
		{
			"but stands in where it is all there is",
			[]debrief.Report{
				{},
				{Keys: []string{"api/a", "github/run/1"}},
				{Keys: run, State: "succeeded", Times: debrief.Times{Queued: minutes(0), Started: minutes(1), Finished: minutes(50)}},
			},
			debrief.Times{Queued: minutes(0), Started: minutes(1), Finished: minutes(50)},
		},
		{
			"an end without a start begins where it is first heard of",
			[]debrief.Report{{State: "succeeded", Times: debrief.Times{Queued: minutes(3), Finished: minutes(9)}}},
			debrief.Times{Queued: minutes(3), Started: minutes(3), Finished: minutes(9)},
		},
		{
			"a wait is no start",
			[]debrief.Report{{State: "succeeded", Times: debrief.Times{Queued: minutes(0), WaitingSince: minutes(1), Finished: minutes(9)}}},
			debrief.Times{Queued: minutes(0), WaitingSince: minutes(1), Started: minutes(9), Finished: minutes(9)},
		},
		{
			"no times at all: when it was told",
			[]debrief.Report{{State: "queued"}, {State: "running"}, {State: "succeeded"}},
			debrief.Times{Started: minutes(1), Finished: minutes(2)},
		},
		{
			"a start without an end ends when that is told",
			[]debrief.Report{{State: "running", Times: debrief.Times{Started: minutes(0)}}, {State: "failed"}},
			debrief.Times{Started: minutes(0), Finished: minutes(1)},
		},
		{
			"the first stage's start",
			[]debrief.Report{{State: "running", Stages: []debrief.Stage{{Name: "b", Started: minutes(5)}, {Name: "a", Started: minutes(4)}}}},
			debrief.Times{Started: minutes(4)},
		},
		{
			"approval: asked first, given last",
			[]debrief.Report{
				{State: "running", Times: debrief.Times{WaitingSince: minutes(1), Approved: minutes(5), Started: minutes(7)}},
				{Times: debrief.Times{WaitingSince: minutes(2), Approved: minutes(6)}},
			},
			debrief.Times{WaitingSince: minutes(1), Approved: minutes(6), Started: minutes(7)},
		},
		{"queued and no more", []debrief.Report{{State: "queued", Times: debrief.Times{Queued: minutes(0)}}}, debrief.Times{Queued: minutes(0)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if d := cmp.Diff(c.want, deployment(t, c.reports...).Times); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestMerge(t *testing.T) {
	t.Parallel()
	one, zero := 1, 0
	d := deployment(
		t,
		debrief.Report{
			Version: "v1", Commit: "5d2a8f0", URL: "https://a", Facts: debrief.Facts{"rows": "1", "pods": "6"}, Sample: true,
			Stages: []debrief.Stage{
				{Name: "later"},
				{Name: "migrate", State: "running", Started: minutes(3), Facts: debrief.Facts{"rows": "31"}},
				{Name: "build", Started: minutes(1), Finished: minutes(2), Manual: true},
			},
		},
		debrief.Report{
			Version: "v2", Facts: debrief.Facts{"rows": "2"}, Attempt: 2, ExitCode: &zero, Keys: []string{"api/a", "github/run/7"},
			Stages: []debrief.Stage{
				{Name: "migrate", State: "failed", Attempt: 1, Finished: minutes(4), ExitCode: &one, URL: "https://m"},
				{Name: "migrate", Attempt: 2, Started: minutes(5), ExitCode: &zero},
			},
		},
		debrief.Report{Output: "tail", Command: "deploy"},
	)
	want := debrief.Deployment{
		ID: debrief.ID("deployment", "shop", "production", "", "api/a"), Service: "shop", Environment: "production",
		Version: "v2", Commit: "5d2a8f0", URL: "https://a", State: "succeeded", Attempt: 2, ExitCode: &zero, Output: "tail", Command: "deploy", Sample: true,
		Rollout: "github/run/7", Facts: debrief.Facts{"rows": "2", "pods": "6"}, Keys: []string{"api/a", "github/run/7"}, Sources: []string{"api", "github"},
		Times: debrief.Times{Started: minutes(1), Finished: minutes(1)},
		Stages: []debrief.Stage{
			{Name: "build", Started: minutes(1), Finished: minutes(2), Manual: true},
			{Name: "migrate", State: "failed", Started: minutes(3), Finished: minutes(4), Attempt: 1, ExitCode: &one, Facts: debrief.Facts{"rows": "31"}, URL: "https://m"},
			{Name: "migrate", State: "succeeded", Started: minutes(5), Attempt: 2, ExitCode: &zero},
			{Name: "later"},
		},
	}
	who := map[string]int{}
	for _, f := range d.Said {
		who[f.Source]++
	}
	if len(who) != len(d.Sources) {
		t.Errorf("each fact keeps its source: %v of %v", who, d.Sources)
	}
	d.Said = nil
	if diff := cmp.Diff(want, d); diff != "" {
		t.Error(diff)
	}
}

func TestStageOutcome(t *testing.T) {
	t.Parallel()
	in := func(s debrief.DeploymentState) debrief.Report {
		return debrief.Report{Stages: []debrief.Stage{{Name: "migrate", State: s}}}
	}
	for _, c := range []struct {
		said []debrief.Report
		want debrief.DeploymentState
	}{
		{[]debrief.Report{in("running"), in("succeeded")}, "succeeded"},
		{[]debrief.Report{in("succeeded"), in("running")}, "succeeded"},
		{[]debrief.Report{in("failed"), in("succeeded")}, "succeeded"},
		{[]debrief.Report{in("queued"), in("running")}, "running"},
		{[]debrief.Report{in("running"), in("")}, "running"},
	} {
		if d := deployment(t, c.said...); len(d.Stages) != 1 || d.Stages[0].State != c.want {
			t.Errorf("%v: %+v, want %s", c.said, d.Stages, c.want)
		}
	}
}

func TestVersionNames(t *testing.T) {
	t.Parallel()
	e := report("github", "github/deployment/o/n/1", minutes(0), debrief.Report{Service: "shop", Environment: "production", Commit: "5D2A8F0C1BE94E7D3A6F58B2C4D1E0F9A7B63C84"})
	tag := debrief.Event{ID: "v", Kind: debrief.EventVersion, At: minutes(-5), Version: &debrief.Version{Name: "v1.42", Commit: "5d2a8f0c1be94e7d3a6f58b2c4d1e0f9a7b63c84"}}
	ds, _ := Deployments([]debrief.Event{e, tag})
	if len(ds) != 1 || ds[0].Version != "v1.42" {
		t.Errorf("a tag must name the commit: %+v", ds)
	}
	if !slices.ContainsFunc(Keys(e), func(k string) bool { return slices.Contains(Keys(tag), k) }) {
		t.Error("and must be loaded with it")
	}
	if ds, _ := Deployments([]debrief.Event{{ID: "x", Kind: debrief.EventDeployment}, {ID: "y", Kind: debrief.EventVersion}}); len(ds) != 0 {
		t.Errorf("an empty event became something: %v", ds)
	}
}
