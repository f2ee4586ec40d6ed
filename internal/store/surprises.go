package store

import (
	"context"
	"slices"
	"time"

	"github.com/debriefhq/debrief"
)

// SaveSurprises replaces the surprises of a release. Answers given to those
// that are still there are kept; the same kind and subject is the same
// surprise, also where the release's id has changed.
func (tx *Tx) SaveSurprises(service, releaseID string, ss []debrief.Surprise) error {
	if err := tx.holdService(service); err != nil {
		return err
	}
	old, err := tx.surprises(sqlOfReleaseSurprises, service, releaseID)
	if err != nil {
		return err
	}
	type subject struct{ kind, subject string }
	answered := map[subject]debrief.Surprise{}
	stays := map[string]bool{}
	for _, s := range ss {
		stays[s.ID] = true
	}
	for _, o := range old {
		if o.Answer != debrief.Unanswered {
			answered[subject{o.Kind, o.Subject}] = o
		}
		if !stays[o.ID] {
			n, err := tx.exec(`delete from surprises where service_id = $1 and id = $2`, service, o.ID)
			if err != nil {
				return err
			}
			tx.shown(n)
		}
	}
	for i, s := range ss {
		s.Service, s.ReleaseID = service, releaseID
		if o, ok := answered[subject{s.Kind, s.Subject}]; ok && s.Answer == debrief.Unanswered {
			s.Answer, s.Answered = o.Answer, o.Answered
		}
		if err := tx.saveSurprise(s, i); err != nil {
			return err
		}
	}
	return nil
}

func (tx *Tx) saveSurprise(s debrief.Surprise, place int) error {
	answer, answeredAt := s.Answer, s.Answered
	s.Answer, s.Answered = "", time.Time{}
	data, err := encode(s)
	if err != nil {
		return err
	}
	n, err := tx.exec(`insert into surprises (service_id, id, release_id, kind, subject, at, place, data, answer, answered_at, unanswered)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		on conflict (service_id, id) do update set release_id = excluded.release_id, kind = excluded.kind, subject = excluded.subject, at = excluded.at,
			place = excluded.place, data = excluded.data, answer = excluded.answer, answered_at = excluded.answered_at, unanswered = excluded.unanswered
		where surprises.data <> excluded.data or surprises.place <> excluded.place or surprises.answer <> excluded.answer
			or surprises.release_id <> excluded.release_id`,
		s.Service, s.ID, s.ReleaseID, s.Kind, s.Subject, micros(s.At), place, data, string(answer), micros(answeredAt),
		answer == debrief.Unanswered && !s.Note)
	tx.shown(n)
	return err
}

const (
	surpriseColumns       = `data, release_id, answer, answered_at`
	sqlOfReleaseSurprises = `select ` + surpriseColumns + ` from surprises where service_id = $1 and release_id = $2 order by place, id`
	sqlOpenSurprises      = `select ` + surpriseColumns + ` from surprises where unanswered order by at desc, id desc limit $1`
	sqlSurprise           = `select ` + surpriseColumns + ` from surprises where id = $1 limit 1`
)

// surprises reads rows of surpriseColumns.
func (q querier) surprises(text string, a ...any) ([]debrief.Surprise, error) {
	var out []debrief.Surprise
	err := q.each(text, a, func(scan scanner) error {
		var s debrief.Surprise
		var data, release, answer string
		var at int64
		if err := scan(&data, &release, &answer, &at); err != nil {
			return err
		}
		if err := decode(data, &s); err != nil {
			return err
		}
		s.ReleaseID, s.Answer, s.Answered = release, debrief.Answer(answer), instant(at)
		out = append(out, s)
		return nil
	})
	return out, err
}

// Surprises are those of a release, with their answers.
func (tx *Tx) Surprises(service, releaseID string) ([]debrief.Surprise, error) {
	return tx.surprises(sqlOfReleaseSurprises, service, releaseID)
}

// OpenSurprises lists what nobody has answered yet, newest first.
func (s *Store) OpenSurprises(ctx context.Context, limit int) ([]debrief.Surprise, error) {
	return s.read(ctx).surprises(sqlOpenSurprises, limit)
}

// Answer keeps what a person says to a surprise; Unanswered takes it back. The
// release's count of open ones follows.
func (s *Store) Answer(ctx context.Context, surpriseID string, a debrief.Answer, at time.Time) (debrief.Surprise, error) {
	var out debrief.Surprise
	if a != debrief.Unanswered && !slices.Contains(debrief.Answers(), a) {
		return out, debrief.Errorf(debrief.Invalid, "answer", "unknown answer %q", a).
			WithHint("known are: expected, surprising, not ours, nothing there")
	}
	err := s.Update(ctx, func(tx *Tx) error {
		found, err := tx.surprises(sqlSurprise, surpriseID)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return debrief.Errorf(debrief.NotFound, "surprise", "no surprise %q", surpriseID)
		}
		out = found[0]
		if err := tx.holdService(out.Service); err != nil {
			return err
		}
		out.Answer, out.Answered = a, debrief.Instant(at)
		if a == debrief.Unanswered {
			out.Answered = time.Time{}
		}
		n, err := tx.exec(`update surprises set answer = $3, answered_at = $4, unanswered = $5 where service_id = $1 and id = $2`,
			out.Service, out.ID, string(a), micros(out.Answered), a == debrief.Unanswered && !out.Note)
		if err != nil {
			return err
		}
		if n == 0 {
			return debrief.Errorf(debrief.NotFound, "surprise", "no surprise %q", surpriseID)
		}
		tx.shown(n)
		_, err = tx.exec(`update releases set unanswered = (select count(*) from surprises where service_id = $1 and release_id = $2 and unanswered)
			where service_id = $1 and id = $2`, out.Service, out.ReleaseID)
		if err != nil {
			return err
		}
		return tx.Enqueue(Work{Kind: WorkFacts, Key: out.ReleaseID, Service: out.Service})
	})
	return out, err
}
