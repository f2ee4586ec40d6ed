package delivery

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/debriefhq/debrief"
)

// Subject is what may have come from a change: an incident, or a release that
// undid or repaired something.
type Subject struct {
	Kind     debrief.SubjectKind
	ID       string
	Service  string   // its home
	Services []string // all it is about; none: nothing says which
	At       time.Time
	Until    time.Time // when it was over; zero: it runs
	Names    []string  // keys, ids and commits of changes it names
	Versions []string  // versions it names
	Tagged   []string  // versions that its errors or alerts carry
	NamedBy  string    // who names them, for the sentence
	Title    string
	Alert    bool     // only machines spoke of it: nobody is asked
	Words    []string // its title's, its routes', its labels'
	Undone   []string // the releases a rollback took away
	Replaced string   // the release a hotfix replaced
	Reverted string   // the release that brought what this one reverts
	Blamed   []string // releases that incidents which ran then are held to have come from
}

// Suspect is one change that overlaps with a subject.
type Suspect struct {
	Kind     string // "release", "flag", "configuration", "manual"
	ID       string
	Service  string
	Title    string
	Version  string
	Names    []string  // what it can be named by: id, keys, commit
	From     time.Time // when the first users had it
	Full     time.Time // when all had it; zero: at once
	UndoneAt time.Time // when a rollback took it away
	Words    []string  // of its changes' titles and paths
	Steady   time.Time // how far its latest look that saw nothing reaches
}

// Shift is a metric or the logs of a service that changed.
type Shift struct {
	Service string
	Release string // whose look found it
	What    string // "p95 of /checkout"
	Since   time.Time
}

// Around is everything that happened around a subject.
type Around struct {
	Suspects []Suspect
	Shifts   []Shift
	Depends  map[string][]string // what each service depends on, as declared
	Weights  Weights             // nil: the defaults
	Said     *debrief.Correction // what a person said
}

const (
	// Past it nothing is a candidate unless a person links it.
	longestAgo = 24 * time.Hour
	// Clocks differ: what happened this much after the impact may have been before.
	clockSlack = 2 * time.Minute
	// kept bounds the candidates of one attribution.
	kept = 20
)

// Attribute ranks the changes a subject may have come from and says what
// follows: the likeliest is held where it is three times as likely as the next and
// has at least half of the odds; else a person is asked. "No change at all" is a
// candidate like the others.
func Attribute(s Subject, around Around) debrief.Attribution {
	w := around.Weights
	if len(w) != len(Reasons()) {
		w = Defaults()
	}
	a := debrief.Attribution{Subject: s.ID, Kind: s.Kind, Service: s.Service, At: s.At, Answer: around.Said}
	e := newEvidence(s, around, w)
	for i := range around.Suspects {
		if reasons := e.of(&around.Suspects[i]); reasons != nil {
			a.Candidates = append(a.Candidates, candidate(&around.Suspects[i], reasons))
		}
	}
	a.Candidates = append(a.Candidates, debrief.Candidate{Kind: debrief.CandidateNone, ID: debrief.NotADeployment, Title: "no change at all"})
	slices.SortFunc(a.Candidates, func(x, y debrief.Candidate) int {
		return cmp.Or(cmp.Compare(y.LogOdds, x.LogOdds), y.At.Compare(x.At), cmp.Compare(x.ID, y.ID))
	})
	share(a.Candidates)
	a.State = state(s, a.Candidates)
	a.Candidates = clip(a.Candidates, around.Said)
	if around.Said != nil {
		a.State = debrief.BlameSaid
	}
	a.Services = touched(s, a.Candidates)
	a.Sentence, a.Question = words(s, a)
	return a
}

func candidate(x *Suspect, reasons []debrief.Reasoned) debrief.Candidate {
	c := debrief.Candidate{Kind: x.Kind, ID: x.ID, Service: x.Service, Title: x.Title, At: x.From, Reasons: reasons}
	for _, r := range reasons {
		c.LogOdds += r.Weight
	}
	return c
}

// share turns log-odds into shares of one.
func share(list []debrief.Candidate) {
	sum := 0.0
	for _, c := range list {
		sum += math.Exp(c.LogOdds - list[0].LogOdds)
	}
	for i := range list {
		list[i].Share = math.Exp(list[i].LogOdds-list[0].LogOdds) / sum
	}
}

// half is what the first has to have of all odds: many candidates that are each a
// little likely can together be likelier than one that leads each of them.
const half = 0.5

func state(s Subject, list []debrief.Candidate) debrief.BlameState {
	first := list[0]
	clear := (len(list) == 1 || first.LogOdds-list[1].LogOdds >= debrief.Clear) && first.Share >= half
	switch {
	case clear && first.Kind == debrief.CandidateNone:
		return debrief.BlameNobody
	case !clear:
		return debrief.BlameAsked
	// A hotfix suggests; that something was wrong with what it replaced is for a
	// person to confirm, unless an incident says so.
	case s.Kind == debrief.SubjectHotfix && !slices.ContainsFunc(first.Reasons, func(r debrief.Reasoned) bool { return r.Name == ReasonIncident }):
		return debrief.BlameAsked
	}
	return debrief.BlamePicked
}

// clip keeps the likeliest, "no change at all", and what a person said.
func clip(list []debrief.Candidate, said *debrief.Correction) []debrief.Candidate {
	out := list[:0:0]
	for i, c := range list {
		if i < kept-2 || c.Kind == debrief.CandidateNone || said != nil && c.ID == said.Answer {
			out = append(out, c)
		}
	}
	return out
}

// touched are the services whose facts may follow from it.
func touched(s Subject, list []debrief.Candidate) []string {
	out := append([]string{s.Service}, s.Services...)
	for _, c := range list {
		if c.Service != "" {
			out = append(out, c.Service)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
