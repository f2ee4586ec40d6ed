package loop

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/record"
	"github.com/debriefhq/debrief/internal/store"
)

// reread asks for a source's kept envelopes to be recorded again, some at a
// time, so that what arrives meanwhile does not wait for all of them.
func (l *Loop) reread(ctx context.Context, w *store.Work) error {
	const some = 500
	return l.Store.Finish(ctx, w, func(tx *store.Tx) error {
		next, err := tx.RereadSome(w.Key, w.Payload, some)
		if err != nil || next == "" {
			return err
		}
		return tx.Enqueue(store.Work{Kind: store.WorkAgain, Key: w.Key, Payload: next, Due: l.Now()})
	})
}

// accept saves what an envelope tells of. Where it was recorded before, by this
// version or an earlier one, what it told of then and does not tell of now is
// taken back; what it tells of alike stays untouched.
func (l *Loop) accept(tx *store.Tx, id string, events []debrief.Event) error {
	refs, err := tx.Said(id)
	if err != nil {
		return err
	}
	placed, err := l.placeAll(tx, events)
	if err != nil {
		return err
	}
	if err := l.takeBack(tx, refs, placed); err != nil {
		return err
	}
	said := make([]store.EventRef, len(placed))
	for i, e := range placed {
		said[i] = store.EventRef{e.Service, e.ID}
	}
	return tx.SettleSaid(id, said)
}

// reject settles an envelope that tells of nothing, and takes back what it told
// of before.
func (l *Loop) reject(tx *store.Tx, id, state string, why error) error {
	refs, err := tx.Said(id)
	if err != nil {
		return err
	}
	if err := l.takeBack(tx, refs, nil); err != nil {
		return err
	}
	return tx.SettleEnvelope(id, state, why.Error())
}

// takeBack replaces events by those told now, and recomputes what either
// touch.
func (l *Loop) takeBack(tx *store.Tx, refs []store.EventRef, now []debrief.Event) error {
	stale, err := l.stale(tx, refs, now)
	if err != nil {
		return err
	}
	if len(stale) == 0 {
		return l.applyPlaced(tx, now)
	}
	before, err := l.told(tx, stale)
	if err != nil {
		return err
	}
	drop := make([]store.EventRef, len(stale))
	for i, e := range stale {
		drop[i] = store.EventRef{e.Service, e.ID}
	}
	if err := tx.DropEvents(drop); err != nil {
		return err
	}
	if err := l.applyPlaced(tx, now); err != nil {
		return err
	}
	if err := l.touch(tx, byServiceOf(stale)); err != nil {
		return err
	}
	after, err := l.told(tx, append(stale, now...))
	if err != nil {
		return err
	}
	return l.forget(tx, before, after)
}

// stale are the events told before that are told no more, or otherwise.
func (l *Loop) stale(tx *store.Tx, refs []store.EventRef, now []debrief.Event) ([]debrief.Event, error) {
	if len(refs) == 0 {
		return nil, nil
	}
	was, err := tx.EventsOf(refs)
	if err != nil {
		return nil, err
	}
	same := map[store.EventRef]string{}
	for _, e := range now {
		same[store.EventRef{e.Service, e.ID}] = content(e)
	}
	return slices.DeleteFunc(was, func(e debrief.Event) bool { return same[store.EventRef{e.Service, e.ID}] == content(e) }), nil
}

// content is what an event says, however and whenever it came.
func content(e debrief.Event) string {
	e.Key, e.Received = "", time.Time{}
	if e.Report != nil { // forgotten after a while, and no other fact for it
		r := *e.Report
		r.Output, r.Command = "", ""
		e.Report = &r
	}
	b, err := json.Marshal(e)
	if err != nil {
		return ""
	}
	return string(b)
}

// objectsOf are the ids of all that events tell of, by service where they
// belong to one.
type objectsOf struct {
	deployments map[string]map[string]debrief.Deployment
	changes     map[string]map[string]bool
	incidents   map[string]bool
	tickets     map[string]bool
}

// told lists what exists because of events with these events' keys.
func (l *Loop) told(tx *store.Tx, events []debrief.Event) (objectsOf, error) {
	o := objectsOf{map[string]map[string]debrief.Deployment{}, map[string]map[string]bool{}, map[string]bool{}, map[string]bool{}}
	for service, evs := range byServiceOf(events) {
		for _, e := range evs {
			keys := record.Keys(e)
			if err := l.toldOf(tx, &o, service, e, keys); err != nil {
				return o, err
			}
		}
	}
	return o, nil
}

func (l *Loop) toldOf(tx *store.Tx, o *objectsOf, service string, e debrief.Event, keys []string) error {
	switch {
	case e.Incident != nil:
		all, err := tx.LinkedAll(keys)
		list, _ := record.Incidents(all)
		for _, i := range list {
			o.incidents[i.ID] = true
		}
		return err
	case e.Ticket != nil:
		list, _, _, err := ticketsOf(tx, nil, keys)
		for _, t := range list {
			o.tickets[t.ID] = true
		}
		return err
	case e.Change != nil:
		all, err := tx.Linked(service, keys)
		if o.changes[service] == nil {
			o.changes[service] = map[string]bool{}
		}
		for _, c := range record.Changes(all) {
			o.changes[service][c.ID] = true
		}
		return err
	}
	services, keys, err := l.concerned(tx, service, keys)
	if err != nil {
		return err
	}
	for _, s := range services {
		all, err := tx.Linked(s, keys)
		if err != nil {
			return err
		}
		c, err := l.claim(tx, s, all)
		if err != nil {
			return err
		}
		if o.deployments[s] == nil {
			o.deployments[s] = map[string]debrief.Deployment{}
		}
		ds, _ := record.Deployments(c.mine)
		for _, d := range ds {
			o.deployments[s][d.ID] = d
		}
	}
	return nil
}

// forget removes what was there before and is told of no more.
func (l *Loop) forget(tx *store.Tx, before, after objectsOf) error {
	for _, service := range sorted(before.deployments) {
		var gone []string
		var dropped []debrief.Deployment
		for _, id := range sorted(before.deployments[service]) {
			if _, still := after.deployments[service][id]; still {
				continue
			}
			gone = append(gone, id)
			dropped = append(dropped, before.deployments[service][id])
		}
		if len(gone) == 0 {
			continue
		}
		if err := l.suspectNoMore(tx, service, gone); err != nil {
			return err
		}
		if err := tx.DropDeployments(service, gone, nil); err != nil {
			return err
		}
		if err := l.rebuild(tx, service, dropped); err != nil {
			return err
		}
	}
	for _, service := range sorted(before.changes) {
		if err := tx.DropChanges(service, vanished(before.changes[service], after.changes[service])); err != nil {
			return err
		}
		if err := l.askKinds(tx, service); err != nil {
			return err
		}
	}
	if err := tx.DropIncidents(vanished(before.incidents, after.incidents)); err != nil {
		return err
	}
	return tx.DropTickets(vanished(before.tickets, after.tickets))
}

func vanished(before, after map[string]bool) []string {
	return slices.DeleteFunc(sorted(before), func(id string) bool { return after[id] })
}
