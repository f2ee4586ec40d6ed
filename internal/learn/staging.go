package learn

import (
	"fmt"
	"slices"

	"github.com/debriefhq/debrief"
)

// stagingMisses: a step that again and again took far longer in production than
// staging had shown. Steps that staging foretells are told beside the findings.
func stagingMisses() Pattern {
	return Pattern{
		ID:       "staging-misses",
		Question: "What would staging need so that this step behaves there as it does in production?",
		Why:      "A rehearsal that never shows what will happen costs its time and gives nothing for it.",
		Find:     findMisses,
	}
}

// A step missed where it took three times its staging time and half a minute
// more: the rule of the surprise "slow step".
const (
	missedTimes   = 3
	missedSeconds = 30
)

// rehearsed is one step of one service in both places.
type rehearsed struct {
	step          int32
	took, staging float64
	row           *row
}

func (t rehearsed) missed() bool {
	return t.took >= missedTimes*t.staging && t.took-t.staging >= missedSeconds
}

func findMisses(r *reading) []candidate {
	var out []candidate
	r.eachRehearsed(func(all []rehearsed) {
		if c, ok := r.misses(all); ok {
			out = append(out, c)
		}
	})
	return out
}

// eachRehearsed calls fn for every step of every service that ran in both places.
func (r *reading) eachRehearsed(fn func([]rehearsed)) {
	var steps buckets[rehearsed]
	for rows := r.h.rows; len(rows) > 0; {
		end := 1
		for end < len(rows) && rows[end].service == rows[0].service {
			end++
		}
		for i := range rows[:end] {
			for _, s := range r.h.went(&rows[i]) {
				if s.took > 0 && s.staging > 0 {
					steps.add(s.name, rehearsed{s.name, float64(s.took), float64(s.staging), &rows[i]})
				}
			}
		}
		steps.empty(func(_ int32, all []rehearsed) { fn(all) })
		rows = rows[end:]
	}
}

func (r *reading) misses(all []rehearsed) (candidate, bool) {
	var missed []*row
	var ratios []float64
	over, last := 0.0, int64(0)
	for _, t := range all {
		ratios = append(ratios, t.took/t.staging)
		if t.missed() {
			missed = append(missed, t.row)
			over += t.took - t.staging
			last = max(last, t.row.at)
		}
	}
	if len(missed) < Few || last < r.Month.Before(2).From.Unix() {
		return candidate{}, false
	}
	slices.Sort(ratios)
	service, step := r.h.services.names[all[0].row.service], r.h.steps.names[all[0].step]
	f := debrief.Finding{
		ID: debrief.ID("finding", "staging-misses", service, step), Subject: step + " of " + r.name(service), Services: []string{service},
		Sentence: fmt.Sprintf("%s took at least three times as long in production as in staging in %s releases.",
			capital(step)+" of "+r.name(service), outOf(int64(len(missed)), int64(len(all)))),
		Evidence: r.latest(missed),
		Saves:    debrief.Seconds(over / r.months()), SavesHow: fmt.Sprintf("what these steps took longer than in staging, %s over %s", length(over), plural(int(r.months()+0.5), "month", "months")),
	}
	low, high := quantile(ratios, 0.1), quantile(ratios, 0.9)
	f.Sure = fmt.Sprintf("counted, not tested; eight in ten lay between %s and %s times staging", times(low), times(high))
	if narrow(low, high) {
		f.Question = "Since the step takes " + times(low) + " to " + times(high) + " times staging each time: who should know that before it starts?"
	}
	return candidate{Finding: f}, true
}

// narrow: production can be reckoned from staging.
func narrow(low, high float64) bool { return high <= 2*low }

func times(x float64) string {
	if x >= 9.95 {
		return fmt.Sprintf("%.0f", x)
	}
	return fmt.Sprintf("%.1f", x)
}
