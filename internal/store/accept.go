package store

import (
	"cmp"
	"context"
	"slices"
	"strings"
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
	if len(envs) > 1 && !tx.seam.groups() {
		return out, batches(order, func(some []int) error { return tx.acceptSome(envs, some, out) })
	}
	for _, i := range order {
		a, err := tx.acceptOne(envs[i])
		if err != nil {
			return nil, err
		}
		out[i] = a
	}
	return out, nil
}

// acceptSome writes a batch's rows with two statements, where each statement
// costs a way to the server and back.
func (tx *Tx) acceptSome(envs []debrief.Envelope, some []int, out []Accepted) error {
	for len(some) > 0 {
		n := min(len(some), 64)
		var inbox, work []any
		var id string
		ids := map[string]int{} // of the rows that would be new → whose
		for _, i := range some[:n] {
			var in, todo stmt
			var err error
			if id, in, todo, err = tx.s.acceptStatements(envs[i]); err != nil {
				return err
			}
			ids[id] = i
			inbox = append(inbox, in.args...)
			work = append(work, todo.args...)
		}
		fresh := make(map[string]bool, n)
		err := tx.each(sqlAcceptInboxHead+inboxRows(n)+sqlAcceptInboxTail+` returning id`, inbox, func(scan scanner) error {
			err := scan(&id)
			fresh[id] = true
			return err
		})
		if err != nil {
			return err
		}
		var rows [][]any
		for k := 0; k < len(work); k += 3 {
			if id := work[k].(string); fresh[id] {
				rows = append(rows, args(id, WorkRecord, id, "", "", work[k+2], work[k+2], 0, 0, "", "", false, work[k+2]))
				out[ids[id]] = Accepted{ID: id, New: true}
				tx.roused = true
			}
		}
		if _, err := tx.many(sqlAcceptWorkHead, rows, ""); err != nil {
			return err
		}
		for id, i := range ids {
			if fresh[id] {
				continue
			}
			if out[i], err = tx.known(envs[i]); err != nil {
				return err
			}
		}
		some = some[n:]
	}
	return nil
}

// inboxRows is n rows of the inbox's eleven columns, of which seven are given.
func inboxRows(n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("(" + marks(7*i+1, 7) + ", 'open', '', 0, true)")
	}
	return b.String()
}

const (
	sqlAcceptInboxHead = `insert into inbox (id, source, natural_key, received_at, header, body, digest, state, reason, settled_at, raw) values `
	sqlAcceptInboxTail = ` on conflict (source, natural_key) do nothing`
	sqlAcceptInbox     = sqlAcceptInboxHead + `($1, $2, $3, $4, $5, $6, $7, 'open', '', 0, true)` + sqlAcceptInboxTail
	sqlAcceptWorkHead  = `insert into work (id, kind, natural_key, service_id, payload, due_at, ready_at, again_at, attempts, token, problem, buried, created_at)`
	sqlAcceptWork      = sqlAcceptWorkHead + `
		select $1, $2, $1, '', '', cast($3 as bigint), cast($3 as bigint), 0, 0, '', '', false, cast($3 as bigint)
		where exists (select 1 from inbox where id = $1)`
	sqlKnown = `select id, digest from inbox where source = $1 and natural_key = $2`
)

// acceptance's two statements: the work is asked for only where the envelope
// is new.
func (s *Store) acceptStatements(e debrief.Envelope) (id string, inbox, work stmt, err error) {
	now := s.now()
	if e.Received.IsZero() {
		e.Received = now
	}
	if e.Header == nil {
		e.Header = map[string]string{}
	}
	header, err := encode(e.Header)
	if e.Body == nil {
		e.Body = []byte{}
	}
	id = s.newID()
	inbox = stmt{sqlAcceptInbox, args(id, e.Source, e.Key, micros(e.Received), header, e.Body, e.Digest)}
	return id, inbox, stmt{sqlAcceptWork, args(id, WorkRecord, micros(now))}, err
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
// would cost more than accepting, so they are counted once a second, and
// always before somebody is refused. One source may fill three quarters of the
// room: who floods is told to wait while there is still some for the others.
type backlog struct {
	mu    sync.Mutex
	max   int64
	open  int64
	until time.Time
	of    map[string]int64 // by source, once half of the room is taken
}

func (b *backlog) admit(ctx context.Context, s *Store, envs []debrief.Envelope) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	n, now := int64(len(envs)), s.clock()
	if now.After(b.until) || b.open+n > b.max {
		_, err := s.read(ctx).one(`select count(*) from (select 1 as x from inbox where state = 'open' limit $1) as t`, args(b.max+1), &b.open)
		if err != nil {
			return err
		}
		b.until, b.of = now.Add(time.Second), map[string]int64{}
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
			b.of[source] = held
		}
		if held+more > share {
			return debrief.Errorf(debrief.TooMany, "", "%d events of %s wait to be recorded, no more of them are taken in for now", held, source).
				WithHint("send it again later; nothing was kept")
		}
	}
	b.open += n
	for source, more := range mine {
		if _, known := b.of[source]; known {
			b.of[source] += more
		}
	}
	return nil
}

const sqlOpenOf = `select count(*) from (select 1 as x from inbox where source = $1 and state = 'open' limit $2) as k`
