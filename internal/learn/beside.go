package learn

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/debriefhq/debrief"
)

// mostBeside bounds what is told beside the findings.
const mostBeside = 6

// beside is what is worth knowing and asks for nothing: where pipeline time
// goes, which steps staging foretells, which actions worked.
func (r *reading) beside() []string {
	var out []string
	out = append(out, r.timeGoes()...)
	foretells, nought := r.foretold()
	out = append(out, foretells[:min(2, len(foretells))]...)
	out = append(out, nought[:min(2, len(nought))]...)
	for _, a := range r.Actions {
		if k := r.kept(a); k.outcome == debrief.DidWork && r.Month.Has(k.at) {
			out = append(out, fmt.Sprintf("“%s” kept its promise: %s.", a.Title, a.Promise))
		}
	}
	return out[:min(mostBeside, len(out))]
}

// timeGoes adds up the month's steps by name.
func (r *reading) timeGoes() []string {
	sums := make([]float64, len(r.h.steps.names))
	total, month := 0.0, r.Month
	for i := range r.h.rows {
		x := &r.h.rows[i]
		if x.at < month.From.Unix() || x.at >= month.To.Unix() {
			continue
		}
		for _, s := range r.h.went(x) {
			sums[s.name] += float64(s.took)
			total += float64(s.took)
		}
	}
	if total == 0 {
		return nil
	}
	order := make([]int, len(sums))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(sums[b], sums[a]) })
	var parts []string
	for _, i := range order[:min(3, len(order))] {
		if sums[i] > 0 {
			parts = append(parts, fmt.Sprintf("%s %s (%s %%)", r.h.steps.names[i], length(sums[i]), percent(sums[i]/total)))
		}
	}
	return []string{fmt.Sprintf("Pipelines worked %s in the month; most of it went into %s.", length(total), list(parts))}
}
