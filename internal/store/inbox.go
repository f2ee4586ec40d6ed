package store

import (
	"context"
	"time"

	"github.com/debriefhq/debrief"
)

// Envelope reads what was accepted. After Purge its body is empty.
func (tx *Tx) Envelope(id string) (debrief.Envelope, error) {
	e := debrief.Envelope{ID: id}
	var header string
	var received int64
	found, err := tx.one(`select source, natural_key, received_at, header, body, digest from inbox where id = $1`,
		args(id), &e.Source, &e.Key, &received, &header, &e.Body, &e.Digest)
	if err != nil {
		return e, err
	}
	if !found {
		return e, debrief.Errorf(debrief.NotFound, "", "no envelope %s", id)
	}
	e.Received = instant(received)
	return e, decode(header, &e.Header)
}

// Envelope finds what was accepted from a source under a key. After Purge its
// body is empty.
func (s *Store) Envelope(ctx context.Context, source, key string) (e debrief.Envelope, found bool, err error) {
	e = debrief.Envelope{Source: source, Key: key}
	var received int64
	found, err = s.read(ctx).one(`select id, received_at, body, digest from inbox where source = $1 and natural_key = $2`,
		args(source, key), &e.ID, &received, &e.Body, &e.Digest)
	e.Received = instant(received)
	return e, found, err
}

// SettleEnvelope says what became of an envelope: done, ignored or rejected,
// with the reason in words.
func (tx *Tx) SettleEnvelope(id, state, reason string) error {
	switch state {
	case EnvelopeDone, EnvelopeIgnored, EnvelopeRejected:
	default:
		return debrief.Errorf(debrief.Internal, "", "an envelope cannot be %q, only done, ignored or rejected", state)
	}
	return tx.settle(id, state, reason, nil)
}

// SettleSaid settles an envelope as done, with the events it told of.
func (tx *Tx) SettleSaid(id string, said []EventRef) error {
	return tx.settle(id, EnvelopeDone, "", said)
}

func (tx *Tx) settle(id, state, reason string, said []EventRef) error {
	list := ""
	if len(said) > 0 {
		var err error
		if list, err = encode(said); err != nil {
			return err
		}
	}
	n, err := tx.exec(`update inbox set state = $2, reason = $3, settled_at = $4, said = $5 where id = $1`, id, state, reason, micros(tx.s.now()), list)
	if err == nil && n == 0 {
		return debrief.Errorf(debrief.NotFound, "", "no envelope %s", id)
	}
	return err
}

// SourceCount is what came from one source, and what became of it.
type SourceCount struct {
	Source   string    `json:"source"`
	Open     int       `json:"open"` // not yet recorded
	Done     int       `json:"done"`
	Ignored  int       `json:"ignored"`
	Rejected int       `json:"rejected"`
	Last     time.Time `json:"last_at"`          // when the newest arrived
	Reason   string    `json:"reason,omitempty"` // of the newest that was rejected
}

// SourceCounts counts the inbox by source, in alphabetical order.
func (s *Store) SourceCounts(ctx context.Context) ([]SourceCount, error) {
	var out []SourceCount
	err := s.snapshot(ctx, func(q querier) error {
		out = nil
		err := q.each(`select source, state, count(*), max(received_at) from inbox group by source, state order by source, state`, nil, func(scan scanner) error {
			var source, state string
			var n int
			var last int64
			if err := scan(&source, &state, &n, &last); err != nil {
				return err
			}
			if len(out) == 0 || out[len(out)-1].Source != source {
				out = append(out, SourceCount{Source: source})
			}
			c := &out[len(out)-1]
			switch state {
			case EnvelopeOpen:
				c.Open = n
			case EnvelopeDone:
				c.Done = n
			case EnvelopeIgnored:
				c.Ignored = n
			case EnvelopeRejected:
				c.Rejected = n
			}
			if at := instant(last); at.After(c.Last) {
				c.Last = at
			}
			return nil
		})
		if err != nil {
			return err
		}
		for i := range out {
			c := &out[i]
			if c.Rejected == 0 {
				continue
			}
			if _, err := q.one(`select reason from inbox where source = $1 and state = 'rejected' order by received_at desc limit 1`, args(c.Source), &c.Reason); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}
