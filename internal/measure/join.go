package measure

import (
	"slices"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/judge"
)

// Join puts what was asked later behind what was asked before, so that a past
// that does not change is asked for once. Both are on one grid.
func Join(past, fresh Asked) (Asked, error) {
	if past.Kind != fresh.Kind || (past.Histogram == nil) != (fresh.Histogram == nil) {
		return Asked{}, debrief.Errorf(debrief.Internal, "join", "a %s cannot be continued by a %s", past.Kind, fresh.Kind)
	}
	if past.Histogram != nil {
		h, err := joinHistograms(*past.Histogram, *fresh.Histogram)
		return Asked{Kind: past.Kind, Histogram: &h}, err
	}
	a, b := past.Series, fresh.Series
	n := max(len(a.V), len(a.Num))
	if !a.Start.Add(time.Duration(n)*a.Step).Equal(b.Start) || a.Step != b.Step {
		return Asked{}, gapped()
	}
	return Asked{Kind: past.Kind, Series: judge.Series{
		Start: a.Start, Step: a.Step,
		V: slices.Concat(a.V, b.V), Num: slices.Concat(a.Num, b.Num), Den: slices.Concat(a.Den, b.Den), N: slices.Concat(a.N, b.N),
	}}, nil
}

// joinHistograms lays both on the bounds they have in common: those of native
// histograms follow what was seen.
func joinHistograms(a, b judge.Histogram) (judge.Histogram, error) {
	if !a.Start.Add(time.Duration(len(a.Counts))*a.Step).Equal(b.Start) || a.Step != b.Step {
		return judge.Histogram{}, gapped()
	}
	out := judge.Histogram{Start: a.Start, Step: a.Step, Bounds: boundsOf(a, b)}
	if slices.Equal(out.Bounds, a.Bounds) && slices.Equal(out.Bounds, b.Bounds) {
		out.Counts = slices.Concat(a.Counts, b.Counts)
		return out, nil
	}
	out.Counts = make([][]float64, len(a.Counts)+len(b.Counts))
	addRows(&out, 0, a)
	addRows(&out, len(a.Counts), b)
	return out, nil
}

func gapped() error {
	return debrief.Errorf(debrief.Internal, "join", "one part does not begin where the other ends")
}

// boundsOf are the bounds several distributions have in common.
func boundsOf(all ...judge.Histogram) []float64 {
	same := true
	var cells []cell
	var mass []float64
	for _, h := range all {
		same = same && slices.Equal(h.Bounds, all[0].Bounds)
		cs, ms := cellsOf(h)
		cells, mass = append(cells, cs...), append(mass, ms...)
	}
	if same {
		return all[0].Bounds
	}
	return commonBounds(cells, mass, mostCells)
}
