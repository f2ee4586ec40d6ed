package loop

import (
	"context"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/send"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/tell"
)

// send hands one message over. It is marked as being sent before it leaves, so
// after a crash nobody can know whether it arrived: it then stands as
// unresolved and is not said twice.
func (l *Loop) send(ctx context.Context, w *store.Work) error {
	done := func(*store.Tx) error { return nil }
	sender := l.Sender
	if forge, ok := commentKey(w.Key); ok {
		sender = l.Comments[forge]
	}
	if sender == nil {
		return l.Store.Finish(ctx, w, done)
	}
	m, err := l.Store.TakeMessage(ctx, w.Key)
	switch debrief.KindOf(err) {
	case debrief.Conflict, debrief.NotFound:
		if err != nil {
			return l.Store.Finish(ctx, w, done)
		}
	}
	if err != nil {
		return err
	}
	if stale, err := l.staleComment(ctx, m); err != nil || stale {
		if err == nil {
			err = l.Store.SettleMessage(ctx, w.Key, debrief.MessageFailed, "a newer brief took its place")
		} else if back := l.Store.SettleMessage(ctx, w.Key, debrief.MessageWaiting, err.Error()); back != nil {
			err = back
		}
		if err != nil {
			return err
		}
		return l.Store.Finish(ctx, w, done)
	}
	outcome, err := sender.Send(ctx, m)
	problem := ""
	if err != nil {
		problem = err.Error()
	}
	// The answer must be kept even while shutting down.
	keep, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	state, again := debrief.MessageSent, false
	switch outcome {
	case send.Refused:
		state = debrief.MessageFailed
	case send.Unknown:
		state = debrief.MessageUnresolved
	case send.Failed:
		state, again = debrief.MessageWaiting, w.Attempts < triesSend
		if !again {
			state = debrief.MessageFailed
		}
	}
	if err := l.Store.SettleMessage(keep, w.Key, state, problem); err != nil {
		return err
	}
	if again {
		// The receiver may know better when it is worth trying again.
		pause := max(time.Second<<min(w.Attempts, 10), send.RetryAfter(err))
		return l.Store.Retry(keep, w, l.Now().Add(pause), problem, nil)
	}
	return l.Store.Finish(keep, w, done)
}

// triesSend spreads over about half an hour.
const triesSend = 11

// daily says one line about the last day's releases, also when there were none.
func (l *Loop) daily(ctx context.Context, w *store.Work) error {
	day, err := time.ParseInLocation(time.DateOnly, w.Key, l.Location)
	if err != nil {
		return l.Store.Bury(ctx, w, "a daily line's key is its date")
	}
	at := l.dailyAt(day)
	no := false
	rs, _, err := l.Store.Releases(ctx, store.Filter{From: at.AddDate(0, 0, -1), To: at, Limit: 1000, Sample: &no})
	if err != nil {
		return err
	}
	return l.Store.Finish(ctx, w, func(tx *store.Tx) error {
		if l.Sender != nil && l.Config.Chat.Daily != "" {
			m := debrief.Message{
				Key: "daily/" + w.Key, Channel: "chat", Text: tell.Daily(rs, day, l.Location), Link: l.Config.URL,
				Created: debrief.Instant(l.Now()), State: debrief.MessageWaiting,
			}
			if err := tx.Post(m); err != nil {
				return err
			}
		}
		return l.planDaily(tx, at.Add(time.Second))
	})
}

// planDaily enqueues the next daily line after now.
func (l *Loop) planDaily(tx *store.Tx, now time.Time) error {
	if l.Config.Chat.Daily == "" || l.Sender == nil {
		return nil
	}
	day := now.In(l.Location)
	for !l.dailyAt(day).After(now) {
		day = day.AddDate(0, 0, 1)
	}
	return tx.Enqueue(store.Work{Kind: "daily", Key: day.Format(time.DateOnly), Due: l.dailyAt(day)})
}

// dailyAt is the moment of a day's line in the team's time zone.
func (l *Loop) dailyAt(day time.Time) time.Time {
	clock, err := time.Parse("15:04", l.Config.Chat.Daily)
	if err != nil {
		clock = time.Date(0, 1, 1, 9, 0, 0, 0, time.UTC) // config refuses anything else
	}
	return time.Date(day.Year(), day.Month(), day.Day(), clock.Hour(), clock.Minute(), 0, 0, l.Location)
}

// purge forgets raw payloads, output tails and example lines after their time.
func (l *Loop) purge(ctx context.Context, w *store.Work) error {
	if err := l.Store.Purge(ctx, l.Now().Add(-l.Config.Keep.Raw)); err != nil {
		return err
	}
	return l.Store.Retry(ctx, w, l.Now().Add(time.Hour), "", nil)
}
