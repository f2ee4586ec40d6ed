package org

import (
	"slices"
	"time"

	"github.com/debriefhq/debrief"
)

// source is who tells of what is made up.
const source = "sample"

// Events are what a forge and a pipeline would have told of a release: its
// pull requests, what happened in staging, and each deployment to production.
func (r *Release) Events() []debrief.Event {
	m, sim := r.made, r.of
	d := sim.d.cast(sim.o.Seed, forTold, uint64(m.s.n), uint64(m.queued.UnixMicro()))
	var out []debrief.Event
	if m.previous == nil || len(m.changes) > 0 {
		for i := range m.changes {
			c := m.changes[i].told(m, sim, d)
			out = append(out, m.s.event(c.Committed, debrief.Event{Kind: debrief.EventChange, Key: "change/" + c.Commit, At: c.Merged, Change: &c}))
		}
	}
	if !m.staged.IsZero() {
		x := m.inStaging()
		out = append(out, m.s.event(m.staged, debrief.Event{Kind: debrief.EventDeployment, Key: x.Keys[0], At: x.Times.Finished, Report: &x}))
	}
	for _, x := range m.inProduction() {
		out = append(out, m.s.event(m.queued, debrief.Event{Kind: debrief.EventDeployment, Key: x.Keys[0] + x.Target, At: x.Times.Finished, Report: &x}))
	}
	return out
}

// event fills what all of a service's events have in common. They were
// received when they happened.
func (s *service) event(at time.Time, e debrief.Event) debrief.Event {
	if e.At.IsZero() {
		e.At = at
	}
	e.Source, e.Service, e.Received = source, s.id, e.At
	e.ID = debrief.ID(source, s.id, e.Key)
	return e
}

// report is what every deployment of a release has.
func (r *release) report(env, key string) debrief.Report {
	return debrief.Report{
		Keys: []string{key}, Service: r.s.id, Environment: env, Version: r.version, Commit: r.commit,
		State: debrief.Succeeded, Sample: true, Command: "./deploy " + env,
	}
}

// inStaging is the release's deployment to staging. There is no approval.
func (r *release) inStaging() debrief.Report {
	x := r.report("staging", r.key+"/staging")
	at := r.staged
	x.Times.Started = at
	for i := range r.stages {
		st := &r.stages[i]
		if st.staging == 0 {
			continue
		}
		end := at.Add(seconds(st.staging))
		one := debrief.Stage{Name: st.name, State: debrief.Succeeded, Started: at, Finished: end}
		if st.rows > 0 {
			one.Facts = debrief.Facts{"rows": number(int(st.stagingRows))}
		}
		x.Stages = append(x.Stages, one)
		at = end
	}
	x.Times.FirstExposure, x.Times.FullExposure, x.Times.Finished = at, at, at
	return x
}

// inProduction is the release's deployment to each of its targets.
func (r *release) inProduction() []debrief.Report {
	x := r.report("production", r.key)
	x.Target, x.Rollout, x.Manual, x.Rollback = r.target(), r.rollout, r.manual, r.kind == debrief.ReleaseRollback
	x.Times = debrief.Times{Queued: r.queued, Started: r.started, Finished: r.finished}
	end := r.started
	for i := range r.stages {
		stages := r.stages[i].told(end)
		x.Stages = append(x.Stages, stages...)
		end = stages[len(stages)-1].Finished
	}
	x.Git = r.git()
	switch {
	case r.caught:
		x.State, x.Times.FirstExposure = debrief.Aborted, r.first
		x.Stages[len(x.Stages)-1].State = debrief.Aborted
		return []debrief.Report{x}
	case r.kind == debrief.ReleaseAttempt:
		x.State, x.ExitCode = debrief.Failed, new(int)
		*x.ExitCode = 1
		x.Stages[len(x.Stages)-1].State = debrief.Failed
		return []debrief.Report{x}
	case !r.s.targets:
		x.Times.FirstExposure, x.Times.FullExposure = r.first, r.live
		return []debrief.Report{x}
	}
	return r.elsewhere(x, end)
}

// elsewhere is a release that goes to a second target when it is done with the
// first.
func (r *release) elsewhere(x debrief.Report, end time.Time) []debrief.Report {
	roll := slices.IndexFunc(x.Stages, func(st debrief.Stage) bool { return st.Name == "roll out" })
	x.Times.FirstExposure, x.Times.FullExposure, x.Times.Finished = x.Stages[roll].Finished, x.Stages[roll].Finished, end
	y := r.report("production", r.key)
	y.Target, y.Rollout, y.Rollback, y.Git = targets[1], r.rollout, x.Rollback, x.Git
	at := end.Add(time.Minute)
	y.Times.Started = at
	for _, st := range x.Stages[roll:] {
		took := st.Took()
		st.Started, st.Finished = at, at.Add(took)
		y.Stages = append(y.Stages, st)
		at = st.Finished
	}
	y.Times.FirstExposure, y.Times.FullExposure, y.Times.Finished = y.Stages[0].Finished, y.Stages[0].Finished, at
	return []debrief.Report{x, y}
}

// told is a step as the pipeline tells it: one stage for each time it was tried.
func (x *stage) told(at time.Time) []debrief.Stage {
	var out []debrief.Stage
	left := seconds(x.took)
	for n := 1; n <= x.attempts; n++ {
		took := left
		if n < x.attempts {
			took = (left / 2).Truncate(time.Millisecond)
		}
		st := debrief.Stage{Name: x.name, State: debrief.Succeeded, Started: at, Finished: at.Add(took), Waiting: x.part == PartApproval}
		if n < x.attempts {
			st.State = debrief.Failed
		}
		if x.attempts > 1 {
			st.Attempt = n
		}
		if x.rows > 0 {
			st.Facts = debrief.Facts{"rows": number(int(x.rows))}
		}
		out = append(out, st)
		at, left = st.Finished, left-took
	}
	return out
}

// git is what the work tree knew.
func (r *release) git() *debrief.GitFacts {
	if r.kind == debrief.ReleaseRollback || r.previous == nil {
		return nil
	}
	g := &debrief.GitFacts{
		Repository: r.s.repository(), From: r.previous.commit, To: r.commit, Files: r.files, Added: r.added, Deleted: r.deleted,
	}
	for i := range r.changes {
		c := &r.changes[i]
		g.Commits = append(g.Commits, debrief.Change{Repository: g.Repository, Commit: c.commit, PullNumber: c.pull, Committed: c.committed})
	}
	return g
}

// Event is what a monitoring system would have told of an incident.
func (i *Incident) Event() debrief.Event {
	t := i.Times
	x := debrief.IncidentReport{
		Keys: i.Keys, Service: i.Service, Environment: i.Environment, Title: i.Title, Severity: i.Severity, Alert: i.Alert,
		Acknowledges: i.Acknowledges, Impact: t.Impact, Detected: t.Detected, Acknowledged: t.Acknowledged, Restored: t.Restored, Closed: t.Closed,
		People: i.People, Deployments: i.Deployments, Labels: i.Labels,
	}
	if len(i.Versions) > 0 {
		x.Version = i.Versions[0]
	}
	return debrief.Event{
		ID: debrief.ID(source, i.Service, i.Keys[0]), Source: source, Key: i.Keys[0], Kind: debrief.EventIncident,
		At: i.Began, Received: i.Began, Service: i.Service, Incident: &x,
	}
}

// Event is what a flag service would have told of a flag that was switched.
func (f *Flip) Event() debrief.Event {
	c := f.Change
	return debrief.Event{
		ID: debrief.ID(source, f.Service, c.ID), Source: source, Key: c.ID, Kind: debrief.EventChange,
		At: c.Live, Received: c.Live, Service: f.Service, Change: &c,
	}
}

// Harm is what users of a release felt, where its checks found it worse: slower
// answers, else more errors.
func (r *Release) Harm() (slower bool) { return r.made.outcome.bySpeed }

// Thin reports a service with too little traffic for most verdicts.
func (r *Release) Thin() bool { return r.made.s.thin }

// Events are what was told of an item; nothing of what debrief and people make
// of events.
func (i Item) Events() []debrief.Event {
	switch {
	case i.Release != nil:
		return i.Release.Events()
	case i.Incident != nil:
		return []debrief.Event{i.Incident.Event()}
	case i.Flip != nil:
		return []debrief.Event{i.Flip.Event()}
	}
	return nil
}
