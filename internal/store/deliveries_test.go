package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/store/storetest"
)

func TestWhatToldOfNothingIsKept(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := t.Context()
		e := debrief.Envelope{Source: "github", Key: "d-1", Body: []byte(`{"a":1}`), Digest: "one", Received: clock.Now(), Header: map[string]string{"X": "y"}}
		ok(t, s.Keep(ctx, e, store.EnvelopeIgnored, "ping"))
		ok(t, s.Keep(ctx, e, store.EnvelopeIgnored, "ping"))
		rows(t, s, 1, `select id from inbox`)
		rows(t, s, 0, `select id from work`)
		list, err := s.Deliveries(ctx, "github", store.EnvelopeIgnored, 10)
		ok(t, err)
		if len(list) != 1 || list[0].Reason != "ping" || list[0].Body != `{"a":1}` || list[0].Header["X"] != "y" || !list[0].Received.Equal(clock.Now()) {
			t.Errorf("%+v", list)
		}
		e.Body, e.Digest = []byte(`{"a":2}`), "two"
		ok(t, s.Keep(ctx, e, store.EnvelopeRejected, "a: too large"))
		if list, err = s.Deliveries(ctx, "github", store.EnvelopeRejected, 10); err != nil || len(list) != 1 || list[0].Body != `{"a":2}` {
			t.Errorf("the latest counts: %+v, %v", list, err)
		}
		kind(t, s.Keep(ctx, e, store.EnvelopeDone, ""), debrief.Internal)
		kind(t, s.Keep(ctx, debrief.Envelope{Source: "github"}, store.EnvelopeIgnored, ""), debrief.Invalid)

		again, err := s.Reopen(ctx, e)
		ok(t, err)
		if !again {
			t.Error("not reopened")
		}
		rows(t, s, 1, `select id from work where kind = 'record'`)
		if again, err = s.Reopen(ctx, e); err != nil || again {
			t.Errorf("reopened twice: %v", err)
		}
		ok(t, s.Keep(ctx, e, store.EnvelopeIgnored, "late"))
		if list, err = s.Deliveries(ctx, "github", store.EnvelopeOpen, 10); err != nil || len(list) != 1 {
			t.Errorf("one that waits to be recorded was overwritten: %+v, %v", list, err)
		}
	})
}

func TestDeadLettersByTheirSource(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := t.Context()
		for _, source := range []string{"github", "jira"} {
			_, err := s.Accept(ctx, debrief.Envelope{Source: source, Key: "k", Body: []byte(source)})
			ok(t, err)
		}
		w, err := s.Claim(ctx, []string{store.WorkRecord}, time.Minute)
		ok(t, err)
		ok(t, s.Bury(ctx, w, "the step panicked"))
		dead, err := s.Dead(ctx)
		ok(t, err)
		list, err := s.Deliveries(ctx, "github", store.EnvelopeDead, 10)
		ok(t, err)
		if len(dead) != 1 || dead["github"] != 1 || len(list) != 1 || list[0].State != "dead" || list[0].Reason != "the step panicked" || list[0].Body != "github" {
			t.Errorf("%v %+v", dead, list)
		}
		ok(t, s.ParseAgain(ctx, "github"))
		ok(t, s.ParseAgain(ctx, "github"))
		rows(t, s, 1, `select id from work where kind = 'again'`)
		ok(t, s.Update(ctx, func(tx *store.Tx) error {
			next, err := tx.RereadSome("github", "", 500)
			if next != "" {
				t.Errorf("goes on at %q", next)
			}
			return err
		}))
		if dead, err = s.Dead(ctx); err != nil || len(dead) != 0 {
			t.Errorf("still dead: %v, %v", dead, err)
		}
	})
}

// Many envelopes are asked for in rounds, each once, and never those whose
// body is gone.
func TestRereadInRounds(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := t.Context()
		for i := range 7 {
			ok(t, s.Keep(ctx, debrief.Envelope{Source: "jira", Key: fmt.Sprint(i), Body: []byte("{}"), Received: clock.Now()}, store.EnvelopeIgnored, "x"))
		}
		ok(t, s.Keep(ctx, debrief.Envelope{Source: "jira", Key: "unmaskable", Received: clock.Now()}, store.EnvelopeRejected, "not JSON"))
		next, rounds := "", 0
		for rounds == 0 || next != "" {
			rounds++
			ok(t, s.Update(ctx, func(tx *store.Tx) error {
				var err error
				next, err = tx.RereadSome("jira", next, 3)
				return err
			}))
		}
		if rounds != 3 {
			t.Errorf("%d rounds", rounds)
		}
		rows(t, s, 7, `select id from work where kind = 'record'`)
		clock.Advance(40 * 24 * time.Hour)
		ok(t, s.Purge(ctx, clock.Now().Add(-30*24*time.Hour)))
		rows(t, s, 0, `select id from inbox`)
	})
}

func TestRefusalsAreCounted(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		first := clock.Now()
		for i, reason := range []string{"the signature does not match", "missing", "the signature does not match"} {
			clock.Advance(time.Minute)
			ok(t, s.Refused(t.Context(), store.Refusal{Source: "jira", Reason: reason, N: i + 1, First: clock.Now(), Last: clock.Now()}))
		}
		got, err := s.Refusals(t.Context())
		ok(t, err)
		if len(got) != 2 || got[0].N != 4 || !got[0].First.Equal(first.Add(time.Minute)) || !got[0].Last.Equal(clock.Now()) || got[1].N != 2 {
			t.Errorf("%+v", got)
		}
	})
}

func TestSaidAndDropped(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		got, err := s.Accept(t.Context(), envelope("k", "x"))
		ok(t, err)
		ok(t, s.Update(t.Context(), func(tx *store.Tx) error {
			if _, err := tx.Service("shop", false); err != nil {
				return err
			}
			e := debrief.Event{ID: "e1", Service: "shop", Kind: debrief.EventIncident, At: clock.Now(), Incident: &debrief.IncidentReport{Keys: []string{"a"}}}
			if err := tx.SaveEvents([]debrief.Event{e}, func(debrief.Event) []string { return []string{"a"} }); err != nil {
				return err
			}
			return tx.SettleSaid(got[0].ID, []store.EventRef{{"shop", "e1"}})
		}))
		ok(t, s.Update(t.Context(), func(tx *store.Tx) error {
			refs, err := tx.Said(got[0].ID)
			if err != nil || len(refs) != 1 || refs[0] != (store.EventRef{"shop", "e1"}) {
				t.Errorf("said %v, %v", refs, err)
			}
			evs, err := tx.EventsOf(append(refs, store.EventRef{"shop", "gone"}))
			if err != nil || len(evs) != 1 {
				t.Errorf("%+v, %v", evs, err)
			}
			if err := tx.DropEvents(refs); err != nil {
				return err
			}
			return tx.SettleEnvelope(got[0].ID, store.EnvelopeIgnored, "not any more")
		}))
		rows(t, s, 0, `select id from events`)
		rows(t, s, 0, `select event_key from event_keys`)
		rows(t, s, 1, `select id from inbox where said = ''`)
	})
}
