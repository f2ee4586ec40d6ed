package learn

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/debriefhq/debrief"
)

// alarmUnanswered: an alert fires again and again and nobody takes note. Only
// alerts of sources that report who takes note are counted.
func alarmUnanswered() Pattern {
	return Pattern{
		ID:       "alarm-unanswered",
		Question: "What would somebody do when it fires, and if nothing: what is it for?",
		Why:      "An alarm nobody answers teaches everybody to overlook the next one.",
		Find:     findUnanswered,
	}
}

// noted is how soon somebody has to take note.
const noted = 15 * time.Minute

func findUnanswered(r *reading) []candidate {
	type key struct{ service, title string }
	type fired struct {
		n, unanswered, lately int
		first                 time.Time
		fired                 []debrief.Evidence
	}
	by := map[key]*fired{}
	for i := len(r.Incidents) - 1; i >= 0; i-- {
		x := &r.Incidents[i]
		if !x.Alert || !x.Acknowledges || x.Began.Before(r.from) || !x.Began.Before(r.to) || r.Service != "" && !x.Touches(r.Service) && x.Service != r.Service {
			continue
		}
		k := key{x.Service, x.Title}
		f := by[k]
		if f == nil {
			f = &fired{first: x.Began}
			by[k] = f
		}
		f.n++
		if x.Began.Before(f.first) {
			f.first = x.Began
		}
		if at := x.Times.Acknowledged; !at.IsZero() && at.Sub(x.Began) <= noted {
			continue
		}
		f.unanswered++
		f.fired = append(f.fired, debrief.Evidence{Kind: "incident", ID: x.ID, Service: x.Service, At: x.Began})
		if r.Month.Has(x.Began) {
			f.lately++
		}
	}
	var out []candidate
	for k, f := range by {
		if f.unanswered < Few || 2*f.unanswered < f.n || f.lately == 0 {
			continue
		}
		monthly := float64(f.unanswered) / r.months()
		slices.SortFunc(f.fired, func(a, b debrief.Evidence) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.ID, b.ID)) })
		out = append(out, candidate{Finding: debrief.Finding{
			ID: debrief.ID("finding", "alarm-unanswered", k.service, k.title), Subject: "“" + k.title + "” of " + r.name(k.service), Services: []string{k.service},
			Sentence: fmt.Sprintf("“%s” of %s fired %s since %s; %s times nobody acknowledged it within 15 minutes, %s of them in %s.", k.title, r.name(k.service),
				often(f.n), r.day(f.first), number(int64(f.unanswered)), number(int64(f.lately)), r.Month.From.Format("January")),
			Sure:     "counted, not tested; somebody may have looked without acknowledging",
			Evidence: f.fired[:min(mostEvidence, len(f.fired))],
			Saves:    debrief.Seconds(monthly) * lookingAt, SavesHow: fmt.Sprintf("%s interruptions a month, %s each", tenths(monthly), length(float64(lookingAt))),
		}})
	}
	return out
}
