package org

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// service is one made-up service and its habits.
type service struct {
	n                    int
	id                   string
	team                 int
	planned              int     // releases
	base                 float64 // how often its releases fail where nothing planted is at work
	thin                 bool    // too little traffic for most verdicts
	modules              []string
	share                []float64 // of madeKinds
	strategy             []float64 // weights of strategies
	targets              bool      // it runs in several regions
	batch                float64   // changes of a release beyond the first
	lines                float64   // of an ordinary change
	coding, wait, review float64   // hours, medians
	approval             float64   // seconds; 0: nobody approves
	steps                []step
	rows                 float64 // of the migrated tables in production, millions
	ratio                float64 // of the time a migration takes in production to that in staging
	alerts               []string
	tree                 tree
}

// step is one step of a service's pipeline.
type step struct {
	name   string
	part   string  // of the way to production
	took   float64 // seconds in production, median
	stage  float64 // in staging
	spread float64
	rho    float64 // how far staging's time goes with production's
}

// The parts of a change's way to production, in their order. They add up.
const (
	PartCoding   = "coding"
	PartWait     = "review wait"
	PartReview   = "review"
	PartMerged   = "merge to build"
	PartQueue    = "queue"
	PartBuild    = "build"
	PartTest     = "test"
	PartApproval = "approval wait"
	PartRollOut  = "roll-out"
)

// services draws everybody's habits.
func (o *Org) draw() {
	d := diceFor(o.Seed, forOrg)
	weights := make([]float64, o.Options.Services)
	team, room := -1, 0
	for n := range o.Options.Services {
		if room == 0 {
			team, room = team+1, 2+d.IntN(4)
		}
		room--
		s := drawService(o.Seed, n)
		s.team = team
		weights[n] = math.Exp(0.5 * d.NormFloat64())
		o.services = append(o.services, s)
	}
	for n, k := range allot(o.Options.Releases, weights) {
		o.services[n].planned = k
	}
	for n := 0; n < len(o.services); {
		m := n
		for m < len(o.services) && o.services[m].team == o.services[n].team {
			m++
		}
		o.teams = append(o.teams, o.services[n:m])
		n = m
	}
}

// allot shares n out by weight, at least one each and all of it.
func allot(n int, weights []float64) []int {
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	free := float64(n - len(weights))
	out, given := make([]int, len(weights)), 0
	type rest struct {
		i    int
		part float64
	}
	rests := make([]rest, len(weights))
	for i, w := range weights {
		x := free * w / sum
		out[i] = 1 + int(x)
		given += out[i]
		rests[i] = rest{i, x - math.Floor(x)}
	}
	slices.SortStableFunc(rests, func(a, b rest) int { return int(math.Copysign(1, b.part-a.part)) })
	for k := 0; given < n; k++ {
		out[rests[k%len(rests)].i]++
		given++
	}
	return out
}

func drawService(seed uint64, n int) *service {
	d := diceFor(seed, forService, uint64(n))
	s := &service{
		n: n, id: serviceName(n), base: d.between(0.03, 0.09), thin: d.chance(0.15),
		batch: d.between(0.6, 2.2), lines: d.around(70, 0.3),
		coding: d.around(14, 0.4), wait: d.around(6, 0.4), review: d.around(4, 0.4),
		rows: d.around(8, 0.9), ratio: d.between(1.1, 2.2), tree: pick(d, trees),
	}
	for _, i := range d.Perm(len(moduleNames))[:5+d.IntN(5)] {
		s.modules = append(s.modules, moduleNames[i])
	}
	slices.Sort(s.modules)
	for _, k := range madeKinds {
		share := min(0.5, d.around(k.share, 0.35))
		if k.name == UI && !s.tree.pages {
			share = 0
		}
		s.share = append(s.share, share)
	}
	s.targets = d.chance(0.12)
	s.strategy = []float64{0.25, 0.25}
	s.strategy[d.IntN(2)] += 0.5
	if d.chance(0.25) {
		s.approval = d.around(420, 0.4)
	}
	s.steps = drawSteps(d)
	for _, i := range d.Perm(len(alertNames))[:3+d.IntN(3)] {
		s.alerts = append(s.alerts, alertNames[i])
	}
	return s
}

func drawSteps(d *dice) []step {
	steps := []step{
		{name: "build", part: PartBuild, took: d.around(150, 0.5), spread: 0.15},
		{name: "test", part: PartTest, took: d.around(320, 0.5), spread: 0.2},
		{name: "roll out", part: PartRollOut, took: d.around(130, 0.4), spread: 0.25},
		{name: "verify", part: PartRollOut, took: d.around(45, 0.3), spread: 0.2},
	}
	for i := range steps {
		steps[i].stage = steps[i].took * d.between(0.75, 1.1)
	}
	return steps
}

// sample names what a service's history is found by: every key, repository
// and file begins with it.
func (s *service) key(parts ...string) string {
	return "sample/" + s.id + "/" + strings.Join(parts, "/")
}

func (s *service) repository() string { return "example/" + s.id }

func number(n int) string { return strconv.Itoa(n) }
