package debrief

import "time"

// Lesson is what a release or its debrief taught, kept for the releases that
// are like it.
type Lesson struct {
	ID        string    `json:"id"` // ID("lesson", what taught it)
	Service   string    `json:"service"`
	At        time.Time `json:"at"`
	Text      string    `json:"text"`                 // one or two sentences
	ReleaseID string    `json:"release_id,omitempty"` // what taught it
	Version   string    `json:"version,omitempty"`    // of that release
	DebriefID string    `json:"debrief_id,omitempty"`
	Topic     string    `json:"topic,omitempty"` // the kind of surprise, TopicFailed, or the gap
	Kinds     []string  `json:"kinds,omitempty"`
	Modules   []string  `json:"modules,omitempty"`
	Words     string    `json:"words,omitempty"`  // titles of what shipped: found by these too
	Action    string    `json:"action,omitempty"` // what was decided
	Sample    bool      `json:"sample,omitempty"`
}

// TopicFailed is the topic of a release that degraded service and needed a
// remedy; the other topics are kinds of surprises and gaps.
const TopicFailed = "failed"

// Upcoming is a change about to ship, as the work tree knows it: what a brief
// is asked about.
type Upcoming struct {
	Service     string   `json:"service"`
	Environment string   `json:"environment,omitempty"` // empty: any production environment
	Base        string   `json:"base,omitempty"`        // commit or version that runs now
	Head        string   `json:"head,omitempty"`        // the commit about to ship
	Repository  string   `json:"repository,omitempty"`  // owner/name
	Forge       string   `json:"forge,omitempty"`       // "github", "gitlab": where Pull is
	Pull        int      `json:"pull,omitempty"`        // the pull or merge request it is
	Kinds       []string `json:"kinds,omitempty"`       // sorted
	Modules     []string `json:"modules,omitempty"`     // sorted
	Paths       []string `json:"paths,omitempty"`
	Titles      []string `json:"titles,omitempty"` // of its commits, newest first
	Commits     int      `json:"commits,omitempty"`
	Files       int      `json:"files,omitempty"`
	Added       int      `json:"added,omitempty"`
	Deleted     int      `json:"deleted,omitempty"`
}

// Brief is what past releases like the one about to ship taught.
type Brief struct {
	ID          string    `json:"id"` // ID("brief", service, head), or base and titles where no commit is named
	Service     string    `json:"service"`
	Environment string    `json:"environment,omitempty"`
	Base        string    `json:"base,omitempty"`
	Head        string    `json:"head,omitempty"` // the commit it speaks of
	Repository  string    `json:"repository,omitempty"`
	Forge       string    `json:"forge,omitempty"`
	Pull        int       `json:"pull,omitempty"`
	At          time.Time `json:"at"`
	Kinds       []string  `json:"kinds"`
	Modules     []string  `json:"modules"`
	Summary     string    `json:"summary"` // what this change is
	Past        int       `json:"past"`    // releases of the service it was held against
	// Commonest is what happened most often of all, and how often: what always
	// saying the same would have foretold.
	Commonest   string           `json:"commonest,omitempty"`
	Usual       float64          `json:"commonest_share,omitempty"`
	Similar     []SimilarRelease `json:"similar,omitempty"`     // past releases most like it
	Lessons     []BriefLesson    `json:"lessons,omitempty"`     // what may happen again, the likeliest first
	Taught      []Lesson         `json:"taught,omitempty"`      // what people wrote down or confirmed, the nearest first
	Expect      []Expectation    `json:"expect,omitempty"`      // what to expect, in numbers
	Suggestions []Suggestion     `json:"suggestions,omitempty"` // at most three
	Open        []OpenAction     `json:"open_actions,omitempty"`
	Silent      bool             `json:"silent,omitempty"` // past releases say nothing that does not hold for every release
	Why         string           `json:"why_silent,omitempty"`
	Sample      bool             `json:"sample,omitempty"`
	Outcome     *BriefOutcome    `json:"outcome,omitempty"` // once it has shipped and its watch window is over
}

// SimilarRelease is a past release like the one to come, and what came of it.
type SimilarRelease struct {
	ReleaseID string    `json:"release_id"`
	Service   string    `json:"service"`
	Version   string    `json:"version"`
	At        time.Time `json:"at"`
	Score     float64   `json:"score"` // 0 to 1
	Why       []string  `json:"why"`   // what they have in common
	Outcome   string    `json:"outcome"`
}

// BriefLesson is one thing that happened after releases like the one to come
// more often than after others.
type BriefLesson struct {
	Topic    string   `json:"topic"` // "slow-step", "metric-shift", …: what may happen again
	Like     string   `json:"like"`  // what they are like: "migration", "module billing"
	Sentence string   `json:"sentence"`
	Seen     int      `json:"seen"` // in how many of Of releases like it
	Of       int      `json:"of"`
	Else     int      `json:"seen_else"` // and in how many of ElseOf others
	ElseOf   int      `json:"else_of"`
	Low      float64  `json:"low"` // 95 % interval of Seen ÷ Of (Wilson)
	High     float64  `json:"high"`
	P        float64  `json:"p"`                   // how often chance alone would show it, over all that was tried
	Usual    bool     `json:"usual,omitempty"`     // most releases show it, whatever they bring: no news
	Services bool     `json:"services,omitempty"`  // seen in other services: this one has had too few
	Subject  string   `json:"subject,omitempty"`   // what it mostly was: "p95 of /checkout"
	Evidence []string `json:"evidence,omitempty"`  // ids of the releases it was seen in, newest first
	Happened *bool    `json:"happened,omitempty"`  // set once the release shipped
	Latest   string   `json:"latest,omitempty"`    // version of the newest of them
	LatestID string   `json:"latest_id,omitempty"` // and its id
}

// Expectation is one number to expect, as the range in which four of five such
// releases were.
type Expectation struct {
	What     string   `json:"what"` // "stage migrate", "deployment", "shift p95 of /checkout"
	Sentence string   `json:"sentence"`
	Low      float64  `json:"low"`
	High     float64  `json:"high"`
	Unit     string   `json:"unit"` // "s", "%"
	N        int      `json:"n"`    // past releases it rests on
	Usual    bool     `json:"usual,omitempty"`
	Saw      *float64 `json:"saw,omitempty"` // what it then was
	Within   *bool    `json:"within,omitempty"`
}

// Suggestion is one thing to consider, with its reason.
type Suggestion struct {
	Rule string `json:"rule"` // "gradually", "off-peak", …
	Do   string `json:"do"`
	Why  string `json:"why"`
}

// OpenAction is an action that debriefs of releases like this one decided and
// that is not done.
type OpenAction struct {
	ID    string    `json:"id"`
	Title string    `json:"title"`
	Due   time.Time `json:"due_at,omitzero"`
	Why   string    `json:"why"` // which release decided it
}

// BriefOutcome is what became of a brief: whether what it foretold happened.
type BriefOutcome struct {
	ReleaseID string    `json:"release_id"`
	At        time.Time `json:"at"`
	Foretold  []string  `json:"foretold"` // topics it named
	Happened  []string  `json:"happened"` // topics that the release showed
	Hits      []string  `json:"hits"`     // both
	Commonest bool      `json:"commonest_happened,omitempty"`
	Ranges    int       `json:"ranges,omitempty"` // numbers it named that could be read afterwards
	Within    int       `json:"within,omitempty"` // and how many of them lay within
}

// BriefAccuracy is how often briefs foretold what happened, beside what always
// naming the commonest would have done.
type BriefAccuracy struct {
	Service  string    `json:"service,omitempty"` // empty: all of them
	From     time.Time `json:"from,omitzero"`
	To       time.Time `json:"to,omitzero"`
	Briefs   int       `json:"briefs"`  // whose release is over
	Spoke    int       `json:"spoke"`   // of them, those that named something
	Waiting  int       `json:"waiting"` // not shipped yet, or still watched
	Foretold int       `json:"foretold"`
	Happened int       `json:"happened"`
	Hits     int       `json:"hits"`
	// The same for always naming the commonest of what had happened until then.
	CommonestForetold int `json:"commonest_foretold"`
	CommonestHits     int `json:"commonest_hits"`
	Ranges            int `json:"ranges"`
	Within            int `json:"within"`
}
