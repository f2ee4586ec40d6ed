package store

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/debriefhq/debrief"
)

// Accepted says under which id an envelope is kept, and whether it is new.
type Accepted struct {
	ID  string
	New bool
}

// The states of a row of the inbox.
const (
	EnvelopeOpen     = "open"
	EnvelopeDone     = "done"
	EnvelopeIgnored  = "ignored"  // not for us
	EnvelopeRejected = "rejected" // could not be understood
)

// WorkRecord is the kind of work that accepting an envelope asks for.
const WorkRecord = "record"

// Accept keeps what arrived, and the work it asks for, in one transaction: all
// of the envelopes or none. One that is known already (by source and key) is
// not kept twice; the same key with another digest is a Conflict.
func (s *Store) Accept(ctx context.Context, envs ...debrief.Envelope) ([]Accepted, error) {
	for _, e := range envs {
		if e.Source == "" || e.Key == "" {
			return nil, debrief.Errorf(debrief.Invalid, "key", "an envelope needs a source and a key")
		}
	}
	if len(envs) == 0 {
		return nil, nil
	}
	if err := s.backlog.admit(ctx, s, int64(len(envs))); err != nil {
		return nil, err
	}
	if s.seam.groups() {
		return s.group.accept(ctx, s, envs)
	}
	var out []Accepted
	err := s.Update(ctx, func(tx *Tx) error {
		var err error
		out, err = tx.accept(envs)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// accept writes envelopes in the order of their keys, so that two batches that
// overlap wait for each other and do not deadlock.
func (tx *Tx) accept(envs []debrief.Envelope) ([]Accepted, error) {
	order := make([]int, len(envs))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(envs[a].Source, envs[b].Source), cmp.Compare(envs[a].Key, envs[b].Key))
	})
	out := make([]Accepted, len(envs))
	for _, i := range order {
		a, err := tx.acceptOne(envs[i])
		if err != nil {
			return nil, err
		}
		out[i] = a
	}
	return out, nil
}

const (
	sqlAcceptInbox = `insert into inbox (id, source, natural_key, received_at, header, body, digest, state, reason, settled_at, raw)
		values ($1, $2, $3, $4, $5, $6, $7, 'open', '', 0, true)
		on conflict (source, natural_key) do nothing`
	sqlAcceptWork = `insert into work (id, kind, natural_key, service_id, payload, due_at, ready_at, again_at, attempts, token, problem, buried, created_at)
		values ($1, $2, $1, '', '', $3, $3, 0, 0, '', '', false, $3)`
	sqlKnown = `select id, digest from inbox where source = $1 and natural_key = $2`
)

func (tx *Tx) acceptOne(e debrief.Envelope) (Accepted, error) {
	now := tx.s.now()
	if e.Received.IsZero() {
		e.Received = now
	}
	if e.Header == nil {
		e.Header = map[string]string{}
	}
	header, err := encode(e.Header)
	if err != nil {
		return Accepted{}, err
	}
	if e.Body == nil {
		e.Body = []byte{}
	}
	id := tx.s.newID()
	n, err := tx.exec(sqlAcceptInbox, id, e.Source, e.Key, micros(e.Received), header, e.Body, e.Digest)
	if err != nil {
		return Accepted{}, err
	}
	if n == 0 {
		return tx.known(e)
	}
	if _, err := tx.exec(sqlAcceptWork, id, WorkRecord, micros(now)); err != nil {
		return Accepted{}, err
	}
	tx.roused = true
	return Accepted{ID: id, New: true}, nil
}

func (tx *Tx) known(e debrief.Envelope) (Accepted, error) {
	var id, digest string
	found, err := tx.one(sqlKnown, args(e.Source, e.Key), &id, &digest)
	switch {
	case err != nil:
		return Accepted{}, err
	case !found:
		return Accepted{}, debrief.Errorf(debrief.Unavailable, "key", "the key %q is being written by somebody else, try again", e.Key)
	case digest != e.Digest:
		return Accepted{}, debrief.Errorf(debrief.Conflict, "key", "the key %q was used before for something else", e.Key).
			WithHint("use a new key, or send exactly the same again")
	}
	return Accepted{ID: id}, nil
}

// group lets Accepts that arrive together share one transaction, and so one
// fsync, where the engine has a single writer. An Accept that is alone is
// written at once.
type group struct {
	mu      sync.Mutex
	waiting []*acceptance
	leading bool
}

type acceptance struct {
	envs []debrief.Envelope
	out  []Accepted
	err  error
	done chan struct{}
}

func (g *group) accept(ctx context.Context, s *Store, envs []debrief.Envelope) ([]Accepted, error) {
	a := &acceptance{envs: envs, done: make(chan struct{})}
	g.mu.Lock()
	g.waiting = append(g.waiting, a)
	if !g.leading {
		g.leading = true
		s.running.Go(func() { g.lead(s) })
	}
	g.mu.Unlock()
	select {
	case <-a.done:
		return a.out, a.err
	case <-ctx.Done():
		return nil, ctx.Err() // it may still be kept: the sender tries again with the same key
	}
}

// lead writes what waits until nothing does.
func (g *group) lead(s *Store) {
	for {
		var taken []*acceptance
		err := s.Update(s.life, func(tx *Tx) error {
			taken = append(taken, g.take(256-len(taken))...)
			for _, a := range taken {
				if err := tx.acceptApart(a); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil && len(taken) == 0 {
			taken = g.take(256) // not even a transaction could begin
		}
		for _, a := range taken {
			if err != nil {
				a.out, a.err = nil, err
			}
			close(a.done)
		}
		g.mu.Lock()
		if len(g.waiting) == 0 {
			g.leading = false
			g.mu.Unlock()
			return
		}
		g.mu.Unlock()
	}
}

func (g *group) take(n int) []*acceptance {
	g.mu.Lock()
	defer g.mu.Unlock()
	n = min(n, len(g.waiting))
	taken := slices.Clone(g.waiting[:n])
	g.waiting = slices.Delete(g.waiting, 0, n)
	return taken
}

// acceptApart writes one caller's envelopes so that refusing them leaves the
// others of the transaction alone. A single envelope writes nothing before it
// is refused and needs no savepoint.
func (tx *Tx) acceptApart(a *acceptance) error {
	apart := len(a.envs) > 1
	if apart {
		if _, err := tx.exec(`savepoint caller`); err != nil {
			return err
		}
	}
	a.out, a.err = tx.accept(a.envs)
	switch {
	case a.err != nil && debrief.KindOf(a.err) != debrief.Conflict:
		return a.err // the engine's trouble is everybody's
	case a.err != nil && apart:
		if _, err := tx.exec(`rollback to savepoint caller`); err != nil {
			return err
		}
	}
	if apart {
		if _, err := tx.exec(`release savepoint caller`); err != nil {
			return err
		}
	}
	return nil
}

// backlog bounds how many envelopes may wait. Counting them for every Accept
// would cost more than accepting, so they are counted once a second, and
// always before somebody is refused.
type backlog struct {
	mu    sync.Mutex
	max   int64
	open  int64
	until time.Time
}

func (b *backlog) admit(ctx context.Context, s *Store, n int64) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := s.clock()
	if now.After(b.until) || b.open+n > b.max {
		_, err := s.read(ctx).one(`select count(*) from (select 1 as x from inbox where state = 'open' limit $1) as t`, args(b.max+1), &b.open)
		if err != nil {
			return err
		}
		b.until = now.Add(time.Second)
	}
	if b.open+n > b.max {
		return debrief.Errorf(debrief.Unavailable, "", "%d events wait to be recorded, more are not taken in for now", b.open).
			WithHint("send it again later; nothing was kept")
	}
	b.open += n
	return nil
}
