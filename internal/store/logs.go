package store

import (
	"context"
	"maps"
	"slices"
	"time"
)

// LogCount is one kind of log line and how often it came.
type LogCount struct {
	ID       string
	Template string
	Level    string
	Example  string        // masked; forgotten by Purge
	Bins     map[int64]int // count by bin: the unix second at which its ten seconds begin
	First    time.Time
	Last     time.Time
}

// SaveLogCounts adds counts to what is known of a service's lines.
func (tx *Tx) SaveLogCounts(service string, ps []LogCount) error {
	if err := tx.holdService(service); err != nil {
		return err
	}
	type bin struct {
		at      int64
		pattern string
	}
	sums := map[bin]int{}
	for _, p := range ps {
		_, err := tx.exec(`insert into log_patterns (service_id, id, template, level, example, first_at, last_at)
			values ($1, $2, $3, $4, $5, $6, $7)
			on conflict (service_id, id) do update set
				level = case when excluded.level = '' then log_patterns.level else excluded.level end,
				example = case when excluded.example = '' then log_patterns.example else excluded.example end,
				first_at = case when excluded.first_at < log_patterns.first_at then excluded.first_at else log_patterns.first_at end,
				last_at = case when excluded.last_at > log_patterns.last_at then excluded.last_at else log_patterns.last_at end`,
			service, p.ID, p.Template, p.Level, p.Example, micros(p.First), micros(p.Last))
		if err != nil {
			return err
		}
		for at, n := range p.Bins {
			sums[bin{at, p.ID}] += n
		}
	}
	rows := make([][]any, 0, len(sums))
	for _, b := range slices.SortedFunc(maps.Keys(sums), func(a, b bin) int { return int(a.at - b.at) }) {
		rows = append(rows, args(service, b.at, b.pattern, sums[b]))
	}
	_, err := tx.many(`insert into log_counts (service_id, bin, pattern_id, n)`, rows,
		`on conflict (service_id, bin, pattern_id) do update set n = log_counts.n + excluded.n`)
	return err
}

const (
	sqlLogKnown = `select first_at from log_patterns where service_id = $1 order by first_at limit 1`
	sqlLogBins  = `select p.id, p.template, p.level, p.example, p.first_at, p.last_at, c.bin, c.n
		from log_counts c join log_patterns p on p.service_id = c.service_id and p.id = c.pattern_id
		where c.service_id = $1 and c.bin >= $2 and c.bin < $3 order by p.id, c.bin`
)

// LogPatterns returns the kinds of line a service wrote within [from, to), with
// their counts in that window, and since when its lines are known at all (zero:
// none ever were). First and Last are over all time.
func (s *Store) LogPatterns(ctx context.Context, service string, from, to time.Time) (known time.Time, ps []LogCount, err error) {
	err = s.snapshot(ctx, func(q querier) error {
		ps = nil
		id, err := serviceID(q, service)
		if err != nil {
			return err
		}
		var first int64
		if _, err := q.one(sqlLogKnown, args(id), &first); err != nil {
			return err
		}
		known = instant(first)
		return q.each(sqlLogBins, args(id, from.Unix(), to.Unix()), func(scan scanner) error {
			var p LogCount
			var first, last, bin int64
			var n int
			if err := scan(&p.ID, &p.Template, &p.Level, &p.Example, &first, &last, &bin, &n); err != nil {
				return err
			}
			if len(ps) == 0 || ps[len(ps)-1].ID != p.ID {
				p.First, p.Last, p.Bins = instant(first), instant(last), map[int64]int{}
				ps = append(ps, p)
			}
			ps[len(ps)-1].Bins[bin] += n
			return nil
		})
	})
	return known, ps, err
}

const sqlLogStretches = `select pattern_id, k, cast(sum(n) as bigint) from
	(select pattern_id, (bin - $2) / $3 as k, n from log_counts where service_id = $1 and bin >= $2 and bin < $4) as x
	group by pattern_id, k`

// LogStretches returns how many lines of each kind a service wrote in each of n
// stretches of time side by side, the first of which begins at from.
func (s *Store) LogStretches(ctx context.Context, service string, from time.Time, stretch time.Duration, n int) (map[string][]int, error) {
	seconds := int64(stretch / time.Second)
	if seconds < 1 || n < 1 {
		return nil, nil
	}
	q := s.read(ctx)
	id, err := serviceID(q, service)
	if err != nil {
		return nil, err
	}
	out := map[string][]int{}
	err = q.each(sqlLogStretches, args(id, from.Unix(), seconds, from.Unix()+seconds*int64(n)), func(scan scanner) error {
		var kind string
		var k, sum int64
		if err := scan(&kind, &k, &sum); err != nil {
			return err
		}
		if out[kind] == nil {
			out[kind] = make([]int, n)
		}
		if k >= 0 && k < int64(n) {
			out[kind][k] = int(sum)
		}
		return nil
	})
	return out, err
}

const sqlLogKinds = `select id, template, level, example, first_at, last_at from log_patterns where service_id = $1 order by id`

// LogKinds returns every kind of line a service is known to write, without
// counts.
func (s *Store) LogKinds(ctx context.Context, service string) ([]LogCount, error) {
	q := s.read(ctx)
	id, err := serviceID(q, service)
	if err != nil {
		return nil, err
	}
	var out []LogCount
	err = q.each(sqlLogKinds, args(id), func(scan scanner) error {
		var p LogCount
		var first, last int64
		if err := scan(&p.ID, &p.Template, &p.Level, &p.Example, &first, &last); err != nil {
			return err
		}
		p.First, p.Last = instant(first), instant(last)
		out = append(out, p)
		return nil
	})
	return out, err
}
