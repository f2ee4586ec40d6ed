package org

import (
	"slices"
	"time"

	"github.com/debriefhq/debrief"
)

// simulation is one service's years.
type simulation struct {
	o       *Org
	s       *service
	d, luck *dice
	failing []int // places of the causes that make this service's releases fail
	growing []int // of those that change its pipeline or its reviews
	habits  habits

	free      time.Time // the pipeline is free from then on
	running   *release
	minor     int
	patch     int
	pulls     int
	keys      int
	repairs   int
	releases  []*release // in order
	flips     []debrief.Change
	incidents []*Incident
	fails     []bool          // of planned releases, where that is given
	rate      map[int]float64 // and how often they fail in each quarter
}

// moment is when a planned release is ready.
type moment struct {
	at      time.Time
	rollout string
}

func (o *Org) newSimulation(s *service) *simulation {
	sim := &simulation{o: o, s: s, d: newDice(), luck: newDice(), minor: 1, pulls: 100 + s.n%37}
	for i := range o.causes {
		c := &o.causes[i]
		if !containsSorted(c.Services, s.id) {
			continue
		}
		if c.What.Fails() {
			sim.failing = append(sim.failing, i)
		} else {
			sim.growing = append(sim.growing, i)
		}
	}
	return sim
}

// simulate plays a service's years. In a shuffled history it does so twice:
// what came of the planned releases is permuted within each quarter between.
func (o *Org) simulate(s *service, moments []moment) *simulation {
	sim := o.newSimulation(s)
	sim.play(moments)
	if !o.Shuffle {
		return sim
	}
	again := o.newSimulation(s)
	again.fails, again.rate = sim.permuted()
	again.failing = nil
	again.play(moments)
	return again
}

// permuted are the fates of the planned releases, in another order within each
// quarter.
func (sim *simulation) permuted() (fails []bool, rate map[int]float64) {
	rate = map[int]float64{}
	var stratum []bool
	last := -1
	flush := func() {
		if len(stratum) == 0 {
			return
		}
		d := sim.d.cast(sim.o.Seed, forShuffle, uint64(sim.s.n), uint64(last))
		d.Shuffle(len(stratum), func(i, j int) { stratum[i], stratum[j] = stratum[j], stratum[i] })
		n := 0
		for _, f := range stratum {
			if f {
				n++
			}
		}
		rate[last] = float64(n) / float64(len(stratum))
		fails = append(fails, stratum...)
		stratum = stratum[:0]
	}
	for _, r := range sim.releases {
		if !r.planned || r.kind != debrief.ReleaseNew {
			continue
		}
		if q := quarter(r.started); q != last {
			flush()
			last = q
		}
		stratum = append(stratum, r.outcome.fails)
	}
	flush()
	return fails, rate
}

func (sim *simulation) play(moments []moment) {
	for i, m := range moments {
		at := m.at
		if at.Before(sim.free) {
			at = sim.free
		}
		sim.quarter(at)
		sim.next(i, at, m.rollout)
	}
}

func (sim *simulation) quarter(at time.Time) {
	if q := quarter(at); q != sim.habits.quarter {
		sim.habits = sim.o.habitsOf(sim.s, q, sim.d)
	}
}

// next takes one planned release to production, and what follows from how it went.
func (sim *simulation) next(n int, at time.Time, rollout string) {
	r := sim.draw(n, at, nil)
	r.planned, r.rollout = true, rollout
	sim.decide(r)
	if sim.fails != nil {
		r.outcome.fails = sim.fails[n]
	}
	sim.ship(r)
	if r.outcome.fails {
		sim.mend(r, 0)
	}
}

// decide draws whether a release fails.
func (sim *simulation) decide(r *release) {
	p, met := sim.risk(r)
	if sim.rate != nil {
		p = sim.rate[quarter(r.started)]
	}
	r.causes = met
	r.outcome.fails = sim.luck.cast(sim.o.Seed, forOutcome, uint64(sim.s.n), uint64(r.n)).chance(p)
}

// ship puts a release into the history, after the tries that led to it.
func (sim *simulation) ship(r *release) {
	sim.fate(r)
	for _, t := range r.before {
		sim.name(t)
		sim.releases = append(sim.releases, t)
	}
	sim.name(r)
	sim.releases = append(sim.releases, r)
	sim.running = r
	sim.free = r.finished.Add(5 * time.Minute)
}

// name gives a release its key and id, and its changes theirs.
func (sim *simulation) name(r *release) {
	sim.keys++
	r.key = sim.s.key(number(sim.keys))
	r.id = debrief.ID("deployment", sim.s.id, "production", r.target(), r.key)
	for i := range r.changes {
		if c := &r.changes[i]; c.id == "" {
			c.id = debrief.ID("change", sim.s.repository(), c.commit)
		}
	}
}

// targets are where the releases of a service with several go, in this order.
var targets = []string{"eu", "us"}

// target is where a release goes first.
func (r *release) target() string {
	if r.s.targets {
		return targets[0]
	}
	return ""
}

func (sim *simulation) pull() int { sim.pulls++; return sim.pulls }

func containsSorted(list []string, s string) bool {
	_, found := slices.BinarySearch(list, s)
	return found
}
