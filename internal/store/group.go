package store

import (
	"context"
	"slices"
	"sync"

	"github.com/debriefhq/debrief"
)

// group lets Accepts that arrive together share one transaction, and so one
// fsync, where the engine has a single writer. An Accept that is alone is
// written at once.
type group struct {
	mu      sync.Mutex
	waiting []*acceptance
	leading bool
	closed  bool
	events  int64 // taken in so far…
	commits int64 // …in so many transactions
}

// Grouped says how many envelopes were taken in by transactions that concurrent
// Accepts share, and by how many of them; 0, 0 where the engine does that itself.
func (s *Store) Grouped() (envelopes, transactions int64) {
	s.group.mu.Lock()
	defer s.group.mu.Unlock()
	return s.group.events, s.group.commits
}

type acceptance struct {
	envs []debrief.Envelope
	out  []Accepted
	err  error
	done chan struct{}
}

func (g *group) accept(ctx context.Context, s *Store, envs []debrief.Envelope) ([]Accepted, error) {
	a := &acceptance{envs: envs, done: make(chan struct{})}
	g.mu.Lock()
	if g.closed {
		g.mu.Unlock()
		return nil, debrief.Errorf(debrief.Unavailable, "", "the store is closed")
	}
	g.waiting = append(g.waiting, a)
	if !g.leading {
		g.leading = true
		s.running.Go(func() { g.lead(s) })
	}
	g.mu.Unlock()
	select {
	case <-a.done:
		return a.out, a.err
	case <-ctx.Done():
		return nil, ctx.Err() // it may still be kept: the sender tries again with the same key
	}
}

// lead writes what waits until nothing does.
func (g *group) lead(s *Store) {
	for {
		var taken []*acceptance
		// Close waits for those who lead, so nothing else ends this: a context that
		// cannot end costs no watcher for each statement.
		err := s.Update(context.WithoutCancel(s.life), func(tx *Tx) error {
			taken = append(taken, g.take(256-len(taken))...)
			for _, a := range taken {
				if err := tx.acceptApart(a); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil && len(taken) == 0 {
			taken = g.take(256) // not even a transaction could begin
		}
		for _, a := range taken {
			if err != nil {
				a.out, a.err = nil, err
			}
			close(a.done)
		}
		g.mu.Lock()
		g.commits++
		for _, a := range taken {
			g.events += int64(len(a.envs))
		}
		if len(g.waiting) == 0 {
			g.leading = false
			g.mu.Unlock()
			return
		}
		g.mu.Unlock()
	}
}

// close lets nobody in any more; those who wait are served.
func (g *group) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
}

func (g *group) take(n int) []*acceptance {
	g.mu.Lock()
	defer g.mu.Unlock()
	n = min(n, len(g.waiting))
	taken := slices.Clone(g.waiting[:n])
	g.waiting = slices.Delete(g.waiting, 0, n)
	return taken
}

// acceptApart writes one caller's envelopes so that refusing them leaves the
// others of the transaction alone. What a refused caller wrote is taken out
// again, which is rare; a savepoint would copy every page that is touched,
// always.
func (tx *Tx) acceptApart(a *acceptance) error {
	a.out, a.err = tx.accept(a.envs)
	if a.err == nil {
		return nil
	}
	if debrief.KindOf(a.err) != debrief.Conflict {
		return a.err // the engine's trouble is everybody's
	}
	for _, kept := range a.out {
		if !kept.New {
			continue
		}
		if _, err := tx.exec(`delete from work where id = $1`, kept.ID); err != nil {
			return err
		}
		if _, err := tx.exec(`delete from inbox where id = $1`, kept.ID); err != nil {
			return err
		}
	}
	a.out = nil
	return nil
}
