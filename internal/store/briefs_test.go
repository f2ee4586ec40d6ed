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

var march = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

func lesson(service, release, text string, days int) debrief.Lesson {
	return debrief.Lesson{
		ID: debrief.ID("lesson", service, release, text), Service: service, ReleaseID: release, Text: text, Topic: "slow-step",
		At: march.AddDate(0, 0, days), Kinds: []string{"migration"},
	}
}

func words(l debrief.Lesson) string { return l.Text + "\n" + strings.Join(l.Kinds, " ") }

// Lessons are ranked by BM25 among lessons only, those of the service itself
// first, and alike on both engines.
func TestLessonsAreFoundByTheirWords(t *testing.T) {
	t.Parallel()
	all := []debrief.Lesson{
		lesson("shop", "r1", "The index on invoices took five minutes.", 1),
		lesson("shop", "r2", "The index on carts locked the table; invoices waited, invoices were late.", 2),
		lesson("shop", "r3", "A flag was turned on for all users at once.", 3),
		lesson("mail", "m1", "An index on invoices and letters, built without a lock, took an hour.", 1),
		lesson("mail", "m2", "Nothing in common.", 9),
	}
	rank := func(t *testing.T, s *store.Store, text string, days int) []string {
		found, err := s.FindLessons(t.Context(), "shop", text, march.AddDate(0, 0, days), 10)
		ok(t, err)
		var out []string
		for _, l := range found {
			out = append(out, l.ReleaseID)
		}
		return out
	}
	ranks := map[string][]string{}
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			s, _ := storetest.Open(t, engine)
			seed(t, s, 40) // other things that hold words
			for _, l := range all {
				update(t, s, func(tx *store.Tx) error { return tx.SaveLessons(l.Service, l.ReleaseID, []debrief.Lesson{l}, words) })
			}
			got := rank(t, s, "index invoices", 30)
			if want := []string{"r1", "r2", "m1"}; !slices.Equal(got, want) {
				t.Errorf("ranked %v, not %v", got, want)
			}
			if got := rank(t, s, "index invoices", 2); !slices.Equal(got, []string{"r1", "m1"}) {
				t.Errorf("what came later was seen: %v", got)
			}
			if got := rank(t, s, "release production v1", 30); len(got) > 0 {
				t.Errorf("found by other things' words: %v", got)
			}
			ranks[engine] = rank(t, s, "locked flag users migration letters", 30)
			// What a release taught is said anew, and what no longer holds is gone.
			update(t, s, func(tx *store.Tx) error { return tx.SaveLessons("shop", "r1", nil, words) })
			if got := rank(t, s, "index invoices", 30); !slices.Equal(got, []string{"r2", "m1"}) {
				t.Errorf("a lesson that is gone is still found: %v", got)
			}
			hits, err := s.Search(t.Context(), "locked", 5)
			ok(t, err)
			if len(hits) != 1 || hits[0].Kind != "lesson" || !hits[0].At.Equal(march.AddDate(0, 0, 2)) {
				t.Errorf("searched: %+v", hits)
			}
			left, err := s.Lessons(t.Context(), "shop", march.AddDate(1, 0, 0), 10)
			ok(t, err)
			if len(left) != 2 || left[0].ReleaseID != "r3" {
				t.Errorf("listed: %+v", left)
			}
		})
	}
	if d := cmp.Diff(ranks["sqlite"], ranks["postgres"]); d != "" || len(ranks["sqlite"]) != 5 {
		t.Errorf("the engines rank differently: %s", d)
	}
}

func brief(head string, pull int, at time.Time) debrief.Brief {
	c := debrief.Upcoming{Service: "shop", Head: head}
	return debrief.Brief{
		ID: debrief.ID("brief", "shop", head), Service: "shop", Head: c.Head, Repository: "acme/shop", Pull: pull, At: at,
		Kinds: []string{"migration"}, Modules: []string{}, Summary: "1 commit.",
	}
}

// A brief is shipped by the release of its commit, of a commit that the release
// carries, or of its pull request; never by one that began before it.
func TestBriefsAreMatchedAndSettled(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		for _, b := range []debrief.Brief{
			brief("aaa1", 0, march), brief("bbb2", 7, march), brief("ccc3", 7, march.Add(time.Hour)),
			brief("ddd4", 0, march.AddDate(0, 0, 9)), brief("eee5", 8, march),
		} {
			update(t, s, func(tx *store.Tx) error { return tx.SaveBrief(b) })
		}
		r := debrief.Release{ID: "r9", Service: "shop", Started: march.AddDate(0, 0, 1)}
		update(t, s, func(tx *store.Tx) error {
			n, err := tx.ShipBriefs(r, []string{"aaa1", "ddd4", "fff6", "aaa1"}, "acme/shop", []int{7, 9})
			if n != 3 {
				t.Errorf("%d briefs shipped", n)
			}
			return err
		})
		shipped, err := s.BriefsOf(t.Context(), "shop", "r9")
		ok(t, err)
		if len(shipped) != 3 || shipped[0].Head != "ccc3" || shipped[0].ReleaseID != "r9" || !shipped[0].Settled.IsZero() {
			t.Fatalf("shipped: %+v", shipped)
		}
		b := shipped[0].Brief
		b.Outcome = &debrief.BriefOutcome{ReleaseID: "r9", Happened: []string{"slow-step"}}
		update(t, s, func(tx *store.Tx) error { return tx.SettleBrief(b, march.AddDate(0, 0, 2)) })
		// Asked again afterwards, it stays as it was judged.
		update(t, s, func(tx *store.Tx) error { return tx.SaveBrief(brief("ccc3", 7, march.AddDate(0, 0, 5))) })
		got, err := s.Brief(t.Context(), b.ID)
		ok(t, err)
		if d := cmp.Diff(b, got.Brief); d != "" {
			t.Error(d)
		}
		for _, service := range []string{"", "shop"} {
			bs, waiting, err := s.SettledBriefs(t.Context(), service, 10)
			ok(t, err)
			if len(bs) != 1 || waiting != 4 {
				t.Errorf("%d settled, %d waiting", len(bs), waiting)
			}
		}
		if id, err := s.LatestBrief(t.Context(), "shop", "acme/shop", 7); err != nil || id != b.ID {
			t.Errorf("latest of the pull request: %q, %v", id, err)
		}
		all, err := s.Briefs(t.Context(), "shop", 3)
		ok(t, err)
		if len(all) != 3 || all[0].Head != "ddd4" {
			t.Errorf("listed: %+v", all)
		}
		// A release that is none any more shipped nothing.
		update(t, s, func(tx *store.Tx) error { return tx.DeleteReleases("shop", []string{"r9"}) })
		if bs, _ := s.BriefsOf(t.Context(), "shop", "r9"); len(bs) != 0 {
			t.Errorf("%d still shipped", len(bs))
		}
		_, err = s.Brief(t.Context(), "nosuch")
		kind(t, err, debrief.NotFound)
	})
}

// What a brief reads is the service's own past, others of the kind, and nothing
// that came later.
func TestBriefPast(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ok(t, s.Update(t.Context(), func(tx *store.Tx) error { return tx.AddFacts(someFacts(60)) }))
		ask := store.BriefAsk{
			Change: debrief.Upcoming{Service: "my.service-0", Kinds: []string{"migration"}}, At: march.Add(40 * time.Hour), Text: "x",
			Near: func(past []debrief.ReleaseFacts, most int) []string { return []string{past[0].ReleaseID} },
		}
		p, err := s.BriefPast(t.Context(), ask)
		ok(t, err)
		if len(p.Past) != 7 || p.Past[0].ReleaseID != "r036" || len(p.Past[0].Leads) != 1 {
			t.Errorf("past: %d, %+v", len(p.Past), p.Past)
		}
		for _, f := range append(slices.Clone(p.Past), p.Others...) {
			if !f.At.Before(ask.At) {
				t.Errorf("%s came later", f.ReleaseID)
			}
		}
		if len(p.Others) != 26 {
			t.Errorf("others: %d", len(p.Others))
		}
		fs, err := s.FactsOf(t.Context(), "my.service-1", "r001", "r004", "r999")
		ok(t, err)
		if len(fs) != 2 || fs[1].Version != "v4" {
			t.Errorf("by id: %+v", fs)
		}
	})
}

func BenchmarkFindLessons(b *testing.B) {
	for _, engine := range storetest.Engines() {
		s, _ := storetest.Open(b, engine)
		for batch := range 20 {
			ok(b, s.Update(b.Context(), func(tx *store.Tx) error {
				for i := range 100 {
					n := batch*100 + i
					l := lesson(fmt.Sprintf("s%d", n%50), fmt.Sprintf("r%d", n), fmt.Sprintf("The step %d on table %d took long; word%d and word%d were late.", n%9, n%70, n%300, n%11), n%300)
					if err := tx.SaveLessons(l.Service, l.ReleaseID, []debrief.Lesson{l}, words); err != nil {
						return err
					}
				}
				return nil
			}))
		}
		b.Run(engine, func(b *testing.B) {
			for b.Loop() {
				_, err := s.FindLessons(b.Context(), "s7", "step table word7 word120 late migration invoices", march.AddDate(2, 0, 0), 30)
				ok(b, err)
			}
		})
	}
}
