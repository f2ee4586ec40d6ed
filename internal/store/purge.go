package store

import (
	"context"
	"time"
)

// keepTelemetry is how long counts of log lines and the probe's chunks stay.
const keepTelemetry = 28 * 24 * time.Hour

// Purge forgets what must not be kept for long: raw bodies, output tails,
// commands and example lines older than rawBefore, and telemetry of our own
// older than four weeks. Envelopes that still wait to be recorded keep their
// body.
func (s *Store) Purge(ctx context.Context, rawBefore time.Time) error {
	raw, old := micros(rawBefore), s.now().Add(-keepTelemetry)
	for _, p := range []struct {
		text string
		a    []any
	}{
		{`update inbox set body = $2, header = '{}', raw = false where raw and received_at < $1 and state <> 'open'`, args(raw, []byte{})},
		{`delete from inbox where received_at < $1 and not raw and state in ('ignored', 'rejected')`, args(raw)}, // nothing rests on it
		{`delete from refusals where last_at < $1`, args(raw)},
		{`update events set output = '', command = '', raw = false where raw and received_at < $1`, args(raw)},
		{`update deployments set output = '', command = '', raw = false where raw and at < $1`, args(raw)},
		{`update looks set examples = '', raw = false where raw and due_at < $1`, args(raw)},
		{`update log_patterns set example = '' where example <> '' and last_at < $1`, args(raw)},
		{`delete from log_counts where bin < $1`, args(old.Unix())},
		{`delete from chunks where hour_at < $1`, args(micros(old))},
	} {
		// One transaction each: none holds the writer for long, and all can be repeated.
		err := s.Update(ctx, func(tx *Tx) error {
			_, err := tx.exec(p.text, p.a...)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
