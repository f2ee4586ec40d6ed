package judge

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"
)

// LogCount is one pattern's counts around a release, in equal bins.
type LogCount struct {
	ID       string
	Template string
	Level    string
	Example  string
	First    time.Time // first ever seen
	Before   []int     // per bin, up to first exposure
	After    []int     // per bin, from first exposure on
	Past     []int     // in stretches as long as after, side by side, earlier than before; may be empty
}

// LogQuestion is what CompareLogs is asked.
type LogQuestion struct {
	Known      time.Time     // since when this service's lines are known
	KnownAfter time.Duration // how long they must be known before a pattern may be called new; 24 h
	Exposed    time.Time     // first exposure
	To         time.Time     // the look's end
	Bin        time.Duration
	Patterns   []LogCount
	Budget     float64 // false alarms: half for new patterns, half for rates; 0: 0.01
}

// LogChange is a pattern that is new or whose rate changed.
type LogChange struct {
	ID       string
	Template string
	Level    string
	Example  string
	New      bool
	Before   float64 // expected in after, from before
	Count    int     // in after
	First    time.Time
	P        float64 // adjusted for the other patterns
	Bad      float64 // how bad it sounds: 0 to 1
}

// Quiet says whether the pattern has gone quiet with the release.
func (c LogChange) Quiet() bool { return !c.New && c.Count == 0 && c.Before > 0 }

// rank is how bad a change sounds times how sure it is. What is new and no
// error was not tested: it counts as even.
func (c LogChange) rank() float64 {
	sure := 1 - c.P
	if c.New && c.P == 1 {
		sure = 0.5
	}
	bad := c.Bad
	switch {
	case c.New:
		bad += 0.2
	case float64(c.Count) > c.Before:
		bad += 0.1
	case c.Level == "error" || c.Level == "warn":
		bad -= 0.3 // fewer errors are no bad news
	}
	return bad * (0.5 + sure/2)
}

// LogAnswer is what the lines say about a release.
type LogAnswer struct {
	Word     Word
	TooNew   bool // CannotTell, or rates only: lines are not known long enough to call a pattern new
	Lines    int  // after
	Changes  []LogChange
	Warnings []string
}

// CompareLogs finds error patterns never seen before, error and warning
// patterns whose rate changed, and patterns gone quiet; the worst and surest
// come first. Only errors decide the word: every release brings some new
// patterns and ends others.
func CompareLogs(q LogQuestion) LogAnswer {
	if !(q.Budget > 0) {
		q.Budget = 0.01
	}
	var a LogAnswer
	for _, p := range q.Patterns {
		a.Lines += sum(p.After)
	}
	a.TooNew = q.Known.IsZero() || q.Exposed.Sub(q.Known) < q.KnownAfter
	fresh, others := q.split()
	worse, better := false, false
	if !a.TooNew {
		// How often chance alone brings this many new error patterns: as often
		// as they came since the lines are known.
		p, errors := q.surprise(fresh)
		for _, c := range fresh {
			x := change(c, 0)
			x.New, x.P = true, 1
			if errors > 0 && c.Level == "error" {
				x.P = p
				worse = worse || p <= q.Budget/2
			}
			a.Changes = append(a.Changes, x)
		}
	}
	for _, x := range q.rates(others) {
		a.Changes = append(a.Changes, x)
		if x.Level == "error" {
			worse = worse || float64(x.Count) > x.Before
			better = better || float64(x.Count) < x.Before
		}
	}
	a.Changes = append(a.Changes, q.quiet(others)...)
	slices.SortStableFunc(a.Changes, func(x, y LogChange) int { return cmp.Compare(y.rank(), x.rank()) })
	switch {
	case worse:
		a.Word = Worse
	case a.TooNew:
		a.Word = CannotTell
	case better:
		a.Word = Better
	default:
		a.Word = Steady
	}
	return a
}

func sum(xs []int) int {
	n := 0
	for _, x := range xs {
		n += max(0, x)
	}
	return n
}

func change(c LogCount, expected float64) LogChange {
	return LogChange{ID: c.ID, Template: c.Template, Level: c.Level, Example: c.Example, Before: expected, Count: sum(c.After), First: c.First, P: 1, Bad: soundsBad(c.Template, c.Level)}
}

func (q *LogQuestion) split() (fresh, others []LogCount) {
	for _, c := range q.Patterns {
		isNew := !c.First.Before(q.Exposed) && sum(c.Before) == 0
		switch {
		case isNew && sum(c.After) > 0:
			fresh = append(fresh, c)
		case !isNew:
			others = append(others, c)
		}
	}
	all := slices.Clone(fresh)
	return slices.DeleteFunc(fresh, func(c LogCount) bool { return c.echoes(all) }), others
}

// echoes: a new stack trace behind a line that is new itself is the same news.
func (c *LogCount) echoes(fresh []LogCount) bool {
	return strings.HasPrefix(c.Template, traceMark) && slices.ContainsFunc(fresh, func(o LogCount) bool {
		return o.Example != "" && !strings.HasPrefix(o.Template, traceMark) && strings.HasPrefix(c.Example, o.Example)
	})
}

// surprise is the chance of at least as many new error patterns in a span as
// long as after, at the rate they came between the end of the first
// KnownAfter and the release (half of one is added: rare is not never).
func (q *LogQuestion) surprise(fresh []LogCount) (p float64, errors int) {
	for _, c := range fresh {
		if c.Level == "error" {
			errors++
		}
	}
	known := q.Known.Add(q.KnownAfter)
	seen := 0.5
	for _, c := range q.Patterns {
		if c.Level == "error" && c.First.After(known) && c.First.Before(q.Exposed) {
			seen++
		}
	}
	span := max(q.Exposed.Sub(known), q.KnownAfter, time.Hour)
	lambda := seen * float64(q.To.Sub(q.Exposed)) / float64(span)
	p = 1
	term := math.Exp(-lambda)
	for k := range errors {
		p -= term
		term *= lambda / float64(k+1)
	}
	return max(0, min(1, p)), errors
}
