package debrief

import "time"

// DeploymentState is how far one try to put a version somewhere has come.
type DeploymentState string

const (
	Queued     DeploymentState = "queued"
	Waiting    DeploymentState = "waiting" // for an approval
	Running    DeploymentState = "running"
	Succeeded  DeploymentState = "succeeded"
	Failed     DeploymentState = "failed"
	Aborted    DeploymentState = "aborted"
	Superseded DeploymentState = "superseded"
	Partial    DeploymentState = "partial"
)

// DeploymentStates lists the known states, for messages that name them.
func DeploymentStates() []DeploymentState {
	return []DeploymentState{Queued, Waiting, Running, Succeeded, Failed, Aborted, Superseded, Partial}
}

// Final reports whether nothing more is expected to happen.
func (s DeploymentState) Final() bool {
	switch s {
	case Succeeded, Failed, Aborted, Superseded, Partial:
		return true
	}
	return false
}

// Times are kept apart and never overwritten by one another. Zero: not known.
type Times struct {
	Queued        time.Time `json:"queued_at,omitzero"`
	WaitingSince  time.Time `json:"waiting_since,omitzero"` // for an approval
	Approved      time.Time `json:"approved_at,omitzero"`
	Started       time.Time `json:"started_at,omitzero"`
	FirstExposure time.Time `json:"first_exposure_at,omitzero"`
	FullExposure  time.Time `json:"full_exposure_at,omitzero"`
	Finished      time.Time `json:"finished_at,omitzero"`
}

// Live is when the version began to serve everybody: full exposure where it is
// known, else when the deployment finished.
func (t Times) Live() time.Time {
	if !t.FullExposure.IsZero() {
		return t.FullExposure
	}
	return t.Finished
}

// First is when the version began to serve anybody: first exposure where it is
// known; else the start, since somebody may have been served from then on.
func (t Times) First() time.Time {
	for _, at := range []time.Time{t.FirstExposure, t.Started, t.FullExposure, t.Finished} {
		if !at.IsZero() {
			return at
		}
	}
	return time.Time{}
}

// Stage is one ordered step of a deployment: build, test, migrate, roll out, verify…
type Stage struct {
	Name     string          `json:"name"`
	State    DeploymentState `json:"state,omitempty"`
	Started  time.Time       `json:"started_at,omitzero"`
	Finished time.Time       `json:"finished_at,omitzero"`
	Attempt  int             `json:"attempt,omitempty"`
	Manual   bool            `json:"manual,omitempty"`  // a person did this step
	Waiting  bool            `json:"waiting,omitempty"` // time spent waiting (approval), not working
	ExitCode *int            `json:"exit_code,omitempty"`
	Facts    Facts           `json:"facts,omitempty"`
	URL      string          `json:"url,omitempty"`
}

// Took is how long the stage ran; zero while it runs or where times are missing.
func (s Stage) Took() time.Duration { return span(s.Started, s.Finished) }

// Deployment is one try to put a version of a service into an environment (and
// target). It is recomputed from all events about it.
type Deployment struct {
	ID          string          `json:"id"`
	Service     string          `json:"service"` // the service's id
	Environment string          `json:"environment"`
	Target      string          `json:"target,omitempty"`
	Version     string          `json:"version,omitempty"`
	Commit      string          `json:"commit,omitempty"`
	Rollout     string          `json:"rollout,omitempty"`
	State       DeploymentState `json:"state"`
	Times       Times           `json:"times"`
	Attempt     int             `json:"attempt,omitempty"`
	Manual      bool            `json:"manual,omitempty"`
	Rollback    bool            `json:"rollback,omitempty"` // said so by a source
	People      int             `json:"people,omitempty"`   // distinct people who acted in it: a count
	ExitCode    *int            `json:"exit_code,omitempty"`
	Output      string          `json:"output_tail,omitempty"`
	Command     string          `json:"command,omitempty"`
	URL         string          `json:"url,omitempty"`
	Facts       Facts           `json:"facts,omitempty"`
	Stages      []Stage         `json:"stages,omitempty"`
	Git         *GitFacts       `json:"git,omitempty"`
	Keys        []string        `json:"keys,omitempty"`    // sorted; the least one gives the ID
	Sources     []string        `json:"sources,omitempty"` // sorted
	Said        []Fact          `json:"said,omitempty"`    // where several sources told of it: every fact with who said it
	Skew        []string        `json:"skew,omitempty"`    // spans that are negative: some clock is wrong
	Sample      bool            `json:"sample,omitempty"`
}

// Waited is the time spent queued or waiting for an approval.
func (d Deployment) Waited() time.Duration {
	var sum time.Duration
	if d.Times.WaitingSince.IsZero() {
		sum = span(d.Times.Queued, d.Times.Started)
	} else {
		sum = span(d.Times.Queued, d.Times.WaitingSince) + span(d.Times.WaitingSince, firstOf(d.Times.Approved, d.Times.Started))
	}
	for _, s := range d.Stages {
		if s.Waiting {
			sum += s.Took()
		}
	}
	return sum
}

// Worked is the time from start to finish without the stages that only waited.
func (d Deployment) Worked() time.Duration {
	sum := span(d.Times.Started, d.Times.Finished)
	for _, s := range d.Stages {
		if s.Waiting && !s.Started.Before(d.Times.Started) {
			sum -= s.Took()
		}
	}
	return max(sum, 0)
}

func span(from, to time.Time) time.Duration {
	if from.IsZero() || to.IsZero() || to.Before(from) {
		return 0
	}
	return to.Sub(from)
}

func firstOf(times ...time.Time) time.Time {
	for _, t := range times {
		if !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}
