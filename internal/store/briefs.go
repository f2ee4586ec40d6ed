package store

import (
	"context"
	"time"

	"github.com/debriefhq/debrief"
)

// SaveBrief keeps what was said before a release. The same change asked about
// again is the same brief, said anew; once its release is over it stays as it
// was judged.
func (tx *Tx) SaveBrief(b debrief.Brief) error {
	if err := tx.holdService(b.Service); err != nil {
		return err
	}
	b.Outcome = nil
	data, err := encode(b)
	if err != nil {
		return err
	}
	n, err := tx.exec(`insert into briefs (service_id, id, head, repository, pull, at, release_id, settled_at, data)
		values ($1, $2, $3, $4, $5, $6, '', 0, $7)
		on conflict (service_id, id) do update set head = excluded.head, repository = excluded.repository, pull = excluded.pull, at = excluded.at, data = excluded.data
		where briefs.settled_at = 0 and briefs.release_id = ''`,
		b.Service, b.ID, b.Head, b.Repository, b.Pull, micros(b.At), data)
	tx.shown(n)
	return err
}

const (
	briefData   = `data, release_id, settled_at`
	sqlBrief    = `select ` + briefData + ` from briefs where id = $1 limit 1`
	sqlSettled  = `select ` + briefData + ` from briefs where settled_at > 0 order by settled_at desc, id desc limit $1`
	sqlWaiting  = `select count(*) from briefs where settled_at = 0`
	sqlOfPull   = `select id from briefs where service_id = $1 and repository = $2 and pull = $3 order by at desc, id desc limit 1`
	sqlShipped  = `select ` + briefData + ` from briefs where service_id = $1 and release_id = $2 order by at desc, id desc limit 50`
	sqlWaitOf   = `select count(*) from briefs where service_id = $1 and settled_at = 0`
	sqlOfTheSet = `select ` + briefData + ` from briefs where service_id = $1 and settled_at > 0 order by at desc, id desc limit $2`
)

// KeptBrief is a brief and where it stands.
type KeptBrief struct {
	debrief.Brief
	ReleaseID string    `json:"release_id,omitempty"` // what shipped it
	Settled   time.Time `json:"settled_at,omitzero"`  // when what it said was held against what happened
}

func (q querier) briefs(text string, a ...any) ([]KeptBrief, error) {
	var out []KeptBrief
	err := q.each(text, a, func(scan scanner) error {
		var k KeptBrief
		var data string
		var settled int64
		if err := scan(&data, &k.ReleaseID, &settled); err != nil {
			return err
		}
		k.Settled = instant(settled)
		out = append(out, k)
		return decode(data, &out[len(out)-1].Brief)
	})
	return out, err
}

// Brief is one brief by its id.
func (s *Store) Brief(ctx context.Context, id string) (KeptBrief, error) {
	found, err := s.read(ctx).briefs(sqlBrief, id)
	if err == nil && len(found) == 0 {
		err = debrief.Errorf(debrief.NotFound, "brief", "no brief %q", id)
	}
	if err != nil {
		return KeptBrief{}, err
	}
	return found[0], nil
}

// Briefs lists a service's briefs (or everybody's, of settled ones, where none
// is named), the newest first.
func (s *Store) Briefs(ctx context.Context, service string, limit int) ([]KeptBrief, error) {
	q := s.read(ctx)
	id, err := serviceID(q, service)
	if err != nil {
		return nil, err
	}
	return q.briefs(`select `+briefData+` from briefs where service_id = $1 order by at desc, id desc limit $2`, id, limit)
}

// BriefsOf are the briefs of what a release shipped.
func (s *Store) BriefsOf(ctx context.Context, service, releaseID string) ([]KeptBrief, error) {
	return s.read(ctx).briefs(sqlShipped, service, releaseID)
}

// BriefsOf is Store.BriefsOf within a transaction.
func (tx *Tx) BriefsOf(service, releaseID string) ([]KeptBrief, error) {
	return tx.briefs(sqlShipped, service, releaseID)
}

// SettledBriefs are the latest of which it is known what happened, of one
// service or of all, and how many wait.
func (s *Store) SettledBriefs(ctx context.Context, service string, limit int) (bs []KeptBrief, waiting int, err error) {
	q := s.read(ctx)
	if service == "" {
		if bs, err = q.briefs(sqlSettled, limit); err != nil {
			return nil, 0, err
		}
		_, err = q.one(sqlWaiting, nil, &waiting)
		return bs, waiting, err
	}
	id, err := serviceID(q, service)
	if err != nil {
		return nil, 0, err
	}
	if bs, err = q.briefs(sqlOfTheSet, id, limit); err != nil {
		return nil, 0, err
	}
	_, err = q.one(sqlWaitOf, args(id), &waiting)
	return bs, waiting, err
}

// LatestBrief is the newest brief of a pull request; empty: there is none.
func (s *Store) LatestBrief(ctx context.Context, service, repository string, pull int) (id string, err error) {
	_, err = s.read(ctx).one(sqlOfPull, args(service, repository, pull), &id)
	return id, err
}

// ShipBriefs notes which release shipped the changes that briefs were about:
// those of the release's commit, of a commit or of a pull request that it
// carries. A brief made after the release began foretold nothing of it.
func (tx *Tx) ShipBriefs(r debrief.Release, commits []string, repository string, pulls []int) (shipped int64, err error) {
	if err := tx.holdService(r.Service); err != nil {
		return 0, err
	}
	mark := func(cond string, vs ...any) error {
		n, err := tx.exec(`update briefs set release_id = $2 where service_id = $1 and release_id = '' and at <= $3 and `+cond,
			append(args(r.Service, r.ID, micros(r.Started)), vs...)...)
		shipped += n
		tx.shown(n)
		return err
	}
	if err := batches(unique(commits), func(some []string) error {
		return mark(`head in (`+marks(4, len(some))+`)`, anys(some)...)
	}); err != nil {
		return 0, err
	}
	if repository == "" {
		return shipped, nil
	}
	return shipped, batches(pulls, func(some []int) error {
		return mark(`repository = $4 and pull in (`+marks(5, len(some))+`)`, append(args(repository), anys(some)...)...)
	})
}

// SettleBrief keeps what became of a brief.
func (tx *Tx) SettleBrief(b debrief.Brief, at time.Time) error {
	data, err := encode(b)
	if err != nil {
		return err
	}
	n, err := tx.exec(`update briefs set data = $3, settled_at = $4 where service_id = $1 and id = $2 and data <> $3`, b.Service, b.ID, data, micros(at))
	tx.shown(n)
	return err
}

// unship takes back what a release that is none any more is held to have
// shipped and taught.
func (tx *Tx) unship(service string, releaseIDs []string) error {
	in := `in (` + marks(2, len(releaseIDs)) + `)`
	a := append(args(service), anys(releaseIDs)...)
	for _, stmt := range []string{
		`update briefs set release_id = '', settled_at = 0 where service_id = $1 and release_id ` + in,
		`delete from docs where service_id = $1 and kind = 'lesson' and id in (select l.id from lessons l where l.service_id = $1 and l.release_id ` + in + `)`,
		`delete from lessons where service_id = $1 and release_id ` + in,
	} {
		n, err := tx.exec(stmt, a...)
		if err != nil {
			return err
		}
		tx.shown(n)
	}
	return nil
}
