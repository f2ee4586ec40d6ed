package delivery

import (
	"slices"
	"time"

	"github.com/debriefhq/debrief"
)

// faults names, for every attribution that is asked, the fault it is about: the
// least subject of those that tell of the same one. Two tickets, or a ticket and
// the rollback that ended it, ask one question.
func (f *failures) faults() map[*debrief.Attribution]string {
	var open []*debrief.Attribution
	for i := range f.attributions {
		if a := &f.attributions[i]; a.State == debrief.BlameAsked && f.counts(*a) {
			open = append(open, a)
		}
	}
	root := make([]int, len(open))
	for i := range root {
		root[i] = i
	}
	find := func(i int) int {
		for root[i] != i {
			i = root[i]
		}
		return i
	}
	for i := range open {
		for k := range i {
			if f.oneFault(open[i], open[k]) {
				root[find(i)] = find(k)
			}
		}
	}
	name := map[int]string{}
	for i, a := range open {
		if at := find(i); name[at] == "" || a.Subject < name[at] {
			name[at] = a.Subject
		}
	}
	out := make(map[*debrief.Attribution]string, len(open))
	for i, a := range open {
		out[a] = name[find(i)]
	}
	return out
}

// near is how long after one subject's end another may begin and tell of the
// same fault.
const near = time.Hour

// oneFault: they suspect the same release and hurt at the same time.
func (f *failures) oneFault(a, b *debrief.Attribution) bool {
	shared := slices.ContainsFunc(a.Suspects(), func(c debrief.Candidate) bool {
		return c.Kind == debrief.CandidateRelease && slices.ContainsFunc(b.Suspects(), func(d debrief.Candidate) bool { return d.ID == c.ID })
	})
	if !shared {
		return false
	}
	if b.At.Before(a.At) {
		a, b = b, a
	}
	return !b.At.After(f.ends(a).Add(near))
}

// ends is when what an attribution is about was over; of one that runs, now.
func (f *failures) ends(a *debrief.Attribution) time.Time {
	if a.Kind != debrief.SubjectIncident {
		return a.At
	}
	if end := f.incident[a.Subject].Ended(); !end.IsZero() {
		return end
	}
	return f.h.Now
}
