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
	if err := s.backlog.admit(ctx, s, envs); err != nil {
		return nil, err
	}
	if s.seam.groups() {
		return s.group.accept(ctx, s, envs)
	}
	if len(envs) == 1 {
		out, done, err := s.acceptAlone(ctx, envs[0])
		switch {
		case err != nil:
			return nil, err
		case done:
			return out, nil
		}
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
// overlap wait for each other and do not deadlock. With a Conflict come those
// that were written before it.
func (tx *Tx) accept(envs []debrief.Envelope) ([]Accepted, error) {
	order := make([]int, len(envs))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(envs[a].Source, envs[b].Source), cmp.Compare(envs[a].Key, envs[b].Key))
	})
	out := make([]Accepted, len(envs))
	if text := tx.seam.acceptMany(); len(envs) > 1 && text != "" {
		return out, batches(order, func(some []int) error { return tx.acceptSome(text, envs, some, out) })
	}
	for _, i := range order {
		a, err := tx.acceptOne(envs[i])
		if err != nil {
			return out, err
		}
		out[i] = a
	}
	return out, nil
}

// acceptSome writes a batch's rows with one statement, where each costs a way
// to the server and back.
func (tx *Tx) acceptSome(text string, envs []debrief.Envelope, some []int, out []Accepted) error {
	n := len(some)
	ids, sources, keys, headers, digests := make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	at, bodies := make([]int64, n), make([][]byte, n)
	now := tx.s.now()
	for k, i := range some {
		r, err := tx.s.rowOf(envs[i], now)
		if err != nil {
			return err
		}
		ids[k], sources[k], keys[k], at[k], headers[k], bodies[k], digests[k] = r.id, r.source, r.key, r.at, r.header, r.body, r.digest
		out[i] = Accepted{ID: r.id, New: true}
	}
	var fresh int
	if _, err := tx.one(text, args(ids, sources, keys, at, headers, bodies, digests, micros(now)), &fresh); err != nil {
		return err
	}
	tx.roused = tx.roused || fresh > 0
	if fresh == n {
		return nil
	}
	kept := make(map[string]bool, fresh) // of ours; the others were known, or stand in the batch twice
	var id string
	err := tx.each(`select id from inbox where id in (`+marks(1, n)+`)`, anys(ids), func(scan scanner) error {
		err := scan(&id)
		kept[id] = true
		return err
	})
	if err != nil {
		return err
	}
	for _, i := range some {
		if kept[out[i].ID] {
			continue
		}
		if out[i], err = tx.known(envs[i]); err != nil {
			return err
		}
	}
	return nil
}

const (
	sqlAcceptInbox = `insert into inbox (id, source, natural_key, received_at, header, body, digest, state, reason, settled_at, raw)
		values ($1, $2, $3, $4, $5, $6, $7, 'open', '', 0, true) on conflict (source, natural_key) do nothing`
	sqlAcceptWorkHead = `insert into work (id, kind, natural_key, service_id, payload, due_at, ready_at, again_at, attempts, token, problem, buried, created_at)`
	sqlAcceptWork     = sqlAcceptWorkHead + ` values ($1, 'record', $1, '', '', $2, $2, 0, 0, '', '', false, $2)`
	sqlAcceptWorkIf   = sqlAcceptWorkHead + `
		select $1, 'record', $1, '', '', cast($2 as bigint), cast($2 as bigint), 0, 0, '', '', false, cast($2 as bigint)
		where exists (select 1 from inbox where id = $1)`
	sqlKnown = `select id, digest from inbox where source = $1 and natural_key = $2`
)

// inboxRow is an envelope as it is kept.
type inboxRow struct {
	id, source, key string
	at              int64
	header          string
	body            []byte
	digest          string
}

func (s *Store) rowOf(e debrief.Envelope, now time.Time) (inboxRow, error) {
	r := inboxRow{s.newID(), e.Source, e.Key, micros(now), "{}", e.Body, e.Digest}
	if !e.Received.IsZero() {
		r.at = micros(e.Received)
	}
	if e.Body == nil {
		r.body = []byte{}
	}
	var err error
	if len(e.Header) > 0 {
		r.header, err = encode(e.Header)
	}
	return r, err
}

// acceptStatements are the envelope's and that of the work it asks for, which
// is to be run only where the envelope is new.
func (s *Store) acceptStatements(e debrief.Envelope) (id string, inbox, work stmt, err error) {
	now := s.now()
	r, err := s.rowOf(e, now)
	inbox = stmt{sqlAcceptInbox, args(r.id, r.source, r.key, r.at, r.header, r.body, r.digest)}
	return r.id, inbox, stmt{sqlAcceptWork, args(r.id, micros(now))}, err
}

func (tx *Tx) acceptOne(e debrief.Envelope) (Accepted, error) {
	id, inbox, work, err := tx.s.acceptStatements(e)
	if err != nil {
		return Accepted{}, err
	}
	n, err := tx.again(inbox)
	if err != nil {
		return Accepted{}, err
	}
	if n == 0 {
		return tx.known(e)
	}
	tx.roused = true
	_, err = tx.again(work)
	return Accepted{ID: id, New: true}, err
}

// acceptAlone is the short way for one envelope where the engine has one. It
// is not done where somebody else was in the way; the long way waits for them.
func (s *Store) acceptAlone(ctx context.Context, e debrief.Envelope) (out []Accepted, done bool, err error) {
	id, inbox, work, err := s.acceptStatements(e)
	if err != nil {
		return nil, false, err
	}
	work.text = sqlAcceptWorkIf // both are on their way before it is known
	touched, err := s.seam.together(ctx, s.writes, inbox, work)
	switch {
	case err != nil && !s.seam.again(err):
		return nil, false, s.read(ctx).wrap(err)
	case err != nil || len(touched) == 0:
		return nil, false, nil
	case touched[0] == 0:
		a, err := s.read(ctx).known(e)
		return []Accepted{a}, true, err
	}
	s.rouse()
	return []Accepted{{ID: id, New: true}}, true, nil
}

func (q querier) known(e debrief.Envelope) (Accepted, error) {
	var id, digest string
	found, err := q.one(sqlKnown, args(e.Source, e.Key), &id, &digest)
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

// backlog bounds how many envelopes may wait. Counting them for every Accept
// would cost more than accepting, so one of those who come counts them once a
// second, while the others go on, and always before somebody is refused. One
// source may fill three quarters of the room: who floods is told to wait while
// there is still some for the others.
type backlog struct {
	mu       sync.Mutex
	max      int64
	open     int64
	until    time.Time
	counting bool
	since    int64            // let in since the counting began
	of       map[string]int64 // by source, once half of the room is taken
}

func (b *backlog) admit(ctx context.Context, s *Store, envs []debrief.Envelope) error {
	now := s.clock()
	b.mu.Lock()
	defer b.mu.Unlock()
	if now.After(b.until) && !b.counting {
		b.counting, b.since = true, 0
		b.mu.Unlock()
		open, err := b.count(ctx, s)
		b.mu.Lock()
		b.counting = false
		if err != nil {
			return err
		}
		b.open, b.until, b.of = open+b.since, now.Add(time.Second), nil
	}
	n := int64(len(envs))
	if b.open+n > b.max {
		open, err := b.count(ctx, s)
		if err != nil {
			return err
		}
		b.open, b.of = open, nil
	}
	if b.open+n > b.max {
		return debrief.Errorf(debrief.Unavailable, "", "%d events wait to be recorded, more are not taken in for now", b.open).
			WithHint("send it again later; nothing was kept")
	}
	share := b.max - b.max/4
	mine := map[string]int64{}
	for _, e := range envs {
		mine[e.Source]++
	}
	for source, more := range mine {
		if b.open+n <= b.max/2 {
			break
		}
		held, known := b.of[source]
		if !known || held+more > share {
			if _, err := s.read(ctx).one(sqlOpenOf, args(source, share+1), &held); err != nil {
				return err
			}
			if b.of == nil {
				b.of = map[string]int64{}
			}
			b.of[source] = held
		}
		if held+more > share {
			return debrief.Errorf(debrief.TooMany, "", "%d events of %s wait to be recorded, no more of them are taken in for now", held, source).
				WithHint("send it again later; nothing was kept")
		}
	}
	b.open += n
	b.since += n
	for source, more := range mine {
		if _, known := b.of[source]; known {
			b.of[source] += more
		}
	}
	return nil
}

func (b *backlog) count(ctx context.Context, s *Store) (open int64, err error) {
	_, err = s.read(ctx).one(`select count(*) from (select 1 as x from inbox where state = 'open' limit $1) as t`, args(b.max+1), &open)
	return open, err
}

const sqlOpenOf = `select count(*) from (select 1 as x from inbox where source = $1 and state = 'open' limit $2) as k`
