package store

import (
	"context"

	"github.com/debriefhq/debrief"
)

// WorkAgain is the kind of work that reads a source's kept envelopes again;
// its key is the source, its payload the last id that is done.
const WorkAgain = "again"

// ParseAgain asks for a source's kept envelopes to be read again, dead letters
// included. Asking while it is being done begins once more.
func (s *Store) ParseAgain(ctx context.Context, source string) error {
	return s.Update(ctx, func(tx *Tx) error {
		tx.shown(1)
		return tx.Enqueue(Work{Kind: WorkAgain, Key: source})
	})
}

// RereadSome asks for the next kept envelopes of a source, in the order of
// their ids, and says where to go on; "" where there are no more.
func (tx *Tx) RereadSome(source, after string, limit int) (next string, err error) {
	var ids []string
	err = tx.each(`select id from inbox where source = $1 and raw and id > $2 order by id limit $3`, args(source, after, limit), func(scan scanner) error {
		var id string
		err := scan(&id)
		ids = append(ids, id)
		return err
	})
	if err != nil {
		return "", err
	}
	for _, id := range ids {
		if err := tx.Enqueue(Work{Kind: WorkRecord, Key: id}); err != nil {
			return "", err
		}
	}
	if len(ids) < limit {
		return "", nil
	}
	return ids[len(ids)-1], nil
}

// EventRef names an event: its service and its id.
type EventRef [2]string

// Said lists the events an envelope told of when it was last recorded.
func (tx *Tx) Said(id string) ([]EventRef, error) {
	var text string
	if _, err := tx.one(`select said from inbox where id = $1`, args(id), &text); err != nil || text == "" {
		return nil, err
	}
	var refs []EventRef
	return refs, decode(text, &refs)
}

// EventsOf reads events by their names; those that are gone are left out.
func (tx *Tx) EventsOf(refs []EventRef) ([]debrief.Event, error) {
	ids := make(map[[2]string]bool, len(refs))
	for _, r := range refs {
		ids[r] = true
	}
	return tx.events(ids)
}

// DropEvents forgets events that an envelope does not tell of after all.
func (tx *Tx) DropEvents(refs []EventRef) error {
	for _, r := range refs {
		if err := tx.holdService(r[0]); err != nil {
			return err
		}
		if _, err := tx.exec(`delete from event_keys where service_id = $1 and event_id = $2`, r[0], r[1]); err != nil {
			return err
		}
		n, err := tx.exec(`delete from events where service_id = $1 and id = $2`, r[0], r[1])
		if err != nil {
			return err
		}
		tx.shown(n)
	}
	return nil
}

// DropChanges forgets changes of a service that nothing tells of any more.
func (tx *Tx) DropChanges(service string, ids []string) error {
	for _, id := range ids {
		var at int64
		if found, err := tx.one(`select at from changes where service_id = $1 and id = $2`, args(service, id), &at); err != nil {
			return err
		} else if !found {
			continue
		}
		n, err := tx.exec(`delete from changes where service_id = $1 and id = $2`, service, id)
		if err != nil {
			return err
		}
		if err := tx.resort(service, at); err != nil {
			return err
		}
		tx.shown(n)
	}
	return nil
}

// DropIncidents forgets incidents that nothing tells of any more.
func (tx *Tx) DropIncidents(ids []string) error {
	if err := tx.dropObjects("incidents", "incident", ids); err != nil {
		return err
	}
	return tx.DropAttributions(ids...)
}

// DropTickets forgets tickets that nothing tells of any more.
func (tx *Tx) DropTickets(ids []string) error { return tx.dropObjects("tickets", "ticket", ids) }

func (tx *Tx) dropObjects(table, kind string, ids []string) error {
	for _, id := range ids {
		n, err := tx.exec(`delete from `+table+` where id = $1`, id)
		if err != nil {
			return err
		}
		tx.shown(n)
		if _, err := tx.exec(`delete from mentions where kind = $1 and id = $2`, kind, id); err != nil {
			return err
		}
		if _, err := tx.exec(`delete from redirects where id = $1`, id); err != nil {
			return err
		}
	}
	return nil
}
