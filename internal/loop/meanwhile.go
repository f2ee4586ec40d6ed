package loop

import (
	"slices"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/notice"
	"github.com/debriefhq/debrief/internal/store"
)

// meanwhile adds what happened around a release and is not part of it: the
// incidents that ran when it began, what was merged after it, what came next.
func (l *Loop) meanwhile(tx *store.Tx, in *notice.Input) error {
	r := in.Story.Release
	var err error
	if r.Kind == debrief.ReleaseRollback {
		if in.Around, err = tx.IncidentsRunning(r.Service, r.Started); err != nil {
			return err
		}
	}
	if r.Kind == debrief.ReleaseRunning || r.Kind == debrief.ReleaseSame {
		return nil
	}
	after, err := tx.Deployments(r.Service, r.Environment, r.Started, 0, nextFew)
	if err != nil {
		return err
	}
	var mine time.Time // when the last of its own changes had landed
	for _, d := range in.Story.Deployments {
		if d.Commit == "" {
			continue
		}
		for _, c := range in.Story.Changes {
			if c.Commit == d.Commit && c.Landed().After(mine) {
				mine = c.Landed()
			}
		}
	}
	for _, d := range after {
		if !slices.Contains(r.DeploymentIDs, d.ID) && d.Version != r.Version && d.Times.First().After(r.Started) {
			in.Next = d.Times.First()
			break
		}
	}
	if r.Kind == debrief.ReleaseAttempt {
		// Repeating it is the same version again.
		for _, d := range after {
			if !slices.Contains(r.DeploymentIDs, d.ID) && d.Times.First().After(r.Started) {
				in.Next = d.Times.First()
				break
			}
		}
		return nil
	}
	if mine.IsZero() {
		return nil // nobody knows what it brought, so nor what it did not
	}
	until := in.Now
	if !in.Next.IsZero() {
		until = in.Next
	}
	if !until.After(mine) {
		return nil
	}
	list, err := tx.Changes(r.Service, mine.Add(time.Microsecond), until)
	if err != nil {
		return err
	}
	for _, c := range list {
		// A commit somebody made is not yet merged; a bot's may wait.
		if c.Kind == "" && !c.Bot && c.Landed().After(mine) && !(c.Pushed.IsZero() && c.Merged.IsZero()) {
			in.Merged = append(in.Merged, c)
		}
	}
	return nil
}

// noticeIncidents looks again at the releases whose watch window an incident
// began in, and at those that began while it ran.
func (l *Loop) noticeIncidents(tx *store.Tx, list []debrief.Incident) error {
	for _, i := range list {
		if err := l.planDraft(tx, i); err != nil {
			return err
		}
		until := i.Ended()
		if until.IsZero() {
			until = l.Now()
		}
		for _, service := range i.Services {
			ids, err := tx.ReleaseIDs(service, i.Began.Add(-watchAtMost), maxTime(until, i.Began), noticedAtOnce)
			if err != nil {
				return err
			}
			for _, id := range ids {
				if err := tx.Enqueue(store.Work{Kind: "notice", Key: id, Service: service, Due: l.Now()}); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

const (
	// nextFew of the deployments that followed tell when the next release began:
	// a release may go to a few targets, one after another.
	nextFew = 10
	// watchAtMost is how long before an incident a release may have begun whose
	// watch window it falls in: a day after everybody had it, and a day to get there.
	watchAtMost = 48 * time.Hour
	// noticedAtOnce bounds the releases one incident makes us look at again: the newest.
	noticedAtOnce = 20
)

// noticeMerged looks again at the release after which changes were merged.
func (l *Loop) noticeMerged(tx *store.Tx, service string, cs []debrief.Change) error {
	var first time.Time
	for _, c := range cs {
		if at := c.Landed(); c.Kind == "" && !(c.Pushed.IsZero() && c.Merged.IsZero()) && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	if first.IsZero() {
		return nil
	}
	for _, env := range l.Config.Production {
		ds, err := tx.Deployments(service, env, first, 1, 0)
		if err != nil {
			return err
		}
		for _, d := range ds {
			if err := tx.Enqueue(store.Work{Kind: "notice", Key: d.ID, Service: service, Due: l.Now()}); err != nil {
				return err
			}
		}
	}
	return nil
}

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
