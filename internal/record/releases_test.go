package record

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
)

// went makes a finished deployment: took is in minutes.
func went(id, target, version string, start, took int, state debrief.DeploymentState) debrief.Deployment {
	d := debrief.Deployment{
		ID: id, Service: "shop", Environment: "production", Target: target, Version: version, State: state,
		Times: debrief.Times{Started: minutes(start)},
	}
	if state.Final() {
		d.Times.Finished = minutes(start + took)
	}
	return d
}

func TestReleases(t *testing.T) {
	t.Parallel()
	const ok, failed, running = debrief.Succeeded, debrief.Failed, debrief.Running
	commit := func(d debrief.Deployment, c string) debrief.Deployment { d.Commit = c; return d }
	rollback := func(d debrief.Deployment) debrief.Deployment { d.Rollback = true; return d }
	sample := func(d debrief.Deployment) debrief.Deployment { d.Sample = true; return d }
	for _, c := range []struct {
		name string
		ds   []debrief.Deployment
		want string // "id version kind [<previous] [>next]", in order
	}{
		{"nothing", nil, ""},
		{"a failed attempt stays out of the chain", []debrief.Deployment{went("1", "", "v1", 0, 5, ok), went("2", "", "v2", 10, 5, failed), went("3", "", "v2", 20, 5, ok)}, "1 v1 release >3; 2 v2 failed attempt <1; 3 v2 release <1"},
		{"aborted and superseded are attempts", []debrief.Deployment{went("1", "", "v1", 0, 5, debrief.Aborted), went("2", "", "v2", 10, 5, debrief.Superseded)}, "1 v1 failed attempt; 2 v2 failed attempt"},
		{"partial changed what runs", []debrief.Deployment{went("1", "", "v1", 0, 5, debrief.Partial), went("2", "", "v2", 10, 5, ok)}, "1 v1 release >2; 2 v2 release <1"},
		{"the same version again", []debrief.Deployment{went("1", "", "v1", 0, 5, ok), went("2", "", "v1", 10, 5, ok), went("3", "", "v2", 20, 5, ok)}, "1 v1 release >3; 2 v1 same version <1; 3 v2 release <1"},
		{"back and forth: what lands again is no rollback", []debrief.Deployment{
			went("1", "", "v1", 0, 5, ok), went("2", "", "v2", 10, 5, ok), went("3", "", "v1", 20, 5, ok), went("4", "", "v2", 30, 5, ok),
		}, "1 v1 release >2; 2 v2 release <1 >3; 3 v1 rollback <2 >4; 4 v2 release <3"},
		{"a rollback because it was said", []debrief.Deployment{went("1", "", "v1", 0, 5, ok), rollback(went("2", "", "v0", 10, 5, ok))}, "1 v1 release >2; 2 v0 rollback <1"},
		{"going back to what failed is none", []debrief.Deployment{went("1", "", "v2", 0, 5, failed), went("2", "", "v1", 10, 5, ok), went("3", "", "v2", 20, 5, ok)}, "1 v2 failed attempt; 2 v1 release >3; 3 v2 release <2"},
		{"still running", []debrief.Deployment{went("1", "", "v1", 0, 5, ok), went("2", "", "v2", 10, 0, running)}, "1 v1 release; 2 v2 running <1"},
		{"by what runs and not by the clock", []debrief.Deployment{went("1", "", "v1", 0, 5, ok), went("2", "", "v2", 10, 60, ok), went("3", "", "v3", 20, 5, ok)}, "1 v1 release >3; 2 v2 release <3; 3 v3 release <1 >2"},
		{"one version in two regions", []debrief.Deployment{
			went("1", "eu", "v1", 0, 5, ok), went("2", "us", "v1", 60, 5, ok), went("3", "eu", "v2", 500, 5, ok), went("4", "us", "v2", 860, 5, ok),
		}, "1+2 v1 release >3; 3+4 v2 release <1"},
		{"two versions in two regions", []debrief.Deployment{went("1", "eu", "v1", 0, 5, ok), went("2", "us", "v2", 10, 5, ok)}, "1 v1 release >2; 2 v2 release"},
		{"named only once: the commit decides", []debrief.Deployment{commit(went("1", "", "v1", 0, 5, ok), "5d2a8f0c"), commit(went("2", "", "", 10, 5, ok), "5d2a8f0c1be9"), commit(went("3", "", "", 20, 5, ok), "0b7c9e2f")}, "1 v1 release >3; 2 5d2a8f0 same version <1; 3 0b7c9e2 release <1"},
		{"more than six hours apart", []debrief.Deployment{went("1", "eu", "v1", 0, 5, ok), went("2", "us", "v1", 361, 5, ok)}, "1 v1 release >2; 2 v1 release"},
		{"the second region still on its way", []debrief.Deployment{went("1", "eu", "v1", 0, 5, ok), went("2", "us", "v1", 10, 0, running)}, "1+2 v1 running"},
		{"the second region failed", []debrief.Deployment{went("1", "eu", "v1", 0, 5, ok), went("2", "us", "v1", 10, 5, failed)}, "1 v1 release; 2 v1 failed attempt"},
		{"rolled back in one region only", []debrief.Deployment{
			went("1", "eu", "v1", 0, 5, ok), went("2", "us", "v1", 1, 5, ok), went("3", "eu", "v2", 60, 5, ok), went("4", "us", "v2", 61, 5, ok), went("5", "us", "v1", 90, 5, ok),
		}, "1+2 v1 release >3; 3+4 v2 release <1 >5; 5 v1 rollback <3"},
		{"a moving name, told apart by commit", []debrief.Deployment{commit(went("1", "", "latest", 0, 5, ok), "aaaaaaa1"), commit(went("2", "", "latest", 10, 5, ok), "bbbbbbb2"), commit(went("3", "", "latest", 20, 5, ok), "bbbbbbb2")}, "1 latest release >2; 2 latest release <1; 3 latest same version <2"},
		{"no version: the commit", []debrief.Deployment{commit(went("1", "", "", 0, 5, ok), "5d2a8f0c1be94e7d"), commit(went("2", "", "", 10, 5, ok), "5d2a8f0")}, "1 5d2a8f0 release; 2 5d2a8f0 same version <1"},
		{"made-up history stands apart", []debrief.Deployment{sample(went("1", "", "v1", 0, 5, ok)), went("2", "", "v1", 10, 5, ok), sample(went("3", "", "v2", 20, 5, ok))}, "1 v1 release >3; 2 v1 release; 3 v2 release <1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, r := range Releases(c.ds) {
				s := strings.Join(r.DeploymentIDs, "+") + " " + r.Version + " " + string(r.Kind)
				if r.PreviousID != "" {
					s += " <" + r.PreviousID
				}
				if r.NextID != "" {
					s += " >" + r.NextID
				}
				got = append(got, s)
				if r.ID != r.DeploymentIDs[0] || r.Changes != -1 || r.Looks == nil || r.Started.IsZero() {
					t.Errorf("%+v", r)
				}
				if live := r.Kind != debrief.ReleaseAttempt && r.Kind != debrief.ReleaseRunning; r.Live() != live {
					t.Errorf("%s: live %v", s, r.Live())
				}
			}
			if g := strings.Join(got, "; "); g != c.want {
				t.Errorf("got  %s\nwant %s", g, c.want)
			}
		})
	}
}

func TestExposure(t *testing.T) {
	t.Parallel()
	eu, us := went("1", "eu", "v1", 0, 9, debrief.Succeeded), went("2", "us", "v1", 20, 9, debrief.Succeeded)
	eu.Times.FirstExposure, eu.Times.FullExposure = minutes(5), minutes(8)
	eu.Rollout, us.Rollout = "", "tuesday"
	r := Releases([]debrief.Deployment{us, eu})[0]
	if !r.Started.Equal(minutes(0)) || !r.FirstExposure.Equal(minutes(5)) || !r.FullExposure.Equal(minutes(29)) || r.Rollout != "tuesday" {
		t.Errorf("from the first exposure anywhere to the last full one: %+v", r)
	}
	canary := went("3", "", "v2", 0, 9, debrief.Aborted)
	canary.Times.FirstExposure = minutes(4)
	if r := Releases([]debrief.Deployment{canary})[0]; !r.FirstExposure.Equal(minutes(4)) || r.Live() {
		t.Errorf("caught early: %+v", r)
	}
	slow, quick := went("6", "", "v1", 0, 60, debrief.Succeeded), went("7", "", "v2", 10, 5, debrief.Succeeded)
	if rs := Releases([]debrief.Deployment{slow, quick}); rs[1].NextID != "6" || !rs[1].NextAt.Equal(rs[1].FullExposure) {
		t.Errorf("overtaken: %+v", rs[1])
	}
	broken := went("4", "", "v2", 0, 9, debrief.Failed)
	if r := Releases([]debrief.Deployment{broken})[0]; !r.FirstExposure.IsZero() || r.Live() {
		t.Errorf("failed before anybody saw it: %+v", r)
	}
	queued := debrief.Deployment{ID: "5", State: debrief.Queued, Times: debrief.Times{Queued: minutes(3)}}
	if r := Releases([]debrief.Deployment{queued})[0]; !r.Started.Equal(minutes(3)) || r.Kind != debrief.ReleaseRunning {
		t.Errorf("queued: %+v", r)
	}
}

func TestShipped(t *testing.T) {
	t.Parallel()
	commits := []string{"aaaaaaaa", "bbbbbbbb", "cccccccc", "dddddddd"}
	var changes []debrief.Change
	for i, c := range commits {
		changes = append(changes, debrief.Change{ID: fmt.Sprint(i), Repository: "o/n", Commit: c, Title: "change " + c, Pushed: minutes(i * 10), Committed: minutes(i*10 - 1)})
	}
	changes[2].Title = "Merge branch 'x'"
	other := debrief.Change{ID: "x", Repository: "o/other", Commit: "eeeeeeee", Pushed: minutes(15)}
	at := func(commit string) debrief.Deployment {
		return debrief.Deployment{ID: "d" + commit, Commit: commit, Times: debrief.Times{Started: minutes(60)}}
	}
	git := func(from string, list ...debrief.Change) debrief.Deployment {
		d := at("dddddddd")
		d.Git = &debrief.GitFacts{Repository: "o/n", From: from, To: "dddddddd", Commits: list}
		return d
	}
	unversioned := at("")
	unversioned.ID, unversioned.Version = "p", "v1"
	for _, c := range []struct {
		name       string
		prev, this debrief.Deployment
		want       string
		known      bool
	}{
		{"nothing ran before", debrief.Deployment{}, at("dddddddd"), "", false},
		{"between two commits, without merges and other repositories", at("aaaaaaaa"), at("dddddddd"), "dddddddd bbbbbbbb", true},
		{"a shortened commit", at("aaaaaaaa00"), at("bbbbbbbb"), "bbbbbbbb", true},
		{"the same commit", at("bbbbbbbb"), at("bbbbbbbb"), "", true},
		{"back", at("dddddddd"), at("aaaaaaaa"), "", true},
		{"a commit nobody pushed", at("99999999"), at("dddddddd"), "", false},
		{"from another repository", at("eeeeeeee"), at("dddddddd"), "", false},
		{"no commit said before", unversioned, at("dddddddd"), "", false},
		{"the work tree knows", at("aaaaaaaa"), git("aaaaaaaa", debrief.Change{Commit: "dddddddd", Title: "last"}, debrief.Change{Commit: "12345678", Title: "first"}), "dddddddd 12345678", true},
		{"the work tree knows a range of its own", unversioned, git("77777777", debrief.Change{Commit: "dddddddd"}), "dddddddd", true},
		{"the work tree's range is another one", at("bbbbbbbb"), git("77777777", debrief.Change{Commit: "12345678"}), "dddddddd", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, known := Shipped(c.prev, c.this, append([]debrief.Change{other}, changes...))
			var list []string
			for _, g := range got {
				list = append(list, g.Commit)
				if g.ID == "" || g.Repository != "o/n" {
					t.Errorf("%+v", g)
				}
			}
			if s := strings.Join(list, " "); s != c.want || known != c.known {
				t.Errorf("got %q, %v, want %q, %v", s, known, c.want, c.known)
			}
		})
	}
	many := make([]debrief.Change, 0, 6000)
	for i := range 6000 {
		many = append(many, debrief.Change{Commit: fmt.Sprintf("%08x", i), Pushed: t0.Add(time.Duration(i) * time.Second)})
	}
	if got, known := Shipped(at("00000000"), at("0000176f"), many); len(got) != atMost || !known || got[0].Commit != "0000176f" {
		t.Errorf("%d changes, known %v: want the newest %d", len(got), known, atMost)
	}
}

func TestChanges(t *testing.T) {
	t.Parallel()
	const commit = "5d2a8f0c1be94e7d3a6f58b2c4d1e0f9a7b63c84"
	id := debrief.ID("change", "o/n", commit)
	pushed := debrief.Event{ID: "p", Kind: debrief.EventChange, At: minutes(1), Change: &debrief.Change{ID: id, Repository: "o/n", Commit: commit, Title: "Orders (#3)", PullNumber: 3, Committed: minutes(0), Pushed: minutes(1), Files: 2, Paths: []string{"a", "b"}}}
	merged := debrief.Event{ID: "m", Kind: debrief.EventChange, At: minutes(1), Change: &debrief.Change{ID: id, Repository: "o/n", Commit: commit, Title: "Orders", PullNumber: 3, Opened: minutes(-60), Merged: minutes(1), Files: 2, Added: 9, Commits: 4}}
	for _, order := range [][]debrief.Event{{pushed, merged}, {merged, pushed, merged}} {
		got := Changes(order)
		if len(got) != 1 {
			t.Fatalf("%d changes, want one: the squash commit is the pull request", len(got))
		}
		c := got[0]
		if c.PullNumber != 3 || c.Opened.IsZero() || c.Pushed.IsZero() || c.Committed.IsZero() || c.Added != 9 || c.Commits != 4 || len(c.Paths) != 2 || c.Title != "Orders (#3)" {
			t.Errorf("%+v", c)
		}
	}
	pushed.Change.Title = "Merge pull request #3 from x/y"
	if c := Changes([]debrief.Event{pushed, merged})[0]; !isMerge(c.Title) {
		t.Errorf("a merge commit must stay recognisable: %q", c.Title)
	}
}
