package org

import (
	"cmp"
	"slices"
	"time"

	"github.com/debriefhq/debrief"
)

// occasion is something a team sits down about for fifteen minutes.
type occasion struct {
	at    time.Time
	sim   *simulation
	r     *release
	about string
	id    string
	slow  bool // about a slow step, not a failure
	cause int  // the planted action that comes of it; -1: none
}

// debriefs are what a team made of its failures and surprises, in the order of
// time: each may decide one action, and one action is in progress at a time.
func (o *Org) debriefs(sims []*simulation, visit func(Item) error) error {
	d := newDice()
	var list []occasion
	for _, sim := range sims {
		list = append(list, sim.occasions(d)...)
	}
	slices.SortStableFunc(list, func(a, b occasion) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.id, b.id)) })
	t := &table{o: o, d: d}
	for _, x := range list {
		b, a := t.sit(x)
		if err := visit(Item{Debrief: b}); err != nil {
			return err
		}
		if a == nil {
			continue
		}
		if err := visit(Item{Action: a}); err != nil {
			return err
		}
	}
	return nil
}

// occasions are the failures and surprises of a service that are talked about.
func (sim *simulation) occasions(d *dice) (out []occasion) {
	for _, r := range sim.releases {
		if r.kind != debrief.ReleaseNew {
			continue
		}
		d.cast(sim.o.Seed, forDebriefs, uint64(sim.s.n), uint64(r.n))
		x := &r.outcome
		switch talked := d.chance(0.5); {
		case x.fails && (talked || x.noticed == byDebrief):
			c := occasion{at: x.restored.Add(hours(d.between(20, 70))), sim: sim, r: r, about: "release", id: r.id, cause: -1}
			for _, i := range x.incidents {
				if !i.Alert {
					c.about, c.id = "incident", i.ID
				}
			}
			out = append(out, c)
		case !x.fails && r.slowStep() != nil && d.chance(0.12):
			out = append(out, occasion{at: r.finished.Add(hours(d.between(2, 50))), sim: sim, r: r, about: "release", id: r.id, slow: true, cause: -1})
		}
	}
	sim.planned(&out)
	return slices.DeleteFunc(out, func(c occasion) bool { return !c.at.Before(sim.o.End) })
}

// planned makes sure that a planted action has a debrief it comes from: about
// the last slow migration well before it was done.
func (sim *simulation) planned(out *[]occasion) {
	for _, i := range sim.growing {
		c := &sim.o.causes[i]
		if c.What != ActionWorked && c.What != ActionFailed {
			continue
		}
		var last *release
		for _, r := range sim.releases {
			if r.kind == debrief.ReleaseNew && r.slowStep() != nil && r.finished.Before(c.From.Add(-12*24*time.Hour)) {
				last = r
			}
		}
		if last == nil {
			continue
		}
		*out = slices.DeleteFunc(*out, func(x occasion) bool { return x.id == last.id })
		*out = append(*out, occasion{at: last.finished.Add(30 * time.Hour), sim: sim, r: last, about: "release", id: last.id, slow: true, cause: i})
	}
}

// table is where a team sits: what it has in progress.
type table struct {
	o    *Org
	d    *dice
	busy time.Time // the action in progress is done by then
}

func (t *table) sit(x occasion) (*debrief.Debrief, *debrief.Action) {
	d := t.d.cast(t.o.Seed, forDebriefs, uint64(x.sim.s.n), uint64(x.r.n), 2)
	at := debrief.Instant(x.at.Truncate(time.Second))
	gap := gapOf(x, d)
	b := &debrief.Debrief{
		ID: debrief.ID("debrief", x.id), Service: x.sim.s.id, About: x.about, AboutID: x.id, State: "finished",
		Title: titleOf(x), Gap: gap, Failed: x.r.outcome.fails && len(x.r.outcome.incidents) == 0,
		Created: at, Finished: at.Add(15 * time.Minute), Version: 3,
	}
	words := pick(d, gapWords[gap])
	b.Text = textOf(x, words)
	if x.cause < 0 && !d.chance(0.6) {
		b.Parked = []string{words.action}
		return b, nil
	}
	a := t.act(x, b, words, d)
	b.ActionID = a.ID
	return b, a
}

// act is the one action a debrief decided, and how it went.
func (t *table) act(x occasion, b *debrief.Debrief, words gapWord, d *dice) *debrief.Action {
	a := &debrief.Action{
		ID: debrief.ID("action", b.ID), Service: b.Service, DebriefID: b.ID, Gap: b.Gap, Title: words.action,
		Team: teamName(x.sim.s.team), Owner: "team " + teamName(x.sim.s.team), State: debrief.ActionDone, Created: b.Finished,
		Scope: "In: " + x.sim.s.id + ". Out: everything else.", DoneWhen: "The next releases keep the promise.",
	}
	a.Starts = monday(b.Finished)
	if t.busy.After(a.Starts) && x.cause < 0 {
		a.Starts = monday(t.busy) // another one is in progress
	}
	a.Due = a.Starts.AddDate(0, 0, 14)
	end := a.Due.Add(-hours(d.between(10, 150)))
	switch {
	case x.cause >= 0:
		c := &t.o.causes[x.cause]
		a.Title, a.Gap = "Fill staging with as many rows as production has", debrief.GapStaging
		if c.What == ActionFailed {
			a.Title = "Warn in the channel before each migration"
		}
		b.Gap, c.Action = a.Gap, a.ID
		end = c.From
		a.Starts, a.Due = monday(end.AddDate(0, 0, -14)), end.AddDate(0, 0, 3)
		a.Promise = &debrief.Promise{Measure: "step ratio", Subject: "migrate", Comparator: "<", Number: 3, Kind: Migration, Releases: 3}
	case x.slow:
		a.Promise = &debrief.Promise{Measure: "surprise", Subject: "slow-step", Comparator: "<", Number: 1, Kind: Migration, Releases: 3}
	default:
		a.Promise = &debrief.Promise{Measure: "failures", Comparator: "<", Number: 1, Releases: 5}
	}
	if x.cause < 0 {
		end = t.postpone(x, a, end, d)
	}
	switch {
	case d.chance(0.08) && x.cause < 0:
		a.State = debrief.ActionDropped
	case end.Before(t.o.End):
		a.Done, t.busy = end, end
		a.Promise.Outcome, a.Promise.Seen = checked(a, x.sim)
	case a.Starts.Before(t.o.End):
		a.State, t.busy = debrief.ActionProgress, end
	default:
		a.State = debrief.ActionWaiting
	}
	return a
}

// postpone puts an action off, some gaps' again and again.
func (t *table) postpone(x occasion, a *debrief.Action, end time.Time, d *dice) time.Time {
	again := 0.15
	for _, i := range x.sim.growing {
		if c := &t.o.causes[i]; c.What == ActionPostponed && c.Subject == string(a.Gap) {
			again = 0.88
		}
	}
	for range 6 {
		if !d.chance(again) {
			break
		}
		at, to := a.Due.AddDate(0, 0, -1), a.Due.AddDate(0, 0, 14)
		if !at.Before(t.o.End) {
			break
		}
		a.Postponed = append(a.Postponed, debrief.Postponement{At: at, To: to, Reason: pick(d, postponedWords)})
		a.Due, end = to, end.AddDate(0, 0, 14)
	}
	return end
}

// checked holds an action's promise against the releases that followed it.
func checked(a *debrief.Action, sim *simulation) (debrief.Outcome, []string) {
	var later []debrief.ReleaseFacts
	i, _ := slices.BinarySearchFunc(sim.releases, a.Done, func(r *release, at time.Time) int { return r.started.Compare(at) })
	for _, r := range sim.releases[i:] {
		if r.kind == debrief.ReleaseNew && (a.Promise.Kind == "" || r.has(a.Promise.Kind)) {
			later = append(later, r.facts())
		}
		if len(later) > 3*a.Promise.Releases {
			break
		}
	}
	outcome, shown := a.Promise.Check(later)
	var seen []string
	for _, s := range shown {
		seen = append(seen, s.ReleaseID)
	}
	return outcome, seen
}

// monday is the next working week's first morning after a moment.
func monday(at time.Time) time.Time {
	day := at.Truncate(24 * time.Hour)
	for day = day.AddDate(0, 0, 1); day.Weekday() != time.Monday; day = day.AddDate(0, 0, 1) {
	}
	return day.Add(8 * time.Hour)
}
