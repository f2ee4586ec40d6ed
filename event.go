package debrief

import "time"

// Envelope is what was accepted: one row of the inbox. (Source, Key) is its
// natural key: the same envelope sent twice is kept once.
type Envelope struct {
	ID       string            `json:"id"` // UUIDv7, given by the store
	Source   string            `json:"source"`
	Key      string            `json:"key"`
	Received time.Time         `json:"received_at"`
	Header   map[string]string `json:"header,omitempty"` // the few a source needs, canonical names
	Body     []byte            `json:"body"`             // masked
	Digest   string            `json:"digest,omitempty"` // of the body as it came, before masking: tells a retry from a reused key
}

// EventKind says what an event tells of.
type EventKind string

const (
	EventDeployment EventKind = "deployment" // a report about a deployment: Event.Report
	EventChange     EventKind = "change"     // a change that may ship later: Event.Change
	EventVersion    EventKind = "version"    // a name for a commit (a published release): Event.Version
	EventIncident   EventKind = "incident"   // a report about an incident or alert: Event.Incident
	EventTicket     EventKind = "ticket"     // a report about a support ticket: Event.Ticket
)

// Event is one fact as one source told it. Exactly one of Report, Change,
// Version, Incident and Ticket is set; which one follows from Kind. Events are kept and objects recomputed
// from them, so order and repetition do not matter.
type Event struct {
	ID       string    `json:"id"` // ID(source, key, ordinal)
	Source   string    `json:"source"`
	Key      string    `json:"key"`
	Kind     EventKind `json:"kind"`
	At       time.Time `json:"at"` // when the source says this was so
	Received time.Time `json:"received_at,omitzero"`
	Service  string    `json:"service"` // as the source words it; the loop resolves it through aliases
	// Assumed: the source did not name the service, it was only derived from
	// the repository. Who else told of the same pipeline run knows better.
	Assumed bool `json:"assumed,omitempty"`

	Report  *Report  `json:"report,omitempty"`
	Change  *Change  `json:"change,omitempty"`
	Version *Version `json:"version,omitempty"`

	Incident *IncidentReport `json:"incident,omitempty"`
	Ticket   *TicketReport   `json:"ticket,omitempty"`
}

// Report is what one source says about one deployment. Every field may be
// left empty: "not said". It is also the body of POST and PATCH
// /api/v1/deployments.
type Report struct {
	// Keys identify the deployment: two reports with an equal key are about
	// the same one. Examples: "api/KEY", "github/run/123/1",
	// "github/deployment/owner/name/456".
	Keys        []string        `json:"keys,omitempty"`
	Service     string          `json:"service,omitempty"`
	Environment string          `json:"environment,omitempty"`
	Target      string          `json:"target,omitempty"` // region, cluster, customer
	Version     string          `json:"version,omitempty"`
	Commit      string          `json:"commit,omitempty"`
	Rollout     string          `json:"rollout,omitempty"` // groups releases that went out together
	State       DeploymentState `json:"state,omitempty"`
	Times       Times           `json:"times,omitzero"`
	Attempt     int             `json:"attempt,omitempty"` // 2 and more: a retry
	Manual      bool            `json:"manual,omitempty"`  // a person ran it by hand
	Rollback    bool            `json:"rollback,omitempty"`
	People      int             `json:"people,omitempty"` // distinct people who acted in it: a count, names are not kept
	ExitCode    *int            `json:"exit_code,omitempty"`
	Output      string          `json:"output_tail,omitempty"` // masked
	Command     string          `json:"command,omitempty"`     // masked
	URL         string          `json:"url,omitempty"`
	Facts       Facts           `json:"facts,omitempty"`
	Stages      []Stage         `json:"stages,omitempty"`
	Git         *GitFacts       `json:"git,omitempty"`
	Sample      bool            `json:"sample,omitempty"` // made-up history, clearly marked; never feeds a verdict
}

// Facts are measured things beside a deployment or stage, such as rows=31000000.
type Facts map[string]string

// GitFacts are what the work tree knew about a deployment.
type GitFacts struct {
	Repository string   `json:"repository,omitempty"` // owner/name, or the remote's path
	From       string   `json:"from,omitempty"`       // commit of the previous deployment; empty: not known
	To         string   `json:"to,omitempty"`
	Commits    []Change `json:"commits,omitempty"` // newest first, no merge commits
	Files      int      `json:"files,omitempty"`
	Added      int      `json:"added,omitempty"`
	Deleted    int      `json:"deleted,omitempty"`
	Paths      []string `json:"paths,omitempty"`     // at most 500
	Truncated  bool     `json:"truncated,omitempty"` // more commits or paths than are listed
	Back       int      `json:"back,omitempty"`      // To lies this many commits before From: nothing new ships
}

// Change is a commit, a merged pull request, or something that took effect by
// itself: a flag that was flipped, a configuration edit.
type Change struct {
	ID   string    `json:"id,omitempty"`   // ID("change", repository, commit)
	Kind string    `json:"kind,omitempty"` // "": code; "flag", "configuration", "manual": took effect at Live
	Live time.Time `json:"live_at,omitzero"`
	// Environment is where such a change took effect; empty: not said.
	Environment string    `json:"environment,omitempty"`
	Repository  string    `json:"repository,omitempty"`
	Commit      string    `json:"commit,omitempty"`
	Title       string    `json:"title,omitempty"`
	PullNumber  int       `json:"pull_number,omitempty"`
	URL         string    `json:"url,omitempty"`
	Branch      string    `json:"branch,omitempty"`
	AuthoredAt  time.Time `json:"authored_at,omitzero"`
	Committed   time.Time `json:"committed_at,omitzero"`
	Pushed      time.Time `json:"pushed_at,omitzero"`
	Opened      time.Time `json:"opened_at,omitzero"`
	Merged      time.Time `json:"merged_at,omitzero"`
	Reviewed    time.Time `json:"reviewed_at,omitzero"` // first review that decided something
	Approved    time.Time `json:"approved_at,omitzero"` // first approval
	Commits     int       `json:"commits,omitempty"`    // of the pull request
	Files       int       `json:"files,omitempty"`
	Added       int       `json:"added,omitempty"`
	Deleted     int       `json:"deleted,omitempty"`
	Paths       []string  `json:"paths,omitempty"`
	AuthorHash  string    `json:"author_hash,omitempty"` // salted; only ever counted
	Squashed    bool      `json:"squashed,omitempty"`    // one commit stands for a whole pull request
	Reverts     string    `json:"reverts,omitempty"`     // what it undoes: a commit, "#12", or the words of its title
	Bot         bool      `json:"bot,omitempty"`         // a program that raises the versions of dependencies made it
}

// Landed is when a change took effect by itself or reached the default branch,
// as far as is known.
func (c Change) Landed() time.Time {
	return firstOf(c.Live, c.Pushed, c.Merged, c.Committed, c.AuthoredAt)
}

// Version names a commit: a published release of the forge, or a tag.
type Version struct {
	Repository string    `json:"repository,omitempty"`
	Name       string    `json:"name"` // v1.42
	Commit     string    `json:"commit,omitempty"`
	Published  time.Time `json:"published_at,omitzero"`
	Notes      string    `json:"notes,omitempty"` // masked
	URL        string    `json:"url,omitempty"`
}
