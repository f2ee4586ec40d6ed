package debrief

import "time"

// Answer is what a person says to a surprise.
type Answer string

const (
	Unanswered   Answer = ""
	Expected     Answer = "expected"
	Surprising   Answer = "surprising"
	NotOurs      Answer = "not ours"
	NothingThere Answer = "nothing there" // the only one that counts against debrief's own precision
)

// Answers lists the four answers a person can give.
func Answers() []Answer { return []Answer{Expected, Surprising, NotOurs, NothingThere} }

// Surprise is a small signal that something in a release differed from what
// could be expected, with its evidence.
type Surprise struct {
	ID        string    `json:"id"` // ID("surprise", release, kind, subject)
	ReleaseID string    `json:"release_id"`
	Service   string    `json:"service"`
	Kind      string    `json:"kind"`     // "slow-step"
	Subject   string    `json:"subject"`  // what within the release: "migrate", "p95 of /checkout"
	Sentence  string    `json:"sentence"` // "Migration 5.4× staging, 31 M rows against 1.2 M."
	Question  string    `json:"question"` // asked of the system, never of a person
	Why       string    `json:"why"`      // why it matters
	Evidence  []string  `json:"evidence"`
	At        time.Time `json:"at"`
	Answer    Answer    `json:"answer,omitempty"`
	Answered  time.Time `json:"answered_at,omitzero"`
	Note      bool      `json:"note,omitempty"` // noted, not a surprise: "usual after a deployment"
}

// Message is one thing debrief says to the outside: a row of the outbox. Key
// is its natural key, so that it is never said twice.
type Message struct {
	Key      string       `json:"key"` // "look/RELEASE/2"
	Channel  string       `json:"channel"`
	Text     string       `json:"text"`
	Link     string       `json:"link,omitempty"`
	Created  time.Time    `json:"created_at"`
	State    MessageState `json:"state"`
	Attempts int          `json:"attempts"`
	Problem  string       `json:"problem,omitempty"`
	Settled  time.Time    `json:"settled_at,omitzero"`
}

// MessageState is where a message stands. Unresolved means it was handed over
// and nobody knows whether it arrived; it is not blindly repeated.
type MessageState string

const (
	MessageWaiting    MessageState = "waiting"
	MessageSending    MessageState = "sending"
	MessageSent       MessageState = "sent"
	MessageFailed     MessageState = "failed"
	MessageUnresolved MessageState = "unresolved"
)
