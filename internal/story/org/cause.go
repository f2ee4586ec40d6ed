package org

import (
	"slices"
	"time"
)

// What a planted cause does.
type What string

const (
	// Of these releases fail Factor times as often.
	KindFails     What = "kind fails"     // Subject: a kind of change
	PairFails     What = "pair fails"     // Subject: two kinds, "a + b", and only where both are
	ModuleFails   What = "module fails"   // Subject: a folder, as the sorter names it
	HourFails     What = "hour fails"     // Subject: "Friday from 15:00"
	StrategyFails What = "strategy fails" // Subject: how it was rolled out

	ReviewWaits    What = "review waits"     // pull requests wait Factor times as long for their first review
	StepGrows      What = "step grows"       // Subject: a pipeline step that grows to Factor times its time over half a year
	StepAdded      What = "step added"       // Subject: a step the pipeline has only since then
	StepForetells  What = "step foretells"   // Subject: a step whose time in staging goes with its time in production
	StepSaysNought What = "step says nought" // Subject: one whose time does not
	MigrationRatio What = "migration ratio"  // migrations take Factor times as long in production as in staging

	AlertUnanswered What = "alert unanswered" // Subject: an alert that fires and nobody acknowledges
	ActionWorked    What = "action worked"    // Action: the one after which the Subject kept away
	ActionFailed    What = "action failed"    // Action: one after which nothing changed
	ActionPostponed What = "action postponed" // Subject: the gap whose actions are put off again and again
)

// Fails reports the causes that make releases fail: those a permutation of
// outcomes takes away.
func (w What) Fails() bool {
	return slices.Contains([]What{KindFails, PairFails, ModuleFails, HourFails, StrategyFails}, w)
}

// Cause is one thing that was planted.
type Cause struct {
	What     What      `json:"what"`
	Subject  string    `json:"subject,omitempty"`
	Services []string  `json:"services"`       // where it holds, sorted
	From     time.Time `json:"from"`           // holds since then
	Until    time.Time `json:"until,omitzero"` // and no longer; zero: to the end
	Factor   float64   `json:"factor,omitempty"`
	// Of a cause by the hour: that weekday, from the first hour on and before the last.
	Weekday  time.Weekday `json:"weekday,omitempty"`
	FromHour int          `json:"from_hour,omitempty"`
	ToHour   int          `json:"to_hour,omitempty"`
	Action   string       `json:"action,omitempty"` // the id of the action that is about it
}

// holds reports whether the cause is at work in a service at a moment.
func (c *Cause) holds(service string, at time.Time) bool {
	if at.Before(c.From) || !c.Until.IsZero() && !at.Before(c.Until) {
		return false
	}
	return containsSorted(c.Services, service)
}

// meets reports whether a release has what the cause is about.
func (c *Cause) meets(r *release) bool {
	switch c.What {
	case KindFails:
		return r.has(c.Subject)
	case PairFails:
		a, b := Pair(c.Subject)
		return r.has(a) && r.has(b)
	case ModuleFails:
		return slices.ContainsFunc(r.modules, func(m string) bool { return r.s.tree.module(m) == c.Subject })
	case StrategyFails:
		return r.strategy == c.Subject
	case HourFails:
		at := r.started
		return at.Weekday() == c.Weekday && at.Hour() >= c.FromHour && at.Hour() < c.ToHour
	}
	return false
}
