package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/store/storetest"
)

func update(t *testing.T, s *store.Store, fn func(tx *store.Tx) error) {
	t.Helper()
	ok(t, s.Update(t.Context(), fn))
}

func deployment(id, env, version string, at time.Time) debrief.Deployment {
	return debrief.Deployment{
		ID: id, Service: "shop", Environment: env, Version: version, Commit: "c" + version, State: debrief.Succeeded,
		Times: debrief.Times{Started: at, Finished: at.Add(time.Minute)}, Keys: []string{"api/" + id},
	}
}

func TestDeploymentsAreReadAroundAMoment(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		at := clock.Now()
		full := deployment("d3", "production", "v3", at)
		full.Output, full.Command = "ok\x1b[0m done", "make deploy"
		full.Git = &debrief.GitFacts{Repository: "acme/shop", Files: 3, Paths: []string{"a.go"}}
		full.Stages = []debrief.Stage{{Name: "migrate", Started: at, Facts: debrief.Facts{"rows": "31"}}}
		queued := debrief.Deployment{ID: "d4", Service: "shop", Environment: "production", Times: debrief.Times{Queued: at.Add(time.Hour)}}
		all := []debrief.Deployment{
			deployment("d1", "production", "v1", at.Add(-2*time.Hour)), deployment("d2", "production", "v2", at.Add(-time.Hour)),
			full, queued, deployment("s3", "staging", "v3", at.Add(-30*time.Minute)),
		}
		update(t, s, func(tx *store.Tx) error { return tx.SaveDeployments("shop", all, nil) })
		update(t, s, func(tx *store.Tx) error {
			for _, c := range []struct {
				env           string
				before, after int
				want          string
			}{
				{"production", 9, 9, "d1 d2 d3 d4"},
				{"production", 2, 0, "d2 d3"},
				{"production", 0, 1, "d4"},
				{"", 2, 1, "s3 d3 d4"},
				{"elsewhere", 9, 9, ""},
			} {
				ds, err := tx.Deployments("shop", c.env, at, c.before, c.after)
				ok(t, err)
				var got []string
				for _, d := range ds {
					got = append(got, d.ID)
					if d.ID == "d3" {
						if diff := cmp.Diff(full, d); diff != "" {
							t.Error("read back:", diff)
						}
					}
				}
				if strings.Join(got, " ") != c.want {
					t.Errorf("%+v: got %v", c, got)
				}
			}
			return nil
		})
		d, found, err := s.Previous(t.Context(), "Shop", "production", "")
		ok(t, err)
		if !found || d.ID != "d3" {
			t.Errorf("previous is %v %+v", found, d)
		}
		if _, found, err := s.Previous(t.Context(), "shop", "production", "eu"); found || err != nil {
			t.Error("another target has a previous deployment", err)
		}
	})
}

// A deployment that was absorbed takes along what people and looks said, and
// its id leads to the new one, over any number of steps.
func TestAbsorbedDeployments(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		at := clock.Now()
		save := func(id string, redirects map[string]string) {
			t.Helper()
			update(t, s, func(tx *store.Tx) error {
				if err := tx.SaveDeployments("shop", []debrief.Deployment{deployment(id, "production", "v1", at)}, redirects); err != nil {
					return err
				}
				r := debrief.Release{ID: id, Service: "shop", Environment: "production", Started: at, DeploymentIDs: []string{id}, Kind: debrief.ReleaseNew}
				return tx.SaveReleases("shop", []debrief.Release{r})
			})
		}
		save("c", nil)
		update(t, s, func(tx *store.Tx) error {
			if err := tx.SaveLook(debrief.Look{ReleaseID: "c", Service: "shop", Number: 1, Word: debrief.Worse}); err != nil {
				return err
			}
			return tx.SaveSurprises("shop", "c", []debrief.Surprise{{ID: "old", Kind: "slow-step", Subject: "migrate", At: at}})
		})
		if _, err := s.Answer(t.Context(), "old", debrief.Surprising, at); err != nil {
			t.Fatal(err)
		}
		save("b", map[string]string{"c": "b"})
		save("a", map[string]string{"b": "a", "c": "a"})
		update(t, s, func(tx *store.Tx) error {
			return tx.SaveSurprises("shop", "a", []debrief.Surprise{{ID: "new", Kind: "slow-step", Subject: "migrate", At: at}})
		})
		for _, id := range []string{"a", "b", "c"} {
			st, err := s.Story(t.Context(), id)
			ok(t, err)
			if st.Release.ID != "a" || len(st.Deployments) != 1 || len(st.Looks) != 1 || st.Looks[0].ReleaseID != "a" || st.Looks[0].Word != debrief.Worse {
				t.Errorf("%s leads to %+v", id, st)
			}
			if len(st.Surprises) != 1 || st.Surprises[0].ID != "new" || st.Surprises[0].Answer != debrief.Surprising || st.Surprises[0].ReleaseID != "a" {
				t.Errorf("the answer was lost: %+v", st.Surprises)
			}
		}
		rows(t, s, 1, `select id from releases`)
		rows(t, s, 1, `select id from deployments`)
		// It turns out to be the other way round: no id may lead in a circle.
		save("c", map[string]string{"a": "c", "b": "c"})
		for _, id := range []string{"a", "b", "c"} {
			st, err := s.Story(t.Context(), id)
			ok(t, err)
			if st.Release.ID != "c" {
				t.Errorf("%s leads to %s", id, st.Release.ID)
			}
		}
		_, err := s.Story(t.Context(), "unknown")
		kind(t, err, debrief.NotFound)
	})
}

func TestReleasesKeepTheirSummary(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		r := debrief.Release{
			ID: "r", Service: "shop", Environment: "production", Version: "v1", Kind: debrief.ReleaseRunning, DeploymentIDs: []string{"r"},
			Started: clock.Now(), Changes: -1, Looks: []debrief.Word{},
		}
		update(t, s, func(tx *store.Tx) error { return tx.SaveReleases("shop", []debrief.Release{r}) })
		update(t, s, func(tx *store.Tx) error {
			return tx.Summarise("shop", "r", debrief.Worse, "p95 38 % up", []debrief.Word{debrief.Worse, debrief.Pending}, 3, 2)
		})
		r.Kind, r.FullExposure, r.Rollout, r.Sample = debrief.ReleaseNew, clock.Now().Add(time.Minute), "run", true
		update(t, s, func(tx *store.Tx) error { return tx.SaveReleases("shop", []debrief.Release{r}) })
		got, next, err := s.Releases(t.Context(), store.Filter{})
		ok(t, err)
		r.Verdict, r.Headline, r.Looks, r.Surprises, r.Open = debrief.Worse, "p95 38 % up", []debrief.Word{debrief.Worse, debrief.Pending}, 3, 2
		if diff := cmp.Diff([]debrief.Release{r}, got); diff != "" || next != "" {
			t.Error(next, diff)
		}
		update(t, s, func(tx *store.Tx) error { return tx.DeleteReleases("shop", []string{"r", "other"}) })
		_, err = s.LatestRelease(t.Context(), "")
		kind(t, err, debrief.NotFound)
	})
}

func TestListsArePagedNewestFirst(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		var want []string
		kinds := []debrief.ReleaseKind{debrief.ReleaseNew, debrief.ReleaseRollback}
		update(t, s, func(tx *store.Tx) error {
			for i := range 23 {
				// Some begin at the same moment: the id decides.
				r := debrief.Release{
					ID: fmt.Sprintf("r%02d", i), Service: []string{"shop", "cart"}[i%2], Environment: []string{"production", "live"}[i%3%2],
					Started: clock.Now().Add(time.Duration(i/4) * time.Hour), Kind: kinds[i%2], Sample: i > 20,
				}
				want = append(want, r.ID)
				if err := tx.SaveReleases(r.Service, []debrief.Release{r}); err != nil {
					return err
				}
			}
			return nil
		})
		slices.Reverse(want)
		var got []string
		next := ""
		for {
			rs, after, err := s.Releases(t.Context(), store.Filter{Limit: 5, Before: next})
			ok(t, err)
			for _, r := range rs {
				got = append(got, r.ID)
			}
			if next = after; next == "" {
				break
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("got  %v\nwant %v", got, want)
		}
		no := false
		for _, c := range []struct {
			f    store.Filter
			want string
		}{
			{store.Filter{Service: "SHOP", Limit: 3}, "r22 r20 r18"},
			{store.Filter{Service: "shop", Sample: &no, Limit: 1}, "r20"},
			{store.Filter{Environment: "live", Limit: 2}, "r22 r19"},
			{store.Filter{Kinds: []debrief.ReleaseKind{kinds[1]}, Limit: 2}, "r21 r19"},
			{store.Filter{From: clock.Now().Add(time.Hour), To: clock.Now().Add(2 * time.Hour)}, "r07 r06 r05 r04"},
			{store.Filter{Service: "nobody"}, ""},
		} {
			rs, _, err := s.Releases(t.Context(), c.f)
			ok(t, err)
			var ids []string
			for _, r := range rs {
				ids = append(ids, r.ID)
			}
			if strings.Join(ids, " ") != c.want {
				t.Errorf("%+v: got %v", c.f, ids)
			}
		}
		_, _, err := s.Releases(t.Context(), store.Filter{Before: "nonsense"})
		kind(t, err, debrief.Invalid)
		id, err := s.LatestRelease(t.Context(), "")
		if err != nil || id != "r20" {
			t.Error("the newest that is no sample:", id, err)
		}
	})
}

func TestStory(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		at := clock.Now()
		changes := []debrief.Change{
			{ID: "x", Repository: "acme/shop", Commit: "1", Title: "One", Committed: at.Add(-time.Hour)},
			{ID: "y", Repository: "acme/shop", Commit: "2", Title: "Two", Merged: at.Add(-time.Minute), Committed: at.Add(-5 * time.Hour)},
		}
		release := func(id, previous, next, version string, at time.Time, ds ...string) debrief.Release {
			return debrief.Release{
				ID: id, Service: "shop", Environment: "production", Version: version, Kind: debrief.ReleaseNew, Started: at,
				PreviousID: previous, NextID: next, DeploymentIDs: ds, Rollout: "run",
			}
		}
		update(t, s, func(tx *store.Tx) error {
			if _, err := tx.Service("Shop", false); err != nil {
				return err
			}
			eu := deployment("p2-eu", "production", "v2", at.Add(10*time.Minute))
			eu.Target = "eu"
			ds := []debrief.Deployment{
				deployment("p1", "production", "v1", at.Add(-24*time.Hour)), deployment("p2", "production", "v2", at), eu,
				deployment("p3", "production", "v3", at.Add(24*time.Hour)),
				deployment("s1", "staging", "v1", at.Add(-25*time.Hour)), deployment("s2", "staging", "v2", at.Add(-2*time.Hour)),
				deployment("s3", "staging", "other", at.Add(-time.Hour)),
			}
			ok(t, tx.SaveDeployments("shop", ds, nil))
			ok(t, tx.SaveChanges("shop", changes))
			ok(t, tx.LinkChanges("shop", "p2", []string{"y"}))
			ok(t, tx.LinkChanges("shop", "p2", []string{"y", "x", "y"}))
			ok(t, tx.LinkChanges("shop", "p2-eu", []string{"x"}))
			ok(t, tx.SaveReleases("shop", []debrief.Release{
				release("p1", "", "p2", "v1", at.Add(-24*time.Hour), "p1"),
				release("p2", "p1", "p3", "v2", at, "p2", "p2-eu"),
				release("p3", "p2", "", "v3", at.Add(24*time.Hour), "p3"),
			}))
			ok(t, tx.SaveReleases("cart", []debrief.Release{{ID: "q", Service: "cart", Environment: "production", Rollout: "run", Started: at}}))
			for n := 3; n > 0; n-- {
				ok(t, tx.SaveLook(debrief.Look{ReleaseID: "p2", Service: "shop", Number: n}))
			}
			return tx.SaveSurprises("shop", "p2", []debrief.Surprise{{ID: "s-b", Kind: "b", At: at}, {ID: "s-a", Kind: "a", At: at, Note: true}})
		})
		for _, id := range []string{"p2", "p2-eu"} {
			st, err := s.Story(t.Context(), id)
			ok(t, err)
			got := map[string]string{"release": st.Release.ID, "name": st.ServiceName, "previous": st.Previous.ID, "next": st.Next.ID}
			for _, d := range st.Deployments {
				got["deployments"] += d.ID + " "
			}
			for _, c := range st.Changes {
				got["changes"] += c.ID + " "
			}
			for _, l := range st.Looks {
				got["looks"] += fmt.Sprint(l.Number)
			}
			for _, x := range st.Surprises {
				got["surprises"] += x.ID + " "
			}
			for _, d := range st.Recent {
				got["recent"] += d.ID + " "
			}
			for _, d := range st.Staging {
				got["staging"] += d.ID + " "
			}
			for _, r := range st.Rollout {
				got["rollout"] += r.ID + " "
			}
			want := map[string]string{
				"release": "p2", "name": "Shop", "previous": "p1", "next": "p3", "deployments": "p2 p2-eu ", "changes": "y x ",
				"looks": "123", "surprises": "s-b s-a ", "recent": "p1 ", "staging": "s2 ", "rollout": "q ",
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		}
		// Where no staging deployment has the version or commit, the latest before.
		st, err := s.Story(t.Context(), "p3")
		ok(t, err)
		if len(st.Staging) != 3 || st.Staging[0].ID != "s3" || st.Next != nil {
			t.Errorf("got %+v", st.Staging)
		}
		update(t, s, func(tx *store.Tx) error {
			cs, err := tx.Changes("shop", at.Add(-time.Hour), at)
			if diff := cmp.Diff(changes, cs); diff != "" {
				t.Error(diff)
			}
			again, err2 := tx.Story("p2")
			if err2 != nil || again.Release.ID != "p2" {
				t.Error(again, err2)
			}
			return err
		})
	})
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		at := clock.Now()
		a := debrief.Surprise{ID: "a", Kind: "slow-step", Subject: "migrate", Sentence: "5.4×", Evidence: []string{"e"}, At: at}
		b := debrief.Surprise{ID: "b", Kind: "retry", At: at.Add(time.Second)}
		note := debrief.Surprise{ID: "n", Kind: "usual", At: at.Add(time.Minute), Note: true}
		save := func(ss ...debrief.Surprise) {
			t.Helper()
			update(t, s, func(tx *store.Tx) error { return tx.SaveSurprises("shop", "r", ss) })
		}
		update(t, s, func(tx *store.Tx) error {
			r := debrief.Release{ID: "r", Service: "shop", Environment: "production", Started: at, Surprises: 2, Open: 2}
			return tx.SaveReleases("shop", []debrief.Release{r})
		})
		save(a, b, note)
		open := func() (ids string) {
			t.Helper()
			ss, err := s.OpenSurprises(t.Context(), 10)
			ok(t, err)
			for _, o := range ss {
				ids += o.ID
			}
			return ids
		}
		if got := open(); got != "ba" {
			t.Errorf("open: %s", got)
		}
		_, err := s.Answer(t.Context(), "a", "whatever", at)
		kind(t, err, debrief.Invalid)
		_, err = s.Answer(t.Context(), "zzz", debrief.Expected, at)
		kind(t, err, debrief.NotFound)
		got, err := s.Answer(t.Context(), "a", debrief.NothingThere, at.Add(time.Hour))
		ok(t, err)
		a.Service, a.ReleaseID, a.Answer, a.Answered = "shop", "r", debrief.NothingThere, at.Add(time.Hour)
		if diff := cmp.Diff(a, got); diff != "" {
			t.Error(diff)
		}
		rs, _, err := s.Releases(t.Context(), store.Filter{})
		ok(t, err)
		if rs[0].Open != 1 || open() != "b" {
			t.Errorf("open %d, %s", rs[0].Open, open())
		}
		// Recomputed: b is gone, a stays answered, and c is new.
		a.Answer, a.Answered = "", time.Time{}
		save(a, debrief.Surprise{ID: "c", Kind: "new", At: at})
		st, err := s.Story(t.Context(), "r")
		ok(t, err)
		if len(st.Surprises) != 2 || st.Surprises[0].Answer != debrief.NothingThere || !st.Surprises[0].Answered.Equal(at.Add(time.Hour)) || open() != "c" {
			t.Errorf("recomputed: %+v, open %s", st.Surprises, open())
		}
		if _, err := s.Answer(t.Context(), "a", debrief.Unanswered, at); err != nil || open() != "ca" {
			t.Errorf("taken back: %v, open %s", err, open())
		}
	})
}
