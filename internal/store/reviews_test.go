package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/store/storetest"
)

func TestAReviewIsKeptOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		if _, found, err := s.Review(t.Context(), "", "2026-10"); found || err != nil {
			t.Fatal(found, err)
		}
		keep := func(r debrief.Review) (first bool) {
			update(t, s, func(tx *store.Tx) (err error) {
				first, err = tx.KeepReview(r)
				return err
			})
			return first
		}
		for i := range 9 {
			r := debrief.Review{Month: fmt.Sprintf("2026-%02d", i+2), Releases: i, Kept: clock.Now(), Findings: []debrief.Finding{{ID: "f", Saves: 90, Evidence: []debrief.Evidence{{Kind: "release", ID: "r1"}}}}}
			if !keep(r) {
				t.Errorf("%s is the first", r.Month)
			}
		}
		if keep(debrief.Review{Month: "2026-10", Releases: 99, Kept: clock.Now()}) {
			t.Error("October was kept already")
		}
		if !keep(debrief.Review{Month: "2026-10", Service: "shop", Releases: 3, Kept: clock.Now()}) {
			t.Error("a service's is another one")
		}
		got, found, err := s.Review(t.Context(), "", "2026-10")
		ok(t, err)
		want := debrief.Review{Month: "2026-10", Releases: 8, Kept: clock.Now(), Findings: []debrief.Finding{{ID: "f", Saves: 90, Evidence: []debrief.Evidence{{Kind: "release", ID: "r1"}}}}}
		if d := cmp.Diff(want, got); d != "" || !found {
			t.Error(d)
		}
		page, err := s.Reviews(t.Context(), "", "2026-10", 3)
		ok(t, err)
		if len(page) != 3 || page[0].Month != "2026-09" || page[2].Month != "2026-07" {
			t.Errorf("%v", page)
		}
		if all, err := s.Reviews(t.Context(), "", "", 100); err != nil || len(all) != 9 || all[0].Month != "2026-10" {
			t.Error(all, err)
		}
	})
}

func TestAnswersAreReadWithoutWhatWasAsked(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		seed(t, s, 40)
		at := clock.Now()
		open, err := s.OpenSurprises(t.Context(), 5)
		ok(t, err)
		for i, x := range open {
			_, err := s.Answer(t.Context(), x.ID, debrief.Answers()[i%4], at)
			ok(t, err)
		}
		read := func(service string, from, to time.Time) (got []debrief.Surprise) {
			ok(t, s.EachAnswer(t.Context(), service, from, to, func(v debrief.Surprise) { got = append(got, v) }))
			return got
		}
		all := read("", time.Time{}, at.AddDate(10, 0, 0))
		if len(all) != len(open) || len(all) < 4 {
			t.Fatalf("%d answers of %d", len(all), len(open))
		}
		for _, v := range all {
			if v.Answer == "" || v.ReleaseID == "" || v.Kind == "" || v.At.IsZero() {
				t.Errorf("%+v", v)
			}
		}
		if one := read(open[0].Service, time.Time{}, at.AddDate(10, 0, 0)); len(one) != 1 || one[0].ReleaseID != open[0].ReleaseID {
			t.Errorf("%+v", one)
		}
		if none := read("", at.AddDate(9, 0, 0), at.AddDate(10, 0, 0)); len(none) != 0 {
			t.Errorf("%+v", none)
		}
	})
}
