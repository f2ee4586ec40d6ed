package learn

import (
	"cmp"
	"slices"
	"time"

	"github.com/debriefhq/debrief"
)

// History is the past in narrow columns: every word is a number, so that a
// million releases are counted without reading a string. Fill it with Add, from
// one goroutine; read it once it is Done.
type History struct {
	loc      *time.Location
	services words
	outcomes words // what came of releases: "trouble", kinds of surprise
	steps    words
	features features // what releases were
	ids      arena
	rows     []row
	feats    []int32
	stages   []stage
	clocks   [7 * 24][]int32 // the features of each hour of the week
	sample   bool
	done     bool
}

// row is one release that shipped something new.
type row struct {
	at      int64 // seconds since 1970
	id      int32
	service int32
	stratum int32 // service and quarter
	quarter int32
	feat    int32 // feats[feat : feat+nfeat]
	stage   int32 // stages[stage : stage+nstage]
	nfeat   uint16
	nstage  uint16
	out     uint32 // what came of it, a bit per outcome
	known   bool   // whether it failed is decided
	early   bool   // its watch window is still open
	sample  bool
	restore float32 // seconds its failure lasted; 0: not known
	worked  float32 // seconds its deployment worked, and waited
	waited  float32
}

// stage is one step of it.
type stage struct {
	name          int32
	took, staging float32
}

// trouble is the outcome every history has: the release failed.
const trouble = 0

// mostOutcomes is how many different outcomes fit a row.
const mostOutcomes = 32

// mostFolders bounds what one release adds: one that touches more folders than
// this says nothing about any of them.
const mostFolders = 12

// NewHistory is an empty one. Hours, days and quarters are those of loc.
func NewHistory(loc *time.Location) *History {
	h := &History{loc: loc}
	h.outcomes.of("trouble")
	return h
}

// Add takes one row of facts in. The value is read and not kept. Only what
// shipped something new is history here: attempts, restarts and rollbacks do
// not precede trouble of their own.
func (h *History) Add(f *debrief.ReleaseFacts) {
	if f.Kind != debrief.ReleaseNew {
		return
	}
	at := f.At.In(h.loc)
	r := row{
		at: f.At.Unix(), id: h.ids.add(f.ReleaseID), service: h.services.of(f.Service), quarter: quarterOf(at),
		feat: int32(len(h.feats)), stage: int32(len(h.stages)),
		sample: f.Sample, known: f.Failure == debrief.NotFailed || f.Failure == debrief.DidFail, early: f.Failure == debrief.TooEarly,
		worked: float32(f.Worked), waited: float32(f.Waited),
	}
	if f.Failure == debrief.DidFail {
		r.out |= 1 << trouble
		if !f.ImpactAt.IsZero() && f.RestoredAt.After(f.ImpactAt) {
			r.restore = float32(f.RestoredAt.Sub(f.ImpactAt).Seconds())
		}
	}
	for _, s := range f.Surprises {
		if o := h.outcomes.of(s); o < mostOutcomes {
			r.out |= 1 << o
		}
	}
	h.describe(f, r.service, at)
	r.nfeat = uint16(len(h.feats) - int(r.feat))
	for _, s := range f.Stages {
		st := stage{h.steps.of(s.Name), float32(s.Took), float32(s.Staging)}
		if s.Part == "roll-out" && f.Strategy != "" && f.Strategy != "all at once" {
			st.staging = 0 // takes its time on purpose: staging has nothing to do with it
		}
		h.stages = append(h.stages, st)
	}
	r.nstage = uint16(len(h.stages) - int(r.stage))
	h.rows = append(h.rows, r)
}

// describe writes down what a release was.
func (h *History) describe(f *debrief.ReleaseFacts, service int32, at time.Time) {
	for _, k := range f.Kinds {
		h.feats = append(h.feats, h.features.of(ofKind, everywhere, k))
	}
	if f.Strategy != "" {
		h.feats = append(h.feats, h.features.of(ofStrategy, everywhere, f.Strategy))
	}
	if len(f.Modules) <= mostFolders {
		for _, m := range f.Modules {
			// Folders of two services seldom are one, even where they are called alike.
			h.feats = append(h.feats, h.features.of(ofModule, service, m))
		}
	}
	if f.Assumed {
		return // the hour of a tag or a merge is not that of the roll-out
	}
	slot := int(at.Weekday())*24 + at.Hour()
	if h.clocks[slot] == nil {
		for _, name := range hoursOf(at.Weekday(), at.Hour()) {
			h.clocks[slot] = append(h.clocks[slot], h.features.of(ofHour, everywhere, name))
		}
	}
	h.feats = append(h.feats, h.clocks[slot]...)
}

// Done sorts the history; nothing may be added afterwards. Made-up releases
// count only where there are no others.
func (h *History) Done() *History {
	if h.done {
		return h
	}
	h.done = true
	real := slices.ContainsFunc(h.rows, func(r row) bool { return !r.sample })
	h.sample = !real && len(h.rows) > 0
	if real {
		h.rows = slices.DeleteFunc(h.rows, func(r row) bool { return r.sample })
	}
	slices.SortFunc(h.rows, func(a, b row) int {
		if c := cmp.Compare(a.service, b.service); c != 0 {
			return c
		}
		if c := cmp.Compare(a.at, b.at); c != 0 {
			return c
		}
		return cmp.Compare(h.ids.at(a.id), h.ids.at(b.id))
	})
	stratum := int32(-1)
	for i := range h.rows {
		if i == 0 || h.rows[i].service != h.rows[i-1].service || h.rows[i].quarter != h.rows[i-1].quarter {
			stratum++
		}
		h.rows[i].stratum = stratum
	}
	return h
}

// Sample reports whether all of it is made up.
func (h *History) Sample() bool { return h.sample }

// Len is how many releases it holds.
func (h *History) Len() int { return len(h.rows) }

// first is when the oldest release went live.
func (h *History) first() time.Time {
	if len(h.rows) == 0 {
		return time.Time{}
	}
	first := h.rows[0].at
	for i := range h.rows {
		first = min(first, h.rows[i].at)
	}
	return time.Unix(first, 0).In(h.loc)
}

// was are the features of a release.
func (h *History) was(r *row) []int32 { return h.feats[r.feat : r.feat+int32(r.nfeat)] }

// went are the steps of a release.
func (h *History) went(r *row) []stage { return h.stages[r.stage : r.stage+int32(r.nstage)] }

// of are the releases of one service, oldest first.
func (h *History) of(service string) []row {
	id, ok := h.services.find(service)
	if !ok {
		return nil
	}
	from, _ := slices.BinarySearchFunc(h.rows, id, func(r row, id int32) int { return cmp.Compare(r.service, id) })
	to, _ := slices.BinarySearchFunc(h.rows, id+1, func(r row, id int32) int { return cmp.Compare(r.service, id) })
	return h.rows[from:to]
}
