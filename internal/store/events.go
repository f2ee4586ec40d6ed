package store

import (
	"cmp"
	"slices"
	"time"

	"github.com/debriefhq/debrief"
)

// SaveEvents keeps events and indexes them by their keys. Saving one again
// changes nothing but which of several deliveries it is told to come from.
func (tx *Tx) SaveEvents(evs []debrief.Event, keys func(debrief.Event) []string) error {
	if len(evs) == 0 {
		return nil
	}
	var rows, index [][]any
	var services, all []string
	seen := map[[2]string]bool{}
	for _, e := range evs {
		e.Service = cmp.Or(e.Service, Org)
		if at := [2]string{e.Service, e.ID}; seen[at] {
			continue
		} else {
			seen[at] = true
		}
		services = append(services, e.Service)
		for _, k := range unique(keys(e)) {
			all = append(all, k)
			index = append(index, args(e.Service, k, e.ID))
		}
		row, err := eventRow(e)
		if err != nil {
			return err
		}
		rows = append(rows, row)
	}
	// Services first, then keys: everybody takes them in this order.
	for _, sv := range unique(services) {
		if err := tx.holdService(sv); err != nil {
			return err
		}
	}
	if err := tx.holdKeys(unique(all)); err != nil {
		return err
	}
	_, err := tx.many(`insert into events (service_id, id, source, kind, at, received_at, data, output, command, raw)`, rows,
		// One fact may come under several keys; the least stays, whichever came first.
		`on conflict (service_id, id) do update set kind = excluded.kind, at = excluded.at, data = excluded.data,
			output = excluded.output, command = excluded.command, raw = excluded.raw where excluded.data < events.data`)
	if err != nil {
		return err
	}
	_, err = tx.many(`insert into event_keys (service_id, event_key, event_id)`, index, `on conflict (service_id, event_key, event_id) do nothing`)
	return err
}

// eventRow keeps output and command apart from the rest, so that they can be
// forgotten without touching it.
func eventRow(e debrief.Event) ([]any, error) {
	var output, command string
	if e.Report != nil {
		r := *e.Report
		output, command, r.Output, r.Command = r.Output, r.Command, "", ""
		e.Report = &r
	}
	received := e.Received // has a column of its own
	e.Received = time.Time{}
	data, err := encode(e)
	return args(e.Service, e.ID, e.Source, string(e.Kind), micros(e.At), micros(received), data, output, command, output != "" || command != ""), err
}

// The cross join keeps SQLite to this order: first the events that have the
// keys, then all keys of those.
const (
	sqlNeighbours = `select distinct n.service_id, n.event_id, n.event_key from event_keys k cross join event_keys n
	where n.service_id = k.service_id and n.event_id = k.event_id and k.service_id in ($1, 'org') and k.event_key in (`
	// The same over all services.
	sqlNeighboursAll = `select distinct n.service_id, n.event_id, n.event_key from event_keys k cross join event_keys n
	where n.service_id = k.service_id and n.event_id = k.event_id and k.event_key in (`
)

// Linked returns the events of a service, and those of no service, that are
// connected with any of the keys: directly, or over other events that share a
// key. They come ordered by time.
func (tx *Tx) Linked(service string, keys []string) ([]debrief.Event, error) {
	if err := tx.holdService(service); err != nil {
		return nil, err
	}
	return tx.linked(sqlNeighbours, args(service), keys)
}

// LinkedAll is Linked over all services: an incident may touch several.
func (tx *Tx) LinkedAll(keys []string) ([]debrief.Event, error) {
	return tx.linked(sqlNeighboursAll, nil, keys)
}

func (tx *Tx) linked(neighbours string, first []any, keys []string) ([]debrief.Event, error) {
	keys = unique(keys)
	if err := tx.holdKeys(keys); err != nil {
		return nil, err
	}
	events := map[[2]string]bool{}
	known := map[string]bool{}
	for len(keys) > 0 {
		var found []string
		err := batches(keys, func(some []string) error {
			return tx.each(neighbours+marks(len(first)+1, len(some))+`)`, append(slices.Clone(first), anys(some)...), func(scan scanner) error {
				var at [2]string
				var key string
				if err := scan(&at[0], &at[1], &key); err != nil {
					return err
				}
				events[at] = true
				found = append(found, key)
				return nil
			})
		})
		if err != nil {
			return nil, err
		}
		for _, k := range keys {
			known[k] = true
		}
		keys = slices.DeleteFunc(unique(found), func(k string) bool { return known[k] })
		// What others are adding to these keys right now is waited for, and
		// seen in the next round.
		if err := tx.holdKeys(keys); err != nil {
			return nil, err
		}
	}
	return tx.events(events)
}

func (tx *Tx) events(ids map[[2]string]bool) ([]debrief.Event, error) {
	by := map[string][]string{}
	for id := range ids {
		by[id[0]] = append(by[id[0]], id[1])
	}
	var out []debrief.Event
	for service, list := range by {
		slices.Sort(list)
		err := batches(list, func(some []string) error {
			return tx.each(`select data, output, command, received_at from events where service_id = $1 and id in (`+marks(2, len(some))+`)`,
				append(args(service), anys(some)...), func(scan scanner) error {
					var e debrief.Event
					var data, output, command string
					var received int64
					if err := scan(&data, &output, &command, &received); err != nil {
						return err
					}
					if err := decode(data, &e); err != nil {
						return err
					}
					e.Received = instant(received)
					if e.Report != nil {
						e.Report.Output, e.Report.Command = output, command
					}
					out = append(out, e)
					return nil
				})
		})
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(out, func(a, b debrief.Event) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Service, b.Service))
	})
	return out, nil
}

// ServicesOf returns the services (never "org") with an event that has one of
// the keys.
func (tx *Tx) ServicesOf(keys []string) ([]string, error) {
	keys = unique(keys)
	if err := tx.holdKeys(keys); err != nil {
		return nil, err
	}
	var out []string
	err := batches(keys, func(some []string) error {
		return tx.each(`select distinct service_id from event_keys where service_id <> 'org' and event_key in (`+marks(1, len(some))+`)`,
			anys(some), func(scan scanner) error {
				var sv string
				err := scan(&sv)
				out = append(out, sv)
				return err
			})
	})
	return unique(out), err
}

// unique sorts and drops repetitions and the empty string, in a new slice.
func unique(vs []string) []string {
	out := slices.Clone(vs)
	slices.Sort(out)
	out = slices.Compact(out)
	if len(out) > 0 && out[0] == "" {
		out = out[1:]
	}
	return out
}
