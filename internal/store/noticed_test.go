package store_test

import (
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/store/storetest"
)

// TestNoticed counts surprises and the answers against debrief itself, and
// neither notes nor people.
func TestNoticed(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		at := clock.Now()
		update(t, s, func(tx *store.Tx) error {
			ok(t, tx.SaveReleases("shop", []debrief.Release{{ID: "r1", Service: "shop", Environment: "production", Started: at}}))
			ok(t, tx.SaveReleases("cart", []debrief.Release{{ID: "r2", Service: "cart", Environment: "production", Started: at}}))
			ok(t, tx.SaveSurprises("cart", "r2", []debrief.Surprise{{ID: "other", Kind: "retry", At: at}}))
			return tx.SaveSurprises("shop", "r1", []debrief.Surprise{
				{ID: "a", Kind: "retry", At: at},
				{ID: "b", Kind: "slow-step", At: at, Answer: debrief.NothingThere},
				{ID: "c", Kind: "slow-step", Subject: "c", At: at, Answer: debrief.Expected},
				{ID: "d", Kind: "usual", At: at, Note: true},
			})
		})
		for service, want := range map[string]store.Noticed{"shop": {Noticed: 3, NothingThere: 1}, "cart": {Noticed: 1}, "none": {}} {
			got, err := s.Noticed(t.Context(), service)
			ok(t, err)
			if got != want {
				t.Errorf("%s: %+v, want %+v", service, got, want)
			}
		}
		_, err := s.Answer(t.Context(), "a", debrief.NothingThere, at)
		ok(t, err)
		if got, _ := s.Noticed(t.Context(), "shop"); got != (store.Noticed{Noticed: 3, NothingThere: 2}) {
			t.Errorf("after an answer: %+v", got)
		}
	})
}

// TestSearchRealFirst: made-up history never stands before what happened, and a
// release is called by its name.
func TestSearchRealFirst(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		at := clock.Now().Add(-time.Hour)
		update(t, s, func(tx *store.Tx) error {
			_, err := tx.Service("Made up", true)
			ok(t, err)
			_, err = tx.Service("Shop", false)
			ok(t, err)
			for _, sv := range []string{"made-up", "shop"} {
				ok(t, tx.SaveReleases(sv, []debrief.Release{{ID: "r-" + sv, Service: sv, Environment: "production", Version: "v1.42", Started: at, Sample: sv == "made-up"}}))
				ok(t, tx.Summarise(sv, "r-"+sv, debrief.Worse, "migration took 5:12", nil, 1, 1))
			}
			ok(t, tx.Index("made-up", "release", "r-made-up", "migration migration migration"))
			return tx.Index("shop", "release", "r-shop", "Shop v1.42 production release migration\nabc "+strings.Repeat("filler ", 40))
		})
		for _, limit := range []int{1, 5} {
			hits, err := s.Search(t.Context(), "migration", limit)
			ok(t, err)
			if len(hits) != min(limit, 2) || hits[0].ID != "r-shop" || hits[0].Sample || hits[0].Title != "Shop v1.42: migration took 5:12" {
				t.Fatalf("%d: %+v", limit, hits)
			}
			if limit == 5 && !hits[1].Sample {
				t.Errorf("%+v", hits[1])
			}
		}
	})
}
