package debrief

import "time"

// Question is a metric that moved, taken apart: when, by how much, which part
// accounts for what, what else changed then, and one thing to ask.
type Question struct {
	ID          string    `json:"id"` // ID("question", service, environment, metric, since)
	Service     string    `json:"service"`
	Environment string    `json:"environment"`
	Metric      string    `json:"metric"`            // "deployment frequency", "change lead time", …; or a part: "review wait"
	PartOf      string    `json:"part_of,omitempty"` // the metric it is a part of, where it is one
	Unit        string    `json:"unit"`              // "s", "per week", "%", …
	Since       time.Time `json:"since"`
	Earliest    time.Time `json:"earliest"` // the interval of when, with nine in ten
	Latest      time.Time `json:"latest"`
	From        time.Time `json:"from"` // what it was held against: from here to Since…
	To          time.Time `json:"to"`   // …against Since to here
	Before      float64   `json:"before"`
	After       float64   `json:"after"`
	NBefore     int       `json:"n_before"`
	NAfter      int       `json:"n_after"`
	Counts      string    `json:"counts"`             // what NBefore and NAfter count: "changes", "releases", "weeks"
	Sure        float64   `json:"sure"`               // probability that it moved at all
	Moves       []Move    `json:"moves"`              // how the move is taken apart, the main way first
	Beside      []string  `json:"beside"`             // what else changed at that time, in words
	Sentence    string    `json:"sentence"`           // "Change lead time rose from 1.4 to 3.2 days in the week of 9 March; …"
	Question    string    `json:"question"`           // "What changed in how reviews are found since then?"
	Evidence    []string  `json:"evidence,omitempty"` // ids of the releases behind it, those nearest to the change first
}

// Move is a difference taken apart. Its parts add up to it; nothing is left over.
type Move struct {
	Of       string  `json:"of"`     // "middle half", "slow tail", "kinds of change", …
	Method   string  `json:"method"` // "midmean", "Kitagawa", "LMDI"
	Unit     string  `json:"unit"`
	Before   float64 `json:"before"`
	After    float64 `json:"after"`
	Parts    []Part  `json:"parts"` // the largest first
	Sentence string  `json:"sentence"`
}

// Part is what one component adds to a move.
type Part struct {
	Name   string  `json:"name"`
	Unit   string  `json:"unit"` // of Before and After
	Before float64 `json:"before"`
	After  float64 `json:"after"`
	Adds   float64 `json:"adds"` // to the move, in the move's unit
	Low    float64 `json:"low"`  // 95 % interval of Adds, by resampling whole weeks
	High   float64 `json:"high"`
	Share  float64 `json:"share,omitempty"` // of the move; only where all parts have one sign
}
