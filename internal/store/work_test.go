package store_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/store/storetest"
)

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// kind fails unless err is of a kind.
func kind(t testing.TB, err error, want debrief.ErrorKind) {
	t.Helper()
	var e *debrief.Error
	if !errors.As(err, &e) || e.Kind != want {
		t.Fatalf("got error %v (%s), want kind %s", err, debrief.KindOf(err), want)
	}
}

func enqueue(t *testing.T, s *store.Store, ws ...store.Work) {
	t.Helper()
	ok(t, s.Update(t.Context(), func(tx *store.Tx) error {
		for _, w := range ws {
			if err := tx.Enqueue(w); err != nil {
				return err
			}
		}
		return nil
	}))
}

// claim takes one row of kind "look"; nil where none is due.
func claim(t *testing.T, s *store.Store) *store.Work {
	t.Helper()
	w, err := s.Claim(t.Context(), []string{"look"}, time.Minute)
	ok(t, err)
	return w
}

func TestWorkIsClaimedOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		const count, workers = 60, 8
		var ws []store.Work
		for i := range count {
			ws = append(ws, store.Work{Kind: []string{"look", "notice"}[i%2], Key: fmt.Sprint(i)})
		}
		enqueue(t, s, ws...)
		var mu sync.Mutex
		got := map[string]int{}
		var wg sync.WaitGroup
		for range workers {
			wg.Go(func() {
				for {
					w, err := s.Claim(t.Context(), []string{"look", "notice"}, time.Minute)
					if err != nil {
						t.Error(err)
						return
					}
					if w == nil {
						return
					}
					mu.Lock()
					got[w.Key]++
					mu.Unlock()
					if err := s.Finish(t.Context(), w, func(tx *store.Tx) error {
						return tx.Enqueue(store.Work{Kind: "done", Key: w.Key})
					}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		if len(got) != count {
			t.Errorf("%d of %d rows were claimed", len(got), count)
		}
		for k, n := range got {
			if n != 1 {
				t.Errorf("%s was claimed %d times", k, n)
			}
		}
		rows(t, s, count, `select natural_key from work where kind = 'done'`)
		rows(t, s, count, `select natural_key from work`)
	})
}

func TestWorkIsTakenInTheOrderItIsDue(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		now := clock.Now()
		if _, found, err := s.NextDue(t.Context(), []string{"look", "notice"}); found || err != nil {
			t.Error("an empty queue has something due", err)
		}
		enqueue(t, s,
			store.Work{Kind: "look", Key: "later", Due: now.Add(time.Hour), Service: "shop", Payload: "2"},
			store.Work{Kind: "look", Key: "second", Due: now.Add(-time.Minute)},
			store.Work{Kind: "notice", Key: "first", Due: now.Add(-time.Hour)},
			store.Work{Kind: "other", Key: "not asked for", Due: now.Add(-2 * time.Hour)},
		)
		kinds := []string{"look", "notice"}
		for _, want := range []string{"first", "second"} {
			w, err := s.Claim(t.Context(), kinds, time.Hour)
			ok(t, err)
			if w == nil || w.Key != want {
				t.Fatalf("got %+v, want %s", w, want)
			}
			ok(t, s.Finish(t.Context(), w, nil))
		}
		if w, err := s.Claim(t.Context(), kinds, time.Hour); w != nil || err != nil {
			t.Fatalf("nothing is due, got %+v %v", w, err)
		}
		at, found, err := s.NextDue(t.Context(), kinds)
		if err != nil || !found || !at.Equal(now.Add(time.Hour)) {
			t.Errorf("next due %v %v %v", at, found, err)
		}
		clock.Advance(time.Hour)
		w, err := s.Claim(t.Context(), kinds, time.Hour)
		ok(t, err)
		if w == nil || w.Service != "shop" || w.Payload != "2" || !w.Due.Equal(now.Add(time.Hour)) {
			t.Errorf("got %+v", w)
		}
		if w, err := s.Claim(t.Context(), nil, time.Hour); w != nil || err != nil {
			t.Error("no kinds:", w, err)
		}
	})
}

func TestALostLeaseWritesNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		enqueue(t, s, store.Work{Kind: "look", Key: "1"})
		late := claim(t, s)
		if w := claim(t, s); w != nil {
			t.Fatal("claimed twice")
		}
		write := func(tx *store.Tx) error { return tx.Enqueue(store.Work{Kind: "next", Key: "1"}) }
		clock.Advance(30 * time.Second)
		ok(t, s.Extend(t.Context(), late, time.Minute))
		clock.Advance(59 * time.Second)
		if w := claim(t, s); w != nil {
			t.Fatal("an extended lease was not kept")
		}
		clock.Advance(2 * time.Second)
		// Nobody else has it yet, and still it is lost.
		kind(t, s.Finish(t.Context(), late, write), debrief.Conflict)
		kind(t, s.Extend(t.Context(), late, time.Minute), debrief.Conflict)
		second := claim(t, s)
		if second == nil || second.Attempts != 2 || second.Token == late.Token {
			t.Fatalf("an expired lease is claimed as %+v", second)
		}
		kind(t, s.Finish(t.Context(), late, write), debrief.Conflict)
		kind(t, s.Retry(t.Context(), late, clock.Now(), "late", write), debrief.Conflict)
		kind(t, s.Bury(t.Context(), late, "late"), debrief.Conflict)
		rows(t, s, 0, `select id from work where kind = 'next'`)
		ok(t, s.Finish(t.Context(), second, write))
		rows(t, s, 1, `select id from work where kind = 'next'`)
		rows(t, s, 0, `select id from work where kind = 'look'`)
		kind(t, s.Finish(t.Context(), second, write), debrief.Conflict)
		kind(t, s.Finish(t.Context(), &store.Work{ID: second.ID}, write), debrief.Conflict)
	})
}

func TestFinishIsAllOrNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		enqueue(t, s, store.Work{Kind: "look", Key: "1"})
		w := claim(t, s)
		boom := debrief.Errorf(debrief.Invalid, "", "boom")
		err := s.Finish(t.Context(), w, func(tx *store.Tx) error {
			if err := tx.Enqueue(store.Work{Kind: "next", Key: "1"}); err != nil {
				return err
			}
			return boom
		})
		if !errors.Is(err, boom) {
			t.Errorf("got %v", err)
		}
		rows(t, s, 0, `select id from work where kind = 'next'`)
		ok(t, s.Finish(t.Context(), w, nil)) // the lease still stands
		rows(t, s, 0, `select id from work`)
	})
}

func TestAskingTwiceIsAskingOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		now := clock.Now()
		enqueue(t, s,
			store.Work{Kind: "look", Key: "1", Due: now.Add(time.Hour), Payload: "a"},
			store.Work{Kind: "look", Key: "1", Due: now.Add(time.Minute), Payload: "b"},
			store.Work{Kind: "look", Key: "1", Due: now.Add(2 * time.Hour), Payload: "c"},
		)
		rows(t, s, 1, `select id from work`)
		clock.Advance(time.Minute)
		w := claim(t, s)
		if w == nil || w.Payload != "c" || !w.Due.Equal(now.Add(time.Minute)) {
			t.Fatalf("the earliest time and the newest payload, got %+v", w)
		}
		// Asked for while it is being done: done again, with the new payload.
		enqueue(t, s,
			store.Work{Kind: "look", Key: "1", Due: now.Add(time.Hour), Payload: "d"},
			store.Work{Kind: "look", Key: "1", Due: now.Add(2 * time.Hour), Payload: "e"},
		)
		if again := claim(t, s); again != nil {
			t.Fatal("two do the same work at once")
		}
		ok(t, s.Finish(t.Context(), w, nil))
		if again := claim(t, s); again != nil {
			t.Fatal("too early")
		}
		clock.Set(now.Add(time.Hour))
		w = claim(t, s)
		if w == nil || w.Payload != "e" || w.Attempts != 1 {
			t.Fatalf("asked for meanwhile, got %+v", w)
		}
		// Work that asks for itself anew, later.
		ok(t, s.Finish(t.Context(), w, func(tx *store.Tx) error {
			return tx.Enqueue(store.Work{Kind: "look", Key: "1", Due: now.Add(3 * time.Hour)})
		}))
		if again := claim(t, s); again != nil {
			t.Fatal("work that reschedules itself is due at once")
		}
		clock.Set(now.Add(3 * time.Hour))
		w = claim(t, s)
		// Given back while it was asked for earlier than the next attempt.
		enqueue(t, s, store.Work{Kind: "look", Key: "1", Payload: "f"})
		ok(t, s.Retry(t.Context(), w, now.Add(9*time.Hour), "no answer", nil))
		w = claim(t, s)
		if w == nil || w.Problem != "no answer" || w.Payload != "f" || w.Attempts != 2 {
			t.Fatalf("retried, got %+v", w)
		}
	})
}

func TestRetryAndBury(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		enqueue(t, s, store.Work{Kind: "look", Key: "1"})
		w := claim(t, s)
		ok(t, s.Retry(t.Context(), w, clock.Now().Add(time.Minute), "no answer", func(tx *store.Tx) error {
			return tx.Enqueue(store.Work{Kind: "next", Key: "1"})
		}))
		rows(t, s, 1, `select id from work where kind = 'next'`)
		if w := claim(t, s); w != nil {
			t.Fatal("retried too early")
		}
		clock.Advance(time.Minute)
		w = claim(t, s)
		if w == nil || w.Attempts != 2 || w.Problem != "no answer" {
			t.Fatalf("got %+v", w)
		}
		ok(t, s.Bury(t.Context(), w, "it cannot be done"))
		clock.Advance(1000 * time.Hour)
		if w := claim(t, s); w != nil {
			t.Fatal("buried work was claimed")
		}
		if _, found, err := s.NextDue(t.Context(), []string{"look"}); found || err != nil {
			t.Error("buried work is due", err)
		}
		dead, err := s.Buried(t.Context(), 10)
		ok(t, err)
		if len(dead) != 1 || dead[0].Problem != "it cannot be done" || dead[0].Key != "1" {
			t.Errorf("buried %+v", dead)
		}
		enqueue(t, s, store.Work{Kind: "look", Key: "1"})
		if w := claim(t, s); w == nil || w.Attempts != 1 || w.Problem != "" {
			t.Errorf("enqueued anew, got %+v", w)
		}
		dead, err = s.Buried(t.Context(), 10)
		if err != nil || len(dead) != 0 {
			t.Errorf("still buried: %+v %v", dead, err)
		}
	})
}
