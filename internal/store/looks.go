package store

import (
	"github.com/debriefhq/debrief"
)

// SaveLook writes one look at a release; the release must be saved already.
func (tx *Tx) SaveLook(l debrief.Look) error {
	if err := tx.holdService(l.Service); err != nil {
		return err
	}
	// Example lines stand apart, so that they can be forgotten.
	examples := make([]string, len(l.Logs.Patterns))
	patterns := make([]debrief.LogPattern, len(l.Logs.Patterns))
	raw := false
	for i, p := range l.Logs.Patterns {
		examples[i] = p.Example
		raw = raw || p.Example != ""
		p.Example = ""
		patterns[i] = p
	}
	if len(patterns) > 0 {
		l.Logs.Patterns = patterns
	}
	data, err := encode(l)
	if err != nil {
		return err
	}
	kept := ""
	if raw {
		if kept, err = encode(examples); err != nil {
			return err
		}
	}
	n, err := tx.exec(`insert into looks (service_id, release_id, number, due_at, data, examples, raw) values ($1, $2, $3, $4, $5, $6, $7)
		on conflict (service_id, release_id, number) do update set due_at = excluded.due_at, data = excluded.data, examples = excluded.examples, raw = excluded.raw
		where looks.data <> excluded.data or looks.examples <> excluded.examples`,
		l.Service, l.ReleaseID, l.Number, micros(l.Due), data, kept, raw)
	tx.shown(n)
	return err
}

// CancelLooks forgets those of the looks at a release that were planned and not
// taken. Those that are done stay: what they said was said.
func (tx *Tx) CancelLooks(service, releaseID string, those func(debrief.Look) bool) (cancelled []int, err error) {
	known, err := tx.Looks(service, releaseID)
	if err != nil {
		return nil, err
	}
	for _, l := range known {
		if l.State == debrief.LookDone || !those(l) {
			continue
		}
		n, err := tx.exec(`delete from looks where service_id = $1 and release_id = $2 and number = $3`, service, releaseID, l.Number)
		if err != nil {
			return nil, err
		}
		tx.shown(n)
		cancelled = append(cancelled, l.Number)
	}
	return cancelled, nil
}

// Looks returns the looks at a release, first to last.
func (tx *Tx) Looks(service, releaseID string) ([]debrief.Look, error) {
	if err := tx.holdService(service); err != nil {
		return nil, err
	}
	return tx.looks(service, releaseID)
}

const sqlLooks = `select data, examples, release_id from looks where service_id = $1 and release_id = $2 order by number`

func (q querier) looks(service, releaseID string) ([]debrief.Look, error) {
	var out []debrief.Look
	err := q.each(sqlLooks, args(service, releaseID), func(scan scanner) error {
		var l debrief.Look
		var data, kept, release string
		if err := scan(&data, &kept, &release); err != nil {
			return err
		}
		if err := decode(data, &l); err != nil {
			return err
		}
		l.ReleaseID = release // it may have moved to another id
		if kept != "" {
			var examples []string
			if err := decode(kept, &examples); err != nil {
				return err
			}
			for i := range min(len(examples), len(l.Logs.Patterns)) {
				l.Logs.Patterns[i].Example = examples[i]
			}
		}
		out = append(out, l)
		return nil
	})
	return out, err
}
