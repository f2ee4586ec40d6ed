package record

import (
	"cmp"
	"slices"
	"time"

	"github.com/debriefhq/debrief"
)

// merge makes one deployment of its events. Lists are walked from the least
// to the most convincing event, so that what is said last stands.
func merge(s scope, events []debrief.Event, names map[string]string) debrief.Deployment {
	events = slices.Clone(events)
	slices.SortStableFunc(events, func(a, b debrief.Event) int { return cmp.Compare(b2i(!weak(a)), b2i(!weak(b))) })

	d := debrief.Deployment{Service: s.service, Environment: s.environment, Target: s.target}
	for _, e := range events {
		r := e.Report
		say(&d.Version, r.Version)
		say(&d.Commit, r.Commit)
		say(&d.Rollout, r.Rollout)
		say(&d.Output, r.Output)
		say(&d.Command, r.Command)
		say(&d.URL, r.URL)
		if r.ExitCode != nil {
			code := *r.ExitCode
			d.ExitCode = &code
		}
		if r.Git != nil {
			d.Git = r.Git
		}
		d.Attempt = max(d.Attempt, r.Attempt)
		d.People = max(d.People, r.People)
		d.Manual = d.Manual || r.Manual
		d.Rollback = d.Rollback || r.Rollback
		d.Sample = d.Sample || r.Sample
		d.Facts = join(d.Facts, r.Facts)
		d.Keys = append(d.Keys, reportKeys(e)...)
		d.Sources = append(d.Sources, e.Source)
	}
	d.Keys = sortedSet(d.Keys)
	d.Sources = sortedSet(d.Sources)
	d.ID = s.id(d.Keys[0])
	if d.Version == "" {
		d.Version = names[short(d.Commit)]
	}
	if d.Rollout == "" {
		d.Rollout = run(d.Keys) // services that one run deployed went out together
	}
	d.Stages = stages(events)
	d.Times = times(events)
	decided, at := outcome(events)
	d.State = decided
	d.Skew = skewed(d.Times)
	complete(&d, events, at)
	if len(d.Sources) > 1 {
		d.Said = deploymentSaid(events)
	}
	return d
}

// say overwrites only where something is said.
func say(to *string, s string) {
	if s != "" {
		*to = s
	}
}

// join is the union of facts; what is said later stands.
func join(to, facts debrief.Facts) debrief.Facts {
	if len(facts) == 0 {
		return to
	}
	all := make(debrief.Facts, len(to)+len(facts))
	for k, v := range to {
		all[k] = v
	}
	for k, v := range facts {
		all[k] = v
	}
	return all
}

func sortedSet(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}

// run is the pipeline run among a deployment's keys, if any.
func run(keys []string) string {
	for _, k := range keys {
		if isRun(k) {
			return k
		}
	}
	return ""
}

// outcome decides how far a deployment has come, and since when that is so.
// A final state beats any other; of final ones the better evidence and then
// the later. "Superseded" only ever says that a newer deployment took over: it
// ends one of which nothing else is known and takes nothing back.
func outcome(events []debrief.Event) (debrief.DeploymentState, time.Time) {
	best, at, rank := debrief.DeploymentState(""), time.Time{}, -1
	for _, e := range events {
		s := stateOf(e.Report)
		if s == "" {
			continue
		}
		if r := stateRank(s, weak(e)); r > rank || r == rank && !e.At.Before(at) {
			best, at, rank = s, e.At, r
		}
	}
	return best, at
}

// stateOf is what a report says of the outcome; an exit code says it too.
func stateOf(r *debrief.Report) debrief.DeploymentState {
	switch {
	case r.State != "":
		return r.State
	case r.ExitCode != nil && *r.ExitCode == 0:
		return debrief.Succeeded
	case r.ExitCode != nil:
		return debrief.Failed
	}
	return ""
}

func stateRank(s debrief.DeploymentState, weak bool) int {
	switch {
	case s == debrief.Superseded:
		return 2
	case s.Final() && weak:
		return 3
	case s.Final():
		return 4
	case weak:
		return 0
	}
	return 1
}

// times keeps each moment apart: the earliest beginning, the latest end. What
// a run says stands only where nobody said it of the deployment itself.
func times(events []debrief.Event) debrief.Times {
	var strong, soft debrief.Times
	for _, e := range events {
		t := &strong
		if weak(e) {
			t = &soft
		}
		r := e.Report.Times
		earliest(&t.Queued, r.Queued)
		earliest(&t.WaitingSince, r.WaitingSince)
		latest(&t.Approved, r.Approved)
		earliest(&t.Started, r.Started)
		earliest(&t.FirstExposure, r.FirstExposure)
		earliest(&t.FullExposure, r.FullExposure)
		latest(&t.Finished, r.Finished)
	}
	// A run's queueing and start lie before its deployments' and would make
	// each as long as the whole run; only its end can stand in.
	if strong.Queued.IsZero() && strong.Started.IsZero() {
		strong.Queued, strong.Started = soft.Queued, soft.Started
	}
	latest(&strong.Finished, pick(strong.Finished, soft.Finished))
	return strong
}

func pick(a, b time.Time) time.Time {
	if a.IsZero() {
		return b
	}
	return a
}

func earliest(to *time.Time, t time.Time) {
	if !t.IsZero() && (to.IsZero() || t.Before(*to)) {
		*to = t
	}
}

func latest(to *time.Time, t time.Time) {
	if t.After(*to) {
		*to = t
	}
}

// complete fills what follows from the rest, since sources say only one end:
// a finished deployment has finished at some time, and began no later.
func complete(d *debrief.Deployment, events []debrief.Event, decided time.Time) {
	t := &d.Times
	if d.State == "" {
		switch {
		case !t.Finished.IsZero() || !t.FullExposure.IsZero():
			d.State = debrief.Succeeded // it went live and nobody said otherwise
		case !t.Started.IsZero() || len(d.Stages) > 0:
			d.State = debrief.Running
		case !t.WaitingSince.IsZero() && t.Approved.IsZero():
			d.State = debrief.Waiting
		case !t.Queued.IsZero():
			d.State = debrief.Queued
		default:
			d.State = debrief.Running
		}
		for _, e := range events {
			latest(&decided, e.At)
		}
	}
	switch {
	case d.State.Final() && t.Finished.IsZero():
		t.Finished = pick(t.FullExposure, decided)
	case !d.State.Final():
		t.Finished = time.Time{} // an earlier try's end is not this one's
	}
	if !t.Started.IsZero() || d.State == debrief.Queued || d.State == debrief.Waiting {
		return
	}
	for _, e := range events {
		if weak(e) {
			continue // a run's build and tests are before its deployments
		}
		for _, s := range e.Report.Stages {
			earliest(&t.Started, s.Started)
		}
	}
	if t.Started.IsZero() {
		t.Started = begun(*t, events)
	}
}

// begun is the best guess at a start nobody told: the first moment known after
// which it cannot only have waited, else when it was first said to run.
func begun(t debrief.Times, events []debrief.Event) time.Time {
	queued := t.Queued
	if !t.WaitingSince.IsZero() {
		queued = time.Time{} // it waited for somebody since: that was not its start
	}
	if at := firstOf(t.Approved, queued, t.FirstExposure, t.FullExposure); !at.IsZero() {
		return at
	}
	var running, heard time.Time
	for _, e := range events {
		earliest(&heard, e.At)
		if s := stateOf(e.Report); !weak(e) && s != debrief.Queued && s != debrief.Waiting {
			earliest(&running, e.At)
		}
	}
	if running.Before(t.WaitingSince) {
		running = time.Time{}
	}
	at := firstOf(running, t.Finished, heard)
	if !t.Finished.IsZero() && at.After(t.Finished) {
		return t.Finished
	}
	return at
}

func firstOf(times ...time.Time) time.Time {
	for _, t := range times {
		if !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}
