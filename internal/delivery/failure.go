package delivery

import (
	"cmp"
	"slices"
	"time"

	"github.com/debriefhq/debrief"
)

// Watch is how long after full exposure a release is watched: until then
// whether it failed is too early to say.
const Watch = debrief.WatchWindow

// History is what the failures of one service in one environment follow from.
// Order does not matter, and what concerns other services does no harm.
type History struct {
	Releases     []debrief.Release
	Incidents    []debrief.Incident
	Attributions []debrief.Attribution // of the incidents, and of rollbacks, hotfixes and reverts among the releases
	Debriefs     []debrief.Debrief
	Now          time.Time
}

// Outcome is what came of one release; its fields go into ReleaseFacts as they
// are.
type Outcome struct {
	Failure     debrief.Failure
	Rule        string   // why it stands where it stands
	IncidentIDs []string // sorted
	AskedBy     []string // open questions, sorted: one for each fault
	ImpactAt    time.Time
	RestoredAt  time.Time // zero: it still fails, or (Over) nobody can say
	RestoredHow string
	Over        bool
	Remedy      debrief.Remedy
	Repairs     string
	CaughtEarly bool
}

// Failures says of every release what came of it, by its id. Each release fails
// at most once, however many incidents are held to have come from it.
func Failures(h History) map[string]Outcome {
	f := failures{h: h, release: map[string]debrief.Release{}, incident: map[string]debrief.Incident{}, out: map[string]*Outcome{}}
	for _, r := range h.Releases {
		f.release[r.ID] = r
		f.out[r.ID] = &Outcome{}
	}
	for _, i := range h.Incidents {
		f.incident[i.ID] = i
	}
	f.attributions = slices.Clone(h.Attributions)
	slices.SortFunc(f.attributions, func(a, b debrief.Attribution) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Subject, b.Subject))
	})
	f.remedies()
	f.blamed()
	f.asked()
	f.debriefed()
	f.rest()
	f.spans()
	out := make(map[string]Outcome, len(f.out))
	for id, o := range f.out {
		slices.Sort(o.IncidentIDs)
		out[id] = *o
	}
	return out
}

// FailureRange counts how many of these releases failed: at least low, and at most high
// once the open questions are answered, each of which stands for one fault.
func FailureRange(facts []debrief.ReleaseFacts) (low, high, questions int) {
	open := map[string]bool{}
	for _, r := range facts {
		if r.Failure == debrief.DidFail {
			low++
		}
		if r.Failure == debrief.MayFail {
			for _, q := range r.AskedBy {
				open[q] = true
			}
		}
	}
	may := 0 // no more releases can have failed than are asked about
	for _, r := range facts {
		if r.Failure == debrief.MayFail {
			may++
		}
	}
	return low, low + min(len(open), may), len(open)
}

type failures struct {
	h            History
	release      map[string]debrief.Release
	incident     map[string]debrief.Incident
	attributions []debrief.Attribution
	out          map[string]*Outcome
	remedy       map[string][]debrief.Release // by the release they repaired, as they went live
}

// remedies are rollbacks, and hotfixes and reverts of which that is held: a
// rollback is one also while nobody knows yet what it undid.
func (f *failures) remedies() {
	f.remedy = map[string][]debrief.Release{}
	for _, r := range f.h.Releases {
		if r.Kind == debrief.ReleaseRollback {
			f.out[r.ID].Remedy = debrief.RemedyRollback
		}
	}
	for _, a := range f.attributions {
		r, mine := f.release[a.Subject]
		if !mine || !r.Kind.Checked() {
			continue
		}
		o := f.out[r.ID]
		c, held := a.Held()
		if !held {
			if a.State == debrief.BlameSaid {
				o.Remedy = debrief.NoRemedy // a person said that nothing was wrong
			}
			continue
		}
		switch a.Kind {
		case debrief.SubjectHotfix:
			o.Remedy = debrief.RemedyHotfix
		case debrief.SubjectRevert:
			o.Remedy = debrief.RemedyRevert
		}
		if c.Kind == debrief.CandidateRelease && c.ID != r.ID {
			o.Repairs = c.ID
			f.remedy[c.ID] = append(f.remedy[c.ID], r)
		}
	}
	for _, list := range f.remedy {
		slices.SortFunc(list, func(a, b debrief.Release) int {
			return cmp.Or(a.FullExposure.Compare(b.FullExposure), cmp.Compare(a.ID, b.ID))
		})
	}
}

// counts reports whether an attribution may make a release a failed one: an
// alert that only machines spoke of does where a person says so.
func (f *failures) counts(a debrief.Attribution) bool {
	if a.Kind != debrief.SubjectIncident || a.State == debrief.BlameSaid {
		return true
	}
	i, known := f.incident[a.Subject]
	return known && !i.Alert
}

func (f *failures) blamed() {
	for _, a := range f.attributions {
		c, held := a.Held()
		o := f.out[c.ID]
		if !held || c.Kind != debrief.CandidateRelease || o == nil {
			continue
		}
		if a.Kind == debrief.SubjectIncident {
			o.IncidentIDs = append(o.IncidentIDs, a.Subject)
		}
		// An attempt that never took over is no failed change, whatever it hurt.
		if !f.release[c.ID].Kind.Checked() || !f.counts(a) {
			continue
		}
		if o.Failure != debrief.DidFail {
			o.Failure, o.Rule = debrief.DidFail, blamedRule(a)
		}
	}
}

func blamedRule(a debrief.Attribution) string {
	said := ""
	if a.State == debrief.BlameSaid {
		said = ", a person said so"
	}
	switch a.Kind {
	case debrief.SubjectRollback:
		return "it was rolled back" + said
	case debrief.SubjectHotfix:
		return "a hotfix repaired it" + said
	case debrief.SubjectRevert:
		return "a change it brought was reverted" + said
	}
	return "an incident is held to have come from it" + said
}

// asked marks the candidates of open questions.
func (f *failures) asked() {
	for subject, fault := range f.faults() {
		for _, c := range subject.Suspects() {
			o := f.out[c.ID]
			if c.Kind != debrief.CandidateRelease || o == nil || o.Failure == debrief.DidFail || !f.release[c.ID].Kind.Checked() {
				continue
			}
			o.Failure, o.Rule = debrief.MayFail, "a person was asked whether it was this one"
			if !slices.Contains(o.AskedBy, fault) {
				o.AskedBy = append(o.AskedBy, fault)
				slices.Sort(o.AskedBy)
			}
		}
	}
}

func (f *failures) debriefed() {
	for _, d := range f.h.Debriefs {
		o := f.out[d.AboutID]
		if o == nil || d.About != "release" || d.State != "finished" || !d.Failed || !f.release[d.AboutID].Kind.Checked() {
			continue
		}
		if o.Failure != debrief.DidFail {
			o.Failure, o.Rule, o.AskedBy = debrief.DidFail, "its debrief says that it failed", nil
		}
	}
}

// rest is what nobody and nothing spoke of.
func (f *failures) rest() {
	for id, o := range f.out {
		r := f.release[id]
		switch {
		case r.Kind == debrief.ReleaseAttempt && !r.FirstExposure.IsZero():
			o.CaughtEarly, o.Rule = true, "it was stopped before everybody had it"
		case r.Kind == debrief.ReleaseAttempt:
			o.Rule = "it failed before anybody had it"
		case r.Kind == debrief.ReleaseSame:
			o.Rule = "the same version again"
		case o.Failure == debrief.NotFailed && r.Live() && f.h.Now.Before(r.FullExposure.Add(Watch)):
			o.Failure, o.Rule = debrief.TooEarly, "less than 24 hours live"
		case o.Failure == debrief.NotFailed && r.Live():
			o.Rule = "nothing is held against it"
		}
	}
}
