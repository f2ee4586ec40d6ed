package judge

import (
	"math"
	"slices"
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
}

// LogAnswer is what the lines say about a release.
type LogAnswer struct {
	Word     Word
	TooNew   bool // CannotTell, or rates only: lines are not known long enough to call a pattern new
	Lines    int  // after
	Changes  []LogChange
	Warnings []string
}

// CompareLogs finds error patterns never seen before and error and warning
// patterns whose rate changed. Other new patterns are listed but decide
// nothing: every release brings some.
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
	slices.SortStableFunc(a.Changes, func(x, y LogChange) int { return badness(y) - badness(x) })
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

func badness(x LogChange) int {
	b := map[string]int{"error": 8, "warn": 4, "": 2}[x.Level]
	if x.New {
		b += 2
	}
	if float64(x.Count) > x.Before {
		b++
	}
	return b
}

func sum(xs []int) int {
	n := 0
	for _, x := range xs {
		n += max(0, x)
	}
	return n
}

func change(c LogCount, expected float64) LogChange {
	return LogChange{ID: c.ID, Template: c.Template, Level: c.Level, Example: c.Example, Before: expected, Count: sum(c.After), First: c.First, P: 1}
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
	return fresh, others
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

// rates are the error and warning patterns whose rate at least doubled or
// halved, by the exact test on counts divided by their dispersion, Holm over
// all patterns tested.
func (q *LogQuestion) rates(patterns []LogCount) []LogChange {
	type tested struct {
		LogChange
		grew float64
	}
	var all []tested
	for _, c := range patterns {
		tb, ta := float64(len(c.Before)), float64(len(c.After))
		if tb < 1 || ta < 1 || (c.Level != "error" && c.Level != "warn") {
			continue
		}
		b, a := float64(sum(c.Before)), float64(sum(c.After))
		phi := clumped(c.Before)
		x := tested{LogChange: change(c, b*ta/tb), grew: (a + 0.5) / (b*ta/tb + 0.5)}
		x.P = exactSplit(int(a/phi), int(b/phi), ta/(ta+tb))
		all = append(all, x)
	}
	slices.SortStableFunc(all, func(x, y tested) int {
		switch {
		case x.P < y.P:
			return -1
		case x.P > y.P:
			return 1
		}
		return 0
	})
	var out []LogChange
	least := 0.0
	for i, x := range all {
		least = max(least, min(1, x.P*float64(len(all)-i)))
		x.P = least
		if least <= q.Budget/2 && (x.grew >= 2 || x.grew <= 0.5) {
			out = append(out, x.LogChange)
		}
	}
	return out
}

// clumped is how much more the counts vary than a Poisson process would:
// log lines come in bursts. Bins are also taken eight at a time, because a
// burst may outlast one.
func clumped(bins []int) float64 {
	phi := 1.0
	for _, width := range [...]int{1, 8} {
		n := len(bins) / width
		if n < 6 {
			break
		}
		var mean, ss float64
		for i := range n {
			mean += float64(sum(bins[i*width:(i+1)*width])) / float64(n)
		}
		for i := range n {
			d := float64(sum(bins[i*width:(i+1)*width])) - mean
			ss += d * d
		}
		if mean > 0 {
			phi = max(phi, ss/float64(n-1)/mean)
		}
	}
	return phi
}
