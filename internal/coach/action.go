package coach

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// The days of an action: it starts within the next calendar week and ends
// within two.
const (
	startsWithin = 7 * 24 * time.Hour
	endsWithin   = 14 * 24 * time.Hour
)

// Accept says whether a debrief may take this action: exactly one. A second is
// refused; as an idea it can be parked.
func Accept(of debrief.Debrief, a debrief.Action) error {
	if strings.TrimSpace(a.Title) == "" {
		return debrief.Errorf(debrief.Invalid, "title", "an action needs a sentence: what will be done, and what for")
	}
	if of.ActionID != "" && of.ActionID != a.ID {
		return debrief.Errorf(debrief.Conflict, "action", "this debrief has its one action already").
			WithHint("one thing; do it; then the next. Park this as an idea, or drop the other action first")
	}
	if a.Promise != nil {
		return a.Promise.Valid()
	}
	return nil
}

// InLine sorts a team's actions into the one in progress (nil: none) and those
// that wait, in the order they will come.
func InLine(team []debrief.Action) (now *debrief.Action, waiting []debrief.Action) {
	for _, a := range team {
		switch a.State {
		case debrief.ActionProgress:
			if now == nil || older(a, *now) < 0 {
				now = &a
			}
		case debrief.ActionWaiting:
			waiting = append(waiting, a)
		}
	}
	slices.SortFunc(waiting, older)
	return now, waiting
}

func older(a, b debrief.Action) int {
	return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID))
}

// Begin gives a new action its place: in progress where the team has none,
// else waiting.
func Begin(team []debrief.Action, a debrief.Action, now time.Time) debrief.Action {
	a.State = debrief.ActionProgress
	if busy, _ := InLine(team); busy != nil && busy.ID != a.ID {
		a.State = debrief.ActionWaiting
	}
	if a.State == debrief.ActionProgress {
		a = scheduled(a, now)
	}
	return a
}

// scheduled fills days that were left open.
func scheduled(a debrief.Action, now time.Time) debrief.Action {
	if a.Starts.IsZero() {
		a.Starts = now
	}
	if a.Due.IsZero() {
		a.Due = now.Add(endsWithin)
	}
	return a
}

// Settle ends an action (done or dropped) and lets the next in line begin; nil:
// nobody waits.
func Settle(team []debrief.Action, a debrief.Action, as debrief.ActionState, now time.Time) (ended debrief.Action, next *debrief.Action, err error) {
	if as != debrief.ActionDone && as != debrief.ActionDropped {
		return a, nil, debrief.Errorf(debrief.Invalid, "state", "an action ends done or dropped, not %q", as)
	}
	if a.State == debrief.ActionDone || a.State == debrief.ActionDropped {
		return a, nil, debrief.Errorf(debrief.Conflict, "state", "it is %s already", a.State)
	}
	was := a.State
	a.State, a.Done = as, now
	if was != debrief.ActionProgress {
		return a, nil, nil
	}
	_, waiting := InLine(slices.DeleteFunc(slices.Clone(team), func(x debrief.Action) bool { return x.ID == a.ID }))
	if len(waiting) == 0 {
		return a, nil, nil
	}
	n := waiting[0]
	n.State = debrief.ActionProgress
	n.Starts, n.Due = time.Time{}, time.Time{} // its days begin when its turn comes
	n = scheduled(n, now)
	return a, &n, nil
}

// Postpone puts an action off, which is allowed and counted, for one reason.
func Postpone(a debrief.Action, to time.Time, reason string, now time.Time) (debrief.Action, error) {
	reason = strings.TrimSpace(reason)
	switch {
	case a.State != debrief.ActionProgress && a.State != debrief.ActionWaiting:
		return a, debrief.Errorf(debrief.Conflict, "state", "it is %s; nothing is left to put off", a.State)
	case reason == "":
		return a, debrief.Errorf(debrief.Invalid, "reason", "what is in the way?").WithHint("one sentence; the monthly review shows what keeps being put off, and why")
	case !to.After(now):
		return a, debrief.Errorf(debrief.Invalid, "to", "%s is not later than now", to.Format("2006-01-02"))
	}
	a.Postponed = append(slices.Clone(a.Postponed), debrief.Postponement{At: now, To: to, Reason: reason})
	a.Due = to
	return a, nil
}

// Advice is one thing that would make an action easier to finish.
type Advice struct {
	Field string `json:"field"`
	Text  string `json:"text"`
}

// vague are beginnings of sentences that nobody can ever finish.
var vague = []string{
	"improve", "better", "be ", "try", "consider", "think", "look into", "investigate", "review our", "discuss", "talk", "ensure", "make sure", "more ", "communicate",
	"raise awareness", "remember", "train", "remind", "avoid", "prevent", "fix everything", "work on", "continue", "explore", "evaluate", "refactor",
}

// Help says what an action still lacks. It never refuses.
func Help(a debrief.Action, now time.Time) []Advice {
	var out []Advice
	say := func(when bool, field, format string, args ...any) {
		if when {
			out = append(out, Advice{field, fmt.Sprintf(format, args...)})
		}
	}
	title := strings.ToLower(strings.Join(strings.Fields(a.Title), " "))
	begins := ""
	for _, v := range vague {
		if strings.HasPrefix(title, v) {
			begins = strings.TrimSpace(v)
		}
	}
	first, _, _ := strings.Cut(title, " ")
	words := len(strings.Fields(title))
	switch {
	case title == "":
		say(true, "title", "What will be done, and what for? “Copy last night's production rows into staging, so that migrations show their real time.”")
	case begins != "":
		say(true, "title", "“%s …” has no end. Which one step would be done next week, and what would be different then?", begins)
	case slices.Contains([]string{"the", "a", "an", "our", "we", "no", "missing", "need", "staging", "alert", "monitoring", "tests", "documentation"}, first):
		say(true, "title", "Begin with what will be done: add, remove, copy, split, automate, alert on…")
	case words < 4:
		say(true, "title", "What will it be good for? Add the outcome: “…, so that …”.")
	}
	say(words > 30 || strings.Count(title, " and ") > 2, "title", "It sounds like several things. Which one comes first? Park the others.")
	say(strings.TrimSpace(a.Scope) == "", "scope", "What is in, and what is not? “Only the orders table; not the archive.”")
	say(strings.TrimSpace(a.DoneWhen) == "", "done_when", "How can one tell that it is done?")
	say(strings.TrimSpace(a.Owner) == "", "owner", "Who will do it? It is the only name debrief keeps.")
	say(a.Promise == nil, "promise", "What will later releases show? “step ratio of migrate under 3 over the next 3 releases with migration”.")
	say(!a.Starts.IsZero() && a.Starts.After(now.Add(startsWithin)), "starts_at", "It starts later than next week. What part of it could start earlier?")
	from := a.Starts
	if from.IsZero() {
		from = now
	}
	say(!a.Due.IsZero() && a.Due.After(from.Add(endsWithin)), "due_at", "It takes longer than two weeks. What would be the first half of it, useful by itself?")
	say(!a.Due.IsZero() && a.Due.Before(from), "due_at", "It is due before it starts.")
	return out
}

// Keep is what an import does with the actions of an old post-mortem: the first
// stays, the others are parked as ideas.
func Keep(actions []string) (one string, parked []string) {
	for _, a := range actions {
		switch a = strings.Join(strings.Fields(a), " "); {
		case a == "":
		case one == "":
			one = a
		default:
			parked = append(parked, a)
		}
	}
	return one, parked
}
