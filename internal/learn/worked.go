package learn

import (
	"fmt"
	"math/bits"
	"time"

	"github.com/debriefhq/debrief"
)

// actionWithout: an action was done, and what it promised did not show. Those
// that worked are told beside the findings.
func actionWithout() Pattern {
	return Pattern{
		ID:       "action-without-effect",
		Question: "What did the action leave as it was?",
		Why:      "Work that changed nothing is worth knowing of before the next of its kind is begun.",
		Find: func(r *reading) []candidate {
			var out []candidate
			for _, a := range r.Actions {
				if k := r.kept(a); k.outcome == debrief.DidNotWork && !k.at.Before(r.Month.Before(2).From) && k.at.Before(r.to) {
					out = append(out, candidate{Finding: r.without(a, k)})
				}
			}
			return out
		},
	}
}

// kept is what later releases say of an action's promise.
type kept struct {
	outcome debrief.Outcome
	seen    []debrief.Evidence // the releases it was held against, oldest first
	held    int                // how many of them kept it
	at      time.Time          // when the last of them went live
}

// kept holds an action's promise against the releases after it was done.
func (r *reading) kept(a debrief.Action) kept {
	if k, ok := r.promises[a.ID]; ok {
		return k
	}
	if r.promises == nil {
		r.promises = map[string]kept{}
	}
	k := r.keeps(a)
	r.promises[a.ID] = k
	return k
}

func (r *reading) keeps(a debrief.Action) kept {
	var k kept
	if a.Promise == nil || a.Done.IsZero() || !measurable(a.Promise.Measure) {
		return k
	}
	rows := r.h.of(a.Service)
	var facts []debrief.ReleaseFacts
	for i := range rows {
		if rows[i].at > a.Done.Unix() && (a.Promise.Kind == "" || r.h.hasKind(&rows[i], a.Promise.Kind)) {
			// More than this many decide nothing any more: so many keep it, twice as
			// many cannot be measured.
			if facts = append(facts, r.h.facts(&rows[i])); len(facts) > 3*min(a.Promise.Releases, debrief.MostPromise) {
				break
			}
		}
	}
	outcome, shown := a.Promise.Check(facts)
	k.outcome = outcome
	for _, s := range shown {
		k.at = s.At
		if s.Known {
			k.seen = append(k.seen, debrief.Evidence{Kind: "release", ID: s.ReleaseID, Service: a.Service, At: s.At})
		}
		if s.Holds {
			k.held++
		}
	}
	return k
}

// measurable reports whether the narrow columns hold what a measure reads. Lead
// times and what a release brought are not among them.
func measurable(measure string) bool {
	return measure != "lead time" && measure != "changes" && measure != "tries"
}

// facts widens a row again as far as a promise reads it.
func (h *History) facts(x *row) debrief.ReleaseFacts {
	f := debrief.ReleaseFacts{
		ReleaseID: h.ids.at(x.id), Service: h.services.names[x.service], Kind: debrief.ReleaseNew, At: timeOf(x),
		Worked: debrief.Seconds(x.worked), Waited: debrief.Seconds(x.waited), Failure: x.failure(), Changes: -1,
	}
	for _, id := range h.was(x) {
		if y := h.features.list[id]; y.group == ofKind {
			f.Kinds = append(f.Kinds, y.name)
		}
	}
	for _, s := range h.went(x) {
		f.Stages = append(f.Stages, debrief.StageFacts{Name: h.steps.names[s.name], Took: debrief.Seconds(s.took), Staging: debrief.Seconds(s.staging)})
	}
	for left := x.out &^ (1 << trouble); left != 0; left &= left - 1 {
		f.Surprises = append(f.Surprises, h.outcomes.names[bits.TrailingZeros32(left)])
	}
	if x.restore > 0 {
		f.ImpactAt = f.At
		f.RestoredAt = f.At.Add(time.Duration(float64(x.restore) * float64(time.Second)))
	}
	return f
}

func (x *row) failure() debrief.Failure {
	switch {
	case x.out&(1<<trouble) != 0:
		return debrief.DidFail
	case x.known:
		return debrief.NotFailed
	case x.early:
		return debrief.TooEarly
	}
	return debrief.MayFail
}

func (h *History) hasKind(x *row, kind string) bool {
	for _, f := range h.was(x) {
		if y := &h.features.list[f]; y.group == ofKind && y.name == kind {
			return true
		}
	}
	return false
}

func (r *reading) without(a debrief.Action, k kept) debrief.Finding {
	of := fmt.Sprintf("of the %s that followed %s kept it", plural(len(k.seen), "release", "releases"), noneOr(k.held))
	if len(k.seen) == 1 {
		of = "the release that followed did not keep it"
	}
	return debrief.Finding{
		ID: debrief.ID("finding", "action-without-effect", a.ID), Subject: a.Title, Services: []string{a.Service},
		Sentence: fmt.Sprintf("“%s” was done on %s and promised: %s; %s.", a.Title, r.day(a.Done), a.Promise, of),
		Sure:     "held against the releases it named, not tested",
		Evidence: append(r.decided(a), k.seen...),
		Saves:    debrief.Seconds(len(k.seen)-k.held) * lookingAt,
		SavesHow: fmt.Sprintf("%s that did not keep it, %s to look at each", plural(len(k.seen)-k.held, "release", "releases"), length(float64(lookingAt))),
	}
}

func noneOr(n int) string {
	if n == 0 {
		return "none"
	}
	return number(int64(n))
}
