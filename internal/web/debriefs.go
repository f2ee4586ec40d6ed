package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/access"
	"github.com/debriefhq/debrief/internal/coach"
	"github.com/debriefhq/debrief/internal/loop"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/tell"
)

// Desk is where debriefs and actions are written: loop.Desk.
type Desk interface {
	Begin(ctx context.Context, id string) (debrief.Debrief, error)
	Draft(ctx context.Context, id string) (coach.Draft, error)
	Save(ctx context.Context, id string, from int, e loop.Edit) (debrief.Debrief, error)
	Finish(ctx context.Context, id string, from int) (debrief.Debrief, error)
	Decide(ctx context.Context, debriefID string, a debrief.Action) (debrief.Action, error)
	Postpone(ctx context.Context, id string, to time.Time, reason string) (debrief.Action, error)
	End(ctx context.Context, id string, as debrief.ActionState) (debrief.Action, error)
	Wording(ctx context.Context, text string) []coach.Hint
	Debrief(ctx context.Context, id string) (debrief.Debrief, error)
	Debriefs(ctx context.Context, f store.ObjectFilter) ([]debrief.Debrief, string, error)
	Action(ctx context.Context, id string) (debrief.Action, error)
	Actions(ctx context.Context, f store.ObjectFilter, states ...debrief.ActionState) ([]debrief.Action, string, error)
	Written(ctx context.Context, service, about string) (debrief.Debrief, bool, error)
}

func (s *site) deskRoutes() {
	if s.Desk == nil {
		return
	}
	s.route("GET /debriefs", s.debriefs)
	s.route("POST /debriefs", s.beginDebrief)
	s.route("GET /debriefs/{id}", s.debrief)
	s.route("POST /debriefs/{id}", s.saveDebrief)
	s.route("POST /debriefs/{id}/action", s.decide)
	s.route("POST /debriefs/{id}/finish", s.finishDebrief)
	s.route("POST /actions/{id}/end", s.endAction)
	s.route("POST /actions/{id}/postpone", s.postponeAction)
}

type debriefsView struct {
	Lines    []teamLine
	Debriefs []debrief.Debrief
	Next     string
}

// teamLine is one team's one action, and what waits behind it.
type teamLine struct {
	Team    string
	Now     *actionView
	Waiting []actionView
}

type actionView struct {
	debrief.Action
	Says  string
	Late  bool
	Shown string // how later releases show that it worked
}

func (s *site) actionView(a debrief.Action) actionView {
	v := actionView{Action: a, Says: tell.ActionState(a)}
	v.Late = (a.State == debrief.ActionProgress) && !a.Due.IsZero() && s.Now().After(a.Due)
	if a.Promise != nil {
		v.Shown = a.Promise.String()
	}
	return v
}

// debriefs lists what is in progress, what waits, and what was written.
func (s *site) debriefs(w http.ResponseWriter, r *http.Request) error {
	v := debriefsView{}
	open, _, err := s.Desk.Actions(r.Context(), store.ObjectFilter{Limit: 500}, debrief.ActionProgress, debrief.ActionWaiting)
	if err != nil {
		return err
	}
	slices.Reverse(open)
	byTeam := map[string][]debrief.Action{}
	var teams []string
	for _, a := range open {
		if byTeam[a.Team] == nil {
			teams = append(teams, a.Team)
		}
		byTeam[a.Team] = append(byTeam[a.Team], a)
	}
	slices.Sort(teams)
	for _, team := range teams {
		now, waiting := coach.InLine(byTeam[team])
		l := teamLine{Team: team}
		if now != nil {
			a := s.actionView(*now)
			l.Now = &a
		}
		for _, a := range waiting {
			l.Waiting = append(l.Waiting, s.actionView(a))
		}
		v.Lines = append(v.Lines, l)
	}
	if v.Debriefs, v.Next, err = s.Desk.Debriefs(r.Context(), store.ObjectFilter{Limit: 30, Before: r.URL.Query().Get("before")}); err != nil {
		return err
	}
	return s.show(w, r, "debriefs", view{Title: "Debriefs", Nav: "debriefs", Body: v})
}

// beginDebrief opens the debrief about a release or an incident.
func (s *site) beginDebrief(w http.ResponseWriter, r *http.Request) error {
	if err := s.form(w, r); err != nil {
		return err
	}
	d, err := s.Desk.Begin(r.Context(), r.PostForm.Get("about"))
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/debriefs/"+url.PathEscape(d.ID), http.StatusSeeOther)
	return nil
}

func (s *site) form(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	if err := r.ParseForm(); err != nil {
		return debrief.Errorf(debrief.Invalid, "", "the form could not be read")
	}
	return nil
}

type debriefView struct {
	debrief.Debrief
	AboutURL string
	Asks     []coach.Ask
	Hints    []hintView
	Action   *actionView
	Advice   []coach.Advice
	Gaps     []debrief.Gap
	Theirs   string // what somebody else saved meanwhile, where texts conflict
	Problem  string
	Loud     []metric
	Form     debrief.Action // what was typed into the action's form
	Promise  string
	Due      string
}

type hintView struct {
	coach.Hint
	Line int
}

func (s *site) debrief(w http.ResponseWriter, r *http.Request) error {
	d, err := s.Desk.Debrief(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return s.showDebrief(w, r, http.StatusOK, debriefView{Debrief: d})
}

func (s *site) showDebrief(w http.ResponseWriter, r *http.Request, status int, v debriefView) error {
	v.AboutURL = "/" + v.About + "s/" + url.PathEscape(v.AboutID)
	v.Gaps = debrief.Gaps()
	draft, err := s.Desk.Draft(r.Context(), v.AboutID)
	if err != nil && debrief.KindOf(err) != debrief.NotFound {
		return err
	}
	v.Asks = draft.Asks
	v.Hints = hintsOf(v.Text, s.Desk.Wording(r.Context(), v.Text))
	if v.About == "release" {
		if story, err := s.Reader.Story(r.Context(), v.AboutID); err == nil {
			v.Loud = s.tellRelease(story, "").Loud
		}
	}
	if v.ActionID != "" {
		a, err := s.Desk.Action(r.Context(), v.ActionID)
		if err != nil {
			return err
		}
		av := s.actionView(a)
		v.Action, v.Advice = &av, coach.Help(a, s.Now())
	}
	rev, err := s.Reader.Revision(r.Context())
	if err != nil {
		return err
	}
	// The page does not follow what happens: nothing may move under who writes.
	vw := view{Title: "Debrief: " + v.Title, Nav: "debriefs", Body: v, Live: max(rev, 1)}
	s.render(w, r, status, "debrief", vw)
	return nil
}

func hintsOf(text string, hints []coach.Hint) []hintView {
	var out []hintView
	for _, h := range hints {
		out = append(out, hintView{h, strings.Count(text[:min(h.From, len(text))], "\n") + 1})
	}
	return out
}

// saved is what a page that saves by itself is told.
type saved struct {
	Version int          `json:"version"`
	Hints   []coach.Hint `json:"hints"`
	Theirs  *string      `json:"theirs,omitempty"` // what stands there, where texts conflict
}

// saveDebrief keeps what is written: from a form, or by the page itself while
// somebody types. Two texts that conflict both stay: theirs there, ours here.
func (s *site) saveDebrief(w http.ResponseWriter, r *http.Request) error {
	if err := s.form(w, r); err != nil {
		return err
	}
	id, auto := r.PathValue("id"), r.Header.Get("Accept") == "application/json"
	from, _ := strconv.Atoi(r.PostForm.Get("version"))
	e := loop.Edit{
		Title: r.PostForm.Get("title"), Text: strings.ReplaceAll(r.PostForm.Get("text"), "\r\n", "\n"), Gap: debrief.Gap(r.PostForm.Get("gap")),
		Failed: r.PostForm.Get("failed") != "",
	}
	for _, idea := range strings.Split(r.PostForm.Get("parked"), "\n") {
		if idea = strings.TrimSpace(idea); idea != "" {
			e.Parked = append(e.Parked, idea)
		}
	}
	d, err := s.Desk.Save(r.Context(), id, from, e)
	conflict := debrief.KindOf(err) == debrief.Conflict
	switch {
	case err != nil && !conflict:
		return err
	case auto:
		out := saved{Version: d.Version, Hints: s.Desk.Wording(r.Context(), e.Text)}
		w.Header().Set("Content-Type", "application/json")
		if conflict {
			out.Theirs = &d.Text
			w.WriteHeader(http.StatusConflict)
		}
		return json.NewEncoder(w).Encode(out)
	case conflict:
		theirs := d.Text
		d.Title, d.Text, d.Gap, d.Failed, d.Parked = e.Title, e.Text, e.Gap, e.Failed, e.Parked
		return s.showDebrief(w, r, http.StatusConflict, debriefView{Debrief: d, Theirs: theirs})
	}
	http.Redirect(w, r, "/debriefs/"+url.PathEscape(d.ID), http.StatusSeeOther)
	return nil
}

// decide gives a debrief its one action.
func (s *site) decide(w http.ResponseWriter, r *http.Request) error {
	if err := s.form(w, r); err != nil {
		return err
	}
	f := r.PostForm
	a := debrief.Action{
		Title: debrief.Mask(f.Get("title")), Scope: debrief.Mask(f.Get("scope")), DoneWhen: debrief.Mask(f.Get("done_when")), Owner: f.Get("owner"),
	}
	due, err := s.dayOf(f.Get("due"))
	if err == nil {
		a.Due = due
		if promise := strings.TrimSpace(f.Get("promise")); promise != "" {
			var p debrief.Promise
			if p, err = debrief.ParsePromise(promise); err == nil {
				a.Promise = &p
			}
		}
	}
	if err == nil {
		_, err = s.Desk.Decide(r.Context(), r.PathValue("id"), a)
	}
	switch debrief.KindOf(err) {
	case debrief.Invalid, debrief.Conflict:
		if err != nil {
			return s.again(w, r, err, a, f)
		}
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/debriefs/"+url.PathEscape(r.PathValue("id"))+"#action", http.StatusSeeOther)
	return nil
}

// again shows the page with what was typed and what is wrong with it.
func (s *site) again(w http.ResponseWriter, r *http.Request, wrong error, a debrief.Action, f url.Values) error {
	d, err := s.Desk.Debrief(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return s.showDebrief(w, r, statusOf(wrong), debriefView{Debrief: d, Problem: problemOf(wrong), Form: a, Promise: f.Get("promise"), Due: f.Get("due")})
}

func (s *site) dayOf(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.ParseInLocation(time.DateOnly, text, s.Location)
	if err != nil {
		return at, debrief.Errorf(debrief.Invalid, "due", "%q is not a day", text).WithHint("write 2026-12-04")
	}
	return at.AddDate(0, 0, 1).Add(-time.Second), nil // until its evening
}

func (s *site) finishDebrief(w http.ResponseWriter, r *http.Request) error {
	if err := s.form(w, r); err != nil {
		return err
	}
	from, _ := strconv.Atoi(r.PostForm.Get("version"))
	if _, err := s.Desk.Finish(r.Context(), r.PathValue("id"), from); err != nil {
		if debrief.KindOf(err) == debrief.Invalid || debrief.KindOf(err) == debrief.Conflict {
			return s.again(w, r, err, debrief.Action{}, url.Values{})
		}
		return err
	}
	http.Redirect(w, r, "/debriefs/"+url.PathEscape(r.PathValue("id")), http.StatusSeeOther)
	return nil
}

func (s *site) endAction(w http.ResponseWriter, r *http.Request) error {
	if err := s.form(w, r); err != nil {
		return err
	}
	a, err := s.Desk.End(r.Context(), r.PathValue("id"), debrief.ActionState(r.PostForm.Get("as")))
	return s.afterAction(w, r, a, err)
}

func (s *site) postponeAction(w http.ResponseWriter, r *http.Request) error {
	if err := s.form(w, r); err != nil {
		return err
	}
	to, err := s.dayOf(r.PostForm.Get("to"))
	if err != nil {
		return err
	}
	a, err := s.Desk.Postpone(r.Context(), r.PathValue("id"), to, debrief.Mask(r.PostForm.Get("reason")))
	return s.afterAction(w, r, a, err)
}

func (s *site) afterAction(w http.ResponseWriter, r *http.Request, a debrief.Action, err error) error {
	if err != nil {
		return err
	}
	to := "/debriefs"
	if r.PostForm.Get("back") == "debrief" {
		to += "/" + url.PathEscape(a.DebriefID) + "#action"
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

func statusOf(err error) int { return access.Status(debrief.KindOf(err)) }

// problemOf is what was wrong and what to do, for beside the field.
func problemOf(err error) string {
	var e *debrief.Error
	if !errors.As(err, &e) {
		return sentence(err.Error())
	}
	text := sentence(e.Message)
	if e.Hint != "" {
		text += " " + sentence(capital(e.Hint))
	}
	return text
}
