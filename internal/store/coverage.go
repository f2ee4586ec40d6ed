package store

import (
	"context"
	"time"

	"github.com/debriefhq/debrief"
)

// SaveCoverage keeps which files tests run, as one upload says it. What it does
// not name stays as it was. A row is begun only where a file's word turns.
func (tx *Tx) SaveCoverage(service, part string, at time.Time, files []debrief.FileCoverage) error {
	if err := tx.holdService(service); err != nil {
		return err
	}
	type row struct {
		since  int64
		tested bool
	}
	was := map[string]row{}
	err := tx.each(`select path, since_at, tested from coverage where service_id = $1 and part = $2 order by since_at`, args(service, part), func(scan scanner) error {
		var path string
		var r row
		err := scan(&path, &r.since, &r.tested)
		was[path] = r
		return err
	})
	if err != nil {
		return err
	}
	var rows [][]any
	for _, f := range files {
		since := micros(at)
		if r, ok := was[f.Path]; ok && r.tested == f.Tested() && r.since <= since {
			since = r.since
		}
		rows = append(rows, args(service, part, f.Path, since, debrief.Module(f.Path), f.Covered, f.Total, f.Tested()))
	}
	begun := false
	for _, r := range rows {
		w, ok := was[r[2].(string)]
		begun = begun || !ok || w.since != r[3].(int64)
	}
	n, err := tx.many(`insert into coverage (service_id, part, path, since_at, module, covered, total, tested)`, rows,
		`on conflict (service_id, part, path, since_at) do update set covered = excluded.covered, total = excluded.total, tested = excluded.tested
		where coverage.covered <> excluded.covered or coverage.total <> excluded.total`)
	tx.shown(n)
	if err != nil || !begun {
		return err
	}
	return tx.resort(service, micros(at.Add(-coverageBefore)))
}

// coverageBefore is how long before the first word on a file it is taken to
// have been so already: the tests of a change are run after it was made.
const coverageBefore = 30 * 24 * time.Hour

// Coverage is what is known of a service's files over time.
type Coverage map[string]map[string][]covered // by module, by part and path; the oldest first

type covered struct {
	since  time.Time
	tested bool
}

const sqlCoverage = `select part, path, since_at, module, tested from coverage where service_id = $1 order by since_at`

// CoverageOf reads it.
func (s *Store) CoverageOf(ctx context.Context, service string) (Coverage, error) {
	all := Coverage{}
	err := s.read(ctx).each(sqlCoverage, args(service), func(scan scanner) error {
		var part, path, module string
		var us int64
		var c covered
		if err := scan(&part, &path, &us, &module, &c.tested); err != nil {
			return err
		}
		c.since = instant(us)
		if all[module] == nil {
			all[module] = map[string][]covered{}
		}
		key := part + "\x00" + path
		all[module][key] = append(all[module][key], c)
		return nil
	})
	return all, err
}

// Of says how many of a module's measured files tests ran at a moment.
func (c Coverage) Of(module string, at time.Time) (tested, known int) {
	byPath := map[string]bool{}
	for key, rows := range c[module] {
		for i := len(rows) - 1; i >= 0; i-- {
			if rows[i].since.After(at) && (i > 0 || rows[i].since.Sub(at) > coverageBefore) {
				continue
			}
			path := key
			for j := range len(key) {
				if key[j] == 0 {
					path = key[j+1:]
					break
				}
			}
			byPath[path] = byPath[path] || rows[i].tested // one part's tests are enough
			break
		}
	}
	for _, ok := range byPath {
		known++
		if ok {
			tested++
		}
	}
	return tested, known
}
