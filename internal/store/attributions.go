package store

import (
	"context"

	"github.com/debriefhq/debrief"
)

const (
	sqlAttribution  = `select data from attributions where id = $1 limit 1`
	sqlBlaming      = `select a.data from blames b cross join attributions a where b.service_id = $1 and b.release_id = $2 and a.service_id = b.home_id and a.id = b.id order by a.at, a.id limit 200`
	sqlBlamedBy     = `select service_id, release_id from blames where id = $1 order by service_id, release_id`
	sqlAsked        = `select data from attributions where until_at = 0 order by at desc, id desc limit $1`
	sqlAskedService = `select data from attributions where service_id = $1 and until_at = 0 order by at desc, id desc limit $2`
)

// SaveAttribution writes an attribution as it now stands. The facts of the
// releases it holds, suspects or no longer does are asked for.
func (tx *Tx) SaveAttribution(a debrief.Attribution) (written bool, err error) {
	if err := tx.holdKeys([]string{"attribution/" + a.Subject}); err != nil {
		return false, err
	}
	answered := micros(a.At)
	if a.State == debrief.BlameAsked && a.Question != "" {
		answered = 0
	}
	data, err := encode(a)
	if err != nil {
		return false, err
	}
	n, err := tx.exec(`insert into attributions (service_id, id, at, until_at, data) values ($1, $2, $3, $4, $5)
		on conflict (service_id, id) do update set at = excluded.at, until_at = excluded.until_at, data = excluded.data
		where attributions.data <> excluded.data`, a.Service, a.Subject, micros(a.At), answered, data)
	if err != nil {
		return false, err
	}
	gone, err := tx.exec(`delete from attributions where id = $1 and service_id <> $2`, a.Subject, a.Service)
	if err != nil {
		return false, err
	}
	tx.shown(n + gone)
	if n+gone == 0 {
		return false, nil
	}
	return true, tx.blame(a)
}

// blame replaces which releases an attribution holds or suspects.
func (tx *Tx) blame(a debrief.Attribution) error {
	if err := tx.unblame(a.Subject); err != nil {
		return err
	}
	named := a.Suspects()
	if c, ok := a.Held(); ok {
		named = append(named[:len(named):len(named)], c)
	}
	for _, c := range named {
		if c.Kind != debrief.CandidateRelease {
			continue
		}
		if _, err := tx.exec(`insert into blames (service_id, release_id, home_id, id) values ($1, $2, $3, $4) on conflict do nothing`, c.Service, c.ID, a.Service, a.Subject); err != nil {
			return err
		}
		if err := tx.Enqueue(Work{Kind: WorkFacts, Key: c.ID, Service: c.Service}); err != nil {
			return err
		}
	}
	return nil
}

func (tx *Tx) unblame(subject string) error {
	if err := tx.askBlamed(subject); err != nil {
		return err
	}
	_, err := tx.exec(`delete from blames where id = $1`, subject)
	return err
}

// DropAttributions forgets what was attributed of subjects that are none any more. What
// people said of them stays.
func (tx *Tx) DropAttributions(subjects ...string) error {
	for _, id := range subjects {
		n, err := tx.exec(`delete from attributions where id = $1`, id)
		if err != nil {
			return err
		}
		tx.shown(n)
		if n == 0 {
			continue
		}
		if err := tx.unblame(id); err != nil {
			return err
		}
	}
	return nil
}

// Attribution is a subject's attribution; found is false where there is none.
func (tx *Tx) Attribution(subject string) (a debrief.Attribution, found bool, err error) {
	return tx.attribution(subject)
}

// Attribution is a subject's attribution; found is false where there is none.
func (s *Store) Attribution(ctx context.Context, subject string) (a debrief.Attribution, found bool, err error) {
	return s.read(ctx).attribution(subject)
}

func (q querier) attribution(subject string) (a debrief.Attribution, found bool, err error) {
	list, err := objects[debrief.Attribution](q, sqlAttribution, subject)
	if err != nil || len(list) == 0 {
		return a, false, err
	}
	return list[0], true, nil
}

// Blaming are the attributions that hold or suspect a release.
func (tx *Tx) Blaming(service, release string) ([]debrief.Attribution, error) {
	return objects[debrief.Attribution](tx.querier, sqlBlaming, service, release)
}

// Blaming are the attributions that hold or suspect a release.
func (s *Store) Blaming(ctx context.Context, service, release string) ([]debrief.Attribution, error) {
	return objects[debrief.Attribution](s.read(ctx), sqlBlaming, service, release)
}

// Asked are the attributions a person is asked about, the newest first, of one
// service or of all.
func (s *Store) Asked(ctx context.Context, service string, limit int) ([]debrief.Attribution, error) {
	q := s.read(ctx)
	if service == "" {
		return objects[debrief.Attribution](q, sqlAsked, limit)
	}
	id, err := serviceID(q, service)
	if err != nil {
		return nil, err
	}
	return objects[debrief.Attribution](q, sqlAskedService, id, limit)
}

// Attributions are those of these subjects, by subject.
func (s *Store) Attributions(ctx context.Context, subjects []string) (map[string]debrief.Attribution, error) {
	out := map[string]debrief.Attribution{}
	q := s.read(ctx)
	err := batches(subjects, func(some []string) error {
		list, err := objects[debrief.Attribution](q, `select data from attributions where id in (`+marks(1, len(some))+`)`, anys(some)...)
		for _, a := range list {
			out[a.Subject] = a
		}
		return err
	})
	return out, err
}

// askBlamed asks for the facts of the releases that a subject is held to have
// come from.
func (tx *Tx) askBlamed(subject string) error {
	var found []Work
	err := tx.each(sqlBlamedBy, args(subject), func(scan scanner) error {
		w := Work{Kind: WorkFacts}
		err := scan(&w.Service, &w.Key)
		found = append(found, w)
		return err
	})
	if err != nil {
		return err
	}
	for _, w := range found {
		if err := tx.Enqueue(w); err != nil {
			return err
		}
	}
	return nil
}
