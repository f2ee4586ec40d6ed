package loop

import (
	"slices"
	"strings"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/record"
	"github.com/debriefhq/debrief/internal/store"
)

// objects rebuilds the incidents and tickets with these keys. They may touch
// several services, so their events are sought in all of them.
func (l *Loop) objects(tx *store.Tx, incidents, tickets []string) error {
	if len(incidents) > 0 {
		events, err := tx.LinkedAll(incidents)
		if err != nil {
			return err
		}
		list, absorbed := record.Incidents(events)
		if err := tx.SaveIncidents(list, absorbed); err != nil {
			return err
		}
		if err := tx.DropAttributions(sorted(absorbed)...); err != nil {
			return err
		}
		for _, i := range list {
			if err := l.wantAttribution(tx, ofIncident+i.ID, i.Service); err != nil {
				return err
			}
		}
		if err := l.noticeIncidents(tx, list); err != nil {
			return err
		}
	}
	list, absorbed, gone, err := ticketsOf(tx, incidents, tickets)
	if err != nil {
		return err
	}
	if err := tx.SaveTickets(list, absorbed); err != nil {
		return err
	}
	return tx.DropTickets(gone)
}

// ticketsOf makes the tickets with these keys, or with those of incidents,
// which are then no tickets.
func ticketsOf(tx *store.Tx, incidents, tickets []string) (list []debrief.Ticket, absorbed map[string]string, gone []string, err error) {
	keys := slices.Concat(tickets, swapped(incidents, "incident/", "ticket/"))
	events, err := tx.LinkedAll(keys)
	if err != nil || len(events) == 0 {
		return nil, nil, nil, err
	}
	for _, e := range events {
		keys = append(keys, record.Keys(e)...)
	}
	broken, err := tx.LinkedAll(swapped(keys, "ticket/", "incident/"))
	if err != nil {
		return nil, nil, nil, err
	}
	list, absorbed, gone = record.Tickets(slices.Concat(events, broken))
	return list, absorbed, gone, nil
}

// swapped are the keys of another kind of object with the same names.
func swapped(keys []string, from, to string) []string {
	var out []string
	for _, k := range keys {
		if name, ok := strings.CutPrefix(k, from); ok {
			out = append(out, to+name)
		}
	}
	return out
}
