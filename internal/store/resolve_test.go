package store_test

import (
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/store/storetest"
)

func TestAPersonSettlesAnUnresolvedMessage(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		update(t, s, func(tx *store.Tx) error {
			return tx.Post(debrief.Message{Key: "look/1", Channel: "chat", Text: "worse"})
		})
		_, err := s.ResolveMessage(t.Context(), "look/1", true)
		kind(t, err, debrief.Conflict) // it still waits
		claim := func(want bool) {
			t.Helper()
			w, err := s.Claim(t.Context(), []string{store.WorkSend}, time.Minute)
			ok(t, err)
			if (w != nil) != want {
				t.Fatalf("claimed %+v, want any: %v", w, want)
			}
			if w != nil {
				ok(t, s.Finish(t.Context(), w, func(*store.Tx) error { return nil }))
			}
		}
		unresolved := func() {
			t.Helper()
			_, err := s.TakeMessage(t.Context(), "look/1")
			ok(t, err)
			ok(t, s.SettleMessage(t.Context(), "look/1", debrief.MessageUnresolved, "no answer"))
		}
		unresolved()
		claim(true)
		m, err := s.ResolveMessage(t.Context(), "look/1", false)
		ok(t, err)
		if m.State != debrief.MessageWaiting {
			t.Errorf("%+v", m)
		}
		claim(true) // it is sent again
		unresolved()
		m, err = s.ResolveMessage(t.Context(), "look/1", true)
		ok(t, err)
		if m.State != debrief.MessageSent || m.Settled.IsZero() {
			t.Errorf("%+v", m)
		}
		claim(false)
		_, err = s.ResolveMessage(t.Context(), "look/2", true)
		kind(t, err, debrief.NotFound)
	})
}
