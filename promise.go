package debrief

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Promise is evidence that can be checked: a measure of each of the next
// releases (of a kind) held against a number.
type Promise struct {
	Measure    string   `json:"measure"`           // an ID of Measures: "step ratio"
	Subject    string   `json:"subject,omitempty"` // of what, where the measure needs one: "migrate"
	Comparator string   `json:"comparator"`        // "<", "<=", ">", ">="
	Number     float64  `json:"number"`            // in the measure's unit
	Kind       string   `json:"kind,omitempty"`    // only releases with this kind of change
	Releases   int      `json:"releases"`          // the next so many, at least LeastReleases
	Outcome    Outcome  `json:"outcome,omitempty"`
	Seen       []string `json:"seen,omitempty"` // the releases that showed it
}

// Outcome is what later releases said of an action.
type Outcome string

const (
	NotYet       Outcome = "" // too few releases so far
	DidWork      Outcome = "worked"
	DidNotWork   Outcome = "did not"
	CannotSay    Outcome = "cannot tell"
	LeastPromise         = 3  // fewer releases prove nothing
	MostPromise          = 50 // more would never be checked
)

// Measure is one thing that can be read off a release.
type Measure struct {
	ID      string
	Unit    string // "s", "×", or empty: a count
	Subject string // what a subject is, where one is needed; empty: none is
	Means   string
	value   func(f ReleaseFacts, subject string) (v float64, known bool)
}

// Measures lists what a promise can be made of.
func Measures() []Measure {
	return []Measure{
		{"step ratio", "×", "a step", "the step's time in production ÷ its time in staging", stepRatio},
		{"step time", "s", "a step", "the step's time in production", stepTime},
		{"deployment time", "s", "", "how long the deployment worked", func(f ReleaseFacts, _ string) (float64, bool) { return float64(f.Worked), f.Worked > 0 }},
		{"waiting time", "s", "", "how long the deployment waited", func(f ReleaseFacts, _ string) (float64, bool) { return float64(f.Waited), f.Worked > 0 }},
		{"tries", "", "", "failed deployments of the same version right before it", func(f ReleaseFacts, _ string) (float64, bool) { return float64(f.Tries), true }},
		{"surprises", "", "", "how many kinds of surprise it had", func(f ReleaseFacts, _ string) (float64, bool) {
			return float64(len(f.Surprises)), f.Failure != TooEarly
		}},
		{"surprise", "", "a kind of surprise", "1 where it had this surprise, else 0", surprised},
		{"failures", "", "", "1 where the release failed, else 0", failed},
		{"recovery time", "s", "", "impact → restored, of releases that failed", recovery},
		{"lead time", "s", "", "the median of its changes, committed → live", medianLead},
		{"changes", "", "", "how many changes it brought", func(f ReleaseFacts, _ string) (float64, bool) { return float64(f.Changes), f.Changes >= 0 }},
	}
}

func stepRatio(f ReleaseFacts, step string) (float64, bool) {
	most, known := 0.0, false
	for _, s := range f.Stages {
		if strings.EqualFold(s.Name, step) && s.Staging > 0 {
			most, known = max(most, float64(s.Took/s.Staging)), true
		}
	}
	return most, known
}

func stepTime(f ReleaseFacts, step string) (float64, bool) {
	most, known := 0.0, false
	for _, s := range f.Stages {
		if strings.EqualFold(s.Name, step) {
			most, known = max(most, float64(s.Took)), true
		}
	}
	return most, known
}

func surprised(f ReleaseFacts, kind string) (float64, bool) {
	if slices.Contains(f.Surprises, kind) {
		return 1, true
	}
	return 0, f.Failure != TooEarly
}

func failed(f ReleaseFacts, _ string) (float64, bool) {
	switch f.Failure {
	case DidFail:
		return 1, true
	case NotFailed:
		return 0, true
	}
	return 0, false
}

func recovery(f ReleaseFacts, _ string) (float64, bool) {
	if f.Failure != DidFail || f.ImpactAt.IsZero() || f.RestoredAt.IsZero() {
		return 0, false
	}
	return f.RestoredAt.Sub(f.ImpactAt).Seconds(), true
}

func medianLead(f ReleaseFacts, _ string) (float64, bool) {
	var all []float64
	for _, l := range f.Leads {
		if l.Out == "" {
			all = append(all, float64(l.Lead))
		}
	}
	if len(all) == 0 {
		return 0, false
	}
	slices.Sort(all)
	n := len(all)
	return (all[(n-1)/2] + all[n/2]) / 2, true
}

// measure finds a measure by its id.
func measure(id string) (Measure, error) {
	var known []string
	for _, m := range Measures() {
		if m.ID == id {
			return m, nil
		}
		known = append(known, m.ID)
	}
	return Measure{}, Errorf(Invalid, "promise.measure", "%q is no measure", id).WithHint("known are %s", strings.Join(known, ", "))
}

// Valid says what is wrong with a promise, if anything is.
func (p Promise) Valid() error {
	m, err := measure(p.Measure)
	if err != nil {
		return err
	}
	switch {
	case m.Subject != "" && p.Subject == "":
		return Errorf(Invalid, "promise.subject", "%s of what?", p.Measure).WithHint("it needs %s", m.Subject)
	case m.Subject == "" && p.Subject != "":
		return Errorf(Invalid, "promise.subject", "%s is of the whole release, not of %q", p.Measure, p.Subject)
	case !slices.Contains([]string{"<", "<=", ">", ">="}, p.Comparator):
		return Errorf(Invalid, "promise.comparator", "%q is none of <, <=, > and >=", p.Comparator)
	case math.IsNaN(p.Number) || math.IsInf(p.Number, 0):
		return Errorf(Invalid, "promise.number", "a number is needed")
	case p.Releases < LeastPromise:
		return Errorf(Invalid, "promise.releases", "%d releases prove nothing", p.Releases).WithHint("at least %d", LeastPromise)
	case p.Releases > MostPromise:
		return Errorf(Invalid, "promise.releases", "%d releases are too many to wait for", p.Releases).WithHint("at most %d", MostPromise)
	}
	return nil
}

// Shown is what one release says of a promise.
type Shown struct {
	ReleaseID string    `json:"release_id"`
	Version   string    `json:"version"`
	At        time.Time `json:"at"`
	Value     float64   `json:"value"`
	Known     bool      `json:"known"` // it could be measured there
	Holds     bool      `json:"holds"`
}

// Check holds a promise against the releases that followed, oldest first. It
// worked where the next so many releases of the kind all keep it, and did not
// as soon as one breaks it. A release that is still watched is waited for; where
// more than twice as many as promised could not be measured, nobody can tell.
func (p Promise) Check(facts []ReleaseFacts) (Outcome, []Shown) {
	m, err := measure(p.Measure)
	if err != nil || p.Valid() != nil {
		return CannotSay, nil
	}
	var shown []Shown
	kept, blind := 0, 0
	for _, f := range facts {
		if f.Kind != ReleaseNew || (p.Kind != "" && !slices.Contains(f.Kinds, p.Kind)) {
			continue
		}
		v, known := m.value(f, p.Subject)
		s := Shown{ReleaseID: f.ReleaseID, Version: f.Version, At: f.At, Value: v, Known: known, Holds: known && p.holds(v)}
		shown = append(shown, s)
		switch {
		case known && !s.Holds:
			return DidNotWork, shown
		case known:
			kept++
		case f.Failure == TooEarly:
			return NotYet, shown // it will be known, and what comes later must not overtake it
		default:
			blind++
		}
		if kept == p.Releases {
			return DidWork, shown
		}
		if blind > 2*p.Releases {
			return CannotSay, shown
		}
	}
	return NotYet, shown
}

func (p Promise) holds(v float64) bool {
	switch p.Comparator {
	case "<":
		return v < p.Number
	case "<=":
		return v <= p.Number
	case ">":
		return v > p.Number
	}
	return v >= p.Number
}

var comparing = []struct{ words, sign string }{
	{"at most", "<="}, {"at least", ">="}, {"under", "<"}, {"below", "<"}, {"over", ">"}, {"above", ">"},
}

// String is the promise as people write it, and as ParsePromise reads it:
// "step ratio of migrate under 3 over the next 3 releases with migration".
func (p Promise) String() string {
	words := p.Comparator
	for _, c := range comparing {
		if c.sign == p.Comparator {
			words = c.words
			break
		}
	}
	number := strconv.FormatFloat(p.Number, 'f', -1, 64)
	if m, err := measure(p.Measure); err == nil && m.Unit == "s" {
		number = time.Duration(p.Number * float64(time.Second)).String()
	}
	of, with := "", ""
	if p.Subject != "" {
		of = " of " + p.Subject
	}
	if p.Kind != "" {
		with = " with " + p.Kind
	}
	return fmt.Sprintf("%s%s %s %s over the next %d releases%s", p.Measure, of, words, number, p.Releases, with)
}

// ParsePromise reads a promise as people write it.
func ParsePromise(text string) (Promise, error) {
	var p Promise
	rest := strings.Join(strings.Fields(text), " ")
	wrong := Errorf(Invalid, "promise", "%q cannot be checked", text).WithHint("for example: step ratio of migrate under 3 over the next 3 releases with migration")
	head, tail, ok := strings.Cut(rest, " over the next ")
	if !ok {
		return p, wrong
	}
	n, tail, ok := strings.Cut(tail, " release")
	if !ok {
		return p, wrong
	}
	var err error
	if p.Releases, err = strconv.Atoi(n); err != nil {
		return p, wrong
	}
	if _, kind, ok := strings.Cut(tail, " with "); ok {
		p.Kind = strings.TrimSpace(kind)
	} else if tail != "" && tail != "s" {
		return p, wrong
	}
	at, number := -1, ""
	for _, c := range comparing {
		if i := strings.LastIndex(head, " "+c.words+" "); i > at {
			at, number, p.Comparator = i, strings.TrimSpace(head[i+len(c.words)+2:]), c.sign
		}
	}
	if at < 0 {
		return p, wrong
	}
	p.Measure, p.Subject, _ = strings.Cut(head[:at], " of ")
	m, err := measure(p.Measure)
	if err != nil {
		return p, err
	}
	if d, bad := time.ParseDuration(number); bad == nil && m.Unit == "s" {
		p.Number = d.Seconds()
	} else if p.Number, err = strconv.ParseFloat(strings.TrimSuffix(number, "×"), 64); err != nil {
		return p, wrong
	}
	return p, p.Valid()
}
