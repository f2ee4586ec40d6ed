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
// becomes records in one transaction; the steps that follow are those that any
// release goes through, many in a transaction, since nobody waits for one. It
// returns how many releases there are.
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
	if releases, err = l.fillLooks(ctx, m); err != nil {
		return releases, err
	}
	return releases, l.Settle(ctx, m.Answer)
}

const fillSome = 200

func (l *Loop) fillLooks(ctx context.Context, m MadeUp) (releases int, err error) {
	for before := ""; ; {
		list, next, err := l.Store.Releases(ctx, store.Filter{Service: m.Service, Limit: fillSome, Before: before})
		if err != nil {
			return releases, err
		}
		err = l.Store.Update(ctx, func(tx *store.Tx) error {
			for _, r := range list {
				for _, k := range m.Looks(r) {
					if err := tx.SaveLook(k); err != nil {
						return err
					}
				}
			}
			return nil
		})
		if err != nil {
			return releases, err
		}
		releases += len(list)
		if before = next; next == "" {
			return releases, nil
		}
	}
}

// Settle does what follows from records until nothing of it is due: what
// changes were, what led to what, surprises and facts, each after what it rests
// on. No other process may work on the database.
func (l *Loop) Settle(ctx context.Context, answer func(*debrief.Surprise)) error {
	do := map[string]func(tx *store.Tx, key string) error{
		"notice":            func(tx *store.Tx, id string) error { return l.noticed(tx, id, answer) },
		store.WorkFacts:     l.factsOf,
		store.WorkAttribute: l.attributeOne,
	}
	for {
		alone, err := l.drain(ctx, store.WorkKinds)
		if err != nil {
			return err
		}
		many := 0
		for _, kind := range []string{store.WorkAttribute, "notice", store.WorkFacts} {
			n, err := l.together(ctx, kind, do[kind])
			if err != nil {
				return err
			}
			many += n
		}
		last, err := l.drain(ctx, workPromise)
		if err != nil || alone+many+last == 0 {
			return err
		}
	}
}

// noticed settles a release. Its facts came out with it: nobody has to make
// them again.
func (l *Loop) noticed(tx *store.Tx, id string, answer func(*debrief.Surprise)) error {
	if err := l.settle(tx, id, answer); err != nil {
		return err
	}
	return tx.Dequeue(store.WorkFacts, id)
}

// together does all due work of a kind, much of it in each transaction.
func (l *Loop) together(ctx context.Context, kind string, do func(tx *store.Tx, key string) error) (n int, err error) {
	for {
		some := 0
		err := l.Store.Update(ctx, func(tx *store.Tx) error {
			list, err := tx.Take([]string{kind}, fillSome)
			some = len(list)
			for _, w := range list {
				if err == nil {
					err = do(tx, w.Key)
				}
			}
			return err
		})
		n += some
		if err != nil || some == 0 {
			return n, err
		}
	}
}

// drain does all due work of some kinds, one after the other.
func (l *Loop) drain(ctx context.Context, kinds ...string) (n int, err error) {
	for ctx.Err() == nil {
		did, err := l.Step(ctx, kinds...)
		if err != nil || !did {
			return n, err
		}
		n++
	}
	return n, ctx.Err()
}
