package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/coach"
	"github.com/debriefhq/debrief/internal/loop"
	"github.com/debriefhq/debrief/internal/store"
)

// Debriefs is one page of debriefs, newest first.
type Debriefs struct {
	Debriefs []debrief.Debrief `json:"debriefs"`
	Next     string            `json:"next" doc:"The cursor for ?before= of the following page; empty on the last one"`
}

// DebriefAt is one debrief with what belongs to it.
type DebriefAt struct {
	Debrief debrief.Debrief `json:"debrief"`
	Action  *debrief.Action `json:"action,omitempty" doc:"Its one action"`
	Asks    []coach.Ask     `json:"questions" doc:"What the facts known now ask of the system"`
	Advice  []coach.Advice  `json:"advice,omitempty" doc:"What the action still lacks; nothing of it is refused"`
}

// Actions is one page of actions, newest first.
type Actions struct {
	Actions []debrief.Action `json:"actions"`
	Next    string           `json:"next" doc:"The cursor for ?before= of the following page; empty on the last one"`
}

// ActionAt is one action with what it still lacks.
type ActionAt struct {
	Action debrief.Action `json:"action"`
	Advice []coach.Advice `json:"advice,omitempty" doc:"What it still lacks; nothing of it is refused"`
}

// About says what a debrief is about.
type About struct {
	About string `json:"about" doc:"The id of a release or of an incident"`
}

// DebriefEdit changes a debrief; what is left out stays.
type DebriefEdit struct {
	Version int          `json:"version" doc:"The version that was read; where another one stands there by now, nothing is changed and the answer is 409"`
	Title   *string      `json:"title,omitempty"`
	Text    *string      `json:"text,omitempty" doc:"Markdown"`
	Gap     *debrief.Gap `json:"gap,omitempty"`
	Failed  *bool        `json:"failed,omitempty" doc:"The release failed, though no ticket says so"`
	Parked  *[]string    `json:"parked,omitempty" doc:"Ideas that are not the one action"`
}

// ActionSaid is an action as people decide it.
type ActionSaid struct {
	Title    string    `json:"title" doc:"A verb and a useful outcome"`
	Scope    string    `json:"scope,omitempty"`
	DoneWhen string    `json:"done_when,omitempty" doc:"How one can tell that it is done"`
	Owner    string    `json:"owner,omitempty" doc:"The only name that is kept"`
	Starts   time.Time `json:"starts_at,omitzero"`
	Due      time.Time `json:"due_at,omitzero"`
	Promise  string    `json:"promise,omitempty" doc:"What later releases will show: step ratio of migrate under 3 over the next 3 releases with migration"`
	URL      string    `json:"url,omitempty" doc:"Of the issue it is followed in"`
}

func (s ActionSaid) action() (debrief.Action, error) {
	a := debrief.Action{
		Title: debrief.Mask(s.Title), Scope: debrief.Mask(s.Scope), DoneWhen: debrief.Mask(s.DoneWhen), Owner: s.Owner,
		Starts: debrief.Instant(s.Starts), Due: debrief.Instant(s.Due), URL: s.URL,
	}
	if s.Promise == "" {
		return a, nil
	}
	p, err := debrief.ParsePromise(s.Promise)
	a.Promise = &p
	return a, err
}

// Postponed puts an action off.
type Postponed struct {
	To     time.Time `json:"to"`
	Reason string    `json:"reason" doc:"What is in the way; it is counted"`
}

// Ended ends an action.
type Ended struct {
	As debrief.ActionState `json:"as" doc:"done or dropped"`
}

// Words is a text to look at.
type Words struct {
	Text string `json:"text"`
}

// Hints is where other words would serve learning better.
type Hints struct {
	Hints []coach.Hint `json:"hints" doc:"Places in the text, in bytes; nothing of it is refused"`
}

type debriefIn struct {
	request
	ID string `path:"id"`
}

type newDebrief struct{ request }

func (a *API) debriefRoutes(h huma.API) {
	register(a, h, operation{
		method: http.MethodGet, path: "/api/v1/debriefs", id: "list-debriefs", tag: "debriefs", summary: "Debriefs, newest first",
	}, func(ctx context.Context, in *objectsIn) (*out[Debriefs], error) {
		list, next, err := a.desk.Store.Debriefs(ctx, in.filter())
		return &out[Debriefs]{Debriefs{Debriefs: notNil(list), Next: next}}, err
	})
	register(a, h, operation{
		method: http.MethodPost, path: "/api/v1/debriefs", id: "begin-debrief", tag: "debriefs", body: About{},
		summary:  "Begin the debrief about a release or an incident",
		describe: "Drafted from what is known: the timeline, what went well, what surprised, the questions these facts raise. Where there is one already, that one is answered.",
	}, func(ctx context.Context, in *newDebrief) (*out[DebriefAt], error) {
		var said About
		if err := in.strict(&said); err != nil {
			return nil, err
		}
		d, err := a.desk.Begin(ctx, said.About)
		if err != nil {
			return nil, err
		}
		return a.debriefAt(ctx, d)
	})
	register(a, h, operation{
		method: http.MethodGet, path: "/api/v1/debriefs/{id}", id: "get-debrief", tag: "debriefs", summary: "One debrief, with its action and the questions its facts raise",
	}, func(ctx context.Context, in *debriefIn) (*out[DebriefAt], error) {
		d, err := a.desk.Store.Debrief(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		return a.debriefAt(ctx, d)
	})
	register(a, h, operation{
		method: http.MethodPatch, path: "/api/v1/debriefs/{id}", id: "edit-debrief", tag: "debriefs", body: DebriefEdit{},
		summary:  "Write a debrief",
		describe: "Over the version that was read. 409: somebody else saved in between; nothing was overwritten.",
	}, a.editDebrief)
	register(a, h, operation{
		method: http.MethodPost, path: "/api/v1/debriefs/{id}/action", id: "decide-action", tag: "debriefs", status: http.StatusCreated, body: ActionSaid{},
		summary:  "Decide a debrief's one action",
		describe: "Exactly one: a second is refused with 409. It begins at once where its team has none in progress, and waits in line otherwise.",
	}, func(ctx context.Context, in *debriefIn) (*out[ActionAt], error) {
		var said ActionSaid
		if err := in.strict(&said); err != nil {
			return nil, err
		}
		act, err := said.action()
		if err != nil {
			return nil, err
		}
		act, err = a.desk.Decide(ctx, in.ID, act)
		return a.actionAt(act, err)
	})
	register(a, h, operation{
		method: http.MethodPost, path: "/api/v1/debriefs/{id}/finish", id: "finish-debrief", tag: "debriefs", body: DebriefEdit{},
		summary:  "Finish a debrief",
		describe: "It needs its one action and a gap. The team's channel is told once.",
	}, func(ctx context.Context, in *debriefIn) (*out[DebriefAt], error) {
		var said DebriefEdit
		if err := in.strict(&said); err != nil {
			return nil, err
		}
		d, err := a.desk.Finish(ctx, in.ID, said.Version)
		if err != nil {
			return nil, err
		}
		return a.debriefAt(ctx, d)
	})
	register(a, h, operation{
		method: http.MethodPost, path: "/api/v1/wording", id: "help-wording", tag: "debriefs", body: Words{},
		summary: "Where other words would look at the system instead of at people",
	}, func(ctx context.Context, in *newDebrief) (*out[Hints], error) {
		var said Words
		if err := in.strict(&said); err != nil {
			return nil, err
		}
		return &out[Hints]{Hints{notNil(a.desk.Wording(ctx, said.Text))}}, nil
	})
	a.actionRoutes(h)
}

func (a *API) actionRoutes(h huma.API) {
	type actionsIn struct {
		Service string    `query:"service" doc:"Its id, name or alias"`
		From    time.Time `query:"from" doc:"Only what was decided then or later"`
		To      time.Time `query:"to" doc:"Only what was decided before"`
		Limit   int       `query:"limit" minimum:"1" maximum:"1000" default:"50"`
		Before  string    `query:"before" maxLength:"200" doc:"The \"next\" of the page before"`
		State   string    `query:"state" enum:"waiting,in progress,done,dropped" doc:"Only these"`
	}
	register(a, h, operation{
		method: http.MethodGet, path: "/api/v1/actions", id: "list-actions", tag: "debriefs", summary: "Actions, newest first",
	}, func(ctx context.Context, in *actionsIn) (*out[Actions], error) {
		var states []debrief.ActionState
		if in.State != "" {
			states = append(states, debrief.ActionState(in.State))
		}
		list, next, err := a.desk.Store.Actions(ctx, store.ObjectFilter{Service: in.Service, From: in.From, To: in.To, Limit: in.Limit, Before: in.Before}, states...)
		return &out[Actions]{Actions{Actions: notNil(list), Next: next}}, err
	})
	register(a, h, operation{
		method: http.MethodGet, path: "/api/v1/actions/{id}", id: "get-action", tag: "debriefs", summary: "One action: how it stands, and what later releases showed",
	}, func(ctx context.Context, in *debriefIn) (*out[ActionAt], error) {
		act, err := a.desk.Store.Action(ctx, in.ID)
		return a.actionAt(act, err)
	})
	register(a, h, operation{
		method: http.MethodPatch, path: "/api/v1/actions/{id}", id: "edit-action", tag: "debriefs", body: ActionSaid{},
		summary: "Write an action anew: its words, days and promise",
	}, func(ctx context.Context, in *debriefIn) (*out[ActionAt], error) {
		var said ActionSaid
		if err := in.strict(&said); err != nil {
			return nil, err
		}
		act, err := said.action()
		if err != nil {
			return nil, err
		}
		act, err = a.desk.Rework(ctx, in.ID, act)
		return a.actionAt(act, err)
	})
	register(a, h, operation{
		method: http.MethodPost, path: "/api/v1/actions/{id}/postpone", id: "postpone-action", tag: "debriefs", body: Postponed{},
		summary: "Put an action off, for one reason; it is counted",
	}, func(ctx context.Context, in *debriefIn) (*out[ActionAt], error) {
		var said Postponed
		if err := in.strict(&said); err != nil {
			return nil, err
		}
		act, err := a.desk.Postpone(ctx, in.ID, said.To, debrief.Mask(said.Reason))
		return a.actionAt(act, err)
	})
	register(a, h, operation{
		method: http.MethodPost, path: "/api/v1/actions/{id}/end", id: "end-action", tag: "debriefs", body: Ended{},
		summary: "End an action: done or dropped; the next in line begins",
	}, func(ctx context.Context, in *debriefIn) (*out[ActionAt], error) {
		var said Ended
		if err := in.strict(&said); err != nil {
			return nil, err
		}
		act, err := a.desk.End(ctx, in.ID, said.As)
		return a.actionAt(act, err)
	})
}

func (a *API) editDebrief(ctx context.Context, in *debriefIn) (*out[DebriefAt], error) {
	var said DebriefEdit
	if err := in.strict(&said); err != nil {
		return nil, err
	}
	d, err := a.desk.Store.Debrief(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	e := loop.Edit{Title: d.Title, Text: d.Text, Gap: d.Gap, Failed: d.Failed, Parked: slices.Clone(d.Parked)}
	if said.Title != nil {
		e.Title = *said.Title
	}
	if said.Text != nil {
		e.Text = *said.Text
	}
	if said.Gap != nil {
		e.Gap = *said.Gap
	}
	if said.Failed != nil {
		e.Failed = *said.Failed
	}
	if said.Parked != nil {
		e.Parked = *said.Parked
	}
	if d, err = a.desk.Save(ctx, in.ID, said.Version, e); err != nil {
		return nil, err
	}
	return a.debriefAt(ctx, d)
}

func (a *API) debriefAt(ctx context.Context, d debrief.Debrief) (*out[DebriefAt], error) {
	at := DebriefAt{Debrief: d}
	draft, err := a.desk.Draft(ctx, d.AboutID)
	if err != nil && debrief.KindOf(err) != debrief.NotFound {
		return nil, err
	}
	at.Asks = notNil(draft.Asks)
	if d.ActionID != "" {
		act, err := a.desk.Store.Action(ctx, d.ActionID)
		if err != nil {
			return nil, err
		}
		at.Action, at.Advice = &act, coach.Help(act, a.now())
	}
	return &out[DebriefAt]{at}, nil
}

func (a *API) actionAt(act debrief.Action, err error) (*out[ActionAt], error) {
	if err != nil {
		return nil, err
	}
	return &out[ActionAt]{ActionAt{Action: act, Advice: coach.Help(act, a.now())}}, nil
}

// strict reads a JSON body that holds known fields only.
func (q *request) strict(into any) error {
	body, err := q.jsonBody(maxBody)
	if err != nil {
		return err
	}
	return strict(body, into)
}
