package org_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"math"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/story/org"
)

var end = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

func made(t testing.TB, o org.Options) *org.Org {
	t.Helper()
	if o.End.IsZero() {
		o.End = end
	}
	x, err := org.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func releases(t testing.TB, o *org.Org) (out []*org.Release) {
	t.Helper()
	err := o.Walk(func(i org.Item) error {
		if i.Release != nil {
			out = append(out, i.Release)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// digest is a hash over all that an organisation tells.
func digest(t testing.TB, o *org.Org) string {
	t.Helper()
	h := sha256.New()
	w := json.NewEncoder(h)
	if err := o.Walk(func(i org.Item) error { return w.Encode(i) }); err != nil {
		t.Fatal(err)
	}
	if err := w.Encode(o.Truth()); err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func TestTheSameSeedTellsTheSame(t *testing.T) {
	t.Parallel()
	for _, shuffle := range []bool{false, true} {
		o := org.Options{Services: 9, Releases: 900, Years: 2, Seed: 7, Shuffle: shuffle}
		one := made(t, o)
		first := digest(t, one)
		if again := digest(t, one); again != first {
			t.Error("a second walk tells something else")
		}
		was := runtime.GOMAXPROCS(1)
		single := digest(t, made(t, o))
		runtime.GOMAXPROCS(was)
		if single != first {
			t.Error("one processor tells something else")
		}
		o.Seed++
		if digest(t, made(t, o)) == first {
			t.Error("another seed tells the same")
		}
	}
}

func TestAsManyReleasesAsAsked(t *testing.T) {
	t.Parallel()
	for _, o := range []org.Options{{Services: 1, Releases: 1}, {Services: 3, Releases: 17}, {Services: 40, Releases: 1200, Years: 3}, {}} {
		x := made(t, o)
		n := 0
		seen := map[string]bool{}
		for _, r := range releases(t, x) {
			if r.Planned && r.Kind == debrief.ReleaseNew {
				n++
			}
			if seen[r.ReleaseID] {
				t.Fatalf("%s comes twice", r.ReleaseID)
			}
			seen[r.ReleaseID] = true
		}
		if n != x.Releases {
			t.Errorf("%d releases instead of %d", n, x.Releases)
		}
	}
}

func TestWhatIsToldHoldsTogether(t *testing.T) {
	t.Parallel()
	x := made(t, org.Options{Services: 12, Releases: 3000, Years: 2, Seed: 3})
	last := map[string]debrief.ReleaseFacts{}
	counts := map[string]int{}
	for _, r := range releases(t, x) {
		f := r.ReleaseFacts
		where := f.Service + " " + f.Version
		if !f.Sample {
			t.Fatalf("%s is not marked", where)
		}
		if f.At.Before(f.Started) || f.At.After(end) || f.Started.Before(x.Start()) {
			t.Errorf("%s: started %s, at %s", where, f.Started, f.At)
		}
		if p, ok := last[f.Service]; ok && f.Started.Before(p.Started) {
			t.Errorf("%s begins before the release told before it", where)
		}
		for _, l := range f.Leads {
			sum := int64(0)
			for name, s := range l.Parts {
				if s < 0 {
					t.Errorf("%s: %s is %v", where, name, s)
				}
				sum += s.Micros()
			}
			if sum != l.Lead.Micros() {
				t.Errorf("%s: parts add up to %d µs of %d", where, sum, l.Lead.Micros())
			}
			if l.Committed.Add(time.Duration(l.Lead.Micros())*time.Microsecond) != f.At {
				t.Errorf("%s: a lead does not end when it was live", where)
			}
		}
		if (len(f.Leads) == 0) != (f.NoLead != "") {
			t.Errorf("%s: %d leads, %q", where, len(f.Leads), f.NoLead)
		}
		if f.Failure == debrief.DidFail {
			counts["failed"]++
			if f.ImpactAt.Before(f.At) || !f.RestoredAt.After(f.ImpactAt) {
				t.Errorf("%s: live %s, impact %s, restored %s", where, f.At, f.ImpactAt, f.RestoredAt)
			}
			if f.ImpactAt.Sub(f.At) > 24*time.Hour {
				t.Errorf("%s hurt outside its watch window", where)
			}
		}
		if !slices.IsSorted(f.Kinds) || !slices.IsSorted(f.Modules) || !slices.IsSorted(f.Surprises) {
			t.Errorf("%s: lists are not in order", where)
		}
		counts[string(f.Kind)]++
		counts["by "+string(f.Remedy)]++
		counts[f.Strategy]++
		counts["caught"] += map[bool]int{true: 1}[f.CaughtEarly]
		last[f.Service] = f
	}
	for what, least := range map[string]int{
		"failed": 100, "release": 3000, "rollback": 40, "failed attempt": 60, "by hotfix": 40, "by revert": 8, "by rollback": 40,
		org.AllAtOnce: 300, org.Gradual: 300, "caught": 5,
	} {
		if counts[what] < least {
			t.Errorf("%d of %q, at least %d expected", counts[what], what, least)
		}
	}
	t.Log(counts)
}

func TestSeasons(t *testing.T) {
	t.Parallel()
	by := map[string]int{}
	for _, r := range releases(t, made(t, org.Options{Services: 20, Releases: 8000, Years: 2, Seed: 5, Plants: []org.Cause{}})) {
		if !r.Planned {
			continue
		}
		at := r.Started
		by["all"]++
		switch at.Weekday() {
		case time.Saturday, time.Sunday:
			by["weekend"]++
		case time.Friday:
			by["friday"]++
		case time.Tuesday:
			by["tuesday"]++
		}
		if org.Frozen(at) {
			by["frozen"]++
		}
		if at.Month() == time.August {
			by["august"]++
		}
		if at.Month() == time.October {
			by["october"]++
		}
		if h := at.Hour(); h < 6 {
			by["night"]++
		}
	}
	share := func(what string) float64 { return float64(by[what]) / float64(by["all"]) }
	for what, bounds := range map[string][2]float64{
		"weekend": {0.002, 0.03}, "friday": {0.07, 0.16}, "tuesday": {0.18, 0.3}, "frozen": {0, 0.008}, "night": {0, 0.02},
	} {
		if s := share(what); s < bounds[0] || s > bounds[1] {
			t.Errorf("%s: %.4f is not between %v", what, s, bounds)
		}
	}
	if ratio := share("august") / share("october"); ratio < 0.4 || ratio > 0.75 {
		t.Errorf("august has %.2f of october's releases", ratio)
	}
}

// mantelHaenszel is the common risk ratio over strata of service and quarter
// (Greenland and Robins 1985), with the standard error of its logarithm.
func mantelHaenszel(fs []*org.Release, exposed func(*org.Release) bool) (ratio, se float64) {
	type cell struct{ a, n1, c, n0 float64 }
	strata := map[string]*cell{}
	for _, f := range fs {
		if f.Kind != debrief.ReleaseNew {
			continue
		}
		k := f.Service + f.Started.Format("2006") + string(rune('0'+(f.Started.Month()-1)/3))
		if strata[k] == nil {
			strata[k] = &cell{}
		}
		failed := 0.0
		if f.Failure == debrief.DidFail {
			failed = 1
		}
		if exposed(f) {
			strata[k].a, strata[k].n1 = strata[k].a+failed, strata[k].n1+1
		} else {
			strata[k].c, strata[k].n0 = strata[k].c+failed, strata[k].n0+1
		}
	}
	var up, down, v float64
	for _, s := range strata {
		n := s.n1 + s.n0
		up += s.a * s.n0 / n
		down += s.c * s.n1 / n
		v += (s.n1*s.n0*(s.a+s.c) - s.a*s.c*n) / (n * n)
	}
	return up / down, math.Sqrt(v / (up * down))
}

func TestPlantedCausesAreThere(t *testing.T) {
	t.Parallel()
	half := end.AddDate(-1, 0, 0)
	base := org.Options{Services: 20, Releases: 12_000, Years: 2, Seed: 11}
	has := func(kind string) func(*org.Release) bool {
		return func(r *org.Release) bool { return slices.Contains(r.Kinds, kind) }
	}
	for _, c := range []struct {
		name    string
		plant   org.Cause
		exposed func(*org.Release) bool
	}{
		{"kind", org.Cause{What: org.KindFails, Subject: org.Configuration, Factor: 3}, has(org.Configuration)},
		{"kind since", org.Cause{What: org.KindFails, Subject: org.UI, Factor: 4, From: half}, func(r *org.Release) bool { return has(org.UI)(r) && r.Started.After(half) }},
		{"pair", org.Cause{What: org.PairFails, Subject: org.PairOf(org.Dependency, org.Configuration), Factor: 5}, func(r *org.Release) bool { return has(org.Dependency)(r) && has(org.Configuration)(r) }},
		{"strategy", org.Cause{What: org.StrategyFails, Subject: org.AllAtOnce, Factor: 2.2}, func(r *org.Release) bool { return r.Strategy == org.AllAtOnce }},
		{"hour", org.Cause{What: org.HourFails, Subject: "Friday from 15:00", Weekday: time.Friday, FromHour: 15, ToHour: 24, Factor: 4}, func(r *org.Release) bool { return r.Started.Weekday() == time.Friday && r.Started.Hour() >= 15 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := base
			o.Plants = []org.Cause{c.plant}
			ratio, se := mantelHaenszel(releases(t, made(t, o)), c.exposed)
			// Rates near the top are cut off and repairs fail too, so a little less shows.
			if off := math.Log(ratio / c.plant.Factor); math.Abs(off) > 4*se+0.12 {
				t.Errorf("planted ×%v, %.2f shows (standard error of its logarithm %.3f)", c.plant.Factor, ratio, se)
			}
			o.Shuffle = true
			ratio, se = mantelHaenszel(releases(t, made(t, o)), c.exposed)
			if math.Abs(math.Log(ratio)) > 3.5*se {
				t.Errorf("shuffled: ×%.2f is left (standard error of its logarithm %.3f)", ratio, se)
			}
		})
	}
}
