package delivery

import (
	"math"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/judge"
)

// The five metrics, as questions call them.
const (
	DeploymentFrequency = "deployment frequency"
	ChangeLeadTime      = "change lead time"
	ChangeFailureRate   = "change failure rate"
	RecoveryTime        = "failed deployment recovery time"
	ReworkRate          = "deployment rework rate"
)

// What else they are made of, beside the parts of a way.
const (
	BatchSize      = "batch size"
	WorkInProgress = "work in progress"
	CycleTime      = "cycle time"
	FailedAttempts = "failed attempts"
	FreezeDays     = "freeze days"
	FlakyRetries   = "flaky retries"
)

// Line is one figure by week, the oldest first: what changes are sought in.
type Line struct {
	Name   string          `json:"name"`
	PartOf string          `json:"part_of,omitempty"` // the metric it is a part of
	Unit   string          `json:"unit"`
	Weeks  []time.Time     `json:"weeks"`       // when each begins
	V      debrief.Numbers `json:"v"`           // null: nothing to tell of that week
	N      debrief.Numbers `json:"n,omitempty"` // of shares: of how many
	kind   judge.SlowKind
}

// weekly are a service's facts by week.
type weekly struct {
	weeks []period
	facts [][]debrief.ReleaseFacts
	in    MetricsInput
}

// byWeek sorts facts into the weeks of in.From to in.To that are over.
func byWeek(in MetricsInput) weekly {
	if in.Location == nil {
		in.Location = time.UTC
	}
	w := weekly{in: in}
	for _, p := range periods(in.From, in.To, in.Now, ByWeek, in.Location) {
		if !p.to.After(in.Now) && p.to.Equal(ByWeek.next(p.from, 1, in.Location)) {
			w.weeks = append(w.weeks, p)
		}
	}
	w.facts = make([][]debrief.ReleaseFacts, len(w.weeks))
	for _, f := range in.Facts {
		if i := within(w.weeks, f.At); i >= 0 {
			w.facts[i] = append(w.facts[i], f)
		}
	}
	// Before its first release nothing is known of a service: weeks without any
	// are no weeks of standing still.
	for len(w.weeks) > 0 && len(w.facts[0]) == 0 {
		w.weeks, w.facts = w.weeks[1:], w.facts[1:]
	}
	return w
}

// lines are all series, the five metrics first.
func (w weekly) lines() []Line {
	nan := math.NaN()
	starts := make([]time.Time, len(w.weeks))
	for i, p := range w.weeks {
		starts[i] = p.from
	}
	line := func(name, partOf, unit string, kind judge.SlowKind, v func(i int) (v, n float64)) Line {
		l := Line{Name: name, PartOf: partOf, Unit: unit, kind: kind, Weeks: starts, V: make(debrief.Numbers, len(starts))}
		if kind == judge.Shares {
			l.N = make(debrief.Numbers, len(starts))
		}
		for i := range starts {
			x, n := v(i)
			l.V[i] = x
			if l.N != nil {
				l.N[i] = n
			}
		}
		return l
	}
	middle := func(vs []float64) (float64, float64) {
		if len(vs) == 0 {
			return nan, 0
		}
		return MiddleOf(vs).Median, float64(len(vs))
	}
	share := func(s Share) (float64, float64) {
		if s.Of == 0 {
			return nan, 0
		}
		return float64(s.N) / float64(s.Of), float64(s.Of)
	}
	ways := make([][]way9, len(starts))
	rows := make([]MetricRow, len(starts))
	for i, p := range w.weeks {
		ways[i] = waysOf(w.facts[i], func(debrief.ReleaseFacts) int { return 0 }, w.in.Settings)
		rows[i] = rowOf(p, w.facts[i], 0, w.in)
	}
	out := []Line{
		line(DeploymentFrequency, "", "per week", judge.Counts, func(i int) (float64, float64) { return float64(rows[i].Releases), 0 }),
		line(ChangeLeadTime, "", "s", judge.Durations, func(i int) (float64, float64) {
			if rows[i].Lead.N == 0 {
				return nan, 0
			}
			return max(rows[i].Lead.Median, 1), 0
		}),
		line(ChangeFailureRate, "", "%", judge.Shares, func(i int) (float64, float64) { return share(rows[i].Failure) }),
		line(RecoveryTime, "", "s", judge.Durations, func(i int) (float64, float64) {
			if rows[i].Recovery.N == 0 {
				return nan, 0
			}
			return max(rows[i].Recovery.Median, 1), 0
		}),
		line(ReworkRate, "", "%", judge.Shares, func(i int) (float64, float64) { return share(rows[i].Rework) }),
	}
	for k, name := range partNames {
		out = append(out, line(name, ChangeLeadTime, "s", judge.Durations, func(i int) (float64, float64) {
			vs := make([]float64, len(ways[i]))
			for j, x := range ways[i] {
				vs[j] = x.parts[k]
			}
			m, n := middle(vs)
			return max(m, 1), n // a part that takes no time has no logarithm
		}))
	}
	each := func(i int, v func(f debrief.ReleaseFacts) float64) (sum float64) {
		for _, f := range w.facts[i] {
			sum += v(f)
		}
		return sum
	}
	return append(
		out,
		line(BatchSize, DeploymentFrequency, "changes per release", judge.Durations, func(i int) (float64, float64) {
			var vs []float64
			for _, f := range w.facts[i] {
				if f.Kind == debrief.ReleaseNew && f.Changes > 0 {
					vs = append(vs, float64(f.Changes))
				}
			}
			return middle(vs)
		}),
		line(WorkInProgress, DeploymentFrequency, "changes", judge.Durations, func(i int) (float64, float64) {
			// By Little's law: cycle times of what landed over the week it landed in.
			sum := each(i, func(f debrief.ReleaseFacts) (s float64) {
				for _, l := range f.Leads {
					if l.Out == "" {
						s += float64(l.Lead)
					}
				}
				return s
			})
			if sum == 0 {
				return nan, 0
			}
			return sum / w.weeks[i].to.Sub(w.weeks[i].from).Seconds(), 0
		}),
		line(FailedAttempts, DeploymentFrequency, "per week", judge.Counts, func(i int) (float64, float64) {
			return each(i, func(f debrief.ReleaseFacts) float64 {
				if f.Kind == debrief.ReleaseAttempt {
					return 1
				}
				return 0
			}), 0
		}),
		line(FreezeDays, DeploymentFrequency, "working days per week", judge.Counts, func(i int) (float64, float64) { return w.freeze(i), 0 }),
		line(FlakyRetries, ChangeLeadTime, "per week", judge.Counts, func(i int) (float64, float64) {
			return each(i, func(f debrief.ReleaseFacts) float64 { return float64(f.Retries) }), 0
		}),
	)
}

// freeze counts a week's working days (Monday to Friday in the team's time
// zone) on which nothing was released though a change that shipped later was
// merged, or at least committed, before the day began.
func (w weekly) freeze(week int) float64 {
	days := 0
	for d := range 5 {
		from := ByDay.next(w.weeks[week].from, d, w.in.Location)
		to := ByDay.next(from, 1, w.in.Location)
		released := false
		for _, f := range w.facts[week] {
			released = released || f.Kind.Checked() && !f.At.Before(from) && f.At.Before(to)
		}
		if !released && w.waited(week, from, to) {
			days++
		}
	}
	return float64(days)
}

// waited says whether a change was ready before a day began and shipped after
// it ended: in the same week or one of the four that follow.
func (w weekly) waited(week int, from, to time.Time) bool {
	for k := week; k < min(week+5, len(w.facts)); k++ {
		for _, f := range w.facts[k] {
			if f.At.Before(to) {
				continue
			}
			for _, l := range f.Leads {
				if l.Out == "" && ready(l).Before(from) {
					return true
				}
			}
		}
	}
	return false
}

// ready is when a change could have shipped: once it was written and reviewed.
func ready(l debrief.LeadFacts) time.Time {
	us := int64(0)
	for _, p := range []string{Coding, ReviewWait, Review} {
		us += l.Parts[p].Micros()
	}
	return l.Committed.Add(time.Duration(us) * time.Microsecond)
}

// changes finds where a line changed its level.
func (l Line) changes() []judge.Change {
	return judge.Changes(judge.SlowSeries{Kind: l.kind, V: l.V, N: l.N})
}
