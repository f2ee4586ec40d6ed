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

const (
	// What is asked for stands in the JSON as Go writes it; an escaped quotation
	// mark within a title is no such thing, and what is read is looked at again.
	sqlAlerts   = `select o.data from incidents o where o.at >= $1 and o.at < $2 and o.data like '%"acknowledges":true%' and o.data like '%"alert":true%'`
	sqlDebriefs = `select service_id, id, about, about_id, gap, at, finished_at from debriefs where finished_at >= $1 and finished_at < $2`
)

// EachAlert reads the alerts of a time whose sources tell who took note, those
// of a service (also where it is only mentioned) or of all.
func (s *Store) EachAlert(ctx context.Context, service string, from, to time.Time, each func(debrief.Incident)) error {
	text, a := sqlAlerts, args(micros(from), micros(to))
	if service != "" {
		text += ` and (o.service_id = $3 or exists (select 1 from mentions m where m.service_id = $3 and m.kind = 'incident' and m.home_id = o.service_id and m.id = o.id))`
		a = append(a, service)
	}
	return s.read(ctx).each(text, a, func(scan scanner) error {
		var data string
		if err := scan(&data); err != nil {
			return err
		}
		var i debrief.Incident
		if err := decode(data, &i); err != nil {
			return err
		}
		if i.Alert && i.Acknowledges {
			each(i)
		}
		return nil
	})
}

// EachFinished reads the debriefs that were finished in a time, without their
// text.
func (s *Store) EachFinished(ctx context.Context, service string, from, to time.Time, each func(debrief.Debrief)) error {
	text, a := sqlDebriefs, args(micros(from), micros(to))
	if service != "" {
		text, a = text+` and service_id = $3`, append(a, service)
	}
	return s.read(ctx).each(text, a, func(scan scanner) error {
		var d debrief.Debrief
		var at, finished int64
		if err := scan(&d.Service, &d.ID, &d.About, &d.AboutID, &d.Gap, &at, &finished); err != nil {
			return err
		}
		d.Created, d.Finished = instant(at), instant(finished)
		each(d)
		return nil
	})
}
