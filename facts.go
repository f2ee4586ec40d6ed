package debrief

import (
	"math"
	"time"
)

// ReleaseFacts is one row of the timeline boiled down to what metrics,
// questions, patterns, reviews and briefs read: everything in one narrow row,
// rewritten whenever something it rests on is corrected.
type ReleaseFacts struct {
	ReleaseID   string      `json:"release_id"`
	Service     string      `json:"service"`
	Environment string      `json:"environment"`
	Version     string      `json:"version,omitempty"`
	Commit      string      `json:"commit,omitempty"`
	Kind        ReleaseKind `json:"kind"`
	Rollout     string      `json:"rollout,omitempty"`
	Started     time.Time   `json:"started_at"`
	At          time.Time   `json:"at"`                     // live; where it never was, its end, else its start
	PreviousID  string      `json:"previous_id,omitempty"`  // the release whose version ran before; empty: not known
	PreviousAt  time.Time   `json:"previous_at,omitzero"`   // when the version that ran before went live; zero: not known
	Assumed     bool        `json:"assumed,omitempty"`      // a merge or a tag stands for a deployment nobody told of
	Sample      bool        `json:"sample,omitempty"`       // made up
	Strategy    string      `json:"strategy,omitempty"`     // "all at once", "gradual", "by target"; empty: not known
	Kinds       []string    `json:"kinds,omitempty"`        // of its changes, sorted: "migration", "dependency", …
	PrimaryKind string      `json:"primary_kind,omitempty"` // the one of them that decides where each release may stand once only
	Modules     []string    `json:"modules,omitempty"`      // the folders it touched, sorted

	// Its size. Changes of -1: not known.
	Changes int `json:"changes"`
	Pulls   int `json:"pulls,omitempty"`
	Files   int `json:"files,omitempty"`
	Added   int `json:"added,omitempty"`
	Deleted int `json:"deleted,omitempty"`

	// Where its time went.
	Leads   []LeadFacts  `json:"leads,omitempty"`   // one per change that runs since then for the first time
	NoLead  string       `json:"no_lead,omitempty"` // why there are none, in words
	Stages  []StageFacts `json:"stages,omitempty"`
	Waited  Seconds      `json:"waited_s,omitempty"`
	Worked  Seconds      `json:"worked_s,omitempty"`
	Tries   int          `json:"tries,omitempty"`   // failed deployments of the same version right before it
	Retries int          `json:"retries,omitempty"` // stages that were tried again

	// What came of it.
	Failure     Failure   `json:"failure"`
	IncidentIDs []string  `json:"incident_ids,omitempty"` // those it is held to have led to, sorted
	ImpactAt    time.Time `json:"impact_at,omitzero"`     // of its failure
	RestoredAt  time.Time `json:"restored_at,omitzero"`   // zero while it still fails
	RestoredHow string    `json:"restored_how,omitempty"` // what RestoredAt rests on, in words; where it is over and nobody said when, that
	Over        bool      `json:"over,omitempty"`         // its failure is over, also where nobody can say since when
	AskedBy     []string  `json:"asked_by,omitempty"`     // open questions it stands in, sorted: one for each fault, whatever number of tickets tell of it
	Remedy      Remedy    `json:"remedy,omitempty"`       // it went out unplanned, to repair a fault that users had
	Repairs     string    `json:"repairs,omitempty"`      // the release it repaired; empty where that is not known
	Rule        string    `json:"rule,omitempty"`         // why it stands where it stands, in words
	CaughtEarly bool      `json:"caught_early,omitempty"` // stopped by itself before everybody had it
	Verdict     Word      `json:"verdict,omitempty"`
	Surprises   []string  `json:"surprises,omitempty"` // kinds, sorted; without notes and without what a person said is not there
}

// FailureAt is how a release's failure stands at a moment. Inside the watch
// window nobody can say that it did not fail. What is kept does not depend on
// the clock: TooEarly is never stored.
func (f ReleaseFacts) FailureAt(now time.Time) Failure {
	if f.Failure == NotFailed && f.Kind.Checked() && now.Before(f.At.Add(WatchWindow)) {
		return TooEarly
	}
	return f.Failure
}

// WatchWindow is how long after full exposure a release is watched.
const WatchWindow = 24 * time.Hour

// Seconds is a duration as it is written into facts: whole microseconds.
type Seconds float64

// SecondsOf is a number of microseconds.
func SecondsOf(micros int64) Seconds { return Seconds(float64(micros) / 1e6) }

// Took is a span of time.
func Took(d time.Duration) Seconds { return SecondsOf(d.Microseconds()) }

// Micros is the duration in whole microseconds, in which parts add up exactly.
func (s Seconds) Micros() int64 { return int64(math.Round(float64(s) * 1e6)) }

// Failure is whether a release degraded service or users' work and needed a
// remedy.
type Failure string

const (
	NotFailed Failure = ""
	DidFail   Failure = "failed"
	MayFail   Failure = "asked"     // it is one of several candidates; a person was asked
	TooEarly  Failure = "too early" // still inside its watch window: see FailureAt, never stored
)

// Remedy is how an unplanned deployment repaired what users suffered.
type Remedy string

const (
	NoRemedy       Remedy = ""
	RemedyRollback Remedy = "rollback"
	RemedyHotfix   Remedy = "hotfix"
	RemedyRevert   Remedy = "revert"
)

// LeadFacts is one change's way to production.
type LeadFacts struct {
	Change    string             `json:"change"` // its id
	Pull      int                `json:"pull,omitempty"`
	Committed time.Time          `json:"committed_at,omitzero"`
	Lead      Seconds            `json:"lead_s"`             // committed → live; negative where clocks disagree
	Parts     map[string]Seconds `json:"parts,omitempty"`    // by name; they add up to Lead
	Squashed  bool               `json:"squashed,omitempty"` // begins when the pull request was squashed
	Bot       bool               `json:"bot,omitempty"`      // a dependency bot made it: a class of its own
	Relanded  bool               `json:"relanded,omitempty"` // it ran before and came again: the first arrival counts
	Out       string             `json:"left_out,omitempty"` // why it is not in the median
}

// StageFacts is one stage of its deployments.
type StageFacts struct {
	Name     string  `json:"name"`
	Part     string  `json:"part"` // which part of the way it is: "queue", "build", "test", "approval wait", "roll-out", …
	Took     Seconds `json:"took_s"`
	Staging  Seconds `json:"staging_s,omitempty"` // what the same stage took in staging; 0: not known
	Attempts int     `json:"attempts,omitempty"`
	Facts    Facts   `json:"facts,omitempty"` // "rows": "31000000"
}
