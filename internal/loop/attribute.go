package loop

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/delivery"
	"github.com/debriefhq/debrief/internal/store"
)

const (
	ofIncident = "incident/"
	ofRelease  = "release/"
)

// attribute works out anew which change an incident, a rollback, a hotfix or a
// revert may have come from.
func (l *Loop) attribute(ctx context.Context, w *store.Work) error {
	return l.Store.Finish(ctx, w, func(tx *store.Tx) error { return l.attributeOne(tx, w.Key) })
}

func (l *Loop) attributeOne(tx *store.Tx, key string) error {
	s, found, err := l.subject(tx, key)
	if err != nil {
		return err
	}
	_, id, _ := strings.Cut(key, "/")
	if !found {
		return tx.DropAttributions(id)
	}
	if s.ID != id { // it is told of under another id by now
		if err := tx.DropAttributions(id); err != nil {
			return err
		}
	}
	around, err := l.around(tx, &s)
	if err != nil {
		return err
	}
	if around.Weights, err = l.weights(tx); err != nil {
		return err
	}
	a := delivery.Attribute(s, around)
	written, err := tx.SaveAttribution(a)
	if err != nil {
		return err
	}
	return l.follows(tx, a, written)
}

// subject loads what is attributed; found is false where there is none (any
// more), or where it is not production's.
func (l *Loop) subject(tx *store.Tx, key string) (s delivery.Subject, found bool, err error) {
	if id, ok := strings.CutPrefix(key, ofIncident); ok {
		i, found, err := tx.Incident(id)
		if err != nil || !found || i.Environment != "" && !l.production(i.Environment) {
			return s, false, err
		}
		return delivery.OfIncident(i), true, nil
	}
	r, found, err := tx.ReleaseNamed(strings.TrimPrefix(key, ofRelease))
	if err != nil || !found {
		return s, false, err
	}
	near, err := l.neighbours(tx, r)
	if err != nil {
		return s, false, err
	}
	d, err := tx.Detail(r.Service, r.ID)
	if err != nil {
		return s, false, err
	}
	reverted, err := l.reverted(tx, r, d.Changes)
	if err != nil {
		return s, false, err
	}
	s, found = delivery.OfRelease(r, d.Changes, reverted, near)
	if !found {
		return s, false, nil
	}
	s.Blamed, err = l.blamedThen(tx, r)
	return s, true, err
}

// neighbours are the releases of r's environment that went before it.
func (l *Loop) neighbours(tx *store.Tx, r debrief.Release) ([]debrief.Release, error) {
	all, err := tx.Suspects(r.Service, r.Started.Add(-longestStory), r.Started.Add(time.Microsecond), 100)
	return slices.DeleteFunc(all, func(o debrief.Release) bool { return o.Environment != r.Environment || o.Sample != r.Sample }), err
}

const (
	// What ran longer ago is not asked about when it is rolled back or reverted.
	longestStory = 180 * 24 * time.Hour
	mostChanges  = 5000
)

// reverted is the release that brought what a release's changes undo: the
// latest that is not the release itself; "" where that is not known or nothing is
// undone.
func (l *Loop) reverted(tx *store.Tx, r debrief.Release, changes []debrief.Change) (string, error) {
	if !slices.ContainsFunc(changes, func(c debrief.Change) bool { return c.Reverts != "" }) {
		return "", nil
	}
	earlier, err := tx.Changes(r.Service, r.Started.Add(-longestStory), r.FullExposure)
	if err != nil {
		return "", err
	}
	// Where it came with the same release, nobody ever had the one without the other.
	ids := delivery.Reverted(changes, earlier[max(len(earlier)-mostChanges, 0):])
	ids = slices.DeleteFunc(ids, func(id string) bool {
		return slices.ContainsFunc(changes, func(c debrief.Change) bool { return c.ID == id })
	})
	carrying, err := tx.Carrying(r.Service, ids...)
	if err != nil {
		return "", err
	}
	latest := debrief.Release{}
	for _, id := range carrying {
		o, found, err := tx.ReleaseNamed(id)
		if err != nil {
			return "", err
		}
		if found && o.ID != r.ID && o.Live() && o.Environment == r.Environment && o.FullExposure.Before(r.FullExposure) && o.FullExposure.After(latest.FullExposure) {
			latest = o
		}
	}
	return latest.ID, nil
}

// blamedThen are the releases that incidents which ran when r went out are held to
// have come from.
func (l *Loop) blamedThen(tx *store.Tx, r debrief.Release) ([]string, error) {
	incidents, err := tx.IncidentsWithin(r.Service, r.Started.Add(-7*24*time.Hour), r.FullExposure, 50)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, i := range incidents {
		if end := i.Ended(); !end.IsZero() && end.Before(r.Started) {
			continue
		}
		a, found, err := tx.Attribution(i.ID)
		if err != nil {
			return nil, err
		}
		if c, held := a.Held(); found && held && c.Kind == debrief.CandidateRelease {
			out = append(out, c.ID)
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// follows asks for what rests on an attribution: the facts of the releases it
// names (SaveAttribution asks where it changed; an incident's times change what
// they say too), and the remedies that went out while it ran.
func (l *Loop) follows(tx *store.Tx, a debrief.Attribution, written bool) error {
	named := a.Suspects()
	if c, ok := a.Held(); ok {
		named = append(named, c)
	}
	for _, c := range named {
		if c.Kind != debrief.CandidateRelease {
			continue
		}
		if err := l.wantFacts(tx, c.Service, c.ID); err != nil {
			return err
		}
		if written && a.Kind != debrief.SubjectIncident {
			continue
		}
		// Two subjects that suspect the same release may tell of one fault.
		others, err := tx.Blaming(c.Service, c.ID)
		if err != nil {
			return err
		}
		for _, o := range others {
			for _, s := range o.Suspects() {
				if s.Kind == debrief.CandidateRelease {
					if err := l.wantFacts(tx, s.Service, s.ID); err != nil {
						return err
					}
				}
			}
		}
	}
	if a.Kind != debrief.SubjectIncident {
		return l.wantFacts(tx, a.Service, a.Subject)
	}
	i, found, err := tx.Incident(a.Subject)
	if err != nil || !found {
		return err
	}
	until := i.Ended()
	if until.IsZero() {
		until = l.Now()
	}
	for _, service := range i.Services {
		if err := l.wantRemedies(tx, service, a.At, until.Add(time.Hour)); err != nil {
			return err
		}
	}
	return nil
}

func (l *Loop) wantFacts(tx *store.Tx, service, release string) error {
	return tx.Enqueue(store.Work{Kind: store.WorkFacts, Key: release, Service: service, Due: l.Now()})
}

// wantRemedies asks for what the rollbacks, hotfixes and reverts of a window are
// held to have repaired.
func (l *Loop) wantRemedies(tx *store.Tx, service string, from, to time.Time) error {
	rs, err := tx.Suspects(service, from, to, 50)
	if err != nil {
		return err
	}
	for _, r := range rs {
		_, attributed, err := tx.Attribution(r.ID)
		if err != nil {
			return err
		}
		if attributed || r.Kind == debrief.ReleaseRollback {
			if err := l.wantAttribution(tx, ofRelease+r.ID, service); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *Loop) wantAttribution(tx *store.Tx, key, service string) error {
	return tx.Enqueue(store.Work{Kind: store.WorkAttribute, Key: key, Service: service, Due: l.Now()})
}
