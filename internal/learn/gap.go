package learn

import (
	"fmt"
	"slices"

	"github.com/debriefhq/debrief"
)

// gapRecurs: debriefs keep naming the same gap.
func gapRecurs() Pattern {
	return Pattern{
		ID:       "gap-recurs",
		Question: "Which one thing would close this gap for all services at once?",
		Why:      "Several debriefs that end at the same gap ask for one remedy rather than several.",
		Find:     findGaps,
	}
}

func findGaps(r *reading) []candidate {
	total := 0
	by := map[debrief.Gap][]debrief.Debrief{}
	for _, d := range r.Debriefs {
		if d.Finished.IsZero() || d.Finished.Before(r.from) || !d.Finished.Before(r.to) || d.Gap == "" {
			continue
		}
		total++
		by[d.Gap] = append(by[d.Gap], d)
	}
	var out []candidate
	for _, g := range debrief.Gaps() {
		ds := by[g]
		if g == debrief.GapOther || len(ds) == 0 {
			continue // "other" is many things
		}
		slices.SortStableFunc(ds, func(a, b debrief.Debrief) int { return b.Finished.Compare(a.Finished) })
		if !r.Month.Has(ds[0].Finished) {
			continue
		}
		if len(ds) < Few {
			if len(ds) > 2 {
				out = append(out, candidate{few: fmt.Sprintf("the gap “%s” (%s)", g, plural(len(ds), "debrief", "debriefs"))})
			}
			continue
		}
		out = append(out, r.gap(g, ds, total))
	}
	return out
}

func (r *reading) gap(g debrief.Gap, ds []debrief.Debrief, total int) candidate {
	var services []string
	var evidence []debrief.Evidence
	lately := 0
	for _, d := range ds {
		services = append(services, d.Service)
		if len(evidence) < mostEvidence {
			evidence = append(evidence, written(d))
		}
		if r.Month.Has(d.Finished) {
			lately++
		}
	}
	done, open := 0, 0
	for _, a := range r.Actions {
		switch {
		case a.Gap != g || !a.Created.Before(r.to):
		case a.State == debrief.ActionDone:
			done++
		case a.State != debrief.ActionDropped:
			open++
		}
	}
	acts := "no action on it is recorded"
	if done+open > 0 {
		acts = fmt.Sprintf("of the actions on it %s, %s", are(done, "done"), are(open, "open"))
	}
	monthly := float64(len(ds)) / r.months()
	return candidate{Finding: debrief.Finding{
		ID: debrief.ID("finding", "gap-recurs", string(g)), Subject: string(g), Services: uniq(services),
		Sentence: fmt.Sprintf("“%s” was the gap in %s debriefs since %s, %s of them in %s; %s.", capital(string(g)),
			outOf(int64(len(ds)), int64(total)), r.day(ds[len(ds)-1].Finished), number(int64(lately)), r.Month.From.Format("January"), acts),
		Sure:     "counted, not tested",
		Evidence: evidence,
		Saves:    debrief.Seconds(monthly) * r.costs.failure, SavesHow: fmt.Sprintf("%s debriefs a month, each about what took %s to restore", tenths(monthly), length(float64(r.costs.failure))),
	}}
}

func are(n int, what string) string {
	switch n {
	case 0:
		return "none is " + what
	case 1:
		return "one is " + what
	}
	return number(int64(n)) + " are " + what
}

// written points at what a debrief is about.
func written(d debrief.Debrief) debrief.Evidence {
	if d.About == "" || d.AboutID == "" {
		return debrief.Evidence{Kind: "debrief", ID: d.ID, Service: d.Service, At: d.Finished}
	}
	return debrief.Evidence{Kind: d.About, ID: d.AboutID, Service: d.Service, At: d.Finished}
}
