package loop

import (
	"context"
	"slices"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/store"
)

// workPromise checks what an action promised; its key is the action's id.
const workPromise = "promise"

const (
	promised  = 500                      // releases after an action are looked at
	promising = 2 * 366 * 24 * time.Hour // what was decided longer ago is settled
)

// promise holds an action that is done against the releases that followed. It
// is worked out anew whenever their facts change, so what is corrected later
// changes what is said of the action too.
func (l *Loop) promise(ctx context.Context, w *store.Work) error {
	return l.Store.Finish(ctx, w, func(tx *store.Tx) error {
		a, err := tx.Action(w.Key)
		if debrief.KindOf(err) == debrief.NotFound {
			return nil
		}
		if err != nil || a.Promise == nil {
			return err
		}
		outcome, seen := debrief.NotYet, []string(nil)
		if a.State == debrief.ActionDone {
			facts, err := tx.FactsAfter(a.Service, a.Done, promised)
			if err != nil {
				return err
			}
			var shown []debrief.Shown
			outcome, shown = a.Promise.Check(facts)
			for _, s := range shown {
				if s.Known {
					seen = append(seen, s.ReleaseID)
				}
			}
		}
		if a.Promise.Outcome == outcome && slices.Equal(a.Promise.Seen, seen) {
			return nil
		}
		p := *a.Promise
		p.Outcome, p.Seen = outcome, seen
		a.Promise = &p
		return tx.SaveAction(a)
	})
}

// checkPromises asks for the promises of a service's actions to be checked:
// the facts of one of its releases changed.
func (l *Loop) checkPromises(tx *store.Tx, service string) error {
	ids, err := tx.PromisesOf(service, l.Now().Add(-promising))
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := tx.Enqueue(store.Work{Kind: workPromise, Key: id, Service: service, Due: l.Now()}); err != nil {
			return err
		}
	}
	return nil
}
