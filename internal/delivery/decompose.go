package delivery

import (
	"maps"
	"math"
	"slices"

	"github.com/debriefhq/debrief"
)

// The ways a move is taken apart.
const (
	MethodMidmean  = "midmean"
	MethodKitagawa = "Kitagawa"
	MethodLMDI     = "LMDI"
)

// sides are what lies before a change and what lies after it. Weeks are
// numbered from 0 on each side; weeks without anything count too.
type sides struct {
	before, after           []debrief.ReleaseFacts
	weeksBefore, weeksAfter int
	weekBefore, weekAfter   func(debrief.ReleaseFacts) int
}

// swapped is the same the other way round.
func (s sides) swapped() sides {
	return sides{s.after, s.before, s.weeksAfter, s.weeksBefore, s.weekAfter, s.weekBefore}
}

// waysOf are the changes whose lead time counts.
func waysOf(fs []debrief.ReleaseFacts, week func(debrief.ReleaseFacts) int, s Settings) []way9 {
	var out []way9
	for _, f := range fs {
		for _, l := range f.Leads {
			if inMedian(l, s).As == Counted {
				w := wayOf(l, f)
				w.week = week(f)
				out = append(out, w)
			}
		}
	}
	sortWays(out)
	return out
}

// durationMove takes a move of the lead time apart over one stretch of the
// order by total: there parts add up, which medians do not.
func durationMove(of string, before, after []way9, low, high float64, wb, wa int, d *dice) debrief.Move {
	x, y := bandOf(before, nil, low, high), bandOf(after, nil, low, high)
	m := debrief.Move{Of: of, Method: MethodMidmean, Unit: "s", Before: x.total, After: y.total}
	for i, name := range partNames {
		m.Parts = append(m.Parts, debrief.Part{Name: name, Unit: "s", Before: x.parts[i], After: y.parts[i], Adds: y.parts[i] - x.parts[i]})
	}
	adds := make([]float64, parts9)
	bounds(m.Parts, wb, wa, d, func(b, a []float64) []float64 {
		x, y := bandOf(before, b, low, high), bandOf(after, a, low, high)
		if x.weight == 0 || y.weight == 0 {
			return nil
		}
		for i := range adds {
			adds[i] = y.parts[i] - x.parts[i]
		}
		return adds
	})
	// A part that neither side has says nothing.
	m.Parts = slices.DeleteFunc(m.Parts, func(p debrief.Part) bool { return p.Before == 0 && p.After == 0 })
	m.Parts = settleParts(m.Parts)
	return m
}

// group is how much of a whole is of one kind, and its level.
type group struct{ weight, sum float64 }

// kitagawa takes a difference of Σ share × level apart (Kitagawa 1955), the
// same from either side: what the levels within each kind add at their mean
// share, and what the mix of kinds adds at their mean levels. A kind that one
// side lacks has no level there: the other side's stands for it, so that all it
// adds is mix.
func kitagawa(before, after map[string]group) (within map[string]float64, mix map[string]float64, left, right float64, ok bool) {
	total := func(m map[string]group) (w, s float64) {
		for _, k := range slices.Sorted(maps.Keys(m)) {
			w, s = w+m[k].weight, s+m[k].sum
		}
		return w, s
	}
	wb, sb := total(before)
	wa, sa := total(after)
	if wb == 0 || wa == 0 {
		return nil, nil, 0, 0, false
	}
	left, right = sb/wb, sa/wa
	middle := left/2 + right/2
	within, mix = map[string]float64{}, map[string]float64{}
	both := maps.Clone(before)
	maps.Copy(both, after)
	for k := range both {
		b, a := before[k], after[k]
		if b.weight == 0 && a.weight == 0 {
			continue
		}
		var lb, la float64
		if b.weight > 0 {
			lb = b.sum / b.weight
		}
		if a.weight > 0 {
			la = a.sum / a.weight
		}
		if b.weight == 0 {
			lb = la
		}
		if a.weight == 0 {
			la = lb
		}
		pb, pa := b.weight/wb, a.weight/wa
		within[k] = (pb + pa) / 2 * (la - lb)
		// Held against the middle, a kind adds where it is riskier than most and
		// became commoner; over all kinds that makes no difference.
		mix[k] = ((lb+la)/2 - middle) * (pa - pb)
	}
	return within, mix, left, right, true
}

// kindMove takes a share (or a level) apart by one disjoint kind.
func kindMove(of, unit, whole string, scale float64, before, after func(drawn []float64) map[string]group, wb, wa int, d *dice) (debrief.Move, bool) {
	b0, a0 := before(nil), after(nil)
	within, mix, left, right, ok := kitagawa(b0, a0)
	if !ok {
		return debrief.Move{}, false
	}
	m := debrief.Move{Of: of, Method: MethodKitagawa, Unit: unit, Before: scale * left, After: scale * right}
	kinds := slices.Sorted(maps.Keys(within))
	share := func(g map[string]group, k string) float64 {
		all := 0.0
		for _, o := range g {
			all += o.weight
		}
		return 100 * g[k].weight / all
	}
	level := func(g group) float64 {
		if g.weight == 0 {
			return 0
		}
		return scale * g.sum / g.weight
	}
	for _, k := range kinds {
		m.Parts = append(m.Parts, debrief.Part{Name: "within " + kindName(k), Unit: unit, Before: level(b0[k]), After: level(a0[k]), Adds: scale * within[k]})
	}
	for _, k := range kinds {
		m.Parts = append(m.Parts, debrief.Part{Name: "more or fewer: " + kindName(k), Unit: "% of " + whole, Before: share(b0, k), After: share(a0, k), Adds: scale * mix[k]})
	}
	adds := make([]float64, len(m.Parts))
	bounds(m.Parts, wb, wa, d, func(b, a []float64) []float64 {
		w, x, _, _, ok := kitagawa(before(b), after(a))
		if !ok {
			return nil
		}
		for i, k := range kinds {
			adds[i], adds[len(kinds)+i] = scale*w[k], scale*x[k]
		}
		return adds
	})
	m.Parts = settleParts(m.Parts)
	return m, true
}

// kindName is how the kind of a release without one is called.
func kindName(k string) string {
	if k == "" {
		return "other changes"
	}
	return k
}

// flow is what landed in one week.
type flow struct{ releases, changes, seconds float64 }

// flows sums up by week.
func flows(fs []debrief.ReleaseFacts, week func(debrief.ReleaseFacts) int, weeks int, s Settings) []flow {
	out := make([]flow, weeks)
	for _, f := range fs {
		if f.Kind != debrief.ReleaseNew {
			continue
		}
		w := &out[week(f)]
		w.releases++
		for _, l := range f.Leads {
			if l.Out == "" {
				w.changes++
				w.seconds += float64(l.Lead)
			}
		}
	}
	return out
}

// littles are the factors of a frequency: releases per week = changes in
// progress ÷ mean cycle time ÷ batch size. By Little's law changes in progress
// are the cycle times of what landed over the time it landed in: so the three
// make the frequency exactly.
type littles struct{ progress, cycle, batch, frequency float64 }

func littlesOf(fs []flow, drawn []float64) (l littles, ok bool) {
	var r, n, s, t float64
	for i, f := range fs {
		times := 1.0
		if drawn != nil {
			times = drawn[i]
		}
		r, n, s, t = r+times*f.releases, n+times*f.changes, s+times*f.seconds, t+times
	}
	if r == 0 || n == 0 || s == 0 || t == 0 {
		return l, false
	}
	const week = 7 * 24 * 3600
	return littles{progress: s / (t * week), cycle: s / n, batch: n / r, frequency: r / t}, true
}

// lmdi are the additive contributions of the three factors (Ang 2004):
// logarithmic mean of the two frequencies × logarithm of the factor's ratio.
func lmdi(before, after littles) [3]float64 {
	l := logMean(after.frequency, before.frequency)
	return [3]float64{
		l * math.Log(after.progress/before.progress),
		-l * math.Log(after.cycle/before.cycle),
		-l * math.Log(after.batch/before.batch),
	}
}

// logMean is (a − b) ÷ ln(a/b); a where they are equal.
func logMean(a, b float64) float64 {
	d := math.Log(a / b)
	if math.Abs(d) < 1e-9 {
		return (a + b) / 2
	}
	return (a - b) / d
}

// frequencyMove takes a move of the frequency apart.
func frequencyMove(before, after []flow, d *dice) (debrief.Move, bool) {
	b, okb := littlesOf(before, nil)
	a, oka := littlesOf(after, nil)
	if !okb || !oka {
		return debrief.Move{}, false
	}
	m := debrief.Move{Of: "Little's law", Method: MethodLMDI, Unit: "per week", Before: b.frequency, After: a.frequency}
	adds := lmdi(b, a)
	m.Parts = []debrief.Part{
		{Name: WorkInProgress, Unit: "changes", Before: b.progress, After: a.progress, Adds: adds[0]},
		{Name: CycleTime, Unit: "s", Before: b.cycle, After: a.cycle, Adds: adds[1]},
		{Name: BatchSize, Unit: "changes per release", Before: b.batch, After: a.batch, Adds: adds[2]},
	}
	bounds(m.Parts, len(before), len(after), d, func(db, da []float64) []float64 {
		b, okb := littlesOf(before, db)
		a, oka := littlesOf(after, da)
		if !okb || !oka {
			return nil
		}
		adds := lmdi(b, a)
		return adds[:]
	})
	m.Parts = settleParts(m.Parts)
	return m, true
}
