// Package config reads debrief's one YAML format. Every scalar can also be set
// by an environment variable of the same name (DEBRIEF_LISTEN,
// DEBRIEF_PROVIDERS_MAIN_TOKEN); unknown keys are errors with line numbers.
package config

import (
	"time"
)

// Config is the whole configuration. The zero value plus Default is what a new
// user has.
type Config struct {
	Listen       string              `yaml:"listen"`
	PublicListen string              `yaml:"public_listen"`
	DB           string              `yaml:"db"`
	URL          string              `yaml:"url"`       // how people reach the pages; used in messages
	TimeZone     string              `yaml:"time_zone"` // IANA name
	Production   []string            `yaml:"production"`
	Staging      []string            `yaml:"staging"`
	Looks        Looks               `yaml:"looks"`
	Judge        Judge               `yaml:"judge"`
	Notice       Notice              `yaml:"notice"`
	Metrics      Metrics             `yaml:"metrics"`
	Logs         Logs                `yaml:"logs"`
	Keep         Keep                `yaml:"keep"`
	Providers    map[string]Provider `yaml:"providers"`
	Services     map[string]Service  `yaml:"services"`
	Chat         Chat                `yaml:"chat"`
	Habits       Habits              `yaml:"habits"`
	Sources      map[string]Source   `yaml:"sources"`
	Kinds        ChangeKinds         `yaml:"kinds"`
}

// Looks says when releases are checked.
type Looks struct {
	After  []time.Duration `yaml:"after"`  // 5m, 1h, 24h
	Before time.Duration   `yaml:"before"` // how much of the time before is compared; default 1h
	Step   time.Duration   `yaml:"step"`   // resolution asked for; default 1m
	Past   time.Duration   `yaml:"past"`   // own past to hold against; default 28 days
	Budget float64         `yaml:"budget"` // false alarms per release: 0.05
}

// Judge holds the practical margins.
type Judge struct {
	Latency Margin `yaml:"latency"` // relative
	Errors  Margin `yaml:"errors"`  // points: 0.005 is half a point
	Traffic Margin `yaml:"traffic"` // relative
	Other   Margin `yaml:"other"`   // relative
	MinN    int    `yaml:"min_n"`
}

// Margin is the smallest change that matters, and the change that must have
// been visible before debrief says "steady".
type Margin struct {
	Practical float64 `yaml:"practical"`
	Coarse    float64 `yaml:"coarse"`
}

// Notice holds the surprises' thresholds.
type Notice struct {
	SlowFactor     float64       `yaml:"slow_factor"`      // 2
	SlowMADs       float64       `yaml:"slow_mads"`        // 4
	SlowAtLeast    time.Duration `yaml:"slow_at_least"`    // 60s
	SlowMinHistory int           `yaml:"slow_min_history"` // 5
	StepFactor     float64       `yaml:"step_factor"`      // 3
	StepAtLeast    time.Duration `yaml:"step_at_least"`    // 30s
	AlertAfter     time.Duration `yaml:"alert_after"`      // 15m
	RollbackPeople int           `yaml:"rollback_people"`  // 3

	UnshippedFactor float64 `yaml:"unshipped_factor"` // 3
}

// Metrics says which of the rules that may be chosen holds for the five metrics.
type Metrics struct {
	ReworkRollbacks bool `yaml:"rework_counts_rollbacks"` // the guide's wording; the survey's does not
	Bots            bool `yaml:"count_bots"`              // dependency bots' changes in the lead time's median
}

// Logs says how long logs must be known before a pattern may be called new.
type Logs struct {
	KnownAfter time.Duration `yaml:"known_after"` // 24h
}

// Keep says how long raw payloads, output tails and example lines are kept.
type Keep struct {
	Raw      time.Duration `yaml:"raw"`       // 30 days
	NoOutput bool          `yaml:"no_output"` // keep no output tails at all
}

// Provider is one place telemetry is asked of.
type Provider struct {
	Kind         string        `yaml:"kind"` // prometheus, loki
	URL          string        `yaml:"url"`  // may have a path prefix
	Username     string        `yaml:"username"`
	Password     string        `yaml:"password"`
	PasswordFile string        `yaml:"password_file"`
	Token        string        `yaml:"token"`
	TokenFile    string        `yaml:"token_file"`
	Tenant       string        `yaml:"tenant"` // X-Scope-OrgID
	CAFile       string        `yaml:"ca_file"`
	Timeout      time.Duration `yaml:"timeout"`     // of one request; 30s
	MaxSeries    int           `yaml:"max_series"`  // of one answer; 100
	MaxSamples   int           `yaml:"max_samples"` // of one look; 5,000,000
	MaxLines     int           `yaml:"max_lines"`   // log lines of one look; 50,000
	// Scrape is how often the targets are read. A rate needs at least two
	// readings, so queries that leave the range to debrief use four of these.
	Scrape time.Duration `yaml:"scrape_interval"` // 15s
}

// Service is one service and what is looked at after its releases.
type Service struct {
	Team    string   `yaml:"team"`    // whose: each team has one action in progress; empty: one team has all
	Aliases []string `yaml:"aliases"` // other names, "github:owner/name" for a repository
	// DependsOn are the services this one cannot do without: what changed in them may be
	// what hurt here.
	DependsOn []string     `yaml:"depends_on"`
	Metrics   []Metric     `yaml:"metrics"`
	Logs      []LogSource  `yaml:"logs"`
	Probes    []Probe      `yaml:"probes"`
	Version   VersionLabel `yaml:"version"` // where the running version can be read: finds unrecorded releases
	// Restarts says when the service's processes began: one that begins within a
	// look, after the release, is a warning with everything the look says.
	Restarts Restarts `yaml:"restarts"`
	Sample   bool     `yaml:"-"`
}

// Metric is one thing looked at. Exactly one of Query, Histogram and the pair
// Errors and Requests is set.
type Metric struct {
	Name      string  `yaml:"name"`
	Role      string  `yaml:"role"` // latency, errors, traffic, other
	Unit      string  `yaml:"unit"` // of the values the query returns: s, ms, %, /s…
	Provider  string  `yaml:"provider"`
	Query     string  `yaml:"query"`
	Histogram string  `yaml:"histogram"` // buckets' rate by le
	Quantile  float64 `yaml:"quantile"`
	Errors    string  `yaml:"errors"`
	Requests  string  `yaml:"requests"`
	// Control says where the same can be seen without the release.
	Control Control `yaml:"control"`
	// Part says that this is a part of the service, such as one route: it counts
	// when worse, better or changed; that it cannot tell decides nothing.
	Part bool `yaml:"part"`
}

// Control says what did not get a release: the series whose label names neither
// its version nor its target, or what queries of their own return, one control
// for each series. At most one of Label, Query and the pair is set.
type Control struct {
	Label    string `yaml:"label"`
	Query    string `yaml:"query"`
	Errors   string `yaml:"errors"`
	Requests string `yaml:"requests"`
}

// LogSource is where a service's lines are: a provider's query, or a file.
type LogSource struct {
	Provider string `yaml:"provider"`
	Query    string `yaml:"query"`
	File     string `yaml:"file"`
}

// Probe is a URL asked all the time, for teams without metrics.
type Probe struct {
	Name    string        `yaml:"name"`
	URL     string        `yaml:"url"`
	Every   time.Duration `yaml:"every"`   // 10s
	Timeout time.Duration `yaml:"timeout"` // 5s
}

// VersionLabel is a query whose series carry the running version as a label.
type VersionLabel struct {
	Provider string `yaml:"provider"`
	Query    string `yaml:"query"`
	Label    string `yaml:"label"`
}

// Restarts is a query for process_start_time_seconds, one series per process.
type Restarts struct {
	Provider string `yaml:"provider"`
	Query    string `yaml:"query"`
}

// Chat is a Slack-compatible incoming webhook.
type Chat struct {
	Webhook     string `yaml:"webhook"`
	WebhookFile string `yaml:"webhook_file"`
	Daily       string `yaml:"daily"` // "09:00": when the daily line is said; empty: never
}

// Poll says what is asked of a forge, where its webhooks cannot reach debrief.
type Poll struct {
	Repositories []string      `yaml:"repositories"` // owner/name; empty: nothing is asked
	Every        time.Duration `yaml:"every"`        // 1m
	Since        time.Duration `yaml:"since"`        // how far back the first time; 30 days
}

// Source is a webhook source's secrets: two may be valid at once for rotation.
type Source struct {
	Secret     string `yaml:"secret"`
	SecretFile string `yaml:"secret_file"`
	SecretOld  string `yaml:"secret_old"`
	Token      string `yaml:"token"` // read-only, for replay and for polling
	TokenFile  string `yaml:"token_file"`
	// Comment: what briefs have to say is written on pull requests, with the
	// token, which then has to be allowed to.
	Comment bool   `yaml:"comment"`
	URL     string `yaml:"url"` // of the forge's API, for both
	Poll    Poll   `yaml:"poll"`
	// IncidentLabels are the labels that make a forge's issue an incident.
	IncidentLabels []string `yaml:"incident_labels"`
	// ServiceLabels are the labels of an alert that say its service, the first
	// that is there; empty: service, app, job.
	ServiceLabels []string `yaml:"service_labels"`
	// Map makes a source of a team's own of any JSON; none where its kind is empty.
	Map Mapping `yaml:"map"`
}
