package org

import (
	"time"

	"github.com/debriefhq/debrief"
)

// attempt lets a first try of a release break in its build or test, before
// production changed. It returns when the second begins.
func (sim *simulation) attempt(r *release, at time.Time) time.Time {
	t := *r
	t.kind, t.strategy = debrief.ReleaseAttempt, ""
	t.manual, t.slow, t.before = false, false, nil
	t.stages = append([]stage(nil), r.stages[:1+sim.d.IntN(2)]...)
	t.queued = at
	t.started = at.Add(seconds(sim.d.around(25, 0.9)))
	t.finished = t.started
	for i := range t.stages {
		t.stages[i].attempts = 1
		t.finished = t.finished.Add(seconds(t.stages[i].took))
	}
	r.tries, r.before = 1, []*release{&t}
	return t.finished.Add(seconds(sim.d.between(300, 2400)))
}

// stopped lets a canary be stopped by itself: what is wrong with it is mended,
// and the next version goes out with the mending. It returns when that begins.
func (sim *simulation) stopped(r *release, at time.Time) time.Time {
	t := *r
	t.kind, t.caught = debrief.ReleaseAttempt, true
	t.stages = append([]stage(nil), r.stages...)
	sim.schedule(&t, at)
	sim.reviews(&t)                      // its changes are those of r
	t.live, t.strategy = time.Time{}, "" // it never reached all
	for i := range t.stages {
		if x := &t.stages[i]; x.name == "roll out" {
			x.took = milli(sim.d.between(0.2, 0.6) * x.took)
			t.finished = t.first.Add(seconds(x.took))
			t.stages = t.stages[:i+1]
			break
		}
	}
	t.changes = append([]change(nil), r.changes...)
	mending := change{modules: r.modules[:1], added: 1 + sim.d.IntN(12), deleted: sim.d.IntN(6), pull: sim.pull()}
	mending.files = sim.countFiles(&mending)
	r.changes = append([]change{mending}, r.changes...)
	r.files, r.added, r.deleted = r.files+mending.files, r.added+mending.added, r.deleted+mending.deleted
	sim.version(r)
	r.before = []*release{&t}
	return t.finished.Add(seconds(sim.d.between(7200, 18000)))
}

// mend ends a failure: by going back, by a repair, or by switching a flag off.
func (sim *simulation) mend(r *release, depth int) {
	x := &r.outcome
	if x.remedy == rollback && (r.previous == nil || depth > 0) {
		x.remedy = hotfix // there is nothing good to go back to
	}
	at := x.detected.Add(seconds(sim.d.around(22*60, 0.6)))
	if at.Before(sim.free) {
		at = sim.free
	}
	switch x.remedy {
	case rollback:
		x.restored = sim.back(r, at).live
	case flagOff:
		x.restored = sim.switchOff(r, at)
		sim.free = x.restored
	default:
		x.restored = sim.repair(r, at, depth).live
	}
	sim.told(r)
}

// back puts the version before into production again.
func (sim *simulation) back(r *release, at time.Time) *release {
	b := &release{
		s: sim.s, n: -1, kind: debrief.ReleaseRollback, version: r.previous.version, commit: r.previous.commit, previous: r, repairs: r, strategy: AllAtOnce,
	}
	if sim.s.targets {
		b.strategy = ByTarget
	}
	for _, st := range sim.s.steps {
		if st.part == PartRollOut {
			x := stage{name: st.name, part: st.part, took: milli(sim.d.around(st.took, st.spread)), attempts: 1}
			for _, was := range r.previous.stages {
				if was.name == st.name {
					x.staging = was.staging // of the version that went there then
				}
			}
			b.stages = append(b.stages, x)
		}
	}
	sim.schedule(b, at)
	b.staged = time.Time{}
	b.outcome.verdict = debrief.Steady
	sim.name(b)
	sim.releases = append(sim.releases, b)
	sim.running, sim.free = b, b.finished.Add(5*time.Minute)
	return b
}

// repair ships a version that mends or undoes what failed. It is a release
// like any other, and may fail like any other.
func (sim *simulation) repair(r *release, at time.Time, depth int) *release {
	sim.repairs++
	sim.quarter(at)
	h := sim.draw(sim.s.planned+sim.repairs, at, r)
	if r.outcome.remedy == revert {
		h.changes[0].reverts = r.commit
	}
	sim.decide(h)
	h.outcome.fails = h.outcome.fails && depth < 3
	sim.ship(h)
	if h.outcome.fails {
		sim.mend(h, depth+1)
	}
	return h
}

// switchOff ends a failure by a flag.
func (sim *simulation) switchOff(r *release, at time.Time) time.Time {
	flag := "new-" + r.modules[0]
	sim.flips = append(sim.flips, sim.flip(flag, "off", at))
	return at
}

// flip is a flag that is switched.
func (sim *simulation) flip(flag, to string, at time.Time) debrief.Change {
	return debrief.Change{
		ID: debrief.ID("change", "flag", sim.s.key("flag", flag, at.Format(time.RFC3339Nano))), Kind: "flag", Live: at, Environment: "production",
		Title: flag + " switched " + to, Repository: sim.s.repository(),
	}
}
