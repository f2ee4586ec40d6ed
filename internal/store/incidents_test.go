package store_test

import (
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/store/storetest"
)

func TestIncidents(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		began := clock.Now().Add(-time.Hour)
		one := debrief.Incident{ID: "one", Service: "org", Title: "first", Began: began, Keys: []string{"k1"}}
		save := func(i debrief.Incident, absorbed map[string]string) {
			t.Helper()
			ok(t, s.Update(t.Context(), func(tx *store.Tx) error { return tx.SaveIncidents([]debrief.Incident{i}, absorbed) }))
		}
		list := func(f store.ObjectFilter) (ids string) {
			t.Helper()
			is, _, err := s.Incidents(t.Context(), f)
			ok(t, err)
			for _, i := range is {
				ids += i.ID + " "
			}
			return ids
		}
		save(one, nil)
		before, err := s.Revision(t.Context())
		ok(t, err)
		save(one, nil)
		if after, _ := s.Revision(t.Context()); after != before {
			t.Error("saving the same again shows something new")
		}
		// More is known: it has a home, touches another service, and took in "two".
		save(debrief.Incident{ID: "two", Service: "cart", Services: []string{"cart"}, Began: began, Keys: []string{"k2"}}, nil)
		one.Service, one.Services, one.Times.Restored = "cart", []string{"cart", "shop"}, began.Add(time.Minute)
		save(one, map[string]string{"two": "one"})
		save(debrief.Incident{ID: "three", Service: "shop", Services: []string{"shop"}, Began: began.Add(time.Minute), Keys: []string{"k3"}}, nil)
		for _, c := range []struct {
			f    store.ObjectFilter
			want string
		}{
			{store.ObjectFilter{}, "three one "},
			{store.ObjectFilter{Service: "org"}, ""},
			{store.ObjectFilter{Service: "cart"}, "one "},
			{store.ObjectFilter{Service: "shop"}, "three one "},
			{store.ObjectFilter{Service: "shop", Open: true}, "three "},
			{store.ObjectFilter{Service: "shop", To: began.Add(time.Minute)}, "one "},
			{store.ObjectFilter{From: began.Add(time.Second)}, "three "},
		} {
			if got := list(c.f); got != c.want {
				t.Errorf("%+v: %q, want %q", c.f, got, c.want)
			}
		}
		page, next, err := s.Incidents(t.Context(), store.ObjectFilter{Service: "shop", Limit: 1})
		if err != nil || len(page) != 1 || next == "" {
			t.Fatal(page, next, err)
		}
		if rest := list(store.ObjectFilter{Service: "shop", Before: next}); rest != "one " {
			t.Errorf("the next page is %q", rest)
		}
		if i, err := s.Incident(t.Context(), "two"); err != nil || i.ID != "one" {
			t.Errorf("an absorbed id leads to %+v, %v", i, err)
		}
		if _, err := s.Incident(t.Context(), "four"); debrief.KindOf(err) != debrief.NotFound {
			t.Error(err)
		}
	})
}

func TestTicketsAndFlips(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		at := clock.Now()
		ok(t, s.Update(t.Context(), func(tx *store.Tx) error {
			if err := tx.SaveTickets([]debrief.Ticket{{ID: "t1", Service: "shop", Title: "lost cart", Opened: at, Keys: []string{"z/1"}}}, nil); err != nil {
				return err
			}
			if err := tx.SaveChanges("org", []debrief.Change{{ID: "f1", Kind: "flag", Title: "all off", Live: at}}); err != nil {
				return err
			}
			return tx.SaveChanges("shop", []debrief.Change{{ID: "c1", Commit: "abc", Committed: at}, {ID: "f2", Kind: "configuration", Live: at.Add(time.Second)}})
		}))
		ts, _, err := s.Tickets(t.Context(), store.ObjectFilter{Service: "shop", Open: true})
		if err != nil || len(ts) != 1 || ts[0].Title != "lost cart" {
			t.Errorf("%+v, %v", ts, err)
		}
		if tk, err := s.Ticket(t.Context(), "t1"); err != nil || tk.Service != "shop" {
			t.Errorf("%+v, %v", tk, err)
		}
		fs, err := s.Flips(t.Context(), "shop", at, at.Add(time.Minute), 10)
		if err != nil || len(fs) != 2 || fs[0].ID != "f2" || fs[1].ID != "f1" {
			t.Errorf("%+v, %v", fs, err)
		}
	})
}
