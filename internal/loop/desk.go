package loop

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/coach"
	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/tell"
)

// Desk is where people write: debriefs and their one action. The pages, the
// API and the command line all come here, so that one rule holds everywhere.
type Desk struct {
	Store    *store.Store
	Config   config.Config
	Location *time.Location
	Now      func() time.Time
}

// maxDebrief bounds the text of one debrief: fifteen minutes of writing are
// far below it.
const maxDebrief = 256 << 10

// Edit is what a person changes of a debrief.
type Edit struct {
	Title  string      `json:"title"`
	Text   string      `json:"text"`
	Gap    debrief.Gap `json:"gap,omitempty"`
	Failed bool        `json:"failed,omitempty"` // the release failed, though no ticket says so
	Parked []string    `json:"parked,omitempty"`
}

// Begin opens the debrief about a release or an incident, by its id, and drafts
// it where there is none yet.
func (k Desk) Begin(ctx context.Context, id string) (debrief.Debrief, error) {
	d, in, err := k.about(ctx, id)
	if err != nil {
		return d, err
	}
	if there, found, err := k.Store.DebriefAbout(ctx, d.Service, d.AboutID); err != nil || found {
		return there, err
	}
	draft := coach.New(in)
	d.Title, d.Text, d.Gap = draft.Title, draft.Markdown(in), draft.Gap
	d.State, d.Created = debrief.DebriefDraft, debrief.Instant(k.Now())
	err = k.Store.Update(ctx, func(tx *store.Tx) error {
		saved, err := tx.SaveDebrief(d, 0)
		if debrief.KindOf(err) == debrief.Conflict {
			err = nil // somebody began it in this very moment: theirs is there
		}
		d = saved
		return err
	})
	return d, err
}

// Draft is what the facts say of what a debrief is about, as they are known now.
func (k Desk) Draft(ctx context.Context, id string) (coach.Draft, error) {
	_, in, err := k.about(ctx, id)
	if err != nil {
		return coach.Draft{}, err
	}
	return coach.New(in), nil
}

// Smooth is the one line of a release that needs no debrief; false: it does.
func (k Desk) Smooth(ctx context.Context, releaseID string) (string, bool, error) {
	_, in, err := k.about(ctx, releaseID)
	if err != nil {
		return "", false, err
	}
	line, ok := coach.Smooth(in)
	return line, ok, nil
}

// about loads what a debrief about this release or incident is made of.
func (k Desk) about(ctx context.Context, id string) (debrief.Debrief, coach.Input, error) {
	in := coach.Input{
		Took: tell.Duration,
		Link: func(kind, id string) string {
			if id == "" || kind != "release" && kind != "incident" {
				return ""
			}
			return strings.TrimRight(k.Config.URL, "/") + "/" + kind + "s/" + id
		},
	}
	d := debrief.Debrief{About: "release"}
	s, err := k.Store.Story(ctx, id)
	if debrief.KindOf(err) == debrief.NotFound {
		i, wrong := k.Store.Incident(ctx, id)
		if wrong != nil {
			return d, in, debrief.Errorf(debrief.NotFound, "about", "%q is neither a release nor an incident", id).WithHint("debrief releases and debrief incidents list them")
		}
		d.About, d.AboutID, d.Service, in.Incident = "incident", i.ID, i.Service, &i
		held, found, wrong := k.Store.Attribution(ctx, i.ID)
		if wrong != nil {
			return d, in, wrong
		}
		s, err = debrief.Story{ServiceName: i.Service}, nil
		if found {
			in.Held = &held
			if release := heldRelease(held); release != "" {
				if s, err = k.Store.Story(ctx, release); debrief.KindOf(err) == debrief.NotFound {
					s, err = debrief.Story{ServiceName: i.Service}, nil // it was absorbed since
				}
			}
		}
	} else if err == nil {
		d.AboutID, d.Service = s.Release.ID, s.Release.Service
	}
	if err != nil {
		return d, in, err
	}
	in.Story = s
	d.ID = debrief.ID("debrief", d.About, d.AboutID)
	beside := s.Release.Started
	if beside.IsZero() && in.Incident != nil {
		beside = in.Incident.Began
	}
	in.Clock = func(t time.Time) string { return tell.Clock(t, beside, k.Location) }
	if s.Release.ID != "" {
		fs, err := k.Store.FactsOf(ctx, s.Release.Service, s.Release.ID)
		if err != nil {
			return d, in, err
		}
		if len(fs) > 0 {
			in.Facts = fs[0]
		}
	}
	if d.Service != debrief.Org {
		in.Earlier, _, err = k.Store.Debriefs(ctx, store.ObjectFilter{Service: d.Service, Limit: 50})
		in.Earlier = slices.DeleteFunc(in.Earlier, func(e debrief.Debrief) bool { return e.ID == d.ID })
	}
	return d, in, err
}

// heldRelease is the release an incident is held to come from; empty: none is,
// or somebody has to say.
func heldRelease(a debrief.Attribution) string {
	if a.Answer != nil {
		for _, c := range a.Candidates {
			if c.ID == a.Answer.Answer && c.Kind == "release" {
				return c.ID
			}
		}
		return ""
	}
	if a.State == debrief.BlamePicked && len(a.Candidates) > 0 && a.Candidates[0].Kind == "release" {
		return a.Candidates[0].ID
	}
	return ""
}

// Wording points out where a text would say more by looking at the system.
func (k Desk) Wording(ctx context.Context, text string) []coach.Hint {
	var known []string
	if services, err := k.Store.Services(ctx); err == nil {
		for _, s := range services {
			known = append(append(known, s.Name, s.ID), s.Aliases...)
		}
	}
	return coach.Wording(text[:min(len(text), maxDebrief)], known)
}

// Save writes a person's edit over the version it was made from. Where somebody
// else saved in between, nothing changes: a Conflict, and what stands there.
func (k Desk) Save(ctx context.Context, id string, from int, e Edit) (d debrief.Debrief, err error) {
	if err := e.valid(); err != nil {
		return d, err
	}
	err = k.Store.Update(ctx, func(tx *store.Tx) error {
		if d, err = tx.Debrief(id); err != nil {
			return err
		}
		was := d
		d.Title, d.Text, d.Gap, d.Failed, d.Parked = strings.TrimSpace(e.Title), e.Text, e.Gap, e.Failed, e.Parked
		if from == d.Version && slices.Equal(d.Parked, was.Parked) && d.Title == was.Title && d.Text == was.Text && d.Gap == was.Gap && d.Failed == was.Failed {
			return nil // saved already: an answer that got lost is asked for again
		}
		if d, err = tx.SaveDebrief(d, from); err != nil {
			return err
		}
		return k.told(tx, was, d)
	})
	return d, err
}

func (e Edit) valid() error {
	switch {
	case len(e.Text) > maxDebrief:
		return debrief.Errorf(debrief.TooLarge, "text", "%d kB are more than a debrief holds", len(e.Text)>>10).WithHint("at most %d kB", maxDebrief>>10)
	case !utf8.ValidString(e.Text) || !utf8.ValidString(e.Title):
		return debrief.Errorf(debrief.Invalid, "text", "it is not UTF-8 text")
	case utf8.RuneCountInString(e.Title) > 200:
		return debrief.Errorf(debrief.Invalid, "title", "it is longer than 200 characters")
	case e.Gap != "" && !slices.Contains(debrief.Gaps(), e.Gap):
		var known []string
		for _, g := range debrief.Gaps() {
			known = append(known, string(g))
		}
		return debrief.Errorf(debrief.Invalid, "gap", "%q is no gap", e.Gap).WithHint("one of: %s", strings.Join(known, ", "))
	case len(e.Parked) > 50:
		return debrief.Errorf(debrief.Invalid, "parked", "%d ideas are more than anybody comes back to", len(e.Parked))
	}
	return nil
}

// told makes known what follows from a debrief that changed: that a release
// failed though no ticket said so, and where it can be found.
func (k Desk) told(tx *store.Tx, was, d debrief.Debrief) error {
	if was.Failed != d.Failed && d.About == "release" {
		if err := tx.Enqueue(store.Work{Kind: store.WorkFacts, Key: d.AboutID, Service: d.Service, Due: k.Now()}); err != nil {
			return err
		}
	}
	return tx.Index(d.Service, "debrief", d.ID, d.Title+"\n"+d.Text)
}

// Finish ends a debrief: its gap is tagged, its one action decided. The team's
// channel is told once.
func (k Desk) Finish(ctx context.Context, id string, from int) (d debrief.Debrief, err error) {
	err = k.Store.Update(ctx, func(tx *store.Tx) error {
		if d, err = tx.Debrief(id); err != nil {
			return err
		}
		switch {
		case d.State == debrief.DebriefFinished:
			return nil
		case d.ActionID == "":
			return debrief.Errorf(debrief.Invalid, "action", "a debrief ends with exactly one action, and this one has none").WithHint("which one thing, doable next week, would have the system behave better?")
		case d.Gap == "":
			return debrief.Errorf(debrief.Invalid, "gap", "which gap did it show?").WithHint("tag one, so that the monthly review can count them")
		}
		a, err := tx.Action(d.ActionID)
		if err != nil {
			return err
		}
		d.State, d.Finished = debrief.DebriefFinished, debrief.Instant(k.Now())
		if d, err = tx.SaveDebrief(d, from); err != nil {
			return err
		}
		if a.Gap != d.Gap {
			a.Gap = d.Gap
			if err := tx.SaveAction(a); err != nil {
				return err
			}
		}
		if k.Config.Chat.Webhook == "" && k.Config.Chat.WebhookFile == "" {
			return nil
		}
		link := ""
		if k.Config.URL != "" {
			link = strings.TrimRight(k.Config.URL, "/") + "/debriefs/" + d.ID
		}
		return tx.Post(debrief.Message{
			Key: "debrief/" + d.ID, Channel: "chat", Text: tell.ChatDebrief(d, a, link), Link: link,
			Created: d.Finished, State: debrief.MessageWaiting,
		})
	})
	return d, err
}

// Decide gives a debrief its one action. A second is refused.
func (k Desk) Decide(ctx context.Context, debriefID string, a debrief.Action) (debrief.Action, error) {
	now := debrief.Instant(k.Now())
	err := k.Store.Update(ctx, func(tx *store.Tx) error {
		d, err := tx.Debrief(debriefID)
		if err != nil {
			return err
		}
		a.ID = debrief.ID("action", debriefID, strconv.Itoa(d.Version))
		a.Service, a.DebriefID, a.Gap, a.Created = d.Service, d.ID, d.Gap, now
		a.Team = k.Config.Services[d.Service].Team
		if err := coach.Accept(d, a); err != nil {
			return err
		}
		team, err := tx.OpenActions(a.Team)
		if err != nil {
			return err
		}
		a = coach.Begin(team, a, now)
		d.ActionID = a.ID
		if _, err := tx.SaveDebrief(d, d.Version); err != nil {
			return err
		}
		return k.keepAction(tx, a)
	})
	return a, err
}

func (k Desk) keepAction(tx *store.Tx, a debrief.Action) error {
	if err := tx.SaveAction(a); err != nil {
		return err
	}
	if err := k.planAction(tx, a); err != nil {
		return err
	}
	if err := tx.Enqueue(store.Work{Kind: workPromise, Key: a.ID, Service: a.Service, Due: k.Now()}); err != nil {
		return err
	}
	return tx.Index(a.Service, "action", a.ID, a.Title+"\n"+a.Scope+"\n"+a.DoneWhen)
}

// Rework changes the words, days and promise of an action that is not ended.
func (k Desk) Rework(ctx context.Context, id string, change debrief.Action) (a debrief.Action, err error) {
	return k.action(ctx, id, func(tx *store.Tx, a debrief.Action) (debrief.Action, error) {
		if a.State != debrief.ActionProgress && a.State != debrief.ActionWaiting {
			return a, debrief.Errorf(debrief.Conflict, "state", "the action is %s", a.State)
		}
		a.Title, a.Scope, a.DoneWhen, a.Owner = change.Title, change.Scope, change.DoneWhen, change.Owner
		a.Starts, a.Due, a.Promise, a.URL = change.Starts, change.Due, change.Promise, change.URL
		return a, coach.Accept(debrief.Debrief{ActionID: a.ID}, a)
	})
}

// Postpone puts an action off, for one reason.
func (k Desk) Postpone(ctx context.Context, id string, to time.Time, reason string) (debrief.Action, error) {
	return k.action(ctx, id, func(_ *store.Tx, a debrief.Action) (debrief.Action, error) {
		return coach.Postpone(a, debrief.Instant(to), reason, debrief.Instant(k.Now()))
	})
}

// End ends an action: done, or dropped. The next in the team's line begins. A
// debrief whose action is dropped may decide another one.
func (k Desk) End(ctx context.Context, id string, as debrief.ActionState) (debrief.Action, error) {
	return k.action(ctx, id, func(tx *store.Tx, a debrief.Action) (debrief.Action, error) {
		team, err := tx.OpenActions(a.Team)
		if err != nil {
			return a, err
		}
		ended, next, err := coach.Settle(team, a, as, debrief.Instant(k.Now()))
		if err != nil {
			return a, err
		}
		if next != nil {
			if err := k.keepAction(tx, *next); err != nil {
				return a, err
			}
		}
		if as != debrief.ActionDropped {
			return ended, nil
		}
		d, err := tx.Debrief(a.DebriefID)
		if err != nil || d.ActionID != a.ID {
			return ended, err
		}
		d.ActionID = ""
		_, err = tx.SaveDebrief(d, d.Version)
		return ended, err
	})
}

func (k Desk) action(ctx context.Context, id string, change func(*store.Tx, debrief.Action) (debrief.Action, error)) (a debrief.Action, err error) {
	err = k.Store.Update(ctx, func(tx *store.Tx) error {
		if a, err = tx.Action(id); err != nil {
			return err
		}
		if a, err = change(tx, a); err != nil {
			return err
		}
		return k.keepAction(tx, a)
	})
	return a, err
}

// Debrief, Debriefs, Action and Actions read what was written.
func (k Desk) Debrief(ctx context.Context, id string) (debrief.Debrief, error) {
	return k.Store.Debrief(ctx, id)
}

func (k Desk) Debriefs(ctx context.Context, f store.ObjectFilter) ([]debrief.Debrief, string, error) {
	return k.Store.Debriefs(ctx, f)
}

func (k Desk) Action(ctx context.Context, id string) (debrief.Action, error) {
	return k.Store.Action(ctx, id)
}

func (k Desk) Actions(ctx context.Context, f store.ObjectFilter, states ...debrief.ActionState) ([]debrief.Action, string, error) {
	return k.Store.Actions(ctx, f, states...)
}

// Written finds the debrief about a release or an incident, where there is one.
func (k Desk) Written(ctx context.Context, service, about string) (debrief.Debrief, bool, error) {
	return k.Store.DebriefAbout(ctx, service, about)
}
