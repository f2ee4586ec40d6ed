package store

import (
	"context"
	"time"

	"github.com/debriefhq/debrief"
)

// SaveChanges keeps changes, each as it was last told.
func (tx *Tx) SaveChanges(service string, cs []debrief.Change) error {
	if err := tx.holdService(service); err != nil {
		return err
	}
	was, err := tx.changesBefore(service, cs)
	if err != nil {
		return err
	}
	for _, c := range cs {
		if c.ID == "" {
			c.ID = debrief.ID("change", c.Repository, c.Commit)
		}
		data, err := encode(c)
		if err != nil {
			return err
		}
		old, there := was[c.ID]
		if there && old.data == data {
			continue
		}
		at := micros(changed(c))
		n, err := tx.exec(`insert into changes (service_id, id, at, kind, data) values ($1, $2, $3, $4, $5)
			on conflict (service_id, id) do update set at = excluded.at, kind = excluded.kind, data = excluded.data, kinds = '' where changes.data <> excluded.data`,
			service, c.ID, at, c.Kind, data)
		if err != nil {
			return err
		}
		tx.shown(n)
		if there && old.at < at {
			if err := tx.resort(service, old.at); err != nil { // what came between saw it before it
				return err
			}
		}
	}
	return nil
}

type changeRow struct {
	at   int64
	data string
}

// changesBefore are the changes as they stand.
func (tx *Tx) changesBefore(service string, cs []debrief.Change) (map[string]changeRow, error) {
	was := make(map[string]changeRow, len(cs))
	ids := make([]string, len(cs))
	for i, c := range cs {
		if ids[i] = c.ID; c.ID == "" {
			ids[i] = debrief.ID("change", c.Repository, c.Commit)
		}
	}
	return was, batches(ids, func(some []string) error {
		return tx.each(`select id, at, data from changes where service_id = $1 and id in (`+marks(2, len(some))+`)`, append(args(service), anys(some)...), func(scan scanner) error {
			var id string
			var r changeRow
			err := scan(&id, &r.at, &r.data)
			was[id] = r
			return err
		})
	})
}

// changed is when a change took effect by itself, or last moved: pushed, merged or committed; else when
// it was authored.
func changed(c debrief.Change) time.Time {
	at := c.Committed
	if !c.Live.IsZero() {
		return c.Live // it took effect by itself
	}
	for _, t := range []time.Time{c.Pushed, c.Merged} {
		if t.After(at) {
			at = t
		}
	}
	if at.IsZero() {
		at = c.AuthoredAt
	}
	return at
}

// Changes returns the changes that last moved within [from, to), oldest first.
func (tx *Tx) Changes(service string, from, to time.Time) ([]debrief.Change, error) {
	if err := tx.holdService(service); err != nil {
		return nil, err
	}
	return tx.changes(`select data from changes where service_id = $1 and at >= $2 and at < $3 order by at, id`, service, micros(from), micros(to))
}

// LinkChanges says which changes a deployment carried, in this order, instead
// of what was said before. Both must be saved already.
func (tx *Tx) LinkChanges(service, deploymentID string, changeIDs []string) error {
	if err := tx.holdService(service); err != nil {
		return err
	}
	old := map[string]bool{}
	err := tx.each(`select change_id from deployment_changes where service_id = $1 and deployment_id = $2`, args(service, deploymentID), func(scan scanner) error {
		var id string
		err := scan(&id)
		old[id] = true
		return err
	})
	if err != nil {
		return err
	}
	var rows [][]any
	seen := map[string]bool{}
	for _, id := range changeIDs {
		if !seen[id] {
			seen[id] = true
			rows = append(rows, args(service, deploymentID, id, len(rows)))
		}
	}
	same := len(old) == len(seen)
	for id := range seen {
		same = same && old[id]
	}
	if same {
		return nil
	}
	if _, err := tx.exec(`delete from deployment_changes where service_id = $1 and deployment_id = $2`, service, deploymentID); err != nil {
		return err
	}
	tx.shown(1)
	if _, err := tx.exec(`update releases set kinds = '' where service_id = $1 and id = $2`, service, deploymentID); err != nil {
		return err
	}
	_, err = tx.many(`insert into deployment_changes (service_id, deployment_id, change_id, place)`, rows, "")
	return err
}

// changes reads rows of data.
func (q querier) changes(text string, a ...any) ([]debrief.Change, error) {
	var out []debrief.Change
	err := q.each(text, a, func(scan scanner) error {
		var c debrief.Change
		var data string
		if err := scan(&data); err != nil {
			return err
		}
		if err := decode(data, &c); err != nil {
			return err
		}
		out = append(out, c)
		return nil
	})
	return out, err
}

// What belongs to no service may concern any: it is listed with each.
const sqlFlips = `select data from changes where service_id in ($1, 'org') and kind in ('flag', 'configuration', 'manual') and at >= $2 and at < $3
	order by at desc, id desc limit $4`

// Flips are the changes that took effect by themselves within [from, to):
// flags flipped, configuration edited, steps taken by hand; newest first.
func (s *Store) Flips(ctx context.Context, service string, from, to time.Time, limit int) ([]debrief.Change, error) {
	q := s.read(ctx)
	id, err := serviceID(q, service)
	if err != nil {
		return nil, err
	}
	return q.changes(sqlFlips, id, micros(from), micros(to), limit)
}
