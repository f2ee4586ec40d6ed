package store

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// WorkFacts is the kind of work that makes a release's facts anew; its key is
// the release. Whoever changes something they rest on asks for it: an
// attribution, a kind of change, an answer.
const WorkFacts = "facts"

const factColumns = `service_id, id, environment, kind, at, sample, assumed, strategy, primary_kind, kinds, modules,
	changes, waited, worked, tries, retries, failure, caught_early, verdict, surprises`

// SaveFacts writes what is known of a service's releases by now, and says how
// many rows were not so before.
func (tx *Tx) SaveFacts(service string, fs ...debrief.ReleaseFacts) (written int64, err error) {
	if err := tx.holdService(service); err != nil {
		return 0, err
	}
	rows := make([][]any, len(fs))
	for i, f := range fs {
		f.Service = service
		if rows[i], err = factRow(f); err != nil {
			return 0, err
		}
	}
	n, err := tx.many(`insert into release_facts (`+factColumns+`, data)`, rows, `on conflict (service_id, id) do update set
			environment = excluded.environment, kind = excluded.kind, at = excluded.at, sample = excluded.sample, assumed = excluded.assumed,
			strategy = excluded.strategy, primary_kind = excluded.primary_kind, kinds = excluded.kinds, modules = excluded.modules,
			changes = excluded.changes, waited = excluded.waited, worked = excluded.worked, tries = excluded.tries, retries = excluded.retries,
			failure = excluded.failure, caught_early = excluded.caught_early, verdict = excluded.verdict, surprises = excluded.surprises,
			data = excluded.data
		where release_facts.data <> excluded.data`)
	tx.shown(n)
	if err != nil {
		return n, err
	}
	return n, tx.saveLines(service, fs)
}

// AddFacts writes facts of many services at once, none of which may be there
// yet: for organisations that are made up.
func (tx *Tx) AddFacts(fs []debrief.ReleaseFacts) error {
	rows := make([][]any, len(fs))
	for i, f := range fs {
		var err error
		if rows[i], err = factRow(f); err != nil {
			return err
		}
	}
	n, err := tx.many(`insert into release_facts (`+factColumns+`, data)`, rows, "")
	tx.shown(n)
	if err != nil {
		return err
	}
	return tx.saveLines("", fs)
}

func factRow(f debrief.ReleaseFacts) ([]any, error) {
	data, err := encode(f)
	return []any{
		f.Service, f.ReleaseID, f.Environment, string(f.Kind), micros(f.At), f.Sample, f.Assumed, f.Strategy, f.PrimaryKind, perLine(f.Kinds), perLine(f.Modules),
		f.Changes, f.Waited.Micros(), f.Worked.Micros(), f.Tries, f.Retries, string(f.Failure), f.CaughtEarly, string(f.Verdict), perLine(f.Surprises), data,
	}, err
}

// perLine is how a list of words stands in one column.
func perLine(words []string) string { return strings.Join(words, "\n") }

// FactFilter says which facts are read. Zero fields do not filter.
type FactFilter struct {
	Service     string // id, name or alias
	Environment string
	From, To    time.Time // of At; To is not included
	Sample      *bool
	Kinds       []debrief.ReleaseKind
	Limit       int    // of Facts: 0: 1000; at most 10000
	After       string // the cursor of the page before
}

// Facts reads whole facts, the oldest first. Next is the cursor of the
// following page; empty on the last one.
func (s *Store) Facts(ctx context.Context, f FactFilter) (fs []debrief.ReleaseFacts, next string, err error) {
	q := s.read(ctx)
	limit := min(f.Limit, 10000)
	if limit <= 0 {
		limit = 1000
	}
	text, a, err := q.factListing(`data`, f)
	if err != nil {
		return nil, "", err
	}
	a = append(a, limit+1)
	err = q.each(text+` limit $`+strconv.Itoa(len(a)), a, func(scan scanner) error {
		var data string
		if err := scan(&data); err != nil {
			return err
		}
		fs = append(fs, debrief.ReleaseFacts{})
		return decode(data, &fs[len(fs)-1])
	})
	if len(fs) > limit {
		fs = fs[:limit]
		l := fs[limit-1]
		next = strconv.FormatInt(micros(l.At), 10) + "." + l.Service + "." + l.ReleaseID
	}
	return fs, next, err
}

const (
	sqlLatestFact   = `select environment, sample from release_facts where service_id = $1 order by at desc, id desc limit 1`
	sqlLatestFactIn = `select environment, sample from release_facts where service_id = $1 and environment = $2 order by at desc, id desc limit 1`
)

// LatestFact says where a service was last released, in an environment or in
// any, and whether that was made up; found is false where it never was.
func (s *Store) LatestFact(ctx context.Context, service, environment string) (env string, sample, found bool, err error) {
	q := s.read(ctx)
	id, err := serviceID(q, service)
	if err != nil {
		return "", false, false, err
	}
	text, a := sqlLatestFact, args(id)
	if environment != "" {
		text, a = sqlLatestFactIn, args(id, environment)
	}
	found, err = q.one(text, a, &env, &sample)
	return env, sample, found, err
}

// EachFact reads the narrow columns of facts, the oldest first, of one service
// or of all: what a year of an organisation is counted from. What has no column
// of its own (leads, stages, incidents, times) stays empty; Facts reads it.
func (s *Store) EachFact(ctx context.Context, f FactFilter, each func(debrief.ReleaseFacts) error) error {
	q := s.read(ctx)
	text, a, err := q.factListing(factColumns, f)
	if err != nil {
		return err
	}
	read := newNarrow()
	return q.each(text, a, func(scan scanner) error {
		v, err := read.facts(scan)
		if err != nil {
			return err
		}
		return each(v)
	})
}

// narrow reads rows of factColumns.
type narrow struct{ known map[string][]string }

// Most releases share a few lists.
func newNarrow() narrow { return narrow{map[string][]string{"": nil}} }

func (n narrow) list(text string) []string {
	words, ok := n.known[text]
	if !ok {
		words = strings.Split(text, "\n")
		n.known[text] = words
	}
	return words
}

func (n narrow) facts(scan scanner) (v debrief.ReleaseFacts, err error) {
	var at, waited, worked int64
	var kinds, modules, surprises string
	if err := scan(&v.Service, &v.ReleaseID, &v.Environment, &v.Kind, &at, &v.Sample, &v.Assumed, &v.Strategy, &v.PrimaryKind, &kinds, &modules,
		&v.Changes, &waited, &worked, &v.Tries, &v.Retries, &v.Failure, &v.CaughtEarly, &v.Verdict, &surprises); err != nil {
		return v, err
	}
	v.At, v.Waited, v.Worked = instant(at), debrief.SecondsOf(waited), debrief.SecondsOf(worked)
	v.Kinds, v.Modules, v.Surprises = n.list(kinds), n.list(modules), n.list(surprises)
	return v, nil
}

// factListing words the filter, as listing does.
func (q querier) factListing(columns string, f FactFilter) (string, []any, error) {
	var where []string
	var a []any
	add := func(cond string, vs ...any) {
		for _, v := range vs {
			a = append(a, v)
			cond = strings.Replace(cond, "?", "$"+strconv.Itoa(len(a)), 1)
		}
		where = append(where, cond)
	}
	if f.Service != "" {
		id, err := serviceID(q, f.Service)
		if err != nil {
			return "", nil, err
		}
		add("service_id = ?", id)
	}
	if f.Environment != "" {
		add("environment = ?", f.Environment)
	}
	if !f.From.IsZero() {
		add("at >= ?", micros(f.From))
	}
	if !f.To.IsZero() {
		add("at < ?", micros(f.To))
	}
	if f.Sample != nil {
		add("sample = ?", *f.Sample)
	}
	if len(f.Kinds) > 0 {
		var kinds []any
		for _, k := range f.Kinds {
			kinds = append(kinds, string(k))
		}
		add("kind in (?"+strings.Repeat(", ?", len(kinds)-1)+")", kinds...)
	}
	if f.After != "" {
		at, rest, err := cursor(f.After)
		// A release's id has no dot; a service's may.
		dot := strings.LastIndexByte(rest, '.')
		if err != nil || dot < 1 {
			return "", nil, debrief.Errorf(debrief.Invalid, "after", "%q is not a page's cursor", f.After).WithHint("use the value of next as it came")
		}
		if f.Service != "" {
			add("(at, id) > (?, ?)", at, rest[dot+1:])
		} else {
			add("(at, service_id, id) > (?, ?, ?)", at, rest[:dot], rest[dot+1:])
		}
	}
	text := `select ` + columns + ` from release_facts`
	if len(where) > 0 {
		text += ` where ` + strings.Join(where, ` and `)
	}
	if f.Service != "" {
		return text + ` order by at, id`, a, nil
	}
	return text + ` order by at, service_id, id`, a, nil
}

const (
	// Which of a release's changes ran before, in the same environment.
	sqlRanBefore = `select distinct o.change_id from deployments d cross join deployment_changes l cross join deployment_changes o cross join deployments e
		where d.service_id = $1 and d.release_id = $2 and l.service_id = d.service_id and l.deployment_id = d.id
			and o.service_id = l.service_id and o.change_id = l.change_id and o.deployment_id <> l.deployment_id
			and e.service_id = o.service_id and e.id = o.deployment_id and e.environment = d.environment and e.sample = d.sample
			and e.release_id <> '' and e.release_id <> $2 and e.state in ('succeeded', 'partial') and e.live_at < $3
		order by o.change_id`
	// The releases that carry a change.
	sqlCarrying = `select distinct d.release_id from deployment_changes l cross join deployments d
		where l.service_id = $1 and d.service_id = l.service_id and d.id = l.deployment_id and d.release_id <> '' and l.change_id in (`
)

// RanBefore says which changes of a release ran in an earlier one already,
// which was live before a moment: they land again.
func (tx *Tx) RanBefore(service, releaseID string, live time.Time) (map[string]bool, error) {
	out := map[string]bool{}
	err := tx.each(sqlRanBefore, args(service, releaseID, micros(live)), func(scan scanner) error {
		var id string
		err := scan(&id)
		out[id] = true
		return err
	})
	return out, err
}

// Carrying lists the releases that carry one of the changes.
func (tx *Tx) Carrying(service string, changeIDs ...string) ([]string, error) {
	var out []string
	seen := map[string]bool{}
	err := batches(changeIDs, func(ids []string) error {
		return tx.each(sqlCarrying+marks(2, len(ids))+`) order by d.release_id`, append(args(service), anys(ids)...), func(scan scanner) error {
			var id string
			err := scan(&id)
			if !seen[id] {
				seen[id] = true
				out = append(out, id)
			}
			return err
		})
	})
	return out, err
}

// Refacts asks for the facts of the next releases, in the order of their ids,
// and says where to go on; "" where there are no more.
func (tx *Tx) Refacts(after string, limit int) (next string, err error) {
	var found []Work
	err = tx.each(`select service_id, id from releases where id > $1 order by id limit $2`, args(after, limit), func(scan scanner) error {
		w := Work{Kind: WorkFacts}
		err := scan(&w.Service, &w.Key)
		found = append(found, w)
		return err
	})
	if err != nil {
		return "", err
	}
	for _, w := range found {
		if err := tx.Enqueue(w); err != nil {
			return "", err
		}
	}
	if len(found) < limit {
		return "", nil
	}
	return found[len(found)-1].Key, nil
}

// What was merged after the newest change of a release and is in no deployment
// that went live.
const sqlUnshipped = `select c.data from changes c where c.service_id = $1 and c.kind = '' and c.at > $2
		and not exists (select 1 from deployment_changes l join deployments d on d.service_id = l.service_id and d.id = l.deployment_id
			where l.service_id = c.service_id and l.change_id = c.id and d.environment = $3 and d.state in ('succeeded', 'partial'))
	order by c.at, c.id limit $4`

// Waiting lists the changes that were merged after what a release brought and
// are in none yet, the oldest first. Where nobody told what the release brought
// there are none to tell of either.
func (s *Store) Waiting(ctx context.Context, service, environment, releaseID string, limit int) ([]debrief.Change, error) {
	q := s.read(ctx)
	id, err := serviceID(q, service)
	if err != nil {
		return nil, err
	}
	var at int64
	_, err = q.one(`select coalesce(max(c.at), 0) from deployments d cross join deployment_changes l cross join changes c
		where d.service_id = $1 and d.release_id = $2 and l.service_id = d.service_id and l.deployment_id = d.id
			and c.service_id = l.service_id and c.id = l.change_id`, args(id, releaseID), &at)
	if err != nil || at == 0 {
		return nil, err
	}
	cs, err := q.changes(sqlUnshipped, id, at, environment, limit)
	if err != nil {
		return nil, err
	}
	merged := cs[:0]
	for _, c := range cs {
		if !c.Merged.IsZero() || !c.Pushed.IsZero() {
			merged = append(merged, c)
		}
	}
	return merged, nil
}
