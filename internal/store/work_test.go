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

func TestWorkIsClaimedOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		const rows, workers = 60, 8
		ok(t, s.Update(t.Context(), func(tx *store.Tx) error {
			for i := range rows {
				if err := tx.Enqueue(store.Work{Kind: []string{"look", "notice"}[i%2], Key: fmt.Sprint(i)}); err != nil {
					return err
				}
			}
			return nil
		}))
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
					got[w.Kind+w.Key]++
					mu.Unlock()
					if err := s.Finish(t.Context(), w, nil); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		if len(got) != rows {
			t.Errorf("%d of %d rows were claimed", len(got), rows)
		}
		for k, n := range got {
			if n != 1 {
				t.Errorf("%s was claimed %d times", k, n)
			}
		}
	})
}

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
