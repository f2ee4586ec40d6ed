package store_test

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/store/storetest"
)

func envelope(key, body string) debrief.Envelope {
	return debrief.Envelope{Source: "api", Key: key, Body: []byte(body), Digest: debrief.ID(body)}
}

func TestAcceptKeepsAnEnvelopeAndItsWork(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		want := debrief.Envelope{
			Source: "github", Key: "delivery-1", Received: clock.Now().Add(-time.Second), Digest: "d",
			Header: map[string]string{"X-Github-Event": "push"}, Body: []byte("{\"x\":\"\x00\xff\"}"),
		}
		got, err := s.Accept(t.Context(), want)
		ok(t, err)
		if len(got) != 1 || !got[0].New || got[0].ID == "" {
			t.Fatalf("accepted %+v", got)
		}
		select {
		case <-s.Wake():
		default:
			t.Error("nobody was woken")
		}
		w, err := s.Claim(t.Context(), []string{store.WorkRecord}, time.Minute)
		ok(t, err)
		if w == nil || w.Key != got[0].ID || w.Attempts != 1 {
			t.Fatalf("claimed %+v", w)
		}
		ok(t, s.Finish(t.Context(), w, func(tx *store.Tx) error {
			e, err := tx.Envelope(w.Key)
			if err != nil {
				return err
			}
			if e.ID != w.Key || e.Source != want.Source || e.Key != want.Key || !e.Received.Equal(want.Received) ||
				!bytes.Equal(e.Body, want.Body) || e.Header["X-Github-Event"] != "push" || e.Digest != "d" {
				t.Errorf("read back %+v", e)
			}
			return tx.SettleEnvelope(w.Key, store.EnvelopeRejected, "not JSON")
		}))
		counts, err := s.SourceCounts(t.Context())
		ok(t, err)
		if len(counts) != 1 || counts[0].Rejected != 1 || counts[0].Open != 0 || counts[0].Reason != "not JSON" || !counts[0].Last.Equal(want.Received) {
			t.Errorf("counted %+v", counts)
		}
		ok(t, s.Update(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Envelope("no such")
			kind(t, err, debrief.NotFound)
			kind(t, tx.SettleEnvelope(w.Key, "open", ""), debrief.Internal)
			return nil
		}))
	})
}

func TestAcceptIsIdempotentByKey(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		first, err := s.Accept(t.Context(), envelope("k", "one"))
		ok(t, err)
		again, err := s.Accept(t.Context(), envelope("k", "one"))
		ok(t, err)
		if again[0].New || again[0].ID != first[0].ID {
			t.Errorf("first %+v, again %+v", first, again)
		}
		_, err = s.Accept(t.Context(), envelope("k", "two"))
		kind(t, err, debrief.Conflict)
		_, err = s.Accept(t.Context(), envelope("a", "new"), envelope("k", "two"), envelope("z", "new"))
		kind(t, err, debrief.Conflict)
		_, err = s.Accept(t.Context(), debrief.Envelope{Source: "api"})
		kind(t, err, debrief.Invalid)
		rows(t, s, 1, `select natural_key from inbox`)
		rows(t, s, 1, `select id from work`)
		batch, err := s.Accept(t.Context(), envelope("z", "1"), envelope("k", "one"), envelope("a", "2"), envelope("z", "1"))
		ok(t, err)
		if !batch[0].New || batch[1].New || batch[1].ID != first[0].ID || !batch[2].New || batch[3].New || batch[3].ID != batch[0].ID {
			t.Errorf("a batch: %+v", batch)
		}
		rows(t, s, 3, `select id from work`)
		empty, err := s.Accept(t.Context())
		if err != nil || len(empty) != 0 {
			t.Error("nothing to accept:", empty, err)
		}
	})
}

func rows(t *testing.T, s *store.Store, want int, text string) {
	t.Helper()
	got, err := s.Strings(t.Context(), text)
	ok(t, err)
	if len(got) != want {
		t.Errorf("%s: %d rows, want %d: %v", text, len(got), want, got)
	}
}

// Many senders of few keys, some alone, some in batches that overlap: each key
// is new exactly once, and every sender learns the same id.
func TestConcurrentAccepts(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		const senders, keys = 24, 8
		var mu sync.Mutex
		fresh, id := map[string]int{}, map[string]string{}
		var wg sync.WaitGroup
		for i := range senders {
			wg.Go(func() {
				var envs []debrief.Envelope
				for k := range keys {
					envs = append(envs, envelope(fmt.Sprint((k*(i+1))%keys), "same"))
				}
				calls := [][]debrief.Envelope{envs}
				if i%2 == 0 {
					calls = nil
					for _, e := range envs {
						calls = append(calls, []debrief.Envelope{e})
					}
				}
				for _, call := range calls {
					got, err := s.Accept(t.Context(), call...)
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					for j, a := range got {
						key := call[j].Key
						if a.New {
							fresh[key]++
						}
						if id[key] == "" {
							id[key] = a.ID
						}
						if id[key] != a.ID {
							t.Errorf("key %s has ids %s and %s", key, id[key], a.ID)
						}
					}
					mu.Unlock()
					if i%3 == 0 { // one that is refused does not disturb the others
						_, err := s.Accept(t.Context(), envelope("other"+fmt.Sprint(i), "x"), envelope("0", "different"))
						if debrief.KindOf(err) != debrief.Conflict && id["0"] != "" {
							t.Error("a conflict among others:", err)
						}
					}
				}
			})
		}
		wg.Wait()
		for key, n := range fresh {
			if n != 1 {
				t.Errorf("key %s was new %d times", key, n)
			}
		}
		rows(t, s, len(fresh), `select id from work`)
		rows(t, s, len(fresh), `select id from inbox`)
		rows(t, s, len(fresh), `select i.id from inbox i join work w on w.natural_key = i.id and w.kind = 'record'`)
	})
}

func TestAFullInboxSaysSo(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			clock := storetest.NewClock()
			s, err := store.Open(t.Context(), storetest.DSN(t, engine), store.Options{Now: clock.Now, NewID: storetest.IDs(), MaxBacklog: 3})
			ok(t, err)
			t.Cleanup(func() { s.Close() })
			for i := range 3 {
				_, err := s.Accept(t.Context(), envelope(fmt.Sprint(i), "x"))
				ok(t, err)
			}
			_, err = s.Accept(t.Context(), envelope("4", "x"))
			kind(t, err, debrief.Unavailable)
			w, err := s.Claim(t.Context(), []string{store.WorkRecord}, time.Minute)
			ok(t, err)
			ok(t, s.Finish(t.Context(), w, func(tx *store.Tx) error { return tx.SettleEnvelope(w.Key, store.EnvelopeDone, "") }))
			_, err = s.Accept(t.Context(), envelope("4", "x"))
			ok(t, err)
		})
	}
}

// What PostgreSQL's text cannot hold is replaced on both engines alike.
func TestForeignTextIsKept(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		key := "a\x00b\xffc" + strings.Repeat("ü", 300)
		got, err := s.Accept(t.Context(), debrief.Envelope{Source: "api", Key: key})
		ok(t, err)
		again, err := s.Accept(t.Context(), debrief.Envelope{Source: "api", Key: key})
		ok(t, err)
		if again[0].New || again[0].ID != got[0].ID {
			t.Error("the same key was new twice")
		}
		ok(t, s.Update(t.Context(), func(tx *store.Tx) error {
			e, err := tx.Envelope(got[0].ID)
			if !strings.HasPrefix(e.Key, "a\uFFFDb\uFFFDcü") || len(e.Body) != 0 {
				t.Errorf("read back %q %q", e.Key, e.Body)
			}
			return err
		}))
	})
}
