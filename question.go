package debrief

import "time"

// Question is a metric that moved, taken apart: when, by how much, which part
// accounts for what, what else changed then, and one thing to ask.
type Question struct {
	ID       string    `json:"id"` // ID("question", service, metric, since)
	Service  string    `json:"service"`
	Metric   string    `json:"metric"` // "deployment frequency", "change lead time", "review wait", …
	Unit     string    `json:"unit"`   // "s", "per week", "%"
	Since    time.Time `json:"since"`
	Earliest time.Time `json:"earliest,omitzero"` // the interval of when
	Latest   time.Time `json:"latest,omitzero"`
	Before   float64   `json:"before"`
	After    float64   `json:"after"`
	NBefore  int       `json:"n_before"`
	NAfter   int       `json:"n_after"`
	Sure     float64   `json:"sure"`               // probability that it moved at all
	Parts    []Part    `json:"parts,omitempty"`    // the largest first; they add up to the move
	Method   string    `json:"method,omitempty"`   // "midmean", "kitagawa", "lmdi"
	Beside   []string  `json:"beside,omitempty"`   // what else changed at that time, in words
	Sentence string    `json:"sentence"`           // "Lead time rose from 1.4 to 3.2 days in the week of 9 March; review wait accounts for 1.5 of 1.8 days."
	Question string    `json:"question"`           // "What changed in how reviews are found since then?"
	Evidence []string  `json:"evidence,omitempty"` // ids of the releases behind it
}

// Part is what one component adds to a move.
type Part struct {
	Name   string  `json:"name"`
	Before float64 `json:"before"`
	After  float64 `json:"after"`
	Adds   float64 `json:"adds"` // to the move, in the metric's (or the method's) unit
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
	Share  float64 `json:"share,omitempty"` // of the move; only where all parts have one sign
}
