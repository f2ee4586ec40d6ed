package learn

import (
	"fmt"

	"github.com/debriefhq/debrief"
)

// actionPostponed: an action was put off at least twice and is still open. This
// is one thing that is known, no rate: it needs no five occurrences.
func actionPostponed() Pattern {
	return Pattern{
		ID:       "action-postponed",
		Question: "Is it still the one thing to do, and if so, what would have to wait for it?",
		Why:      "What was decided and not done keeps costing what it was meant to save.",
		Find:     findPostponed,
	}
}

const putOff = 2 // times, at least

func findPostponed(r *reading) []candidate {
	var out []candidate
	for _, a := range r.Actions {
		times := 0
		for _, p := range a.Postponed {
			if p.At.Before(r.to) {
				times++
			}
		}
		open := a.Created.Before(r.to) && a.State != debrief.ActionDropped && (a.Done.IsZero() || !a.Done.Before(r.to))
		if times < putOff || !open {
			continue
		}
		out = append(out, r.postponed(a, times))
	}
	return out
}

// postponed says what happened meanwhile: failures of the service, and debriefs
// that ended at the same gap.
func (r *reading) postponed(a debrief.Action, times int) candidate {
	failed, lost := []*row{}, 0.0
	rows := r.h.of(a.Service)
	for i := range rows {
		x := &rows[i]
		if x.at < a.Created.Unix() || x.out&(1<<trouble) == 0 {
			continue
		}
		failed = append(failed, x)
		if x.restore > 0 {
			lost += float64(x.restore)
		} else {
			lost += float64(r.costs.failure)
		}
	}
	again, evidence := 0, r.decided(a)
	for _, d := range r.debriefs().of[a.Service] {
		if d.Gap == a.Gap && d.Gap != "" && d.ID != a.DebriefID && d.Finished.After(a.Created) && d.Finished.Before(r.to) {
			again++
			evidence = append(evidence, written(*d))
		}
	}
	months := max(1, r.to.Sub(a.Created).Hours()/24/30.4375)
	meanwhile := "nothing of the kind happened meanwhile"
	if len(failed)+again > 0 {
		meanwhile = fmt.Sprintf("meanwhile %s of %s failed", plural(len(failed), "release", "releases"), r.name(a.Service))
		if again > 0 {
			meanwhile += fmt.Sprintf(", and %s ended at the same gap", plural(again, "debrief", "debriefs"))
		}
	}
	return candidate{Finding: debrief.Finding{
		ID: debrief.ID("finding", "action-postponed", a.ID), Subject: a.Title, Services: []string{a.Service},
		Sentence: fmt.Sprintf("“%s” was put off %s since %s; %s.", a.Title, often(times), r.day(a.Created), meanwhile),
		Sure:     "known, not tested; what happened meanwhile need not have to do with it",
		Evidence: append(evidence, r.latest(failed)...),
		Saves:    debrief.Seconds(lost / months), SavesHow: "the time those failures lasted, a month; at most, if the action would have kept all of them away",
	}}
}

func often(n int) string {
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return number(int64(n)) + " times"
}

// decided points at what the debrief was about that an action came from.
func (r *reading) decided(a debrief.Action) []debrief.Evidence {
	if d := r.debriefs().by[a.DebriefID]; d != nil {
		return []debrief.Evidence{written(*d)}
	}
	return []debrief.Evidence{{Kind: "debrief", ID: a.DebriefID, Service: a.Service, At: a.Created}}
}

// shelf are the debriefs by id and by service.
type shelf struct {
	by map[string]*debrief.Debrief
	of map[string][]*debrief.Debrief
}

func (r *reading) debriefs() *shelf {
	if r.shelf == nil {
		r.shelf = &shelf{map[string]*debrief.Debrief{}, map[string][]*debrief.Debrief{}}
		for i := range r.Debriefs {
			d := &r.Debriefs[i]
			r.shelf.by[d.ID] = d
			r.shelf.of[d.Service] = append(r.shelf.of[d.Service], d)
		}
	}
	return r.shelf
}
