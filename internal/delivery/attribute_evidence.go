package delivery

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// evidence weighs one suspect after another of one subject.
type evidence struct {
	Subject
	around Around
	weight map[string]float64
	names  map[string]bool // what it names, in lower case
	mine   map[string]bool // services it is about
	near   map[string]dependency
	shifts []Shift // near the impact
	common map[string]int
	many   int // services with suspects, where nothing says which it is about
	title  []string
	spread float64 // the default weight of the service: values do not depend on what was learned
}

type dependency struct {
	value float64
	says  string
}

func newEvidence(s Subject, around Around, w Weights) *evidence {
	e := &evidence{Subject: s, around: around, weight: map[string]float64{}, names: map[string]bool{}, mine: map[string]bool{}, common: map[string]int{}}
	for i, name := range names() {
		e.weight[name] = w[i]
	}
	for _, n := range s.Names {
		e.names[strings.ToLower(n)] = true
	}
	for _, id := range s.Services {
		e.mine[id] = true
	}
	for _, x := range around.Shifts {
		if x.Since.Before(s.At.Add(slightly)) && x.Since.After(s.At.Add(-shiftWithin)) {
			e.shifts = append(e.shifts, x)
		}
	}
	wanted := map[string]bool{}
	for _, word := range s.Words {
		wanted[word] = true
	}
	services := map[string]bool{}
	for i := range around.Suspects {
		services[around.Suspects[i].Service] = true
		for _, word := range around.Suspects[i].Words {
			if wanted[word] {
				e.common[word]++
			}
		}
	}
	e.many, e.title, e.spread = len(services), tokens(s.Title), Defaults().Of(ReasonService)
	e.near = reach(s.Services, around.Depends)
	return e
}

const (
	slightly    = 15 * time.Minute // telemetry may be seen to shift this long after people saw the impact
	shiftWithin = time.Hour        // and this long before
	atOnce      = 10 * time.Minute // a change shows this soon
)

// of lists the reasons for and against a suspect; nil where it is no candidate.
func (e *evidence) of(x *Suspect) []debrief.Reasoned {
	if x.ID == e.ID {
		return nil // what remedied something is no candidate for it
	}
	var out []debrief.Reasoned
	add := func(name string, value float64, says string) {
		if value != 0 {
			out = append(out, debrief.Reasoned{Name: name, Value: value, Weight: value * e.weight[name], Sentence: says})
		}
	}
	add(ReasonChange, 1, "one of the changes there were")
	named, says := e.named(x)
	add(ReasonNamed, named, says)
	linked := named == 1 || e.around.Said != nil && e.around.Said.Answer == x.ID
	remedied := false // a person undid it: its time says nothing more
	for _, l := range []struct {
		name string
		yes  bool
		says string
	}{
		{ReasonUndone, slices.Contains(e.Undone, x.ID), "the rollback took it away"},
		{ReasonReverted, e.Reverted == x.ID, "it brought what was reverted"},
		{ReasonReplaced, e.Replaced == x.ID, "the hotfix replaced it"},
		{ReasonIncident, slices.Contains(e.Blamed, x.ID), "an incident that ran then is held to have come from it"},
	} {
		if l.yes {
			add(l.name, 1, l.says)
			remedied = remedied || l.name != ReasonIncident
		}
	}
	age := e.age(x)
	linked = linked || remedied
	// What repaired something speaks of what it took away, or of what an incident
	// is held to have come from; a rollback may also have answered what changed
	// elsewhere, by a flag or in another service.
	elsewhere := e.Kind == debrief.SubjectRollback && (x.Kind != debrief.CandidateRelease || !e.mine[x.Service])
	if e.Kind != debrief.SubjectIncident && !linked && !elsewhere && !slices.Contains(e.Blamed, x.ID) {
		return nil
	}
	if !linked && (age > longestAgo || x.From.After(e.At.Add(clockSlack))) {
		return nil
	}
	add(e.versioned(x))
	add(e.shifted(x))
	if !remedied {
		service, value, says := e.touches(x)
		if value == 0 && !linked {
			return nil
		}
		add(service, value, says)
		if !x.From.After(e.At.Add(clockSlack)) {
			add(ReasonTime, decayed(age), ago(x, e.At))
		}
		add(e.inCommon(x))
	}
	if e.Kind == debrief.SubjectIncident && !x.UndoneAt.IsZero() && x.UndoneAt.After(e.At) && (e.Until.IsZero() || x.UndoneAt.Before(e.Until.Add(near))) {
		add(ReasonRolledBack, 1, "it was rolled back while this ran")
	}
	if x.Steady.After(e.At) && e.Kind == debrief.SubjectIncident {
		add(ReasonSteady, 1, "its look saw nothing change")
	}
	return out
}

// named: a key, an id, a commit or the version of a service it is about; 0.6 where
// only its title holds the version.
func (e *evidence) named(x *Suspect) (float64, string) {
	who := e.NamedBy
	if who == "" {
		who = "it"
	}
	for _, n := range x.Names {
		if n = strings.ToLower(n); e.names[n] || len(n) >= 40 && e.commitNamed(n) {
			return 1, who + " names it"
		}
	}
	if x.Version == "" || !e.about(x) {
		return 0, ""
	}
	for _, v := range e.Versions {
		if strings.EqualFold(v, x.Version) {
			return 1, who + " names " + x.Version
		}
	}
	if slices.Contains(e.title, strings.ToLower(x.Version)) && strings.ContainsAny(x.Version, "0123456789") {
		return 0.6, "its title names " + x.Version
	}
	return 0, ""
}

// commitNamed: an abbreviated commit of at least seven digits is named.
func (e *evidence) commitNamed(commit string) bool {
	for n := range e.names {
		if len(n) >= 7 && strings.HasPrefix(commit, n) {
			return true
		}
	}
	return false
}

// about: it changed a service the subject is about, as far as that is known.
func (e *evidence) about(x *Suspect) bool {
	return len(e.mine) == 0 || e.mine[x.Service] || e.near[x.Service].value == 1
}

func (e *evidence) versioned(x *Suspect) (string, float64, string) {
	if x.Version == "" || len(e.Tagged) == 0 || !e.about(x) {
		return ReasonVersion, 0, ""
	}
	for _, v := range e.Tagged {
		if strings.EqualFold(v, x.Version) {
			return ReasonVersion, 1, "the errors carry " + x.Version
		}
	}
	return ReasonVersion, -0.5, "the errors carry " + strings.Join(e.Tagged, ", ")
}

func (e *evidence) shifted(x *Suspect) (string, float64, string) {
	best, what := 0.0, ""
	for _, s := range e.shifts {
		if s.Service != x.Service && !e.mine[s.Service] || s.Since.Before(x.From.Add(-clockSlack)) {
			continue
		}
		value := 0.0
		switch {
		case !s.Since.After(latestOf(x.From, x.Full).Add(atOnce)):
			value = 1
		case s.Release == x.ID:
			value = 0.5
		}
		if value > best {
			best, what = value, s.What+" shifted "+span(s.Since.Sub(x.From))+" after it"
		}
	}
	return ReasonTelemetry, best, what
}

// touches says how a suspect's service has to do with the subject's.
func (e *evidence) touches(x *Suspect) (string, float64, string) {
	switch {
	case len(e.mine) == 0 && x.Service != debrief.Org:
		// That it is the right service of n is spread over all of them.
		if e.many < 2 {
			return ReasonService, 1, "no other service changed"
		}
		return ReasonService, 1 - math.Log(float64(e.many))/e.spread, fmt.Sprintf("nothing says which of %d services this is about", e.many)
	case e.mine[x.Service]:
		return ReasonService, 1, "it changed " + x.Service
	case x.Service == debrief.Org:
		return ReasonDependency, 0.5, "it belongs to no service and may concern any"
	}
	d := e.near[x.Service]
	return ReasonDependency, d.value, d.says
}

func (e *evidence) inCommon(x *Suspect) (string, float64, string) {
	var both []string
	for _, word := range x.Words {
		if n := e.common[word]; n == 0 || n > 3 && 2*n > len(e.around.Suspects) {
			continue // half of all changes have it too: it tells none apart
		}
		if !slices.Contains(both, word) {
			both = append(both, word)
		}
	}
	if len(both) == 0 {
		return ReasonArea, 0, ""
	}
	slices.Sort(both)
	says := "in common: " + strings.Join(both[:min(len(both), 4)], ", ")
	return ReasonArea, min(float64(len(both))/2, 1), says
}

// age is how long before the impact a change took effect: nothing while it was
// being rolled out.
func (e *evidence) age(x *Suspect) time.Duration { return max(e.At.Sub(latestOf(x.From, x.Full)), 0) }

const (
	fresh   = 30 * time.Minute
	halving = 2 * time.Hour
)

// decayed is what is left of the reason of time after so long.
func decayed(age time.Duration) float64 {
	switch {
	case age <= fresh:
		return 1
	case age > longestAgo:
		return 0
	}
	return math.Exp2(-float64(age-fresh) / float64(halving))
}

// reach finds the services a subject's depend on, one or two steps away, and
// those that depend on them.
func reach(mine []string, depends map[string][]string) map[string]dependency {
	out := map[string]dependency{}
	put := func(id string, d dependency) {
		if !slices.Contains(mine, id) && out[id].value < d.value {
			out[id] = d
		}
	}
	for _, m := range mine {
		for _, d := range depends[m] {
			put(d, dependency{1, m + " depends on " + d})
			for _, dd := range depends[d] {
				put(dd, dependency{0.5, m + " depends on " + d + ", which depends on " + dd})
			}
		}
		for user, list := range depends {
			if slices.Contains(list, m) {
				put(user, dependency{0.5, user + " depends on " + m})
			}
		}
	}
	return out
}

func latestOf(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
