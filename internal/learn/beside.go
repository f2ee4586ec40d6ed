package learn

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/debriefhq/debrief"
)

// mostBeside bounds what is told beside the findings.
const mostBeside = 6

// beside is what is worth knowing and asks for nothing: where pipeline time
// goes, which steps staging foretells, which actions worked.
func (r *reading) beside() []string {
	var out []string
	out = append(out, r.timeGoes()...)
	out = append(out, r.foretold()...)
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

// foretold are steps whose time in production can be reckoned from staging.
func (r *reading) foretold() []string {
	var out []string
	r.eachRehearsed(func(all []rehearsed) {
		if len(all) < 2*Few || all[len(all)-1].row.at < r.Month.From.Unix() {
			return
		}
		var ratios, took []float64
		for _, t := range all {
			ratios, took = append(ratios, t.took/t.staging), append(took, t.took)
		}
		slices.Sort(ratios)
		slices.Sort(took)
		low, high := quantile(ratios, 0.1), quantile(ratios, 0.9)
		// A step that always takes the same foretells nothing.
		if !narrow(low, high) || low < missedTimes || quantile(took, 0.9) < 2*quantile(took, 0.1) {
			return
		}
		out = append(out, fmt.Sprintf("Staging foretells %s of %s: production took %s to %s times as long in eight of ten releases.",
			r.h.steps.names[all[0].step], r.name(r.h.services.names[all[0].row.service]), times(low), times(high)))
	})
	slices.SortFunc(out, strings.Compare)
	return out[:min(2, len(out))]
}
