package org_test

import (
	"math"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/story/org"
)

// planted is an organisation with nothing planted but these.
func planted(t testing.TB, causes ...org.Cause) *org.Org {
	t.Helper()
	return made(t, org.Options{Services: 4, Releases: 2400, Years: 2, Seed: 21, Plants: causes})
}

var since = end.AddDate(-1, 0, 0)

func median(xs []float64) float64 {
	slices.Sort(xs)
	if len(xs) == 0 {
		return math.NaN()
	}
	return xs[len(xs)/2]
}

// split gathers a number of each release before and after a moment, by whether
// its service is one of those the cause is planted in.
func split(t testing.TB, o *org.Org, services []string, at time.Time, value func(*org.Release) []float64) (before, after, elseBefore, elseAfter float64) {
	t.Helper()
	var of [4][]float64
	for _, r := range releases(t, o) {
		k := 0
		if r.Started.After(at) {
			k = 1
		}
		if !slices.Contains(services, r.Service) {
			k += 2
		}
		of[k] = append(of[k], value(r)...)
	}
	return median(of[0]), median(of[1]), median(of[2]), median(of[3])
}

func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if !(math.Abs(math.Log(got/want)) < within) {
		t.Errorf("%s: %.2f, planted %.2f", what, got, want)
	}
}

func TestReviewsWait(t *testing.T) {
	t.Parallel()
	in := []string{"payments", "search"}
	o := planted(t, org.Cause{What: org.ReviewWaits, Services: in, From: since, Factor: 3})
	a, b, c, d := split(t, o, in, since.AddDate(0, 0, 7), func(r *org.Release) (out []float64) {
		for _, l := range r.Leads {
			if r.Remedy == "" {
				out = append(out, float64(l.Parts[org.PartWait]))
			}
		}
		return out
	})
	near(t, "where planted", b/a, 3, 0.2)
	near(t, "elsewhere", d/c, 1, 0.15)
}

func took(step string) func(*org.Release) []float64 {
	return func(r *org.Release) (out []float64) {
		for _, s := range r.Stages {
			if s.Name == step && s.Attempts == 1 {
				out = append(out, float64(s.Took))
			}
		}
		return out
	}
}

func TestStepsGrowAndCome(t *testing.T) {
	t.Parallel()
	in := []string{"search"}
	o := planted(t, org.Cause{What: org.StepGrows, Subject: "test", Services: in, From: since, Factor: 2.5}, org.Cause{What: org.StepAdded, Subject: "security scan", Services: in, From: since})
	a, _, c, _ := split(t, o, in, since, took("test"))
	_, b, _, d := split(t, o, in, since.AddDate(0, 7, 0), took("test"))
	near(t, "where planted", b/a, 2.5, 0.15)
	near(t, "elsewhere", d/c, 1, 0.1)
	for _, r := range releases(t, o) {
		if r.Kind != debrief.ReleaseNew {
			continue
		}
		has := slices.ContainsFunc(r.Stages, func(s debrief.StageFacts) bool { return s.Name == "security scan" })
		want := r.Service == "search" && r.Started.After(since)
		if has != want && r.Started.Sub(since).Abs() > time.Hour {
			t.Errorf("%s of %s: scanned %v", r.Service, r.Started, has)
		}
	}
}

// correlation of the logarithms of a step's times in staging and production.
func correlation(fs []*org.Release, service, step string) float64 {
	var xs, ys []float64
	for _, r := range fs {
		for _, s := range r.Stages {
			// What goes out gradually or far too slowly has a scale of its own.
			if r.Kind == debrief.ReleaseNew && r.Service == service && s.Name == step && s.Staging > 0 && r.Strategy == org.AllAtOnce && !slices.Contains(r.Surprises, "slow-deployment") {
				xs, ys = append(xs, math.Log(float64(s.Took))), append(ys, math.Log(float64(s.Staging)))
			}
		}
	}
	mean := func(v []float64) (m float64) {
		for _, x := range v {
			m += x / float64(len(v))
		}
		return m
	}
	mx, my := mean(xs), mean(ys)
	var xy, xx, yy float64
	for i := range xs {
		xy, xx, yy = xy+(xs[i]-mx)*(ys[i]-my), xx+(xs[i]-mx)*(xs[i]-mx), yy+(ys[i]-my)*(ys[i]-my)
	}
	return xy / math.Sqrt(xx*yy)
}

func TestStagingForetells(t *testing.T) {
	t.Parallel()
	o := planted(t, org.Cause{What: org.StepForetells, Subject: "roll out"}, org.Cause{What: org.StepSaysNought, Subject: "verify"})
	fs := releases(t, o)
	seen := 0
	for _, s := range o.Truth().Services {
		if s.Targets {
			continue
		}
		seen++
		if r := correlation(fs, s.ID, "roll out"); r < 0.9 {
			t.Errorf("%s: roll out %.2f", s.ID, r)
		}
		if r := correlation(fs, s.ID, "verify"); math.Abs(r) > 0.25 {
			t.Errorf("%s: verify %.2f", s.ID, r)
		}
	}
	if seen < 2 {
		t.Fatalf("only %d services have one target", seen)
	}
}

// A slow migration is slow until the action that worked; the other action
// changes nothing. Each comes of a debrief, and keeps or breaks its promise.
func TestMigrationsAndTheirActions(t *testing.T) {
	t.Parallel()
	o := planted(t,
		org.Cause{What: org.MigrationRatio, Services: []string{"checkout"}, Factor: 6, Until: since}, org.Cause{What: org.ActionWorked, Subject: "slow-step", Services: []string{"checkout"}, From: since},
		org.Cause{What: org.MigrationRatio, Services: []string{"search"}, Factor: 5}, org.Cause{What: org.ActionFailed, Subject: "slow-step", Services: []string{"search"}, From: since},
	)
	ratio := func(r *org.Release) (out []float64) {
		for _, s := range r.Stages {
			if s.Name == "migrate" {
				out = append(out, float64(s.Took/s.Staging))
			}
		}
		return out
	}
	before, after, _, _ := split(t, o, []string{"checkout"}, since, ratio)
	near(t, "checkout before", before, 6, 0.05)
	if after > 2.5 {
		t.Errorf("checkout after: %.2f", after)
	}
	_, still, _, _ := split(t, o, []string{"search"}, since, ratio)
	near(t, "search after", still, 5, 0.05)
	actions, debriefs := map[string]*debrief.Action{}, map[string]*debrief.Debrief{}
	if err := o.Walk(func(i org.Item) error {
		if i.Action != nil {
			actions[i.Action.ID] = i.Action
		}
		if i.Debrief != nil {
			debriefs[i.Debrief.ID] = i.Debrief
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	want := map[org.What]debrief.Outcome{org.ActionWorked: debrief.DidWork, org.ActionFailed: debrief.DidNotWork}
	for _, c := range o.Truth().Causes {
		outcome, ok := want[c.What]
		if !ok {
			continue
		}
		a := actions[c.Action]
		if a == nil || !a.Done.Equal(c.From) || a.Promise.Outcome != outcome {
			t.Errorf("%s: %+v", c.What, a)
			continue
		}
		if d := debriefs[a.DebriefID]; d == nil || d.ActionID != a.ID || !d.Finished.Before(a.Done) {
			t.Errorf("%s comes of %+v", c.What, d)
		}
	}
}

func TestAlertsNobodyAnswers(t *testing.T) {
	t.Parallel()
	o := planted(t, org.Cause{What: org.AlertUnanswered, Subject: "disk above 85 %", Services: []string{"search"}, Factor: 60})
	var fired, answered [2]int
	if err := o.Walk(func(i org.Item) error {
		if x := i.Incident; x != nil && x.Alert {
			k := 0
			if x.Service == "search" && x.Title == "disk above 85 %" && x.Led == "" {
				k = 1
			}
			fired[k]++
			if !x.Times.Acknowledged.IsZero() {
				answered[k]++
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if fired[1] < 85 || fired[1] > 155 || answered[1]*8 > fired[1] {
		t.Errorf("planted: fired %d, answered %d", fired[1], answered[1])
	}
	if fired[0] < 20 || answered[0]*10 < fired[0]*8 {
		t.Errorf("others: fired %d, answered %d", fired[0], answered[0])
	}
}

// A team has one action in progress; planted gaps are put off again and again.
func TestActionsWaitInLine(t *testing.T) {
	t.Parallel()
	gap := debrief.GapAlerting
	o := made(t, org.Options{Services: 30, Releases: 9000, Years: 3, Seed: 4, Plants: []org.Cause{{What: org.ActionPostponed, Subject: string(gap)}}})
	put, n := map[bool]int{}, map[bool]int{}
	progress := map[string]int{}
	if err := o.Walk(func(i org.Item) error {
		a := i.Action
		if a == nil {
			return nil
		}
		if err := a.Promise.Valid(); err != nil {
			t.Errorf("%s: %v", a.Title, err)
		}
		put[a.Gap == gap] += len(a.Postponed)
		n[a.Gap == gap]++
		if a.State == debrief.ActionProgress {
			progress[a.Team]++
		}
		if a.Starts.Before(a.Created) || a.Due.Before(a.Starts) {
			t.Errorf("created %s, starts %s, due %s", a.Created, a.Starts, a.Due)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if n[true] < 20 || float64(put[true])/float64(n[true]) < 2.5 || float64(put[false])/float64(n[false]) > 0.4 {
		t.Errorf("%d of the planted gap put off %d times, %d others %d times", n[true], put[true], n[false], put[false])
	}
	for team, k := range progress {
		if k > 1 {
			t.Errorf("%s has %d actions in progress", team, k)
		}
	}
}

// A history ten times as long in services takes no more memory: one team is
// held at a time.
func TestMemoryStaysWhereItIs(t *testing.T) { // not parallel: others' memory would count
	o := made(t, org.Options{Services: 300, Releases: 15_000, Years: 1, Seed: 2, Plants: []org.Cause{}})
	heap := func() float64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc) / 1e6
	}
	var first, last []float64
	n := 0
	if err := o.Walk(func(i org.Item) error {
		if i.Service == nil {
			return nil
		}
		switch n++; {
		case n <= 30 && n%6 == 0:
			first = append(first, heap())
		case n > 270 && n%6 == 0:
			last = append(last, heap())
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if a, b := median(first), median(last); b > a+3 {
		t.Errorf("%.1f MB over the first tenth, %.1f MB over the last", a, b)
	}
}

func BenchmarkWalk(b *testing.B) {
	o := made(b, org.Options{Services: 20, Releases: 10_000, Years: 2, Seed: 3})
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		if err := o.Walk(func(org.Item) error { n++; return nil }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "values/s")
}
