package store

import (
	"context"
	"time"

	"github.com/debriefhq/debrief"
)

// KeepReview writes a month's review down, and says whether it was the first:
// a review that is kept is not written again.
func (tx *Tx) KeepReview(r debrief.Review) (first bool, err error) {
	data, err := encode(r)
	if err != nil {
		return false, err
	}
	service := r.Service
	if service == "" {
		service = Org
	}
	n, err := tx.exec(`insert into reviews (service_id, month, at, data) values ($1, $2, $3, $4) on conflict (service_id, month) do nothing`,
		service, r.Month, micros(r.Kept), data)
	tx.shown(n)
	return n > 0, err
}

const (
	sqlReview  = `select data from reviews where service_id = $1 and month = $2`
	sqlReviews = `select data from reviews where service_id = $1 and (month < $2 or $2 = '') order by month desc limit $3`
)

// Review is a month's review as it was kept: of a service's id, or (empty) of
// all of them.
func (s *Store) Review(ctx context.Context, service, month string) (r debrief.Review, found bool, err error) {
	if service == "" {
		service = Org
	}
	list, err := objects[debrief.Review](s.read(ctx), sqlReview, service, month)
	if err != nil || len(list) == 0 {
		return r, false, err
	}
	return list[0], true, nil
}

// Reviews lists those that were kept, the latest month first. Before is the
// month of the last one seen.
func (s *Store) Reviews(ctx context.Context, service, before string, limit int) ([]debrief.Review, error) {
	if service == "" {
		service = Org
	}
	return objects[debrief.Review](s.read(ctx), sqlReviews, service, before, min(max(limit, 1), 120))
}

const sqlAnswered = `select service_id, kind, answer, release_id, at from surprises where answer <> '' and at >= $1 and at < $2`

// EachAnswer reads how people answered surprises in a time; what they were
// asked stays empty.
func (s *Store) EachAnswer(ctx context.Context, service string, from, to time.Time, each func(debrief.Surprise)) error {
	text, a := sqlAnswered, args(micros(from), micros(to))
	if service != "" {
		text, a = text+` and service_id = $3`, append(a, service)
	}
	return s.read(ctx).each(text, a, func(scan scanner) error {
		var v debrief.Surprise
		var at int64
		if err := scan(&v.Service, &v.Kind, &v.Answer, &v.ReleaseID, &at); err != nil {
			return err
		}
		v.At = instant(at)
		each(v)
		return nil
	})
}

// EachIncident reads the incidents and alerts that began in a time, those of a
// service (also where it is only mentioned) or of all.
func (s *Store) EachIncident(ctx context.Context, service string, from, to time.Time, each func(debrief.Incident)) error {
	f := ObjectFilter{Service: service, From: from, To: to, Limit: 1000}
	for {
		list, next, err := s.Incidents(ctx, f)
		if err != nil {
			return err
		}
		for _, i := range list {
			each(i)
		}
		if next == "" {
			return nil
		}
		f.Before = next
	}
}
