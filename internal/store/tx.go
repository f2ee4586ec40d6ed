package store

import (
	"context"
	"database/sql"
	"time"
)

// Tx is one write transaction. It must not be used after the function it was
// given to has returned.
type Tx struct {
	querier
	s       *Store
	locked  map[string]bool
	visible bool // something pages show was written
	roused  bool // work was added
	ready   map[string]*sql.Stmt
}

// again runs a statement that is run many times. Where the store keeps it
// parsed, this transaction takes it up.
func (tx *Tx) again(s stmt) (int64, error) {
	st := tx.ready[s.text]
	if st == nil {
		raw, ok := tx.h.(*sql.Tx)
		kept := tx.s.parsed[s.text]
		if kept == nil || !ok {
			return tx.exec(s.text, s.args...)
		}
		if tx.ready == nil {
			tx.ready = map[string]*sql.Stmt{}
		}
		st = raw.StmtContext(tx.ctx, kept)
		tx.ready[s.text] = st
	}
	res, err := st.ExecContext(tx.ctx, clean(s.args)...)
	if err != nil {
		return 0, tx.wrap(err)
	}
	n, err := res.RowsAffected()
	return n, tx.wrap(err)
}

// Update runs fn in a write transaction. Where the engine asks for it (a
// deadlock, a race lost, a busy file) the transaction is rolled back and fn
// runs again.
func (s *Store) Update(ctx context.Context, fn func(*Tx) error) error {
	const attempts = 10
	for attempt := 1; ; attempt++ {
		err := s.once(ctx, fn)
		if err == nil || attempt == attempts || !s.seam.again(err) {
			return err
		}
		s.log.Debug("a transaction is run again", "attempt", attempt, "error", err)
		if err := pause(ctx, time.Duration(attempt*attempt)*2*time.Millisecond); err != nil {
			return err
		}
	}
}

func (s *Store) once(ctx context.Context, fn func(*Tx) error) error {
	q := querier{ctx, nil, s.seam}
	raw, err := s.writes.BeginTx(ctx, nil)
	if err != nil {
		return q.wrap(err)
	}
	defer raw.Rollback() //nolint:errcheck // after a commit it does nothing
	q.h = raw
	tx := &Tx{querier: q, s: s}
	if err := fn(tx); err != nil {
		return err
	}
	if tx.visible {
		if err := tx.bump(); err != nil {
			return err
		}
	}
	if err := raw.Commit(); err != nil {
		return q.wrap(err)
	}
	if tx.roused {
		s.rouse()
	}
	select {
	case s.logged <- struct{}{}:
	default: // somebody looks already, or nobody has to
	}
	return nil
}

// hold keeps other transactions that name the same things waiting until this
// one ends.
func (tx *Tx) hold(names ...string) error {
	var fresh []string
	for _, n := range names {
		if !tx.locked[n] {
			fresh = append(fresh, n)
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	if err := tx.seam.lock(tx.querier, fresh); err != nil {
		return err
	}
	if tx.locked == nil {
		tx.locked = map[string]bool{}
	}
	for _, n := range fresh {
		tx.locked[n] = true
	}
	return nil
}

// holdService is hold for everything of one service. What belongs to none is
// held by its keys instead, or all services would wait for each other.
func (tx *Tx) holdService(service string) error {
	if service == Org || service == "" {
		return nil
	}
	return tx.hold("service/" + service)
}

func (tx *Tx) holdKeys(keys []string) error {
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = "key/" + k
	}
	return tx.hold(names...)
}

// shown notes that pages have something new to show where rows were touched.
func (tx *Tx) shown(touched int64) { tx.visible = tx.visible || touched > 0 }

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
