package delivery

import (
	"cmp"
	"slices"
	"time"

	"github.com/debriefhq/debrief"
)

// FactsInput is all that a release's facts are worked out from.
type FactsInput struct {
	Story     debrief.Story        // as it is kept by now
	Tries     []debrief.Deployment // failed deployments of the same version right before it
	RanBefore map[string]bool      // those of its changes that an earlier release brought
	Outcome   Outcome              // what came of it; too early is said when facts are read
	Sorted    Sorted               // what kinds of change it brought
}

// Sorted is what a release's changes were found to be.
type Sorted struct {
	Kinds       []string
	PrimaryKind string
	Modules     []string
}

// Facts boils down what is known of a release. The same input gives the same
// facts at any time: nothing in them depends on the clock.
func Facts(in FactsInput) debrief.ReleaseFacts {
	s := in.Story
	r := s.Release
	f := debrief.ReleaseFacts{
		ReleaseID: r.ID, Service: r.Service, Environment: r.Environment, Version: r.Version, Kind: r.Kind, Rollout: r.Rollout,
		Started: r.Started, At: took(s), PreviousID: r.PreviousID, Sample: r.Sample,
		Strategy: strategy(s.Deployments), Changes: r.Changes, Tries: len(in.Tries),
		Kinds: in.Sorted.Kinds, PrimaryKind: in.Sorted.PrimaryKind, Modules: in.Sorted.Modules,
		Verdict: r.Verdict,
	}
	o := in.Outcome
	f.Failure, f.Rule, f.IncidentIDs, f.AskedBy, f.CaughtEarly = o.Failure, o.Rule, o.IncidentIDs, o.AskedBy, o.CaughtEarly
	f.ImpactAt, f.RestoredAt, f.RestoredHow, f.Over = o.ImpactAt, o.RestoredAt, o.RestoredHow, o.Over
	f.Remedy, f.Repairs = o.Remedy, o.Repairs
	if s.Previous != nil {
		f.PreviousAt = s.Previous.FullExposure
	}
	for _, d := range s.Deployments {
		f.Commit = cmp.Or(f.Commit, d.Commit)
		f.Assumed = f.Assumed || assumed(d)
		if w := debrief.Took(d.Worked()); w >= f.Worked {
			f.Worked, f.Waited = w, debrief.Took(d.Waited())
		}
	}
	size(&f, s)
	f.Stages = stageFacts(s)
	for _, st := range f.Stages {
		f.Retries += max(st.Attempts-1, 0)
	}
	f.Leads, f.NoLead = leads(in, f)
	for _, x := range s.Surprises {
		if !x.Note && x.Answer != debrief.NothingThere && !slices.Contains(f.Surprises, x.Kind) {
			f.Surprises = append(f.Surprises, x.Kind)
		}
	}
	slices.Sort(f.Surprises)
	return f
}

// took is when a release took over; of one that never did, when it ended, else
// when it began.
func took(s debrief.Story) time.Time {
	at := s.Release.FullExposure
	if at.IsZero() {
		for _, d := range s.Deployments {
			if d.State.Final() && d.Times.Finished.After(at) {
				at = d.Times.Finished
			}
		}
	}
	if at.IsZero() {
		at = s.Release.Started
	}
	return at
}

// assumed says that nobody told of a deployment: a merge or a tag stands for it.
func assumed(d debrief.Deployment) bool { return d.Facts["assumed"] != "" }

// How a release reached everybody.
const (
	AllAtOnce = "all at once"
	Gradual   = "gradual"
	ByTarget  = "by target"
)

// strategy is known where both the first and the full exposure were told, or
// where there are several targets.
func strategy(ds []debrief.Deployment) string {
	targets := map[string]bool{}
	known, gradual := false, false
	for _, d := range ds {
		targets[d.Target] = true
		if t := d.Times; !t.FirstExposure.IsZero() && !t.FullExposure.IsZero() {
			known = true
			gradual = gradual || t.FullExposure.After(t.FirstExposure)
		}
	}
	switch {
	case gradual:
		return Gradual
	case len(targets) > 1:
		return ByTarget
	case known:
		return AllAtOnce
	}
	return ""
}

// size counts what a release carries: as the work tree told, else as its
// changes add up.
func size(f *debrief.ReleaseFacts, s debrief.Story) {
	pulls := map[int]bool{}
	for _, c := range s.Changes {
		if c.PullNumber > 0 {
			pulls[c.PullNumber] = true
		}
		f.Files, f.Added, f.Deleted = f.Files+c.Files, f.Added+c.Added, f.Deleted+c.Deleted
	}
	f.Pulls = len(pulls)
	for _, d := range s.Deployments {
		if g := d.Git; g != nil && g.Files > 0 {
			f.Files, f.Added, f.Deleted = g.Files, g.Added, g.Deleted
			return
		}
	}
}
