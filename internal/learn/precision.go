package learn

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/debriefhq/debrief"
)

// nothingThere: debrief's own precision. Where half of the answers to a kind of
// surprise are "nothing there", debrief asks too much.
func nothingThere() Pattern {
	return Pattern{
		ID:       "nothing-there",
		Question: "Should debrief ask for more before it calls this a surprise here?",
		Why:      "A tool that calls out for nothing is soon not listened to when there is something.",
		Find:     findNothing,
	}
}

func findNothing(r *reading) []candidate {
	type key struct{ service, kind string }
	type answered struct {
		n, nothing, lately int
		first              time.Time
		ids                []debrief.Evidence
	}
	by := map[key]*answered{}
	for i := range r.Surprises {
		x := &r.Surprises[i]
		if x.Answer == debrief.Unanswered || x.Note || x.At.Before(r.from) || !x.At.Before(r.to) || r.Service != "" && x.Service != r.Service {
			continue
		}
		k := key{x.Service, x.Kind}
		a := by[k]
		if a == nil {
			a = &answered{first: x.At}
			by[k] = a
		}
		a.n++
		if x.At.Before(a.first) {
			a.first = x.At
		}
		if x.Answer != debrief.NothingThere {
			continue
		}
		a.nothing++
		if r.Month.Has(x.At) {
			a.lately++
		}
		a.ids = append(a.ids, debrief.Evidence{Kind: "release", ID: x.ReleaseID, Service: x.Service, At: x.At})
	}
	var out []candidate
	for k, a := range by {
		if a.nothing < Few || 2*a.nothing < a.n || a.lately == 0 {
			continue
		}
		monthly := float64(a.nothing) / r.months()
		slices.SortFunc(a.ids, func(a, b debrief.Evidence) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.ID, b.ID)) })
		out = append(out, candidate{Finding: debrief.Finding{
			ID: debrief.ID("finding", "nothing-there", k.service, k.kind), Subject: surpriseWords(k.kind) + " in " + r.name(k.service), Services: []string{k.service},
			Sentence: fmt.Sprintf("To %s in %s the answer was “nothing there” %s times since %s, %s of them in %s: debrief's own precision there is low.",
				surpriseWords(k.kind), r.name(k.service), outOf(int64(a.nothing), int64(a.n)), r.day(a.first), number(int64(a.lately)), r.Month.From.Format("January")),
			Sure:     "counted from the answers people gave, not tested",
			Evidence: a.ids[:min(mostEvidence, len(a.ids))],
			Saves:    debrief.Seconds(monthly) * lookingAt, SavesHow: fmt.Sprintf("%s a month, %s to look at each", tenths(monthly), length(float64(lookingAt))),
		}})
	}
	return out
}
