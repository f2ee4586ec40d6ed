// Package learn is the library: it reads the past and says what keeps
// happening. History goes in as plain values, what comes out are findings with
// their evidence, how sure they are, and one question of the system.
//
// There are two kinds of pattern, and they are never mixed up:
//
//   - Tested patterns claim that two things go together ("releases with a
//     migration preceded trouble more often") or that something moved. Each such
//     pair is one test within service and quarter; all tests of a review share
//     one false discovery rate of 10 % (Benjamini and Hochberg).
//   - Counted patterns claim nothing beyond what was counted ("this alarm fired
//     14 times and was acknowledged twice").
//
// Neither says anything about fewer than five occurrences, and neither says
// "because": what precedes something need not lead to it.
//
// One file per pattern: its id, the question it asks, why it matters, the
// function that finds it; beside it a test with a history that must trigger it
// and one that must not.
package learn

import (
	"time"

	"github.com/debriefhq/debrief"
)

// Input is everything a review reads.
type Input struct {
	Month     Month
	Service   string // only this one; empty: all
	History   *History
	Incidents []debrief.Incident // the alerts among them; others are read from the history
	Surprises []debrief.Surprise // those that a person answered
	Debriefs  []debrief.Debrief
	Actions   []debrief.Action
	Names     map[string]string // of services, by id
}

// Pattern is one thing that may keep happening.
type Pattern struct {
	ID       string
	Question string // of the system, never of a person; findings may word it nearer
	Why      string // why it matters
	Find     func(*reading) []candidate
}

// Patterns lists them all, those that precede trouble first: where two say the
// same of the same releases, the earlier one is kept.
func Patterns() []Pattern {
	return []Pattern{
		kindPrecedes(),
		pairPrecedes(),
		strategyPrecedes(),
		modulePrecedes(),
		hourPrecedes(),
		timeGrew(),
		stagingMisses(),
		surpriseRecurs(),
		gapRecurs(),
		actionPostponed(),
		actionWithout(),
		alarmUnanswered(),
		nothingThere(),
	}
}

// Few is how often something has to have happened before anything is said.
const Few = 5

// Rate is the false discovery rate that all tests of a review share.
const Rate = 0.10

// candidate is a finding that has yet to prove itself.
type candidate struct {
	debrief.Finding
	tested bool
	few    string  // too few to say: what, in words; nothing else is read then
	factor *factor // for what precedes: to hold candidates against one another
}

// reading is a review under way.
type reading struct {
	Input
	h     *History
	from  time.Time // what is read: up to twelve months, to the end of the month
	to    time.Time
	costs costs
	span  float64 // in months

	factors  []*factor // every feature by itself; counted once for several patterns
	troubled []*row    // see came
	promises map[string]kept
	shelf    *shelf
}

// lasted is how many months what is read lasted: never more than there was.
func (r *reading) lasted() float64 {
	first := r.from
	if at := r.h.first(); at.After(first) {
		first = at
	}
	return max(1, r.to.Sub(first).Hours()/24/30.4375)
}

func (r *reading) months() float64 { return r.span }

// name is what people call a service.
func (r *reading) name(service string) string {
	if n := r.Names[service]; n != "" {
		return n
	}
	return service
}
