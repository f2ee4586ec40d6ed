package org

import (
	"time"

	"github.com/debriefhq/debrief"
)

// outcome is what came of a release.
type outcome struct {
	fails     bool
	remedy    remedy
	impact    time.Time
	detected  time.Time
	restored  time.Time
	noticed   noticed
	verdict   debrief.Word
	bySpeed   bool     // what got worse is the response time, else the errors
	surprises []string // sorted
	incidents []*Incident
}

// remedy is how a failure was ended.
type remedy int

const (
	rollback remedy = iota
	hotfix
	revert
	flagOff
)

// noticed is who told of a failure.
type noticed int

const (
	byAlert noticed = iota
	byPerson
	byBoth
	byDebrief // no ticket: a debrief said so later
)

// person reports whether somebody wrote down what hurt, and since when.
func (n noticed) person() bool { return n == byPerson || n == byBoth }

// risk is how likely a release is to fail, and which planted causes it meets.
func (sim *simulation) risk(r *release) (p float64, met []int) {
	p = sim.habits.base
	for _, i := range sim.failing {
		c := &sim.o.causes[i]
		if c.holds(r.s.id, r.started) && c.meets(r) {
			p *= c.Factor
			met = append(met, i)
		}
	}
	return min(p, 0.85), met
}

// fate draws what comes of a release that took over production. Nothing here
// looks at what the release is, but for steps that took long.
func (sim *simulation) fate(r *release) {
	d := sim.d.cast(sim.o.Seed, forAfter, uint64(r.s.n), uint64(r.n))
	x := &r.outcome
	x.bySpeed = d.chance(0.55)
	x.noticed = noticed(d.weighted([]float64{0.5, 0.25, 0.12, 0.13}))
	x.remedy = remedy(d.weighted([]float64{0.48, 0.36, 0.1, 0.06}))
	if x.remedy == flagOff && !x.noticed.person() {
		x.noticed = byPerson // who switches a flag off says why
	}
	impact, detect := d.around(14*60, 0.8), d.around(5*60, 0.5)
	if x.noticed == byPerson || x.noticed == byDebrief {
		detect *= 5
	}
	w := d.Float64()
	switch {
	case x.fails && w < 0.72:
		x.verdict = debrief.Worse
	case r.s.thin && w < 0.5, w < 0.1:
		x.verdict = debrief.CannotTell
	case !x.fails && w > 0.97:
		x.verdict = debrief.Worse
	case !x.fails && w > 0.92:
		x.verdict = debrief.Better
	default:
		x.verdict = debrief.Steady
	}
	if x.fails {
		x.impact = r.live.Add(seconds(min(impact, 6*3600)))
		x.detected = x.impact.Add(seconds(min(detect, 4*3600)))
	}
	r.manual = d.chance(0.03)
	x.surprises = surprisesOf(r, d)
}

// surprisesOf are the kinds of surprise of a release, sorted: those of its
// steps as the rule finds them, the others drawn.
func surprisesOf(r *release, d *dice) []string {
	x := &r.outcome
	newError := d.Float64()
	var out []string
	add := func(kind string, when bool) {
		if when {
			out = append(out, kind)
		}
	}
	add("error-rate-shift", x.verdict == debrief.Worse && !x.bySpeed)
	add("manual-step", r.manual)
	add("metric-shift", x.verdict == debrief.Worse && x.bySpeed)
	add("new-error", x.fails && newError < 0.55 || newError < 0.02)
	add("retry", r.retries() > 0 || r.tries > 0)
	add("slow-deployment", r.slow)
	add("slow-step", r.slowStep() != nil)
	add("waiting-longer-than-working", r.waitedLonger())
	return out
}

// waitedLonger reports a pipeline that waited a minute or more, and longer
// than it worked.
func (r *release) waitedLonger() bool {
	waited, worked := r.started.Sub(r.queued).Seconds(), 0.0
	for i := range r.stages {
		if x := &r.stages[i]; x.part == PartApproval {
			waited += x.took
		} else {
			worked += x.took
		}
	}
	return waited > worked && waited >= 60
}

func (r *release) retries() int {
	n := 0
	for i := range r.stages {
		n += r.stages[i].attempts - 1
	}
	return n
}

// slowStep is the first step that took three times its time in staging and
// half a minute more.
func (r *release) slowStep() *stage {
	for i := range r.stages {
		if x := &r.stages[i]; x.staging > 0 && x.took >= 3*x.staging && x.took-x.staging >= 30 {
			return x
		}
	}
	return nil
}
