package debrief

import "time"

// Attribution says which change an incident (or a rollback, a hotfix, a revert)
// may have come from: candidates with their reasons, and what follows from them.
type Attribution struct {
	Subject    string      `json:"subject"` // the incident's id; else that of the release that undid or repaired something
	Kind       SubjectKind `json:"kind"`
	Service    string      `json:"service"`            // its home
	Services   []string    `json:"services,omitempty"` // all it touches, and those of its candidates, sorted
	At         time.Time   `json:"at"`                 // when it began to hurt; of a release when it went out
	State      BlameState  `json:"state"`
	Candidates []Candidate `json:"candidates"`         // the likeliest first
	Answer     *Correction `json:"answer,omitempty"`   // what a person said
	Sentence   string      `json:"sentence"`           // what is held, in words
	Question   string      `json:"question,omitempty"` // what is asked, where it is asked
}

// SubjectKind is what was attributed.
type SubjectKind string

const (
	SubjectIncident SubjectKind = "incident"
	SubjectRollback SubjectKind = "rollback"
	SubjectHotfix   SubjectKind = "hotfix"
	SubjectRevert   SubjectKind = "revert"
)

// BlameState is how an attribution stands.
type BlameState string

const (
	BlameNobody BlameState = "no candidate" // no change at all stands clear of every change there was
	BlamePicked BlameState = "held"         // the first candidate stands clear of the second
	BlameAsked  BlameState = "asked"        // the first two are closer than ln 3, or none has half of the odds
	BlameSaid   BlameState = "said"         // a person decided
)

// Clear is how far the likeliest candidate has to be ahead of the next in log-odds
// to be held: three times as likely.
const Clear = 1.0986122886681098 // ln 3

// Held is the candidate the subject is held to have come from; ok is false where
// none is: nothing changed, a person was asked, or said that it was no deployment.
func (a Attribution) Held() (c Candidate, ok bool) {
	switch a.State {
	case BlamePicked:
		return a.Candidates[0], true
	case BlameSaid:
		for _, c := range a.Candidates {
			if a.Answer != nil && c.ID == a.Answer.Answer && c.Kind != CandidateNone {
				return c, true
			}
		}
	}
	return Candidate{}, false
}

// Suspects are the candidates a person is asked about, the likeliest first:
// those not clear of the first. "No change at all" may be one of them.
func (a Attribution) Suspects() []Candidate {
	if a.State != BlameAsked {
		return nil
	}
	n := 0
	for n < len(a.Candidates) && (n < 2 || a.Candidates[0].LogOdds-a.Candidates[n].LogOdds < Clear) {
		n++
	}
	return a.Candidates[:n]
}

// What a candidate can be beside a change that took effect by itself, which has
// that change's kind: "flag", "configuration", "manual".
const (
	CandidateRelease = "release"
	CandidateNone    = "none" // no change at all; its ID is NotADeployment
)

// Candidate is a change an incident may have come from.
type Candidate struct {
	Kind    string     `json:"kind"`
	ID      string     `json:"id"` // of the release or of the change
	Service string     `json:"service"`
	Title   string     `json:"title"` // "shop v1.42", "flag new-cart"
	At      time.Time  `json:"at"`    // when it took effect
	LogOdds float64    `json:"log_odds"`
	Share   float64    `json:"share"`   // of the odds of all candidates and of "no change at all"
	Reasons []Reasoned `json:"reasons"` // what its log-odds are the sum of
}

// Reasoned is one reason for or against a candidate.
type Reasoned struct {
	Name     string  `json:"name"`     // "named", "version", "telemetry", "service", "dependency", "area", "time", …
	Value    float64 `json:"value"`    // how far it holds: mostly 1
	Weight   float64 `json:"weight"`   // what it adds to the log-odds
	Sentence string  `json:"sentence"` // "PagerDuty names v1.42"
}

// NotADeployment is the answer that no change led to it.
const NotADeployment = "not a deployment"

// Correction is what a person said an incident came from.
type Correction struct {
	Subject string `json:"subject"` // the incident, rollback, hotfix or revert
	Service string `json:"service"` // its home
	Answer  string `json:"answer"`  // the id of a release or change, or NotADeployment
	// AnswerService is the service of that release or change.
	AnswerService string    `json:"answer_service,omitempty"`
	At            time.Time `json:"at"`
	Note          string    `json:"note,omitempty"`
}
