package org

import (
	"math"
	"slices"
	"time"

	"github.com/debriefhq/debrief"
)

// release is one made-up production deployment with all that led to it and
// came of it. Facts and events are two ways to tell it.
type release struct {
	s                     *service
	n                     int // its dice
	id, key               string
	kind                  debrief.ReleaseKind
	planned               bool
	version               string
	commit                string
	rollout               string
	kinds                 []string // sorted
	modules               []string // sorted
	strategy              string
	changes               []change
	files, added, deleted int

	staged   time.Time // when it went to staging
	queued   time.Time
	started  time.Time
	stages   []stage
	first    time.Time // exposure; zero: never
	live     time.Time // zero: never
	finished time.Time
	tries    int
	before   []*release // tries that led to it and never took over

	previous *release // what ran before
	repairs  *release
	caught   bool
	manual   bool
	slow     bool // took far longer than usual
	outcome  outcome
	causes   []int
}

// change is one pull request of a release.
type change struct {
	id, commit                                    string
	pull                                          int
	kinds, modules                                []string
	bot                                           bool
	reverts                                       string
	files, added, deleted                         int
	committed, opened, reviewed, approved, merged time.Time
}

// stage is one step of its pipeline.
type stage struct {
	name, part        string
	took, staging     float64 // seconds, of all attempts
	attempts          int
	rows, stagingRows float64
}

func (r *release) has(kind string) bool {
	_, ok := slices.BinarySearch(r.kinds, kind)
	return ok
}

// habits are what differs from quarter to quarter.
type habits struct {
	quarter int
	share   []float64
	base    float64
}

func (o *Org) habitsOf(s *service, q int, d *dice) habits {
	d.cast(o.Seed, forQuarter, uint64(s.n), uint64(q))
	h := habits{quarter: q, share: make([]float64, len(madeKinds))}
	for i, share := range s.share {
		h.share[i] = min(0.6, d.around(share, 0.3))
	}
	h.base = min(0.3, d.around(s.base, 0.25))
	return h
}

// attributes draws what a release is, before anything is known of how it goes.
func (sim *simulation) attributes(r *release) {
	s, d := r.s, sim.d
	for i, k := range madeKinds {
		if d.chance(sim.habits.share[i]) {
			r.kinds = append(r.kinds, k.name)
		}
	}
	slices.Sort(r.kinds)
	for _, m := range s.modules {
		if d.chance(0.2) {
			r.modules = append(r.modules, m)
		}
	}
	if len(r.modules) == 0 {
		r.modules = []string{pick(d, s.modules)}
	}
	r.strategy = ByTarget
	if !s.targets {
		r.strategy = strategies[d.weighted(s.strategy)]
	}
	n := 1 + d.count(s.batch)
	if r.repairs != nil {
		n = 1 // nothing but the mending
	}
	r.changes = make([]change, n)
	for _, k := range r.kinds {
		c := &r.changes[d.IntN(n)]
		c.kinds = append(c.kinds, k)
	}
	for _, m := range r.modules {
		c := &r.changes[d.IntN(n)]
		c.modules = append(c.modules, m)
	}
	for i := range r.changes {
		c := &r.changes[i]
		if len(c.modules) == 0 && len(c.kinds) == 0 {
			c.modules = []string{pick(d, r.modules)}
		}
		lines := min(d.around(s.lines, 0.7), largeLines*0.8/float64(n))
		if slices.Contains(c.kinds, Large) {
			lines = largeLines * (1.1 + d.ExpFloat64())
			if len(c.modules) == 0 {
				c.modules = []string{pick(d, r.modules)} // of code, that is
			}
		}
		c.added = 1 + int(lines*d.between(0.5, 0.9))
		c.deleted = max(int(lines)-c.added, 0)
		c.bot = len(c.kinds) == 1 && c.kinds[0] == Dependency && len(c.modules) == 0 && d.chance(0.6)
		c.pull = sim.pull()
		c.files = sim.countFiles(c)
		r.files, r.added, r.deleted = r.files+c.files, r.added+c.added, r.deleted+c.deleted
	}
}

// pipeline draws how long its steps take, in staging and in production.
func (sim *simulation) pipeline(r *release, at time.Time) {
	s, d := r.s, sim.d
	for i := range s.steps {
		st := &s.steps[i]
		if st.part == PartRollOut && st.name == "roll out" {
			sim.beforeRollOut(r, at)
		}
		zs := d.NormFloat64()
		zp := st.rho*zs + math.Sqrt(1-st.rho*st.rho)*d.NormFloat64()
		grown := sim.grown(st.name, at)
		if grown == 0 {
			continue // not yet part of the pipeline
		}
		x := stage{name: st.name, part: st.part, attempts: 1}
		x.took = milli(st.took * grown * math.Exp(st.spread*zp))
		x.staging = milli(st.stage * grown * math.Exp(st.spread*zs))
		if st.name == "roll out" && r.strategy == Gradual {
			x.took, x.staging = milli(x.took*4), milli(x.staging*2.5) // in steps, fewer in staging
		}
		if st.name == "roll out" && d.chance(0.015) {
			x.took, r.slow = milli(x.took*3.5), true
		}
		if st.part == PartTest && d.chance(0.04) {
			x.attempts, x.took = 2, milli(x.took*1.9)
		}
		r.stages = append(r.stages, x)
	}
}

// beforeRollOut adds the approval and the migration, where there are any.
func (sim *simulation) beforeRollOut(r *release, at time.Time) {
	s, d := r.s, sim.d
	if s.approval > 0 {
		r.stages = append(r.stages, stage{name: "approval", part: PartApproval, took: milli(d.around(s.approval, 0.7)), attempts: 1})
	}
	staging, off, ratio := d.around(38, 0.35), d.around(1, 0.12), sim.ratio(at)
	if r.has(Migration) {
		rows := s.rows * 1e6 * (1 + 0.3*at.Sub(sim.o.start()).Hours()/(24*365))
		r.stages = append(r.stages, stage{
			name: "migrate", part: PartRollOut, attempts: 1,
			staging: milli(staging), took: milli(staging * ratio * off),
			rows: math.Round(rows), stagingRows: math.Round(s.rows * 1e6 / (2.5 * s.ratio)),
		})
	}
}

func milli(s float64) float64 { return math.Round(s*1000) / 1000 }

// draw makes up a release that is begun at a moment.
func (sim *simulation) draw(n int, at time.Time, repairs *release) *release {
	sim.d.cast(sim.o.Seed, forRelease, uint64(sim.s.n), uint64(n))
	r := &release{s: sim.s, n: n, kind: debrief.ReleaseNew, repairs: repairs, previous: sim.running}
	sim.attributes(r)
	sim.pipeline(r, at)
	sim.version(r)
	began := at
	switch luck := sim.d.Float64(); {
	case repairs != nil, r.previous == nil:
	case luck < 0.02 && r.strategy == Gradual:
		at = sim.stopped(r, at)
	case luck > 0.96:
		at = sim.attempt(r, at)
	}
	sim.schedule(r, at)
	if len(r.before) == 1 && !r.before[0].caught {
		r.staged = r.staged.Add(began.Sub(at)) // it had been there before the first try
	}
	sim.reviews(r)
	return r
}

// version gives a release the next number and a commit.
func (sim *simulation) version(r *release) {
	sim.patch++
	if r.repairs == nil && sim.d.chance(0.4) {
		sim.minor, sim.patch = sim.minor+1, 0
	}
	r.version = "v1." + number(sim.minor) + "." + number(sim.patch)
	for i := range r.changes {
		if c := &r.changes[i]; c.commit == "" {
			c.commit = sim.sha()
		}
	}
	r.commit = r.changes[0].commit
}

func (sim *simulation) sha() string {
	const digits = "0123456789abcdef"
	var b [40]byte
	for i := 0; i < len(b); {
		for x, k := sim.d.Uint64(), 0; k < 16 && i < len(b); k++ {
			b[i] = digits[x&15]
			x >>= 4
			i++
		}
	}
	return string(b[:])
}

// schedule places a release's own times from the moment it is begun, and those
// of its changes before it.
func (sim *simulation) schedule(r *release, at time.Time) {
	d := sim.d
	r.queued = at
	r.started = at.Add(seconds(d.around(25, 0.9)))
	end := r.started
	for i := range r.stages {
		x := &r.stages[i]
		if x.name == "roll out" {
			r.first = end
		}
		end = end.Add(seconds(x.took))
		if x.name == "roll out" {
			r.live = end
		}
	}
	if r.strategy != Gradual {
		r.first = r.live
	}
	r.finished = end
	if r.strategy == ByTarget { // the other target follows
		second := end.Add(seconds(60))
		r.live = second.Add(r.live.Sub(sim.rollOutBegan(r)))
		r.finished = r.live.Add(seconds(r.stages[len(r.stages)-1].took))
	}
	inStaging := 0.0
	for i := range r.stages {
		inStaging += r.stages[i].staging
	}
	r.staged = r.queued.Add(-seconds(d.between(600, 5400) + milli(inStaging)))
}

func (sim *simulation) rollOutBegan(r *release) time.Time {
	at := r.started
	for i := range r.stages {
		if r.stages[i].name == "roll out" {
			break
		}
		at = at.Add(seconds(r.stages[i].took))
	}
	return at
}

// reviews places each change's times: the newest is merged shortly before
// staging, the others since the release before.
func (sim *simulation) reviews(r *release) {
	s, d := r.s, sim.d
	merged := r.staged.Add(-seconds(d.between(300, 2400)))
	for i := range r.changes {
		c := &r.changes[i]
		if !c.merged.IsZero() {
			continue // a version that was stopped brought it first
		}
		c.merged = merged
		if i > 0 {
			c.merged = merged.Add(-seconds(3600 * 9 * d.ExpFloat64()))
		}
		wait := s.wait * sim.waits(c.merged)
		quick := 1.0
		if r.repairs != nil {
			quick = 0.03 // somebody sits beside it
		}
		review, before, coding := d.around(s.review, 0.6), d.around(wait, 0.6), d.around(s.coding, 0.7)
		if c.bot {
			coding = 0.02
		}
		c.approved = c.merged.Add(-seconds(3600 * quick * review * 0.2))
		c.reviewed = c.approved.Add(-seconds(3600 * quick * review * 0.8))
		c.opened = c.reviewed.Add(-seconds(3600 * quick * before))
		c.committed = c.opened.Add(-seconds(3600 * quick * coding))
	}
}
