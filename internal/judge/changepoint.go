package judge

import "math"

// SlowKind says what the values of a slow series are: one value a run, a day or
// a week, where when something changed is the question, not whether a release
// did it.
type SlowKind string

const (
	Durations SlowKind = "duration" // positive measurements; a pattern by weekday (every seventh point) is allowed for
	Counts    SlowKind = "count"    // events per period
	Shares    SlowKind = "rate"     // V of N, as a fraction from 0 to 1
	Reals     SlowKind = "real"     // anything else
)

// SlowSeries is evenly spaced; NaN is missing. N holds the denominators of
// Shares and is nil otherwise.
type SlowSeries struct {
	Kind SlowKind
	V    []float64
	N    []float64
}

// Change is one change of level.
type Change struct {
	At          int     // index of the first point of the new level
	Low, High   int     // At lies in Low..High, both included, with nine in ten
	Probability float64 // that there is a change here at all, given the other changes
	Before      float64 // level of the stretch before, in the series' unit
	After       float64 // level of the stretch after
	Effect      float64 // After/Before − 1; for Shares and Reals After − Before
	EffectLow   float64 // 95 % interval of Effect
	EffectHigh  float64
}

// Changes finds the changes of level of a slow series, in order. A series too
// short to hold two levels, or a constant one, has none. An unknown kind is
// read as Reals.
func Changes(s SlowSeries) []Change {
	var found []Change
	switch s.Kind {
	case Durations:
		found = durationChanges(s.V)
	case Counts:
		found = countChanges(s.V)
	case Shares:
		found = shareChanges(s.V, s.N)
	default:
		found = realChanges(s.V)
	}
	for i := range found {
		c := &found[i]
		for _, x := range [...]*float64{&c.Before, &c.After, &c.Effect, &c.EffectLow, &c.EffectHigh} {
			*x = max(-math.MaxFloat64, min(math.MaxFloat64, *x)) // a series from 1e-300 to 1e300
		}
	}
	return found
}
