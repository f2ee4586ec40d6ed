package store

import (
	"context"
	"time"
)

// Chunk is one hour of one metric of the built-in probe, in the probe's own
// encoding.
type Chunk struct {
	Hour time.Time
	Data string
}

// SaveChunk writes one hour of a metric, replacing what was there.
func (tx *Tx) SaveChunk(service, metric string, hour time.Time, data string) error {
	_, err := tx.exec(`insert into chunks (service_id, metric, hour_at, data) values ($1, $2, $3, $4)
		on conflict (service_id, metric, hour_at) do update set data = excluded.data`, service, metric, micros(hour), data)
	return err
}

const sqlChunks = `select hour_at, data from chunks where service_id = $1 and metric = $2 and hour_at >= $3 and hour_at < $4 order by hour_at`

// Chunks returns the hours that begin within [from, to), oldest first.
func (s *Store) Chunks(ctx context.Context, service, metric string, from, to time.Time) ([]Chunk, error) {
	return chunks(s.read(ctx), service, metric, from, to)
}

// Chunks is the same, within a transaction.
func (tx *Tx) Chunks(service, metric string, from, to time.Time) ([]Chunk, error) {
	return chunks(tx.querier, service, metric, from, to)
}

func chunks(q querier, service, metric string, from, to time.Time) ([]Chunk, error) {
	id, err := serviceID(q, service)
	if err != nil {
		return nil, err
	}
	var out []Chunk
	err = q.each(sqlChunks, args(id, metric, micros(from), micros(to)), func(scan scanner) error {
		var at int64
		var c Chunk
		if err := scan(&at, &c.Data); err != nil {
			return err
		}
		c.Hour = instant(at)
		out = append(out, c)
		return nil
	})
	return out, err
}
