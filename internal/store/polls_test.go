package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/store/storetest"
)

func TestPollsAreKeptByRepository(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		if _, found, err := s.Poll(t.Context(), "github", "acme/shop"); found || err != nil {
			t.Fatalf("found %v, %v", found, err)
		}
		at := time.Date(2026, 3, 3, 14, 0, 0, 0, time.UTC)
		shop := store.Poll{Source: "github", Repository: "acme/shop", Progress: `{"a":1}`, Problem: "busy", At: at}
		web := store.Poll{Source: "gitlab", Repository: "acme/web/shop", Progress: `{}`, At: at}
		update(t, s, func(tx *store.Tx) error {
			if err := tx.SavePoll(web); err != nil {
				return err
			}
			return tx.SavePoll(shop)
		})
		shop.Progress, shop.Problem, shop.At = `{"a":2}`, "", at.Add(time.Minute)
		update(t, s, func(tx *store.Tx) error { return tx.SavePoll(shop) })
		got, found, err := s.Poll(t.Context(), "github", "acme/shop")
		if d := cmp.Diff(shop, got); d != "" || !found || err != nil {
			t.Errorf("%v, %v: %s", found, err, d)
		}
		all, err := s.Polls(t.Context())
		ok(t, err)
		if d := cmp.Diff([]store.Poll{shop, web}, all); d != "" {
			t.Error(d)
		}
	})
}
