package foretold

import (
	"cmp"
	"slices"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/learn"
)

// How many of other services' releases a brief sees: as many as the store reads.
const (
	ofKind = 150
	ofAny  = 150
)

// Replay makes the brief of every release, seeing only what was known when it
// began, and settles it. Before from, releases only teach. lessons are those of
// the whole history.
func Replay(history []debrief.ReleaseFacts, from time.Time, each func(debrief.ReleaseFacts, debrief.Brief)) debrief.BriefAccuracy {
	history = slices.Clone(history)
	slices.SortStableFunc(history, func(a, b debrief.ReleaseFacts) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ReleaseID, b.ReleaseID))
	})
	var out debrief.BriefAccuracy
	own := map[string][]debrief.ReleaseFacts{}
	kinds := map[string][]debrief.ReleaseFacts{}
	var all []debrief.ReleaseFacts
	for _, f := range history {
		if f.Kind == debrief.ReleaseNew && !f.At.Before(from) {
			now := f.Started
			in := learn.BriefInput{Change: Upcoming(f), Now: now, Past: last(own[f.Service], learn.BriefPast, now)}
			for _, k := range f.Kinds {
				in.Others = append(in.Others, last(kinds[k], ofKind, now)...)
			}
			in.Others = unique(append(in.Others, last(all, ofAny, now)...))
			in.Staging = staged(f)
			b := learn.MakeBrief(in)
			b, _ = learn.Settle(b, f)
			learn.AddOutcome(&out, b)
			if each != nil {
				each(f, b)
			}
		}
		own[f.Service] = append(own[f.Service], f)
		kinds[f.PrimaryKind] = append(kinds[f.PrimaryKind], f)
		all = append(all, f)
	}
	return out
}

// Upcoming is a release as it looked before it shipped.
func Upcoming(f debrief.ReleaseFacts) debrief.Upcoming {
	return debrief.Upcoming{
		Service: f.Service, Environment: f.Environment, Head: f.Commit, Kinds: f.Kinds, Modules: f.Modules,
		Commits: max(f.Changes, 0), Files: f.Files, Added: f.Added, Deleted: f.Deleted,
	}
}

// staged are the steps as they had run in staging.
func staged(f debrief.ReleaseFacts) []learn.StagedStage {
	var out []learn.StagedStage
	for _, s := range f.Stages {
		if s.Staging > 0 {
			out = append(out, learn.StagedStage{Name: s.Name, Took: s.Staging, Same: true})
		}
	}
	return out
}

// last are the latest of what was there, the newest first, as it was known.
func last(fs []debrief.ReleaseFacts, most int, now time.Time) []debrief.ReleaseFacts {
	out := make([]debrief.ReleaseFacts, 0, min(len(fs), most))
	for _, f := range slices.Backward(fs) {
		if len(out) == most {
			break
		}
		if f.At.Before(now) {
			out = append(out, asKnown(f, now))
		}
	}
	return out
}

// asKnown is a release as its facts stood at a moment: inside its watch window
// nothing is settled, and what began to hurt later had not.
func asKnown(f debrief.ReleaseFacts, now time.Time) debrief.ReleaseFacts {
	if now.Before(f.At.Add(debrief.WatchWindow)) || f.ImpactAt.After(now) {
		f.Surprises, f.Failure = nil, debrief.NotFailed
	}
	if f.RestoredAt.After(now) {
		f.RestoredAt = time.Time{}
	}
	return f
}

func unique(fs []debrief.ReleaseFacts) []debrief.ReleaseFacts {
	seen := map[string]bool{}
	return slices.DeleteFunc(fs, func(f debrief.ReleaseFacts) bool {
		old := seen[f.ReleaseID]
		seen[f.ReleaseID] = true
		return old
	})
}
