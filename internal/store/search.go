package store

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// Hit is one thing found.
type Hit struct {
	Kind    string    `json:"kind"` // release, surprise, service, change…
	ID      string    `json:"id"`
	Service string    `json:"service"`
	Title   string    `json:"title"`
	At      time.Time `json:"at"`
	Score   float64   `json:"score"`
	Sample  bool      `json:"sample,omitempty"` // made up; these come after all that is real
}

const (
	maxTerms    = 2000 // per object
	maxPostings = 5000 // per term of a query: the newest ones
)

// Index replaces what an object can be found by. The first line of the text is
// its title; an empty text takes it out.
func (tx *Tx) Index(service, kind, id, text string) error {
	if err := tx.holdService(service); err != nil {
		return err
	}
	if _, err := tx.exec(`delete from docs where service_id = $1 and kind = $2 and id = $3`, service, kind, id); err != nil {
		return err
	}
	counts := map[string]int{}
	length := 0
	for _, t := range debrief.Words(text) {
		if counts[t] > 0 || len(counts) < maxTerms {
			counts[t]++
			length++
		}
	}
	if length == 0 {
		return nil
	}
	at := micros(tx.s.now())
	switch kind { // releases are found by when they were, not by when they were indexed
	case "release":
		if _, err := tx.one(`select started_at from releases where service_id = $1 and id = $2`, args(service, id), &at); err != nil {
			return err
		}
	case lessonDoc:
		if _, err := tx.one(`select at from lessons where service_id = $1 and id = $2`, args(service, id), &at); err != nil {
			return err
		}
	case "surprise":
		if _, err := tx.one(`select at from surprises where service_id = $1 and id = $2`, args(service, id), &at); err != nil {
			return err
		}
	}
	title, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	_, err := tx.exec(`insert into docs (service_id, kind, id, title, at, length) values ($1, $2, $3, $4, $5, $6)`, service, kind, id, short(title, 200), at, length)
	if err != nil {
		return err
	}
	rows := make([][]any, 0, len(counts))
	for t, n := range counts {
		rows = append(rows, args(service, kind, id, t, n, length, at))
	}
	_, err = tx.many(`insert into terms (service_id, kind, id, term, n, length, at)`, rows, "")
	return err
}

const (
	sqlDocs     = `select count(*), coalesce(avg(length), 0) from docs`
	sqlTermDocs = `select count(*) from terms where term = $1`
	sqlPostings = `select service_id, kind, id, n, length from terms where term = $1 order by at desc limit $2`
	sqlDoc      = `select title, at from docs where service_id = $1 and kind = $2 and id = $3`
	sqlSamples  = `select id from services where sample`
	sqlTitle    = `select s.name, r.data, r.headline from releases r join services s on s.id = r.service_id where r.service_id = $1 and r.id = $2`
)

// Search ranks objects by BM25 over their words, the newer first where equal.
// It is computed here, so that both engines rank alike.
func (s *Store) Search(ctx context.Context, text string, limit int) ([]Hit, error) {
	asked := unique(debrief.Joined(text))
	asked = asked[:min(len(asked), 16)]
	var hits []Hit
	err := s.snapshot(ctx, func(q querier) error {
		type doc struct{ service, kind, id string }
		scores := map[doc]float64{}
		var docs int
		var mean float64
		if _, err := q.one(sqlDocs, nil, &docs, &mean); err != nil || docs == 0 {
			return err
		}
		terms, err := q.terms(asked)
		if err != nil {
			return err
		}
		for _, t := range slices.Sorted(maps.Keys(terms)) { // in one order: sums of floats depend on it
			with := terms[t]
			err = q.each(sqlPostings, args(t, maxPostings), func(scan scanner) error {
				var d doc
				var n, length float64
				if err := scan(&d.service, &d.kind, &d.id, &n, &length); err != nil {
					return err
				}
				scores[d] += debrief.BM25(n, length, mean, with, docs)
				return nil
			})
			if err != nil {
				return err
			}
		}
		samples, err := q.sampleServices()
		if err != nil {
			return err
		}
		hits = make([]Hit, 0, len(scores))
		for d, score := range scores {
			hits = append(hits, Hit{Kind: d.kind, ID: d.id, Service: d.service, Score: score, Sample: samples[d.service]})
		}
		slices.SortFunc(hits, func(a, b Hit) int {
			return cmp.Or(realFirst(a, b), cmp.Compare(b.Score, a.Score), cmp.Compare(b.ID, a.ID), cmp.Compare(a.Kind, b.Kind))
		})
		hits = hits[:min(len(hits), max(limit, 0))]
		for i := range hits {
			h := &hits[i]
			var at int64
			if _, err := q.one(sqlDoc, args(h.Service, h.Kind, h.ID), &h.Title, &at); err != nil {
				return err
			}
			h.At = instant(at)
			if h.Kind == "release" {
				if h.Title, err = q.releaseTitle(*h); err != nil {
					return err
				}
			}
		}
		return nil
	})
	slices.SortStableFunc(hits, func(a, b Hit) int {
		return cmp.Or(realFirst(a, b), cmp.Compare(b.Score, a.Score), b.At.Compare(a.At))
	})
	return hits, err
}

func realFirst(a, b Hit) int {
	switch {
	case a.Sample == b.Sample:
		return 0
	case a.Sample:
		return 1
	}
	return -1
}

func (q querier) sampleServices() (map[string]bool, error) {
	out := map[string]bool{}
	err := q.each(sqlSamples, nil, func(scan scanner) error {
		var id string
		err := scan(&id)
		out[id] = true
		return err
	})
	return out, err
}

// releaseTitle is how people call a release and what is said of it today; what
// it is indexed by holds more words than a title should.
func (q querier) releaseTitle(h Hit) (string, error) {
	var name, data, headline string
	found, err := q.one(sqlTitle, args(h.Service, h.ID), &name, &data, &headline)
	if err != nil || !found {
		return h.Title, err
	}
	var r debrief.Release
	if err := decode(data, &r); err != nil {
		return "", err
	}
	if r.Version == "" {
		return h.Title, nil
	}
	title := name + " " + r.Version
	if headline != "" {
		title += ": " + headline
	}
	return short(title, 200), nil
}

// terms are the words to look for, and how many objects have each. A joined
// word such as "v1.42.0" means itself; only where nothing has it, its parts.
func (q querier) terms(asked []string) (map[string]int, error) {
	out := map[string]int{}
	for _, whole := range asked {
		for i, w := range debrief.Words(whole) {
			var with int
			if _, err := q.one(sqlTermDocs, args(w), &with); err != nil {
				return nil, err
			}
			if with > 0 {
				out[w] = with
				if i == 0 {
					break
				}
			}
		}
	}
	return out, nil
}

// short cuts a text to n bytes without cutting a letter.
func short(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}
