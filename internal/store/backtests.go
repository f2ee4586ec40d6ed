package store

import (
	"context"
	"encoding/json"

	"github.com/debriefhq/debrief"
)

// SaveBacktest keeps a service's latest backtest; one measured before the one
// that is there changes nothing.
func (tx *Tx) SaveBacktest(service string, b debrief.Backtest) error {
	b.Service = service
	data, err := json.Marshal(b)
	if err != nil {
		return err
	}
	at := micros(b.Measured)
	n, err := tx.exec(`insert into backtests (service_id, measured_at, data) values ($1, $2, $3)
		on conflict (service_id, measured_at) do update set data = excluded.data`, service, at, string(data))
	if err != nil {
		return err
	}
	tx.shown(n)
	_, err = tx.exec(`delete from backtests where service_id = $1
		and measured_at < (select max(b.measured_at) from backtests b where b.service_id = $1)`, service)
	return err
}

const sqlBacktest = `select data from backtests where service_id = $1 order by measured_at desc limit 1`

// Backtest is a service's latest one.
func (s *Store) Backtest(ctx context.Context, service string) (b debrief.Backtest, found bool, err error) {
	var data string
	found, err = s.read(ctx).one(sqlBacktest, args(service), &data)
	if err != nil || !found {
		return b, false, err
	}
	return b, true, json.Unmarshal([]byte(data), &b)
}
