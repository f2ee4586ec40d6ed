package store

import (
	"context"

	"github.com/debriefhq/debrief"
)

// WorkSend is the kind of work that a message asks for; its key is the message's.
const WorkSend = "send"

// Post puts a message into the outbox, and the work of sending it into the
// queue; once per key, whatever became of it.
func (tx *Tx) Post(m debrief.Message) error {
	if m.Created.IsZero() {
		m.Created = tx.s.now()
	}
	if m.State == "" {
		m.State = debrief.MessageWaiting
	}
	n, err := tx.exec(`insert into outbox (message_key, channel, body, link, created_at, state, attempts, problem, settled_at)
		values ($1, $2, $3, $4, $5, $6, 0, '', 0) on conflict (message_key) do nothing`,
		m.Key, m.Channel, m.Text, m.Link, micros(m.Created), string(m.State))
	if err != nil || n == 0 {
		return err
	}
	tx.shown(n)
	return tx.Enqueue(Work{Kind: WorkSend, Key: m.Key})
}

const (
	messageColumns = `message_key, channel, body, link, created_at, state, attempts, problem, settled_at`
	sqlMessage     = `select ` + messageColumns + ` from outbox where message_key = $1`
)

// messages reads rows of messageColumns.
func (q querier) messages(text string, a ...any) ([]debrief.Message, error) {
	var out []debrief.Message
	err := q.each(text, a, func(scan scanner) error {
		var m debrief.Message
		var state string
		var created, settled int64
		if err := scan(&m.Key, &m.Channel, &m.Text, &m.Link, &created, &state, &m.Attempts, &m.Problem, &settled); err != nil {
			return err
		}
		m.State, m.Created, m.Settled = debrief.MessageState(state), instant(created), instant(settled)
		out = append(out, m)
		return nil
	})
	return out, err
}

// Messages lists messages in the given states (none: all), newest first.
func (s *Store) Messages(ctx context.Context, states []debrief.MessageState, limit int) ([]debrief.Message, error) {
	if len(states) == 0 {
		return s.read(ctx).messages(`select `+messageColumns+` from outbox order by created_at desc, message_key desc limit $1`, limit)
	}
	a := args(limit)
	for _, st := range states {
		a = append(a, string(st))
	}
	return s.read(ctx).messages(`select `+messageColumns+` from outbox where state in (`+marks(2, len(states))+`)
		order by created_at desc, message_key desc limit $1`, a...)
}

// TakeMessage marks a message as being sent. One that somebody was sending
// already may have arrived or not: it becomes unresolved, and the taker gets a
// Conflict and must not send it.
func (s *Store) TakeMessage(ctx context.Context, key string) (m debrief.Message, err error) {
	torn := false
	err = s.Update(ctx, func(tx *Tx) error {
		torn = false
		n, err := tx.exec(`update outbox set state = 'sending', attempts = attempts + 1 where message_key = $1 and state = 'waiting'`, key)
		if err != nil {
			return err
		}
		if n == 0 {
			u, err := tx.exec(`update outbox set state = 'unresolved', problem = $2, settled_at = $3 where message_key = $1 and state = 'sending'`,
				key, "it was being sent when debrief stopped; whether it arrived is not known", micros(tx.s.now()))
			if err != nil {
				return err
			}
			torn = u > 0
		}
		tx.shown(1)
		ms, err := tx.messages(sqlMessage, key)
		switch {
		case err != nil:
			return err
		case len(ms) == 0:
			return debrief.Errorf(debrief.NotFound, "", "no message %q", key)
		}
		m = ms[0]
		if n == 0 && !torn {
			return debrief.Errorf(debrief.Conflict, "", "the message %q is %s already", key, m.State)
		}
		return nil
	})
	if err == nil && torn {
		err = debrief.Errorf(debrief.Conflict, "", "the message %q was being sent already; it is unresolved and not repeated", key)
	}
	return m, err
}

// SettleMessage says what became of a message. Waiting means that it surely was
// not delivered and may be taken again. What was sent stays sent.
func (s *Store) SettleMessage(ctx context.Context, key string, st debrief.MessageState, problem string) error {
	return s.Update(ctx, func(tx *Tx) error {
		settled := micros(tx.s.now())
		if st == debrief.MessageWaiting || st == debrief.MessageSending {
			settled = 0
		}
		n, err := tx.exec(`update outbox set state = $2, problem = $3, settled_at = $4 where message_key = $1 and state <> 'sent'`, key, string(st), problem, settled)
		if err != nil || n > 0 {
			tx.shown(n)
			return err
		}
		ms, err := tx.messages(sqlMessage, key)
		switch {
		case err != nil:
			return err
		case len(ms) == 0:
			return debrief.Errorf(debrief.NotFound, "", "no message %q", key)
		case st == debrief.MessageSent:
			return nil
		}
		return debrief.Errorf(debrief.Conflict, "", "the message %q was sent already", key)
	})
}

// ResolveMessage is a person's word on a message that is unresolved or failed:
// it arrived, or it is to be sent again.
func (s *Store) ResolveMessage(ctx context.Context, key string, arrived bool) (m debrief.Message, err error) {
	err = s.Update(ctx, func(tx *Tx) error {
		state, settled, problem := debrief.MessageSent, micros(tx.s.now()), "somebody said that it arrived"
		if !arrived {
			state, settled, problem = debrief.MessageWaiting, 0, ""
		}
		n, err := tx.exec(`update outbox set state = $2, settled_at = $3, problem = $4 where message_key = $1 and state in ('unresolved', 'failed')`, key, string(state), settled, problem)
		if err != nil {
			return err
		}
		tx.shown(n)
		ms, err := tx.messages(sqlMessage, key)
		switch {
		case err != nil:
			return err
		case len(ms) == 0:
			return debrief.Errorf(debrief.NotFound, "key", "no message %q", key)
		}
		m = ms[0]
		if n == 0 {
			return debrief.Errorf(debrief.Conflict, "state", "the message is %s; only one that is unresolved or failed needs a word", m.State)
		}
		if arrived {
			return nil
		}
		return tx.Enqueue(Work{Kind: WorkSend, Key: key})
	})
	return m, err
}
