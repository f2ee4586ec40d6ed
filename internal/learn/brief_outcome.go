package learn

import (
	"slices"
	"strings"

	"github.com/debriefhq/debrief"
)

// Settle says what became of a brief, once its release is over: what it
// foretold and what happened, as the facts have it. False: it is too early.
func Settle(b debrief.Brief, f debrief.ReleaseFacts) (debrief.Brief, bool) {
	if f.Failure == debrief.TooEarly || f.Failure == debrief.MayFail || f.Kind != debrief.ReleaseNew {
		return b, false
	}
	happened := sortedSet(topicsOf(f))
	o := debrief.BriefOutcome{ReleaseID: f.ReleaseID, Happened: notNone(happened), Foretold: []string{}, Hits: []string{}}
	o.Commonest = b.Commonest != "" && slices.Contains(happened, b.Commonest)
	b.Lessons = slices.Clone(b.Lessons)
	for i := range b.Lessons {
		l := &b.Lessons[i]
		hit := slices.Contains(happened, l.Topic)
		l.Happened = &hit
		o.Foretold = append(o.Foretold, l.Topic)
		if hit {
			o.Hits = append(o.Hits, l.Topic)
		}
	}
	b.Expect = slices.Clone(b.Expect)
	for i := range b.Expect {
		x := &b.Expect[i]
		saw, ok := measured(*x, f)
		if !ok {
			continue
		}
		within := saw >= x.Low && saw <= x.High
		x.Saw, x.Within = &saw, &within
		o.Ranges++
		if within {
			o.Within++
		}
	}
	b.Outcome = &o
	return b, true
}

// measured is what an expected number then was.
func measured(x debrief.Expectation, f debrief.ReleaseFacts) (float64, bool) {
	if x.What == "deployment" {
		return float64(f.Worked), f.Worked > 0
	}
	name, ok := strings.CutPrefix(x.What, "stage ")
	if !ok {
		return 0, false
	}
	longest := debrief.Seconds(0)
	for _, s := range f.Stages {
		if strings.EqualFold(s.Name, name) {
			longest = max(longest, s.Took)
		}
	}
	return float64(longest), longest > 0
}

// AddOutcome counts one brief.
func AddOutcome(a *debrief.BriefAccuracy, b debrief.Brief) {
	o := b.Outcome
	if o == nil {
		a.Waiting++
		return
	}
	a.Briefs++
	if len(o.Foretold) > 0 {
		a.Spoke++
	}
	a.Foretold += len(o.Foretold)
	a.Happened += len(o.Happened)
	a.Hits += len(o.Hits)
	if b.Commonest != "" {
		a.CommonestForetold++
		if o.Commonest {
			a.CommonestHits++
		}
	}
	a.Ranges += o.Ranges
	a.Within += o.Within
	if a.From.IsZero() || b.At.Before(a.From) {
		a.From = b.At
	}
	if b.At.After(a.To) {
		a.To = b.At
	}
}
