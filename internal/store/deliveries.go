package store

import (
	"context"
	"time"

	"github.com/debriefhq/debrief"
)

// A source's deliveries: what came, what became of it, and what came to
// nothing. Everything here is for people who connect a source and want to see
// whether it works.

// EnvelopeDead is not a state of its own: an envelope that could not be
// recorded however often it was tried, and waits for somebody.
const EnvelopeDead = "dead"

// Delivery is one envelope with what became of it.
type Delivery struct {
	ID       string            `json:"id"`
	Source   string            `json:"source"`
	Key      string            `json:"key"`
	State    string            `json:"state"` // open, done, ignored, rejected or dead
	Reason   string            `json:"reason,omitempty"`
	Received time.Time         `json:"received_at"`
	Header   map[string]string `json:"header,omitempty"`
	Body     string            `json:"body,omitempty"` // masked; empty where it was not kept, or is not any more
}

// Keep remembers a request that told of nothing, or could not be understood,
// so that people can see it XX
func (s *Store) Keep(ctx context.Context, e debrief.Envelope, state, reason string) error {
	if state != EnvelopeIgnored && state != EnvelopeRejected {
		return debrief.Errorf(debrief.Internal, "", "only what was ignored or rejected is kept so, not %q", state)
	}
	if e.Source == "" || e.Key == "" {
		return debrief.Errorf(debrief.Invalid, "key", "an envelope needs a source and a key")
	}
	return s.Update(ctx, func(tx *Tx) error {
		now := s.now()
		if e.Received.IsZero() {
			e.Received = now
		}
		if e.Header == nil {
			e.Header = map[string]string{}
		}
		if e.Body == nil {
			e.Body = []byte{}
		}
		header, err := encode(e.Header)
		if err != nil {
			return err
		}
		n, err := tx.exec(`insert into inbox (id, source, natural_key, received_at, header, body, digest, state, reason, settled_at, raw)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
			on conflict (source, natural_key) do update set received_at = excluded.received_at, header = excluded.header, body = excluded.body,
				digest = excluded.digest, state = excluded.state, reason = excluded.reason, settled_at = excluded.settled_at, raw = excluded.raw
			where inbox.state in ('ignored', 'rejected')`,
			s.newID(), e.Source, e.Key, micros(e.Received), header, e.Body, e.Digest, state, reason, micros(now), len(e.Body) > 0)
		tx.shown(n)
		return err
	})
}

// Reopen records an envelope after all whose key came before and was ignored or
// rejected then: a sender that delivers again, mended or after an upgrade, is
// heard.
func (s *Store) Reopen(ctx context.Context, e debrief.Envelope) (reopened bool, err error) {
	header, err := encode(e.Header)
	if err != nil {
		return false, err
	}
	err = s.Update(ctx, func(tx *Tx) error {
		reopened = false
		var id string
		found, err := tx.one(`select id from inbox where source = $1 and natural_key = $2 and state in ('ignored', 'rejected')`,
			args(e.Source, e.Key), &id)
		if err != nil || !found {
			return err
		}
		n, err := tx.exec(`update inbox set state = 'open', reason = '', body = $2, header = $3, digest = $4, received_at = $5, raw = true
			where id = $1 and state in ('ignored', 'rejected')`, id, e.Body, header, e.Digest, micros(e.Received))
		if err != nil || n == 0 {
			return err
		}
		reopened = true
		tx.shown(n)
		return tx.Enqueue(Work{Kind: WorkRecord, Key: id})
	})
	return reopened, err
}

const deliveryColumns = `i.id, i.source, i.natural_key, i.received_at, i.header, i.body, i.state, i.reason`

func (d *Delivery) scan(scan scanner) error {
	var received int64
	var header string
	var body []byte
	if err := scan(&d.ID, &d.Source, &d.Key, &received, &header, &body, &d.State, &d.Reason); err != nil {
		return err
	}
	d.Received, d.Body = instant(received), string(body)
	return decode(header, &d.Header)
}

const (
	sqlDeliveries = `select ` + deliveryColumns + ` from inbox i where i.source = $1 and i.state = $2 order by i.received_at desc limit $3`
	sqlDead       = `select i.id, i.source, i.natural_key, i.received_at, i.header, i.body, 'dead', w.problem
		from work w join inbox i on i.id = w.natural_key where w.buried and w.kind = 'record' and i.source = $1 order by w.created_at desc limit $2`
	sqlDeadCounts = `select i.source, count(*) from work w join inbox i on i.id = w.natural_key where w.buried and w.kind = 'record' group by i.source`
)

// Deliveries lists a source's newest envelopes in one state.
func (s *Store) Deliveries(ctx context.Context, source, state string, limit int) ([]Delivery, error) {
	text, a := sqlDeliveries, args(source, state, limit)
	if state == EnvelopeDead {
		text, a = sqlDead, args(source, limit)
	}
	var out []Delivery
	err := s.read(ctx).each(text, a, func(scan scanner) error {
		var d Delivery
		if err := d.scan(scan); err != nil {
			return err
		}
		out = append(out, d)
		return nil
	})
	return out, err
}

// Dead counts dead letters by source.
func (s *Store) Dead(ctx context.Context) (map[string]int, error) {
	out := map[string]int{}
	err := s.read(ctx).each(sqlDeadCounts, nil, func(scan scanner) error {
		var source string
		var n int
		err := scan(&source, &n)
		out[source] = n
		return err
	})
	return out, err
}

// Refusal counts requests that nobody could believe, or that came too fast.
type Refusal struct {
	Source string    `json:"source,omitempty"`
	Reason string    `json:"reason"`
	N      int       `json:"n"`
	First  time.Time `json:"first_at"`
	Last   time.Time `json:"last_at"`
}

// Refused adds to what was refused. Nothing of the requests is kept.
func (s *Store) Refused(ctx context.Context, r Refusal) error {
	return s.Update(ctx, func(tx *Tx) error {
		n, err := tx.exec(`insert into refusals (source, reason, n, first_at, last_at) values ($1, $2, $3, $4, $5)
			on conflict (source, reason) do update set n = refusals.n + excluded.n,
				last_at = case when excluded.last_at > refusals.last_at then excluded.last_at else refusals.last_at end`,
			r.Source, r.Reason, r.N, micros(r.First), micros(r.Last))
		tx.shown(n)
		return err
	})
}

// Refusals lists what was refused, by source and newest first.
func (s *Store) Refusals(ctx context.Context) ([]Refusal, error) {
	var out []Refusal
	err := s.read(ctx).each(`select source, reason, n, first_at, last_at from refusals order by source, last_at desc, reason`, nil, func(scan scanner) error {
		var r Refusal
		var first, last int64
		if err := scan(&r.Source, &r.Reason, &r.N, &first, &last); err != nil {
			return err
		}
		r.First, r.Last = instant(first), instant(last)
		out = append(out, r)
		return nil
	})
	return out, err
}
