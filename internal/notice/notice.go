// Package notice is the eye: it finds the small surprises of one release, each
// with its evidence and a question asked of the system, never of a person. One
// file per surprise, one list of them all.
//
// Nothing is noticed twice for one cause where a more precise surprise says it:
//
//   - A slow deployment is noticed beside a slow step only if it would still be
//     slow without what that step took longer than in staging.
//   - A step tried again is noticed, and the deployment's own attempt then not.
//   - A manual step is noticed, and the deployment's own being manual then not.
//   - A metric that is worse at the second and the third look is one surprise.
//   - A new kind of error and a risen error rate are both kept: one says which
//     error, the other how many requests, and nothing proves they are the same.
//
// Made-up history (Sample) is noticed too, and held against made-up history only.
package notice

import (
	"time"

	"github.com/debriefhq/debrief"
)

// Thresholds are the rules' numbers. The fields are those of config.Notice in
// the same order, so that one converts into the other. What is zero or less
// has its default.
type Thresholds struct {
	SlowFactor     float64       // slow deployment: times the usual
	SlowMADs       float64       // and this many median absolute deviations above it
	SlowAtLeast    time.Duration // and this much more
	SlowMinHistory int           // held against at least so many
	StepFactor     float64       // slow step: times what it took in staging
	StepAtLeast    time.Duration // and this much more
	AlertAfter     time.Duration // unnoticed alert: nobody acknowledged it for so long
	RollbackPeople int           // crowded rollback: at least so many people
	// merged, not shipped: times the usual gap between two deployments.
	UnshippedFactor float64
}

// Defaults are the thresholds a new team has.
func Defaults() Thresholds {
	return Thresholds{
		SlowFactor: 2, SlowMADs: 4, SlowAtLeast: time.Minute, SlowMinHistory: 5,
		StepFactor: 3, StepAtLeast: 30 * time.Second,
		AlertAfter: 15 * time.Minute, RollbackPeople: 3, UnshippedFactor: 3,
	}
}

// Input is everything a surprise can be seen in.
type Input struct {
	Story   debrief.Story
	Running []RunningVersion // what a version label showed
	// Tries are the tries to deploy this version that failed right before, oldest first.
	Tries []debrief.Deployment
	// Around are the incidents that ran when the release began.
	Around []debrief.Incident
	// Merged are the changes that reached the default branch after what this
	// release brought, and before the next one; Next is when that began.
	Merged []debrief.Change
	Next   time.Time
	Now    time.Time
	T      Thresholds
}

// RunningVersion is a version the running service showed, and since when.
type RunningVersion struct {
	Version string
	Since   time.Time
}

// Detector finds one kind of surprise. Find fills what differs from one to the
// next (Subject, Sentence, Evidence, At); the rest follows from the detector
// and the release.
type Detector struct {
	ID       string
	Question string // of the system
	Why      string // why it matters
	Find     func(Input) []debrief.Surprise
	// Again is when it may find what it does not find now; nil, zero: never by
	// itself.
	Again func(Input) time.Time
}

// Detectors lists every kind of surprise, in the order a page tells them:
// what users feel, what could not be seen, how the deployment itself went.
func Detectors() []Detector {
	return []Detector{
		errorRateShift(),
		newError(),
		metricShift(),
		trafficShift(),
		usualShift(),
		blindCheck(),
		unrecordedRelease(),
		slowStep(),
		slowDeployment(),
		retry(),
		manualStep(),
		waitingLonger(),
		unnoticedAlert(),
		crowdedRollback(),
		notShipped(),
	}
}

// Find finds every surprise of a release.
func Find(in Input) []debrief.Surprise {
	in.T = in.T.orDefaults()
	in.Story.Recent = alike(in.Story.Recent, in.Story.Release.Sample)
	in.Story.Staging = alike(in.Story.Staging, in.Story.Release.Sample)
	var all []debrief.Surprise
	seen := map[string]bool{}
	for _, d := range Detectors() {
		for _, s := range d.Find(in) {
			s.Kind, s.Question, s.Why = d.ID, d.Question, d.Why
			s.ReleaseID, s.Service = in.Story.Release.ID, in.Story.Release.Service
			s.ID = debrief.ID("surprise", s.ReleaseID, s.Kind, s.Subject)
			s.At = debrief.Instant(s.At)
			if !seen[s.ID] {
				seen[s.ID] = true
				all = append(all, s)
			}
		}
	}
	return all
}

// Again is when to look at a release once more though nothing is told of it;
// zero: there is nothing to wait for.
func Again(in Input) time.Time {
	in.T = in.T.orDefaults()
	in.Story.Recent = alike(in.Story.Recent, in.Story.Release.Sample)
	var again time.Time
	for _, d := range Detectors() {
		if d.Again != nil {
			again = sooner(again, d.Again(in), in.Now)
		}
	}
	return again
}

// sooner is the earlier of two moments after now; zero where neither is.
func sooner(a, b, now time.Time) time.Time {
	if !b.After(now) || (!a.IsZero() && a.Before(b)) {
		return a
	}
	return b
}

func (t Thresholds) orDefaults() Thresholds {
	d := Defaults()
	if t.SlowFactor > 0 {
		d.SlowFactor = t.SlowFactor
	}
	if t.SlowMADs > 0 {
		d.SlowMADs = t.SlowMADs
	}
	if t.SlowAtLeast > 0 {
		d.SlowAtLeast = t.SlowAtLeast
	}
	if t.SlowMinHistory > 0 {
		d.SlowMinHistory = t.SlowMinHistory
	}
	if t.StepFactor > 0 {
		d.StepFactor = t.StepFactor
	}
	if t.StepAtLeast > 0 {
		d.StepAtLeast = t.StepAtLeast
	}
	if t.AlertAfter > 0 {
		d.AlertAfter = t.AlertAfter
	}
	if t.RollbackPeople > 0 {
		d.RollbackPeople = t.RollbackPeople
	}
	if t.UnshippedFactor > 0 {
		d.UnshippedFactor = t.UnshippedFactor
	}
	return d
}

// alike are the deployments that are made up as the release is, or real as it is.
func alike(ds []debrief.Deployment, sample bool) []debrief.Deployment {
	var same []debrief.Deployment
	for _, d := range ds {
		if d.Sample == sample {
			same = append(same, d)
		}
	}
	return same
}

// subject tells apart what happened in one of several deployments of a release.
func subject(in Input, d debrief.Deployment, what string) string {
	if len(in.Story.Deployments) < 2 || d.Target == "" {
		return what
	}
	return what + " in " + d.Target
}
