package coach

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
)

var now = time.Date(2026, 10, 5, 9, 0, 0, 0, time.UTC)

func action(id string, state debrief.ActionState, day int) debrief.Action {
	return debrief.Action{ID: id, Title: "Copy production's rows into staging", State: state, Created: now.AddDate(0, 0, day)}
}

func TestExactlyOneAction(t *testing.T) {
	t.Parallel()
	a := action("a", "", 0)
	if err := Accept(debrief.Debrief{}, a); err != nil {
		t.Errorf("the first: %v", err)
	}
	if err := Accept(debrief.Debrief{ActionID: "a"}, a); err != nil {
		t.Errorf("the same again: %v", err)
	}
	err := Accept(debrief.Debrief{ActionID: "b"}, a)
	if debrief.KindOf(err) != debrief.Conflict || !strings.Contains(err.Error(), "its one action already") {
		t.Errorf("the second: %v", err)
	}
	if err := Accept(debrief.Debrief{}, debrief.Action{ID: "a", Title: " "}); debrief.KindOf(err) != debrief.Invalid {
		t.Errorf("without a sentence: %v", err)
	}
	a.Promise = &debrief.Promise{Measure: "happiness"}
	if err := Accept(debrief.Debrief{}, a); debrief.KindOf(err) != debrief.Invalid {
		t.Errorf("a promise nobody can check: %v", err)
	}
}

// Whatever is begun, ended and put off, in any order: one in progress at most,
// and never none while somebody waits.
func TestOneInProgress(t *testing.T) {
	t.Parallel()
	team := []debrief.Action{}
	at := now
	for step := range 300 {
		at = at.Add(time.Hour)
		switch {
		case step%3 != 2:
			a := action(string(rune('a'+step%26))+strings.Repeat("x", step/26), "", 0)
			a.Created = at
			team = append(team, Begin(team, a, at))
		default:
			i := (step * 7) % len(team)
			as := []debrief.ActionState{debrief.ActionDone, debrief.ActionDropped}[step%2]
			ended, next, err := Settle(team, team[i], as, at)
			if err != nil {
				if team[i].State != debrief.ActionDone && team[i].State != debrief.ActionDropped {
					t.Fatal(err)
				}
				continue
			}
			team[i] = ended
			if next != nil {
				team[slices.IndexFunc(team, func(a debrief.Action) bool { return a.ID == next.ID })] = *next
			}
		}
		busy := 0
		for _, a := range team {
			if a.State == debrief.ActionProgress {
				busy++
			}
		}
		_, waiting := InLine(team)
		if busy > 1 || busy == 0 && len(waiting) > 0 {
			t.Fatalf("step %d: %d in progress, %d wait", step, busy, len(waiting))
		}
		for i := 1; i < len(waiting); i++ {
			if waiting[i].Created.Before(waiting[i-1].Created) {
				t.Fatal("who came later goes first")
			}
		}
	}
}

func TestPostpone(t *testing.T) {
	t.Parallel()
	a := action("a", debrief.ActionProgress, 0)
	a, err := Postpone(a, now.AddDate(0, 0, 7), " the cluster moves ", now)
	if err != nil || len(a.Postponed) != 1 || a.Postponed[0].Reason != "the cluster moves" || !a.Due.Equal(now.AddDate(0, 0, 7)) {
		t.Errorf("%+v, %v", a, err)
	}
	for want, c := range map[string]struct {
		state  debrief.ActionState
		to     time.Time
		reason string
	}{
		"what is in the way":    {debrief.ActionProgress, now.AddDate(0, 0, 7), " "},
		"is not later than now": {debrief.ActionProgress, now, "holidays"},
		"nothing is left":       {debrief.ActionDone, now.AddDate(0, 0, 7), "holidays"},
	} {
		if _, err := Postpone(action("a", c.state, 0), c.to, c.reason, now); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	p, err := debrief.ParsePromise("step ratio of migrate under 3 over the next 3 releases with migration")
	if err != nil {
		t.Fatal(err)
	}
	good := debrief.Action{
		Title: "Copy last night's production rows into staging, so that migrations show their real time", Scope: "only orders", DoneWhen: "staging has 31 M orders",
		Owner: "Kim", Starts: now.AddDate(0, 0, 3), Due: now.AddDate(0, 0, 10), Promise: &p,
	}
	if got := Help(good, now); len(got) > 0 {
		t.Errorf("nothing is missing, and %+v is said", got)
	}
	for name, c := range map[string]struct {
		change func(*debrief.Action)
		field  string
	}{
		"no sentence":      {func(a *debrief.Action) { a.Title = "" }, "title"},
		"no end":           {func(a *debrief.Action) { a.Title = "Improve monitoring of the checkout service" }, "title"},
		"no verb":          {func(a *debrief.Action) { a.Title = "The staging database is too small" }, "title"},
		"no outcome":       {func(a *debrief.Action) { a.Title = "Add rows" }, "title"},
		"several things":   {func(a *debrief.Action) { a.Title = "Add rows and split the job and alert on it and write it down" }, "title"},
		"no scope":         {func(a *debrief.Action) { a.Scope = "" }, "scope"},
		"no end to see":    {func(a *debrief.Action) { a.DoneWhen = "" }, "done_when"},
		"nobody":           {func(a *debrief.Action) { a.Owner = "" }, "owner"},
		"nothing promised": {func(a *debrief.Action) { a.Promise = nil }, "promise"},
		"in a month":       {func(a *debrief.Action) { a.Starts, a.Due = now.AddDate(0, 1, 0), now.AddDate(0, 1, 3) }, "starts_at"},
		"a quarter":        {func(a *debrief.Action) { a.Due = now.AddDate(0, 3, 0) }, "due_at"},
		"backwards":        {func(a *debrief.Action) { a.Due = now }, "due_at"},
	} {
		a := good
		c.change(&a)
		got := Help(a, now)
		if len(got) != 1 || got[0].Field != c.field || got[0].Text == "" {
			t.Errorf("%s: %+v, want one piece of advice on %s", name, got, c.field)
		}
	}
}

func TestKeep(t *testing.T) {
	t.Parallel()
	one, parked := Keep([]string{" ", "Add an  alert", "Split the job", "", "Write it down"})
	if one != "Add an alert" || !slices.Equal(parked, []string{"Split the job", "Write it down"}) {
		t.Errorf("%q, %q", one, parked)
	}
}
