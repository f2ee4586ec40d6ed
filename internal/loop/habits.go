package loop

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/tell"
)

// workHabit is a small routine that reminds once, in the team's morning, where
// there is something to say. Its key names what it is about and which time it
// is: a reminder is never repeated, and what was done meanwhile is not said.
//
//	draft/INCIDENT        the morning after an incident nobody wrote about
//	action/ACTION/DAY     the day an action is due
const workHabit = "habit"

// forgottenAfter is how old an incident may be for its debrief to be asked for:
// history that is imported reminds nobody.
const forgottenAfter = 48 * time.Hour

// planDraft asks for the reminder after an incident that people had: the next
// morning on which the team works.
func (l *Loop) planDraft(tx *store.Tx, i debrief.Incident) error {
	ended := i.Ended()
	if i.Alert || ended.IsZero() || l.Now().Sub(ended) > forgottenAfter {
		return nil
	}
	return tx.Enqueue(store.Work{Kind: workHabit, Key: "draft/" + i.ID, Service: i.Service, Due: l.Config.Habits.Morning(ended, l.Location)})
}

// PlanAction asks for the reminder on the day an action is due.
func (k Desk) planAction(tx *store.Tx, a debrief.Action) error {
	if a.State != debrief.ActionProgress || a.Due.IsZero() {
		return nil
	}
	day := a.Due.In(k.Location).Format(time.DateOnly)
	return tx.Enqueue(store.Work{Kind: workHabit, Key: "action/" + a.ID + "/" + day, Service: a.Service, Due: k.Config.Habits.MorningOf(a.Due, k.Location)})
}

func (l *Loop) habit(ctx context.Context, w *store.Work) error {
	kind, rest, _ := strings.Cut(w.Key, "/")
	switch kind {
	case "draft":
		return l.remindDraft(ctx, w, rest)
	case "action":
		id, day, _ := strings.Cut(rest, "/")
		return l.remindAction(ctx, w, id, day)
	}
	return l.Store.Bury(ctx, w, "no such routine")
}

// remindDraft begins the debrief of an incident that nobody wrote about yet, and
// says that it is there. Where somebody did, it is quiet.
func (l *Loop) remindDraft(ctx context.Context, w *store.Work, id string) error {
	i, err := l.Store.Incident(ctx, id)
	if debrief.KindOf(err) == debrief.NotFound {
		return l.Store.Finish(ctx, w, nothing)
	}
	if err != nil {
		return err
	}
	if i.Open() {
		return l.Store.Finish(ctx, w, nothing) // it broke out again; its end asks anew
	}
	if _, written, err := l.Store.DebriefAbout(ctx, i.Service, i.ID); err != nil || written {
		if err != nil {
			return err
		}
		return l.Store.Finish(ctx, w, nothing)
	}
	desk := Desk{Store: l.Store, Config: l.Config, Location: l.Location, Now: l.Now}
	d, err := desk.Begin(ctx, i.ID)
	if err != nil {
		return err
	}
	return l.Store.Finish(ctx, w, func(tx *store.Tx) error {
		link := l.page("/debriefs/" + d.ID)
		return l.post(tx, "habit/"+w.Key, tell.ChatDraft(i, link), link)
	})
}

// remindAction says once that an action is due today, where it is still open
// and its day was not moved.
func (l *Loop) remindAction(ctx context.Context, w *store.Work, id, day string) error {
	a, err := l.Store.Action(ctx, id)
	if debrief.KindOf(err) == debrief.NotFound {
		return l.Store.Finish(ctx, w, nothing)
	}
	if err != nil {
		return err
	}
	if a.State != debrief.ActionProgress || a.Due.In(l.Location).Format(time.DateOnly) != day {
		return l.Store.Finish(ctx, w, nothing)
	}
	return l.Store.Finish(ctx, w, func(tx *store.Tx) error {
		link := l.page("/debriefs/" + a.DebriefID + "#action")
		return l.post(tx, "habit/"+w.Key, tell.ChatDue(a, link), link)
	})
}

func nothing(*store.Tx) error { return nil }

// page is the address of one of our pages; empty where nobody knows how people
// reach them.
func (l *Loop) page(path string) string {
	if l.Config.URL == "" {
		return ""
	}
	return strings.TrimRight(l.Config.URL, "/") + path
}

// post puts one message into the outbox of every channel there is. The key
// names what is said, so it is said once each, however often this runs.
func (l *Loop) post(tx *store.Tx, key, text, link string) error {
	if l.Sender == nil {
		return nil
	}
	for _, channel := range l.channels() {
		m := debrief.Message{Key: key, Channel: channel, Text: text, Link: link, Created: debrief.Instant(l.Now()), State: debrief.MessageWaiting}
		if channel != "chat" {
			m.Key += "#" + channel
		}
		if err := tx.Post(m); err != nil {
			return err
		}
	}
	return nil
}

// channels are where the team is told: its chat, where nothing else is said.
func (l *Loop) channels() []string {
	if len(l.Channels) == 0 {
		return []string{"chat"}
	}
	return slices.Clone(l.Channels)
}
