package debrief

import "time"

// Attribution says which change an incident (or a rollback) may have come from:
// candidates with their reasons, and what follows from them.
type Attribution struct {
	Subject    string      `json:"subject"` // the incident's or the rollback's id
	Service    string      `json:"service"` // its home
	At         time.Time   `json:"at"`      // when it began to hurt
	State      BlameState  `json:"state"`
	Candidates []Candidate `json:"candidates"`         // the likeliest first
	Answer     *Correction `json:"answer,omitempty"`   // what a person said
	Sentence   string      `json:"sentence"`           // what is held, in words
	Question   string      `json:"question,omitempty"` // what is asked, where it is asked
}

// BlameState is how an attribution stands.
type BlameState string

const (
	BlameNobody BlameState = "no candidate" // nothing changed that it may have come from
	BlamePicked BlameState = "held"         // the first candidate stands clear of the second
	BlameAsked  BlameState = "asked"        // the first two are closer than ln 3
	BlameSaid   BlameState = "said"         // a person decided
)

// Candidate is a change an incident may have come from.
type Candidate struct {
	Kind    string     `json:"kind"` // "release", or a change that took effect by itself: "flag", "configuration", "manual"
	ID      string     `json:"id"`   // of the release or of the change
	Service string     `json:"service"`
	Title   string     `json:"title"` // "shop v1.42", "flag new-cart"
	At      time.Time  `json:"at"`    // when it took effect
	LogOdds float64    `json:"log_odds"`
	Share   float64    `json:"share"`   // of the odds of all candidates and of "no change at all"
	Reasons []Reasoned `json:"reasons"` // what its log-odds are the sum of
}

// Reasoned is one reason for or against a candidate.
type Reasoned struct {
	Name     string  `json:"name"`     // "named", "version", "telemetry", "service", "dependency", "area", "time"
	Weight   float64 `json:"weight"`   // what it adds to the log-odds
	Sentence string  `json:"sentence"` // "PagerDuty names v1.42"
}

// NotADeployment is the answer that no change led to it.
const NotADeployment = "not a deployment"

// Correction is what a person said an incident came from.
type Correction struct {
	Subject string    `json:"subject"` // the incident or rollback
	Service string    `json:"service"` // its home
	Answer  string    `json:"answer"`  // the id of a release or change, or NotADeployment
	At      time.Time `json:"at"`
	Note    string    `json:"note,omitempty"`
}
