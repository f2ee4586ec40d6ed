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

func TestAlertsAndDebriefsAreReadForReviews(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		at := clock.Now()
		alert := func(id, title string, is, acknowledges bool, services ...string) debrief.Incident {
			return debrief.Incident{ID: id, Service: services[0], Services: services, Title: title, Alert: is, Acknowledges: acknowledges, Began: at}
		}
		written := func(id string, finished time.Time) debrief.Debrief {
			return debrief.Debrief{ID: id, Service: "shop", About: "incident", AboutID: "a", State: "finished", Gap: debrief.GapAlerting, Text: "long", Created: at, Finished: finished}
		}
		update(t, s, func(tx *store.Tx) error {
			if err := tx.SaveIncidents([]debrief.Incident{
				alert("a", "disk", true, true, "cart", "shop"), alert("b", "disk", true, false, "shop"), alert("c", "people said so", false, true, "shop"),
				alert("d", `"alert":true`, false, true, "shop"),
			}, nil); err != nil {
				return err
			}
			for _, d := range []debrief.Debrief{written("x", at.Add(time.Hour)), written("y", time.Time{}), written("z", at.Add(-time.Hour))} {
				if _, err := tx.SaveDebrief(d, 0); err != nil {
					return err
				}
			}
			return nil
		})
		for service, want := range map[string]int{"": 1, "shop": 1, "cart": 1, "billing": 0} {
			n := 0
			ok(t, s.EachAlert(t.Context(), service, at, at.Add(time.Second), func(i debrief.Incident) {
				n++
				if i.ID != "a" || i.Title != "disk" {
					t.Errorf("%+v", i)
				}
			}))
			if n != want {
				t.Errorf("%q: %d alerts, want %d", service, n, want)
			}
		}
		for service, want := range map[string]int{"": 1, "shop": 1, "cart": 0} {
			var got []debrief.Debrief
			ok(t, s.EachFinished(t.Context(), service, at, at.Add(2*time.Hour), func(d debrief.Debrief) { got = append(got, d) }))
			if len(got) != want {
				t.Fatalf("%q: %+v", service, got)
			}
			if want > 0 {
				d := written("x", at.Add(time.Hour))
				d.Text, d.State = "", ""
				if diff := cmp.Diff(d, got[0]); diff != "" {
					t.Error(diff)
				}
			}
		}
	})
}
