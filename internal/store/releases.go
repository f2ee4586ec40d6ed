package store

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// SaveReleases writes releases as they are now known, after their deployments.
// What their looks and surprises said (Verdict, Headline, Looks, Surprises,
// Open) is kept where they exist; see Summarise.
func (tx *Tx) SaveReleases(service string, rs []debrief.Release) error {
	if err := tx.holdService(service); err != nil {
		return err
	}
	for _, r := range rs {
		if err := tx.saveRelease(service, r); err != nil {
			return err
		}
	}
	return nil
}

func (tx *Tx) saveRelease(service string, r debrief.Release) error {
	verdict, headline, surprises, open := r.Verdict, r.Headline, r.Surprises, r.Open
	looks, err := encode(append([]debrief.Word{}, r.Looks...))
	if err != nil {
		return err
	}
	r.Verdict, r.Headline, r.Looks, r.Surprises, r.Open = "", "", nil, 0, 0
	data, err := encode(r)
	if err != nil {
		return err
	}
	n, err := tx.exec(`insert into releases
			(service_id, id, environment, kind, rollout, started_at, sample, data, verdict, headline, looks, surprises, unanswered)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
		on conflict (service_id, id) do update set environment = excluded.environment, kind = excluded.kind, rollout = excluded.rollout,
			started_at = excluded.started_at, sample = excluded.sample, data = excluded.data
		where releases.data <> excluded.data`,
		service, r.ID, r.Environment, string(r.Kind), r.Rollout, micros(r.Started), r.Sample, data,
		string(verdict), headline, looks, surprises, open)
	if err != nil {
		return err
	}
	tx.shown(n)
	ids := unique(r.DeploymentIDs)
	if len(ids) == 0 {
		return nil
	}
	in := `(` + marks(3, len(ids)) + `)`
	a := append(args(service, r.ID), anys(ids)...)
	if _, err := tx.exec(`update deployments set release_id = '' where service_id = $1 and release_id = $2 and id not in `+in, a...); err != nil {
		return err
	}
	_, err = tx.exec(`update deployments set release_id = $2 where service_id = $1 and release_id <> $2 and id in `+in, a...)
	return err
}

// DeleteReleases forgets releases that turned out not to be any, with their
// looks and surprises.
func (tx *Tx) DeleteReleases(service string, ids []string) error {
	if err := tx.holdService(service); err != nil {
		return err
	}
	return batches(ids, func(some []string) error {
		if err := tx.unship(service, some); err != nil {
			return err
		}
		if err := tx.DropAttributions(some...); err != nil {
			return err
		}
		in := `in (` + marks(2, len(some)) + `)`
		a := append(args(service), anys(some)...)
		for _, stmt := range []string{
			`update deployments set release_id = '' where service_id = $1 and release_id ` + in,
			`delete from docs where service_id = $1 and kind = 'release' and id ` + in,
			`delete from docs where service_id = $1 and kind = 'lesson' and id in (select id from lessons where service_id = $1 and release_id ` + in + `)`,
			`delete from lessons where service_id = $1 and release_id ` + in,
			`delete from release_facts where service_id = $1 and id ` + in,
			`delete from fact_lines where service_id = $1 and id ` + in,
			`delete from releases where service_id = $1 and id ` + in,
		} {
			n, err := tx.exec(stmt, a...)
			if err != nil {
				return err
			}
			tx.shown(n)
		}
		return nil
	})
}

// Summarise puts what a release's looks and surprises say into its row, so
// that lists need this table only.
func (tx *Tx) Summarise(service, releaseID string, word debrief.Word, headline string, looks []debrief.Word, surprises, open int) error {
	if err := tx.holdService(service); err != nil {
		return err
	}
	text, err := encode(append([]debrief.Word{}, looks...))
	if err != nil {
		return err
	}
	n, err := tx.exec(`update releases set verdict = $3, headline = $4, looks = $5, surprises = $6, unanswered = $7
		where service_id = $1 and id = $2
			and (verdict <> $3 or headline <> $4 or looks <> $5 or surprises <> $6 or unanswered <> $7)`,
		service, releaseID, string(word), headline, text, surprises, open)
	tx.shown(n)
	return err
}

const releaseColumns = `data, verdict, headline, looks, surprises, unanswered`

// releases reads rows of releaseColumns.
func (q querier) releases(text string, a ...any) ([]debrief.Release, error) {
	var out []debrief.Release
	err := q.each(text, a, func(scan scanner) error {
		var r debrief.Release
		var data, verdict, headline, looks string
		var surprises, open int
		if err := scan(&data, &verdict, &headline, &looks, &surprises, &open); err != nil {
			return err
		}
		if err := decode(data, &r); err != nil {
			return err
		}
		r.Verdict, r.Headline, r.Surprises, r.Open = debrief.Word(verdict), headline, surprises, open
		out = append(out, r)
		return decode(looks, &out[len(out)-1].Looks)
	})
	return out, err
}

// Filter says which releases a list holds. Zero fields do not filter.
type Filter struct {
	Service     string // id, name or alias
	Environment string
	From, To    time.Time // of the start; To is not included
	Sample      *bool
	Limit       int    // 0: 50; at most 1000
	Before      string // the cursor of the page before
	Kinds       []debrief.ReleaseKind
}

const sqlReleasesBegan = `select id from releases where service_id = $1 and started_at >= $2 and started_at <= $3 order by started_at desc, id desc limit $4`

// ReleaseIDs are a service's releases that began within [from, to], the newest first.
func (tx *Tx) ReleaseIDs(service string, from, to time.Time, limit int) ([]string, error) {
	if err := tx.holdService(service); err != nil {
		return nil, err
	}
	var ids []string
	err := tx.each(sqlReleasesBegan, args(service, micros(from), micros(to), limit), func(scan scanner) error {
		var id string
		err := scan(&id)
		ids = append(ids, id)
		return err
	})
	return ids, err
}

// Releases lists releases, newest first. Next is the cursor of the following
// page; empty on the last one.
func (s *Store) Releases(ctx context.Context, f Filter) (rs []debrief.Release, next string, err error) {
	q := s.read(ctx)
	limit := min(f.Limit, 1000)
	if limit <= 0 {
		limit = 50
	}
	text, a, err := q.listing(f, limit+1)
	if err != nil {
		return nil, "", err
	}
	rs, err = q.releases(text, a...)
	if len(rs) > limit {
		rs = rs[:limit]
		l := rs[limit-1]
		next = strconv.FormatInt(micros(l.Started), 10) + "." + l.ID
	}
	return rs, next, err
}

// listing words the filter: only what is asked for stands in the statement, so
// that each index can serve.
func (q querier) listing(f Filter, limit int) (string, []any, error) {
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
		add("started_at >= ?", micros(f.From))
	}
	if !f.To.IsZero() {
		add("started_at < ?", micros(f.To))
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
	if f.Before != "" {
		at, id, err := cursor(f.Before)
		if err != nil {
			return "", nil, err
		}
		add("(started_at, id) < (?, ?)", at, id)
	}
	text := `select ` + releaseColumns + ` from releases`
	if len(where) > 0 {
		text += ` where ` + strings.Join(where, ` and `)
	}
	a = append(a, limit)
	return text + ` order by started_at desc, id desc limit $` + strconv.Itoa(len(a)), a, nil
}

func cursor(text string) (at int64, id string, err error) {
	digits, id, ok := strings.Cut(text, ".")
	at, perr := strconv.ParseInt(digits, 10, 64)
	if !ok || perr != nil || id == "" {
		return 0, "", debrief.Errorf(debrief.Invalid, "before", "%q is not a page's cursor", text).WithHint("use the value of next as it came")
	}
	return at, id, nil
}

// LatestRelease is the newest release, of one service or of any; made-up
// history only where there is nothing else.
func (s *Store) LatestRelease(ctx context.Context, service string) (id string, err error) {
	for _, sample := range []bool{false, true} {
		rs, _, err := s.Releases(ctx, Filter{Service: service, Sample: &sample, Limit: 1})
		if err != nil {
			return "", err
		}
		if len(rs) > 0 {
			return rs[0].ID, nil
		}
	}
	if service != "" {
		return "", debrief.Errorf(debrief.NotFound, "service", "no release of %q is known", service)
	}
	return "", debrief.Errorf(debrief.NotFound, "", "no release is known yet").
		WithHint("record one: debrief deploy --service shop --env production --version v1 -- ./deploy.sh")
}
