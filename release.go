package debrief

import "time"

// ReleaseKind says what a production deployment was. Only ReleaseNew and
// ReleaseRollback changed what runs; the others are shown as what they are.
type ReleaseKind string

const (
	ReleaseNew      ReleaseKind = "release"
	ReleaseRollback ReleaseKind = "rollback"
	ReleaseSame     ReleaseKind = "same version" // a restart, a scaling
	ReleaseAttempt  ReleaseKind = "failed attempt"
	ReleaseRunning  ReleaseKind = "running" // not finished: not yet known
)

// Release is a deployment (or several: regions, clusters) that changed what
// one service runs in production. It is the unit of learning. Attempts and
// restarts are kept in the same list, told apart by Kind.
type Release struct {
	ID              string      `json:"id"`
	Service         string      `json:"service"`
	Environment     string      `json:"environment"`
	Version         string      `json:"version"`
	Kind            ReleaseKind `json:"kind"`
	PreviousID      string      `json:"previous_id,omitempty"` // the release whose version ran before; empty: not known
	PreviousVersion string      `json:"previous_version,omitempty"`
	Rollout         string      `json:"rollout,omitempty"`
	DeploymentIDs   []string    `json:"deployment_ids"`
	Started         time.Time   `json:"started_at"`
	FirstExposure   time.Time   `json:"first_exposure_at,omitzero"`
	FullExposure    time.Time   `json:"full_exposure_at,omitzero"` // zero until live
	NextAt          time.Time   `json:"next_at,omitzero"`          // first exposure of the release that followed
	NextID          string      `json:"next_id,omitempty"`
	Changes         int         `json:"changes"` // -1: not known
	Sample          bool        `json:"sample,omitempty"`

	// Filled from its looks and surprises, so that a list needs one table.
	Verdict   Word   `json:"verdict,omitempty"`
	Headline  string `json:"headline"`  // one sentence: "p95 of /checkout 38 % up since 14:21"
	Looks     []Word `json:"looks"`     // one word per planned look, Pending before it ends
	Surprises int    `json:"surprises"` // all of them
	Open      int    `json:"open"`      // not yet answered
}

// Live reports whether the release took over production.
func (r Release) Live() bool { return !r.FullExposure.IsZero() }

// Checked reports whether looks are taken at a release of this kind.
func (k ReleaseKind) Checked() bool { return k == ReleaseNew || k == ReleaseRollback }

// Story is everything a release's page tells, loaded at once.
type Story struct {
	Release     Release             `json:"release"`
	ServiceName string              `json:"service_name"`
	Previous    *Release            `json:"previous,omitempty"`
	Next        *Release            `json:"next,omitempty"`
	Deployments []Deployment        `json:"deployments"`
	Changes     []Change            `json:"changes"`
	Kinds       Kinds               `json:"kinds,omitzero"`         // of all it brought
	ChangeKinds map[string][]string `json:"change_kinds,omitempty"` // by change
	Looks       []Look              `json:"looks"`
	Surprises   []Surprise          `json:"surprises"`
	Recent      []Deployment        `json:"recent,omitempty"`  // the last successful ones before, same service and environment: what is usual
	Staging     []Deployment        `json:"staging,omitempty"` // of the same version (else the latest before), newest first
	Rollout     []Release           `json:"rollout,omitempty"` // other services' releases that went out together

	// What happened in the watch window, from first exposure until 24 hours
	// after full exposure, oldest first.
	Incidents []Incident `json:"incidents,omitempty"`
	Flips     []Change   `json:"flips,omitempty"` // took effect by themselves: flags, configuration, steps by hand
}

// Service is one thing that is deployed and watched.
type Service struct {
	ID      string   `json:"id"` // slug
	Name    string   `json:"name"`
	Aliases []string `json:"aliases,omitempty"`
	Sample  bool     `json:"sample,omitempty"`
}
