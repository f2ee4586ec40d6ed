package org

import (
	"slices"
	"time"

	"github.com/debriefhq/debrief"
)

// facts boils a release down, by the rules that hold for any release.
func (r *release) facts() debrief.ReleaseFacts {
	f := debrief.ReleaseFacts{
		ReleaseID: r.id, Service: r.s.id, Environment: "production", Version: r.version, Commit: r.commit, Kind: r.kind, Rollout: r.rollout,
		Started: r.started, At: r.live, Sample: true, Strategy: r.strategy, Changes: -1, Tries: r.tries, Retries: r.retries(),
		CaughtEarly: r.caught, Verdict: r.outcome.verdict, Surprises: r.outcome.surprises,
	}
	if f.At.IsZero() {
		f.At = r.finished
	}
	if r.previous != nil {
		f.PreviousID, f.PreviousAt, f.Changes = r.previous.id, r.previous.live, len(r.changes)
		f.Files, f.Added, f.Deleted, f.Pulls = r.files, r.added, r.deleted, len(r.changes)
	}
	if len(r.changes) > 0 && r.previous != nil { // of the first nobody knows what it brought
		f.Kinds, f.Modules, f.PrimaryKind = r.kinds, r.folders(), r.primary()
	}
	waited, worked := r.started.Sub(r.queued), time.Duration(0)
	for i := range r.stages {
		x := &r.stages[i]
		took := seconds(x.took)
		st := debrief.StageFacts{Name: x.name, Part: x.part, Took: debrief.Took(took), Staging: debrief.Took(seconds(x.staging)), Attempts: x.attempts}
		if x.rows > 0 {
			st.Facts = debrief.Facts{"rows": number(int(x.rows))}
		}
		f.Stages = append(f.Stages, st)
		if x.part == PartApproval {
			waited += took
		} else {
			worked += took
		}
	}
	f.Waited, f.Worked = debrief.Took(waited), debrief.Took(worked)
	if r.s.targets && r.kind == debrief.ReleaseRollback {
		f.Waited = 0 // the target that worked longest, and last, did not queue
	}
	f.Leads, f.NoLead = r.leads()
	if r.outcome.fails {
		f.Failure, f.ImpactAt, f.RestoredAt, f.Over = debrief.DidFail, r.outcome.impact, r.outcome.restored, true
		if !r.outcome.noticed.person() {
			f.ImpactAt = f.At // nobody said when it began to hurt: when it was live
		}
		for _, i := range r.outcome.incidents {
			f.IncidentIDs = append(f.IncidentIDs, i.ID)
		}
		slices.Sort(f.IncidentIDs)
	}
	if r.repairs != nil {
		f.Repairs, f.Remedy = r.repairs.id, r.remedies()
	}
	return f
}

// remedies is how a release repaired another.
func (r *release) remedies() debrief.Remedy {
	switch {
	case r.kind == debrief.ReleaseRollback:
		return debrief.RemedyRollback
	case r.repairs.outcome.remedy == revert:
		return debrief.RemedyRevert
	}
	return debrief.RemedyHotfix
}

// primary is the one kind a release stands under where it may stand once only.
func (r *release) primary() string {
	for _, k := range madeKinds[:6] {
		if r.has(k.name) {
			return k.name
		}
	}
	return Code // every release has some
}

// folders are the modules a release touched as the sorter names them: those of
// its code, and those that its kinds' own files lie in.
func (r *release) folders() []string {
	out := make([]string, 0, len(r.modules)+len(r.kinds))
	for _, m := range r.modules {
		out = append(out, r.s.tree.module(m))
	}
	for _, k := range r.kinds {
		out = append(out, r.s.tree.folders(k)...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// silence is how long nothing may have shipped for lead times to be said.
const silence = 60 * 24 * time.Hour

func (r *release) leads() (list []debrief.LeadFacts, none string) {
	switch {
	case r.kind == debrief.ReleaseRollback:
		return nil, "a rollback brings nothing new"
	case r.kind != debrief.ReleaseNew:
		return nil, "it did not take over production"
	case r.previous == nil:
		return nil, "what ran before is not known: it is the first release known here"
	case r.live.Sub(r.previous.live) > silence:
		return nil, "the release before it was more than 60 days earlier"
	}
	list = make([]debrief.LeadFacts, len(r.changes))
	for i := range r.changes {
		c := &r.changes[i]
		list[i] = debrief.LeadFacts{
			Change: c.id, Pull: c.pull, Committed: c.committed, Bot: c.bot,
			Lead: between(c.committed, r.live), Parts: r.parts(c),
		}
	}
	slices.SortFunc(list, func(a, b debrief.LeadFacts) int { return a.Committed.Compare(b.Committed) })
	return list, ""
}

// parts takes a change's way apart; they add up to it.
func (r *release) parts(c *change) map[string]debrief.Seconds {
	parts := map[string]debrief.Seconds{
		PartCoding: between(c.committed, c.opened),
		PartWait:   between(c.opened, c.reviewed),
		PartReview: between(c.reviewed, c.merged),
		PartMerged: between(c.merged, r.queued),
		PartQueue:  between(r.queued, r.started),
	}
	at := r.started
	for i := range r.stages {
		x := &r.stages[i]
		end := at.Add(seconds(x.took))
		if !at.Before(r.live) {
			break
		}
		if end.After(r.live) {
			end = r.live
		}
		parts[x.part] += between(at, end)
		at = end
	}
	if at.Before(r.live) { // on the way to the other target
		parts[PartRollOut] += between(at, r.live)
	}
	for name, took := range parts {
		if took == 0 {
			delete(parts, name)
			continue
		}
		parts[name] = debrief.SecondsOf(took.Micros()) // sums of fractions stray
	}
	return parts
}

func between(from, to time.Time) debrief.Seconds {
	return debrief.Took(to.Sub(from))
}
