package loop

import (
	"context"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/delivery"
	"github.com/debriefhq/debrief/internal/store"
)

// facts makes a release's facts anew.
func (l *Loop) facts(ctx context.Context, w *store.Work) error {
	return l.Store.Finish(ctx, w, func(tx *store.Tx) error { return l.factsOf(tx, w.Key) })
}

func (l *Loop) factsOf(tx *store.Tx, id string) error {
	s, err := tx.Story(id)
	if debrief.KindOf(err) == debrief.NotFound {
		return nil // absorbed by another release since
	}
	if err != nil {
		return err
	}
	return l.saveFacts(tx, s)
}

// saveFacts works a release's facts out from all that is known by now. Where
// they change, later releases that carry some of the same changes are asked
// for: whether those landed again depends on this one.
func (l *Loop) saveFacts(tx *store.Tx, s debrief.Story) error {
	r := s.Release
	in := delivery.FactsInput{Story: s, Sorted: delivery.Sorted{Kinds: s.Kinds.Names, PrimaryKind: s.Kinds.Primary, Modules: s.Kinds.Modules}}
	var err error
	if in.Outcome, err = l.outcome(tx, r); err != nil {
		return err
	}
	if in.Tries, err = l.tries(tx, r); err != nil {
		return err
	}
	if r.Live() {
		if in.RanBefore, err = tx.RanBefore(r.Service, r.ID, r.FullExposure); err != nil {
			return err
		}
	}
	f := delivery.Facts(in)
	n, err := tx.SaveFacts(r.Service, f)
	if err != nil {
		return err
	}
	if err := l.taught(tx, s, f); err != nil || n == 0 {
		return err
	}
	if err := l.checkPromises(tx, r.Service); err != nil {
		return err
	}
	ids := make([]string, len(s.Changes))
	for i, c := range s.Changes {
		ids[i] = c.ID
	}
	return l.askFacts(tx, r.Service, r.ID, ids)
}

// askFacts asks for the facts of the releases that carry one of the changes.
func (l *Loop) askFacts(tx *store.Tx, service, except string, changes []string) error {
	releases, err := tx.Carrying(service, changes...)
	if err != nil {
		return err
	}
	for _, id := range releases {
		if id == except {
			continue
		}
		if err := tx.Enqueue(store.Work{Kind: store.WorkFacts, Key: id, Service: service, Due: l.Now()}); err != nil {
			return err
		}
	}
	return nil
}

// factsVersion counts what facts say, and how they are worked out: after an
// upgrade that says more, those of all releases are made anew.
const (
	factsVersion = "2"
	factsSetting = "facts version"
	workRefacts  = "refacts"
)

// planFacts asks for all facts where they were made by an older debrief, or
// never.
func (l *Loop) planFacts(tx *store.Tx) error {
	if made, err := tx.Kept(factsSetting); err != nil || made == factsVersion {
		return err
	}
	return tx.Enqueue(store.Work{Kind: workRefacts, Key: factsVersion, Due: l.Now()})
}

// refacts asks for the facts of all releases, some at a time.
func (l *Loop) refacts(ctx context.Context, w *store.Work) error {
	return l.Store.Finish(ctx, w, func(tx *store.Tx) error {
		next, err := tx.Refacts(w.Payload, 500)
		if err != nil {
			return err
		}
		if next == "" {
			return tx.Set(factsSetting, factsVersion)
		}
		return tx.Enqueue(store.Work{Kind: workRefacts, Key: w.Key, Payload: next, Due: l.Now()})
	})
}
