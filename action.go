package debrief

import "time"

// Gap is what in the system a debrief found open.
type Gap string

const (
	GapTestData     Gap = "test data"
	GapStaging      Gap = "staging fidelity"
	GapRollout      Gap = "rollout"
	GapAlerting     Gap = "alerting"
	GapRollback     Gap = "rollback"
	GapCoordination Gap = "coordination"
	GapAssumptions  Gap = "assumptions"
	GapOther        Gap = "other"
)

// Gaps lists them in the order people are offered them.
func Gaps() []Gap {
	return []Gap{GapTestData, GapStaging, GapRollout, GapAlerting, GapRollback, GapCoordination, GapAssumptions, GapOther}
}

// How a debrief stands.
const (
	DebriefDraft    = "draft"
	DebriefFinished = "finished"
)

// Debrief is what people made of an incident or a release in fifteen minutes.
type Debrief struct {
	ID       string    `json:"id"` // ID("debrief", what it is about)
	Service  string    `json:"service"`
	About    string    `json:"about"` // "incident" or "release"
	AboutID  string    `json:"about_id"`
	State    string    `json:"state"` // DebriefDraft or DebriefFinished
	Title    string    `json:"title"`
	Text     string    `json:"text"` // Markdown
	Gap      Gap       `json:"gap,omitempty"`
	Failed   bool      `json:"failed,omitempty"` // it says the release failed, though no ticket did
	ActionID string    `json:"action_id,omitempty"`
	Parked   []string  `json:"parked,omitempty"` // ideas that are not the one action
	Created  time.Time `json:"created_at"`
	Finished time.Time `json:"finished_at,omitzero"`
	Version  int       `json:"version"` // counts saves
}

// ActionState is how an action stands.
type ActionState string

const (
	ActionWaiting  ActionState = "waiting" // another one is in progress
	ActionProgress ActionState = "in progress"
	ActionDone     ActionState = "done"
	ActionDropped  ActionState = "dropped"
)

// Action is the one thing a debrief decided.
type Action struct {
	ID        string         `json:"id"`
	Service   string         `json:"service"`
	Team      string         `json:"team,omitempty"` // whose one thing it is; empty: there is one team
	DebriefID string         `json:"debrief_id"`
	Gap       Gap            `json:"gap,omitempty"`
	Title     string         `json:"title"`               // a verb and a useful outcome
	Scope     string         `json:"scope,omitempty"`     // what is in, and what is not
	DoneWhen  string         `json:"done_when,omitempty"` // how one can tell
	Owner     string         `json:"owner,omitempty"`
	State     ActionState    `json:"state"`
	Created   time.Time      `json:"created_at"`
	Starts    time.Time      `json:"starts_at,omitzero"`
	Due       time.Time      `json:"due_at,omitzero"`
	Done      time.Time      `json:"done_at,omitzero"`
	Postponed []Postponement `json:"postponed,omitempty"`
	Promise   *Promise       `json:"promise,omitempty"` // how later releases show that it worked
	URL       string         `json:"url,omitempty"`
}

// Postponement is one time an action was put off, and why.
type Postponement struct {
	At     time.Time `json:"at"`
	To     time.Time `json:"to"`
	Reason string    `json:"reason"`
}
