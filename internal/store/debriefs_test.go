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

func TestADebriefIsNeverOverwrittenUnread(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		d := debrief.Debrief{ID: "d1", Service: "shop", About: "release", AboutID: "r1", State: "draft", Title: "v1.42", Text: "one", Created: clock.Now()}
		save := func(text string, from int) (got debrief.Debrief, err error) {
			d := d
			d.Text = text
			err = s.Update(t.Context(), func(tx *store.Tx) error {
				got, err = tx.SaveDebrief(d, from)
				return err
			})
			return got, err
		}
		if got, err := save("one", 0); err != nil || got.Version != 1 {
			t.Fatal(got, err)
		}
		if got, err := save("two", 1); err != nil || got.Version != 2 {
			t.Fatal(got, err)
		}
		// The second tab still holds the first version.
		got, err := save("another two", 1)
		if debrief.KindOf(err) != debrief.Conflict || got.Text != "two" || got.Version != 2 {
			t.Errorf("%+v, %v", got, err)
		}
		if got, err := save("begun twice", 0); debrief.KindOf(err) != debrief.Conflict || got.Text != "two" {
			t.Errorf("%+v, %v", got, err)
		}
		there, err := s.Debrief(t.Context(), "d1")
		ok(t, err)
		d.Text, d.Version = "two", 2
		if diff := cmp.Diff(d, there); diff != "" {
			t.Error(diff)
		}
		if about, found, err := s.DebriefAbout(t.Context(), "shop", "r1"); err != nil || !found || about.ID != "d1" {
			t.Error(about, found, err)
		}
		if _, found, err := s.DebriefAbout(t.Context(), "shop", "r2"); err != nil || found {
			t.Error("found what nobody wrote", err)
		}
		_, err = s.Debrief(t.Context(), "d2")
		kind(t, err, debrief.NotFound)
	})
}

func TestDebriefsAndActionsAreListed(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		begun := clock.Now()
		states := []debrief.ActionState{debrief.ActionProgress, debrief.ActionWaiting, debrief.ActionDone, debrief.ActionDropped}
		update(t, s, func(tx *store.Tx) error {
			for _, name := range []string{"shop", "cart"} {
				if _, err := tx.Service(name, false); err != nil {
					return err
				}
			}
			for i := range 12 {
				service := []string{"shop", "cart"}[i%2]
				at := begun.Add(time.Duration(i/3) * time.Hour) // three at once: the id decides
				if _, err := tx.SaveDebrief(debrief.Debrief{ID: fmt.Sprintf("d%02d", i), Service: service, AboutID: fmt.Sprint(i), State: "finished", Created: at}, 0); err != nil {
					return err
				}
				if err := tx.SaveAction(debrief.Action{ID: fmt.Sprintf("a%02d", i), Service: service, Team: service, State: states[i%4], Title: "x", Created: at}); err != nil {
					return err
				}
			}
			return nil
		})
		var all []string
		before := ""
		for range 10 {
			list, next, err := s.Debriefs(t.Context(), store.ObjectFilter{Limit: 5, Before: before})
			ok(t, err)
			for _, d := range list {
				all = append(all, d.ID)
			}
			if before = next; next == "" {
				break
			}
		}
		if fmt.Sprint(all) != "[d11 d10 d09 d08 d07 d06 d05 d04 d03 d02 d01 d00]" {
			t.Error(all)
		}
		list, _, err := s.Actions(t.Context(), store.ObjectFilter{Service: "cart", From: begun.Add(time.Hour), To: begun.Add(3 * time.Hour)}, debrief.ActionWaiting, debrief.ActionDropped)
		ok(t, err)
		got := ""
		for _, a := range list {
			got += a.ID + " "
		}
		if got != "a07 a05 a03 " {
			t.Error(got)
		}
		update(t, s, func(tx *store.Tx) error {
			a, err := tx.Action("a04")
			if err != nil {
				return err
			}
			a.State = debrief.ActionDone
			if err := tx.SaveAction(a); err != nil {
				return err
			}
			open, err := tx.OpenActions("shop")
			if err != nil || len(open) != 2 || open[0].ID != "a00" || open[1].ID != "a08" {
				t.Error(open, err)
			}
			return nil
		})
		_, err = s.Action(t.Context(), "a99")
		kind(t, err, debrief.NotFound)
		_, _, err = s.Actions(t.Context(), store.ObjectFilter{Before: "nonsense"})
		kind(t, err, debrief.Invalid)
	})
}
