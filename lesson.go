package debrief

import "time"

// Lesson is what a release or its debrief taught, kept for the releases that
// are like it.
type Lesson struct {
	ID        string    `json:"id"`
	Service   string    `json:"service"`
	At        time.Time `json:"at"`
	Text      string    `json:"text"`                 // one or two sentences
	ReleaseID string    `json:"release_id,omitempty"` // what taught it
	DebriefID string    `json:"debrief_id,omitempty"`
	Topic     string    `json:"topic,omitempty"` // the kind of surprise, or the gap
	Kinds     []string  `json:"kinds,omitempty"`
	Modules   []string  `json:"modules,omitempty"`
	Action    string    `json:"action,omitempty"` // what was decided
}

// Brief is what past releases like the one about to ship taught.
type Brief struct {
	ID          string           `json:"id"`
	Service     string           `json:"service"`
	Base        string           `json:"base,omitempty"`
	Head        string           `json:"head,omitempty"` // the commit it speaks of
	At          time.Time        `json:"at"`
	Kinds       []string         `json:"kinds"`
	Modules     []string         `json:"modules"`
	Summary     string           `json:"summary"`               // what this change is
	Similar     []SimilarRelease `json:"similar,omitempty"`     // past releases most like it
	Lessons     []BriefLesson    `json:"lessons,omitempty"`     // the likeliest to matter first
	Expect      []string         `json:"expect,omitempty"`      // what to expect, in numbers
	Suggestions []string         `json:"suggestions,omitempty"` // at most three
	Open        []string         `json:"open_actions,omitempty"`
	Silent      bool             `json:"silent,omitempty"` // there is nothing to say
}

// SimilarRelease is a past release like the one to come, and what came of it.
type SimilarRelease struct {
	ReleaseID string    `json:"release_id"`
	Service   string    `json:"service"`
	Version   string    `json:"version"`
	At        time.Time `json:"at"`
	Score     float64   `json:"score"`
	Why       []string  `json:"why"` // what they have in common
	Outcome   string    `json:"outcome"`
}

// BriefLesson is one thing past releases taught that may matter now.
type BriefLesson struct {
	Topic    string   `json:"topic"` // "slow-step", "metric-shift", …: what may happen again
	Sentence string   `json:"sentence"`
	Seen     int      `json:"seen"` // in how many of Of similar releases
	Of       int      `json:"of"`
	Evidence []string `json:"evidence,omitempty"` // ids of releases and debriefs
}
