package loop

import (
	"context"
	"slices"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/learn"
	"github.com/debriefhq/debrief/internal/store"
)

// taught keeps what a release taught, and holds the briefs of what it shipped
// against what happened. It follows its facts: a corrected answer or attribution
// changes what it taught.
func (l *Loop) taught(tx *store.Tx, s debrief.Story, f debrief.ReleaseFacts) error {
	if f.Kind != debrief.ReleaseNew {
		// It may have looked like one before more was known.
		return tx.SaveLessons(f.Service, f.ReleaseID, nil, learn.LessonText)
	}
	in := learn.LessonInput{Facts: f, Surprises: s.Surprises}
	for _, c := range s.Changes {
		if len(in.Titles) < 20 {
			in.Titles = append(in.Titles, c.Title)
		}
	}
	about := map[string]string{f.ReleaseID: f.Service}
	for _, id := range f.IncidentIDs {
		about[id] = f.Service
	}
	for _, i := range s.Incidents {
		if slices.Contains(f.IncidentIDs, i.ID) {
			in.Incidents = append(in.Incidents, i)
			about[i.ID] = i.Service // its home, where its debrief stands
		}
	}
	for _, id := range sorted(about) {
		d, found, err := tx.DebriefAbout(about[id], id)
		if err != nil {
			return err
		}
		if !found {
			continue
		}
		in.Debriefs = append(in.Debriefs, d)
		if d.ActionID == "" {
			continue
		}
		a, err := tx.Action(d.ActionID)
		if err != nil && debrief.KindOf(err) != debrief.NotFound {
			return err
		}
		in.Actions = append(in.Actions, a)
	}
	if err := tx.SaveLessons(f.Service, f.ReleaseID, learn.Lessons(in), learn.LessonText); err != nil {
		return err
	}
	return l.shipped(tx, s, f)
}

// shipped finds the briefs of what a release brought, and asks for them to be
// held against it when its watch window is over.
func (l *Loop) shipped(tx *store.Tx, s debrief.Story, f debrief.ReleaseFacts) error {
	if !s.Release.Live() {
		return nil
	}
	commits := []string{f.Commit}
	pulls := map[string][]int{}
	for _, c := range s.Changes {
		commits = append(commits, c.Commit)
		if c.PullNumber > 0 {
			pulls[c.Repository] = append(pulls[c.Repository], c.PullNumber)
		}
	}
	n, err := tx.ShipBriefs(s.Release, commits, "", nil)
	if err != nil {
		return err
	}
	for _, repository := range sorted(pulls) {
		more, err := tx.ShipBriefs(s.Release, nil, repository, pulls[repository])
		if err != nil {
			return err
		}
		n += more
	}
	if n == 0 {
		old, err := tx.BriefsOf(f.Service, f.ReleaseID)
		if err != nil || len(old) == 0 {
			return err
		}
	}
	due := f.At.Add(debrief.WatchWindow)
	if now := l.Now(); due.Before(now) {
		due = now
	}
	return tx.Enqueue(store.Work{Kind: workForetold, Key: f.ReleaseID, Service: f.Service, Due: due})
}

// workForetold holds the briefs of a release against what happened; its key is
// the release.
const workForetold = "foretold"

func (l *Loop) foretold(ctx context.Context, w *store.Work) error {
	return l.Store.Finish(ctx, w, func(tx *store.Tx) error {
		fs, err := tx.FactsOf(w.Service, w.Key)
		if err != nil || len(fs) == 0 {
			return err // absorbed by another release since, which asks for its own
		}
		f := fs[0]
		now := debrief.Instant(l.Now())
		f.Failure = f.FailureAt(now)
		bs, err := tx.BriefsOf(f.Service, f.ReleaseID)
		if err != nil {
			return err
		}
		for _, b := range bs {
			settled, ok := learn.Settle(b.Brief, f)
			if !ok {
				continue // while a question is open; its answer changes the facts, which asks again
			}
			settled.Outcome.At = now
			if b.Outcome != nil {
				settled.Outcome.At = b.Outcome.At // nothing new is written where nothing is new
			}
			if err := tx.SettleBrief(settled, now); err != nil {
				return err
			}
		}
		return nil
	})
}
