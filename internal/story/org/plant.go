package org

import (
	"math"
	"slices"
	"time"

	"github.com/debriefhq/debrief"
)

// plant puts the causes where they belong: those asked for, else some drawn
// from the seed. In a shuffled history only those are planted that a
// permutation of outcomes takes away again.
func (o *Org) plant() error {
	o.causes = slices.Clone(o.Plants)
	if o.Plants == nil {
		o.causes = o.drawPlants()
	}
	for i := range o.causes {
		c := &o.causes[i]
		if err := o.fits(c); err != nil {
			return err
		}
		if c.From.IsZero() {
			c.From = o.start()
		}
	}
	if o.Shuffle {
		o.causes = slices.DeleteFunc(o.causes, func(c Cause) bool { return !c.What.Fails() })
		for _, s := range o.services {
			s.ratio = min(s.ratio, 1.5)
		}
	}
	for i := range o.causes {
		o.apply(&o.causes[i])
	}
	return nil
}

// fits refuses causes that cannot be planted.
func (o *Org) fits(c *Cause) error {
	if len(c.Services) == 0 {
		for _, s := range o.services {
			c.Services = append(c.Services, s.id)
		}
	}
	c.Services = slices.Clone(c.Services)
	slices.Sort(c.Services)
	for _, id := range c.Services {
		if o.service(id) == nil {
			return debrief.Errorf(debrief.Invalid, "plants", "%s: there is no service %q", c.What, id)
		}
	}
	if c.What.Fails() && (math.IsNaN(c.Factor) || c.Factor <= 0 || c.Factor > 50) {
		return debrief.Errorf(debrief.Invalid, "plants", "%s: a factor of %v is not between 0 and 50", c.What, c.Factor)
	}
	return nil
}

func (o *Org) service(id string) *service {
	for _, s := range o.services {
		if s.id == id {
			return s
		}
	}
	return nil
}

// apply changes what is drawn once for a service; the rest is asked for as
// history goes on.
func (o *Org) apply(c *Cause) {
	for _, id := range c.Services {
		s := o.service(id)
		switch c.What {
		case StepForetells, StepSaysNought:
			for i := range s.steps {
				if st := &s.steps[i]; st.name == c.Subject {
					st.rho, st.spread = 0, max(st.spread, 0.3)
					if c.What == StepForetells {
						st.rho = 0.95
					}
				}
			}
		case StepAdded:
			d := diceFor(o.Seed, forPlants, uint64(s.n), 1)
			took := d.around(240, 0.3)
			s.steps = slices.Insert(s.steps, 2, step{name: c.Subject, part: PartTest, took: took, stage: took, spread: 0.15})
		case AlertUnanswered:
			if !slices.Contains(s.alerts, c.Subject) {
				s.alerts = append(s.alerts, c.Subject)
			}
		}
	}
}

// drawPlants draws what is planted in an organisation of this size: a few
// causes for everybody, and some for one service in four.
func (o *Org) drawPlants() []Cause {
	d := diceFor(o.Seed, forPlants)
	var out []Cause
	since := func(low, high float64) time.Time {
		span := o.End.Sub(o.start())
		return o.start().Add(time.Duration(d.between(low, high) * float64(span))).Truncate(24 * time.Hour)
	}
	sometimes := func() time.Time {
		if d.chance(0.5) {
			return o.start()
		}
		return since(0.1, 0.4)
	}
	kinds := d.Perm(len(madeKinds))
	at := func(i int) string { return madeKinds[kinds[i]].name }
	for i := range 1 + d.IntN(2) {
		out = append(out, Cause{What: KindFails, Subject: at(i), Factor: d.between(2.5, 4.5), From: sometimes()})
	}
	if d.chance(0.5) {
		out = append(out, Cause{What: PairFails, Subject: PairOf(at(3), at(4)), Factor: d.between(4, 6), From: o.start()})
	}
	if d.chance(0.6) {
		out = append(out, Cause{What: HourFails, Subject: "Friday from 15:00", Weekday: time.Friday, FromHour: 15, ToHour: 24, Factor: d.between(2.5, 4), From: sometimes()})
	}
	if d.chance(0.35) {
		out = append(out, Cause{What: StrategyFails, Subject: AllAtOnce, Factor: d.between(1.8, 2.6), From: o.start()})
	}
	for _, s := range o.busiest(max(1, len(o.services)/8)) {
		out = append(out, Cause{What: ModuleFails, Subject: s.tree.module(pick(d, s.modules)), Services: []string{s.id}, Factor: d.between(3.5, 6), From: o.start()})
	}
	for _, s := range o.services {
		out = append(out, o.local(s, d, since)...)
	}
	for _, team := range o.teams {
		if d.chance(0.25) {
			gap := pick(d, []debrief.Gap{debrief.GapAlerting, debrief.GapTestData, debrief.GapRollback})
			c := Cause{What: ActionPostponed, Subject: string(gap), From: o.start()}
			for _, s := range team {
				c.Services = append(c.Services, s.id)
			}
			out = append(out, c)
		}
	}
	return out
}

// local draws what is planted in one service only.
func (o *Org) local(s *service, d *dice, since func(low, high float64) time.Time) (out []Cause) {
	add := func(c Cause) {
		c.Services = []string{s.id}
		if c.From.IsZero() {
			c.From = o.start()
		}
		out = append(out, c)
	}
	if d.chance(0.2) {
		add(Cause{What: ReviewWaits, Factor: 3, From: since(0.3, 0.7)})
	}
	if d.chance(0.15) {
		add(Cause{What: StepGrows, Subject: "test", Factor: d.between(2.2, 3), From: since(0.2, 0.5)})
	}
	if d.chance(0.12) {
		add(Cause{What: StepAdded, Subject: "security scan", From: since(0.3, 0.7)})
	}
	if d.chance(0.25) {
		add(Cause{What: StepForetells, Subject: "roll out"})
		add(Cause{What: StepSaysNought, Subject: "verify"})
	}
	if d.chance(0.2) {
		add(Cause{What: AlertUnanswered, Subject: "disk above 85 %", Factor: d.between(40, 90)})
	}
	if d.chance(0.35) {
		c := Cause{What: MigrationRatio, Factor: d.between(4.5, 8)}
		switch x := d.Float64(); {
		case x < 0.35:
			c.Until = since(0.45, 0.65)
			add(c)
			add(Cause{What: ActionWorked, Subject: "slow-step", From: c.Until})
			return out
		case x < 0.7:
			add(Cause{What: ActionFailed, Subject: "slow-step", From: since(0.45, 0.65)})
		}
		add(c)
	}
	return out
}

// busiest are the services with most releases.
func (o *Org) busiest(n int) []*service {
	list := slices.Clone(o.services)
	slices.SortStableFunc(list, func(a, b *service) int { return b.planned - a.planned })
	return list[:min(n, len(list))]
}
