package org

import (
	"cmp"
	"slices"
	"time"

	"github.com/debriefhq/debrief"
)

// walkTeam plays one team's years and tells of them, service by service, then
// what the team made of it.
func (o *Org) walkTeam(team []*service, visit func(Item) error) error {
	plans := o.moments(team)
	sims := make([]*simulation, len(team))
	for i, s := range team {
		sims[i] = o.simulate(s, plans[i])
		sims[i].alone()
	}
	for _, sim := range sims {
		if err := sim.tell(visit); err != nil {
			return err
		}
	}
	return o.debriefs(sims, visit)
}

// moments draws when a team's planned releases are ready; one in thirty goes
// out together with others of the team.
func (o *Org) moments(team []*service) [][]moment {
	least := team[0].planned
	for _, s := range team {
		least = min(least, s.planned)
	}
	d := diceFor(o.Seed, forRollouts, uint64(team[0].n))
	plans := make([][]moment, len(team))
	if len(team) > 1 {
		for k, at := range o.year.moments(d, least/30) {
			name := "sample/" + teamName(team[0].team) + "/rollout-" + number(k+1)
			for _, i := range d.Perm(len(team))[:2+d.IntN(len(team)-1)] {
				plans[i] = append(plans[i], moment{at, name})
			}
		}
	}
	for i, s := range team {
		d := diceFor(o.Seed, forMoments, uint64(s.n))
		for _, at := range o.year.moments(d, s.planned-len(plans[i])) {
			plans[i] = append(plans[i], moment{at: at})
		}
		slices.SortFunc(plans[i], func(a, b moment) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.rollout, b.rollout)) })
	}
	return plans
}

// tell visits one service's items in the order of time.
func (sim *simulation) tell(visit func(Item) error) error {
	type dated struct {
		at   time.Time
		item Item
	}
	var list []dated
	for _, r := range sim.releases {
		out := &Release{ReleaseFacts: r.facts(), Planned: r.planned, Causes: r.causes, made: r, of: sim}
		list = append(list, dated{r.started, Item{Release: out}})
		for _, x := range sim.surprises(r) {
			list = append(list, dated{x.At, Item{Surprise: &x}})
		}
	}
	for i := range sim.flips {
		list = append(list, dated{sim.flips[i].Live, Item{Flip: &Flip{sim.flips[i], sim.s.id}}})
	}
	for _, i := range sim.incidents {
		i.settle()
		list = append(list, dated{i.Began, Item{Incident: i}}, dated{i.Began, Item{Attribution: sim.attribution(i)}})
	}
	slices.SortStableFunc(list, func(a, b dated) int { return a.at.Compare(b.at) })
	service := debrief.Service{ID: sim.s.id, Name: sim.s.id, Sample: true}
	if err := visit(Item{Service: &service}); err != nil {
		return err
	}
	for _, x := range list {
		if err := visit(x.item); err != nil {
			return err
		}
	}
	return nil
}
