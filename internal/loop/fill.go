package loop

import (
	"context"
	"errors"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/store"
)

// MadeUp is one service's past that nobody lived through.
type MadeUp struct {
	Service string
	Events  []debrief.Event
	// Looks are what the checks of a release would have found: nobody can
	// measure what was made up.
	Looks func(debrief.Release) []debrief.Look
	// Answer is what people made of a surprise.
	Answer func(*debrief.Surprise)
}

// Fill takes in a made-up past as if its sources had told of it. What is told
// becomes records in one transaction; then the releases are worked out like any
// others, many in a transaction, since nobody waits for a single one.
func (l *Loop) Fill(ctx context.Context, m MadeUp) (releases int, err error) {
	err = l.Store.Update(ctx, func(tx *store.Tx) error {
		// They come out as this version makes them: no upgrade is due.
		if made, err := tx.Kept(factsSetting); err != nil || made == "" {
			if err := errors.Join(err, tx.Set(factsSetting, factsVersion)); err != nil {
				return err
			}
		}
		placed, err := l.placeAll(tx, m.Events)
		if err != nil {
			return err
		}
		return l.applyPlaced(tx, placed)
	})
	if err != nil {
		return 0, err
	}
	const some = 100
	for before := ""; ; {
		list, next, err := l.Store.Releases(ctx, store.Filter{Service: m.Service, Limit: some, Before: before})
		if err != nil {
			return releases, err
		}
		if err := l.Store.Update(ctx, func(tx *store.Tx) error { return l.fillSome(tx, m, list) }); err != nil {
			return releases, err
		}
		releases += len(list)
		if before = next; next == "" {
			return releases, nil
		}
	}
}

func (l *Loop) fillSome(tx *store.Tx, m MadeUp, list []debrief.Release) error {
	for i := len(list) - 1; i >= 0; i-- { // the oldest first
		r := list[i]
		if m.Looks != nil {
			for _, k := range m.Looks(r) {
				if err := tx.SaveLook(k); err != nil {
					return err
				}
			}
		}
		if err := l.settle(tx, r.ID, m.Answer); err != nil {
			return err
		}
		for _, kind := range []string{"notice", store.WorkFacts} {
			if err := tx.Dequeue(kind, r.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// Drain does all work of some kinds that is due (none named: what follows from
// records) and returns when nothing is left.
func (l *Loop) Drain(ctx context.Context, kinds ...string) (steps int, err error) {
	if len(kinds) == 0 {
		kinds = pools[0]
	}
	for ctx.Err() == nil {
		did, err := l.Step(ctx, kinds...)
		if err != nil || !did {
			return steps, err
		}
		steps++
	}
	return steps, ctx.Err()
}
