package store

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/debriefhq/debrief"
)

// lessonDoc is the kind under which lessons stand among what can be found.
const lessonDoc = "lesson"

const (
	sqlLessonDocs     = `select count(*), coalesce(avg(length), 0) from docs where kind = 'lesson'`
	sqlLessonTermDocs = `select count(*) from terms where term = $1 and kind = 'lesson'`
	sqlLessonPostings = `select service_id, id, n, length from terms where term = $1 and kind = 'lesson' order by at desc limit $2`
	sqlLesson         = `select data from lessons where service_id = $1 and id = $2`
	sqlLessonsOf      = `select data from lessons where service_id = $1 and release_id = $2 order by id`
	sqlLessons        = `select data from lessons where service_id = $1 and at < $2 order by at desc, id desc limit $3`
)

// SaveLessons replaces what a release taught. text is what a lesson is found by.
func (tx *Tx) SaveLessons(service, releaseID string, ls []debrief.Lesson, text func(debrief.Lesson) string) error {
	if err := tx.holdService(service); err != nil {
		return err
	}
	old, err := tx.lessons(sqlLessonsOf, service, releaseID)
	if err != nil {
		return err
	}
	stays := map[string]debrief.Lesson{}
	for _, l := range ls {
		stays[l.ID] = l
	}
	for _, o := range old {
		if _, ok := stays[o.ID]; ok {
			continue
		}
		n, err := tx.exec(`delete from lessons where service_id = $1 and id = $2`, service, o.ID)
		if err != nil {
			return err
		}
		tx.shown(n)
		if err := tx.Index(service, lessonDoc, o.ID, ""); err != nil {
			return err
		}
	}
	for _, l := range ls {
		l.Service, l.ReleaseID = service, releaseID
		data, err := encode(l)
		if err != nil {
			return err
		}
		n, err := tx.exec(`insert into lessons (service_id, id, release_id, topic, at, sample, data) values ($1, $2, $3, $4, $5, $6, $7)
			on conflict (service_id, id) do update set release_id = excluded.release_id, topic = excluded.topic, at = excluded.at,
				sample = excluded.sample, data = excluded.data
			where lessons.data <> excluded.data`, service, l.ID, releaseID, l.Topic, micros(l.At), l.Sample, data)
		if err != nil {
			return err
		}
		tx.shown(n)
		if n > 0 {
			if err := tx.Index(service, lessonDoc, l.ID, text(l)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (q querier) lessons(text string, a ...any) ([]debrief.Lesson, error) {
	var out []debrief.Lesson
	err := q.each(text, a, func(scan scanner) error {
		var data string
		if err := scan(&data); err != nil {
			return err
		}
		out = append(out, debrief.Lesson{})
		return decode(data, &out[len(out)-1])
	})
	return out, err
}

// Lessons lists what a service's releases taught, the newest first.
func (s *Store) Lessons(ctx context.Context, service string, before time.Time, limit int) ([]debrief.Lesson, error) {
	q := s.read(ctx)
	id, err := serviceID(q, service)
	if err != nil {
		return nil, err
	}
	return q.lessons(sqlLessons, id, micros(before), limit)
}

// A found lesson and how well it fits.
type foundLesson struct {
	service, id string
	score       float64
}

// Lesson texts are short and each word of a change may count, but what nearly
// every lesson has tells nothing, and costs the most to look up.
const (
	mostLessonTerms    = 24
	mostLessonPostings = 2000
)

// findLessons ranks lessons by BM25 over their words, those of the service
// itself first where they fit at all. It is computed here, so that both
// engines rank alike.
func (q querier) findLessons(service, text string, before time.Time, limit int) ([]debrief.Lesson, error) {
	var docs int
	var mean float64
	if _, err := q.one(sqlLessonDocs, nil, &docs, &mean); err != nil || docs == 0 {
		return nil, err
	}
	asked := unique(debrief.Words(text))
	with := map[string]int{}
	for _, t := range asked[:min(len(asked), 200)] {
		var n int
		if _, err := q.one(sqlLessonTermDocs, args(t), &n); err != nil {
			return nil, err
		}
		if n > 0 {
			with[t] = n
		}
	}
	terms := make([]string, 0, len(with))
	for t := range with {
		terms = append(terms, t)
	}
	slices.SortFunc(terms, func(a, b string) int { return cmp.Or(cmp.Compare(with[a], with[b]), cmp.Compare(a, b)) })
	scores := map[foundLesson]float64{}
	for _, t := range terms[:min(len(terms), mostLessonTerms)] { // in one order: sums of floats depend on it
		err := q.each(sqlLessonPostings, args(t, mostLessonPostings), func(scan scanner) error {
			var f foundLesson
			var n, length float64
			if err := scan(&f.service, &f.id, &n, &length); err != nil {
				return err
			}
			scores[f] += debrief.BM25(n, length, mean, with[t], docs)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	found := make([]foundLesson, 0, len(scores))
	for f, score := range scores {
		f.score = score
		found = append(found, f)
	}
	slices.SortFunc(found, func(a, b foundLesson) int {
		return cmp.Or(ownFirst(a, b, service), cmp.Compare(b.score, a.score), cmp.Compare(a.service, b.service), cmp.Compare(a.id, b.id))
	})
	var out []debrief.Lesson
	for _, f := range found {
		if len(out) == limit {
			break
		}
		ls, err := q.lessons(sqlLesson, f.service, f.id)
		if err != nil {
			return nil, err
		}
		for _, l := range ls {
			if l.At.Before(before) {
				out = append(out, l)
			}
		}
	}
	return out, nil
}

func ownFirst(a, b foundLesson, service string) int {
	switch {
	case (a.service == service) == (b.service == service):
		return 0
	case a.service == service:
		return -1
	}
	return 1
}

// FindLessons ranks what releases taught before a moment by the words of a
// text, the best first; those of the service itself before others'.
func (s *Store) FindLessons(ctx context.Context, service, text string, before time.Time, limit int) (ls []debrief.Lesson, err error) {
	err = s.snapshot(ctx, func(q querier) error {
		ls, err = q.findLessons(service, text, before, limit)
		return err
	})
	return ls, err
}
