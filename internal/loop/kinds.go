package loop

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/kinds"
	"github.com/debriefhq/debrief/internal/store"
)

// KindsTable is the rules by which changes are sorted: debrief's own and those
// of the configuration. Its error says what is wrong with the latter, each with
// its line.
func KindsTable(cfg config.Config) (*kinds.Table, error) {
	k := cfg.Kinds
	o := kinds.Options{Kinds: k.Own, Off: k.Off, Limits: kinds.Limits{
		Lines: k.Limits.Lines, Files: k.Limits.Files, Months: k.Limits.Months,
		Authors: k.Limits.Authors, Changes: k.Limits.Changes, Mended: k.Limits.Mended,
	}}
	for _, name := range slices.Sorted(maps.Keys(k.Rules)) {
		r := k.Rules[name]
		o.Rules = append(o.Rules, kinds.Rule{Name: name, Kind: r.Kind, Paths: r.Paths, Not: r.Not, Lines: r.Lines, Doc: r.Why})
	}
	t, wrong := kinds.New(o)
	var problems []error
	for _, w := range wrong {
		e := *w
		e.Field = k.Place(w.Field)
		problems = append(problems, &e)
	}
	return t, errors.Join(problems...)
}

// How many changes and releases are sorted in one transaction, and from how
// many on it waits for what is still being recorded: each change that turns up
// among older ones has all after it sorted again.
const (
	sortPage     = 400
	sortReleases = 100
	sortPatience = 500
	sortWait     = 5 * time.Second
)

// kinds sorts a service's changes from the first on that has not been, and then
// the releases that carry them. Everything before is read too: what is old, and
// what many touched, follows from it.
//
// The mark of the first one is taken away last: where the step is cut off, it
// begins there again.
func (l *Loop) kinds(ctx context.Context, w *store.Work) error {
	at, id, found, many, err := l.Store.Unsorted(ctx, w.Service, sortPatience)
	if err != nil {
		return err
	}
	var last []store.SortedChange
	if found {
		due, ok, err := l.Store.NextDue(ctx, []string{"record"})
		if err != nil {
			return err
		}
		if many && ok && !due.After(l.Now()) {
			return l.Store.Retry(ctx, w, l.Now().Add(sortWait), "more is being recorded", nil)
		}
		if last, err = l.sortChanges(ctx, w.Service, at, id); err != nil {
			return err
		}
	}
	return l.Store.Finish(ctx, w, func(tx *store.Tx) error {
		if err := tx.SaveKinds(w.Service, last); err != nil {
			return err
		}
		return l.sortReleases(tx, w.Service)
	})
}

// sortChanges sorts everything from a change on, and returns that one, to be
// saved last.
func (l *Loop) sortChanges(ctx context.Context, service string, from time.Time, first string) (last []store.SortedChange, err error) {
	past := kinds.NewPast(l.kindsTable.Limits())
	cover, err := l.Store.CoverageOf(ctx, service)
	if err != nil {
		return nil, err
	}
	past.Cover(cover)
	var at time.Time
	id := ""
	for {
		page, err := l.Store.SortPage(ctx, service, at, id, sortPage)
		if err != nil {
			return nil, err
		}
		var changed []store.SortedChange
		for _, c := range page {
			past.Advance(c.At)
			if c.At.After(from) || c.At.Equal(from) && c.ID >= first {
				k, err := json.Marshal(l.kindsTable.Sort(kinds.Of(c.Change), past))
				if err != nil {
					return nil, err
				}
				if was := c.Kinds; was != string(k) {
					c.Kinds = string(k)
					changed = append(changed, c)
				}
			}
			past.Add(l.kindsTable.Remember(c.Change, c.At))
		}
		if len(changed) > 0 && changed[0].ID == first && last == nil {
			last, changed = changed[:1:1], changed[1:]
		}
		if len(changed) > 0 {
			if err := l.Store.Update(ctx, func(tx *store.Tx) error { return tx.SaveKinds(service, changed) }); err != nil {
				return nil, err
			}
		}
		if len(page) < sortPage {
			return last, nil
		}
		at, id = page[len(page)-1].At, page[len(page)-1].ID
	}
}

// sortReleases works out what releases brought, and asks for the facts that
// rest on it.
func (l *Loop) sortReleases(tx *store.Tx, service string) error {
	after := ""
	for {
		ids, err := tx.UnsortedReleases(service, after, sortReleases)
		if err != nil {
			return err
		}
		for _, id := range ids {
			after = id
			carried, err := tx.CarriedKinds(service, id)
			if err != nil {
				return err
			}
			if err := tx.SaveReleaseKinds(service, id, l.kindsTable.Release(carried)); err != nil {
				return err
			}
			if err := tx.Enqueue(store.Work{Kind: store.WorkFacts, Key: id, Service: service, Due: l.Now()}); err != nil {
				return err
			}
		}
		if len(ids) < sortReleases {
			return nil
		}
	}
}

// askKinds asks for a service's changes and releases to be sorted, where some
// are not.
func (l *Loop) askKinds(tx *store.Tx, service string) error {
	if some, err := tx.AnyUnsorted(service); err != nil || !some {
		return err
	}
	return tx.Enqueue(store.Work{Kind: store.WorkKinds, Key: service, Service: service, Due: l.Now()})
}

const kindsSetting = "kinds of change"

// planKinds asks for everything to be sorted again where the rules are others
// than those it was sorted by, and for what has never been.
func (l *Loop) planKinds(tx *store.Tx) error {
	rules := l.kindsTable.Digest()
	sorted, err := tx.Kept(kindsSetting)
	if err != nil {
		return err
	}
	if sorted != "" && sorted != rules {
		services, err := tx.ServiceIDs()
		if err != nil {
			return err
		}
		for _, s := range services {
			if err := tx.Resort(s); err != nil {
				return err
			}
			if err := tx.ResortReleases(s); err != nil {
				return err
			}
		}
	}
	waiting, err := tx.ToSort()
	if err != nil {
		return err
	}
	for _, s := range waiting {
		if err := l.askKinds(tx, s); err != nil {
			return err
		}
	}
	return tx.Set(kindsSetting, rules)
}
