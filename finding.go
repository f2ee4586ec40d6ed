package debrief

import "time"

// Finding is one thing a review has to say: what keeps happening, with its
// evidence, how sure that is, what acting on it would save, and one question.
type Finding struct {
	ID       string     `json:"id"`
	Pattern  string     `json:"pattern"` // which pattern found it: "kind-precedes", "action-postponed", …
	Subject  string     `json:"subject"` // "migration", "ledger of billing", "on a Friday from 15:00 on"
	Services []string   `json:"services,omitempty"`
	Sentence string     `json:"sentence"`
	Question string     `json:"question"`
	Why      string     `json:"why"`
	Sure     string     `json:"sure"`            // how sure, in words with its figures
	P        float64    `json:"p,omitempty"`     // where it was tested
	Saves    Seconds    `json:"saves_s"`         // what acting on it would save in a month: what findings are ranked by
	SavesHow string     `json:"saves,omitempty"` // how that was reckoned
	Since    string     `json:"since,omitempty"` // the month whose review said it first; empty: this one
	Evidence []Evidence `json:"evidence"`        // the latest first
}

// Evidence is one thing a finding rests on.
type Evidence struct {
	Kind    string    `json:"kind"` // "release", "incident", "debrief"
	ID      string    `json:"id"`
	Service string    `json:"service"`
	At      time.Time `json:"at"`
}

// Review is one month looked back on: at most five findings.
type Review struct {
	Month    string    `json:"month"` // 2026-10
	From     time.Time `json:"from"`
	To       time.Time `json:"to"`
	Service  string    `json:"service,omitempty"` // empty: all of them
	Releases int       `json:"releases"`
	Failed   int       `json:"failed"`
	Findings []Finding `json:"findings"`
	More     int       `json:"more,omitempty"` // findings beyond the five that are told
	Tested   int       `json:"tested"`         // how many questions were put to the data
	Few      []string  `json:"too_few_to_say,omitempty"`
	Beside   []string  `json:"beside,omitempty"`  // worth knowing, and asking for nothing: where time goes, what worked
	Running  bool      `json:"running,omitempty"` // the month is not over: so far only
	Sample   bool      `json:"sample,omitempty"`  // all of it is made up
	Kept     time.Time `json:"kept_at,omitzero"`  // when it was written down for good; zero: reckoned anew
}
