package delivery

import (
	"fmt"
	"slices"
	"time"

	"github.com/debriefhq/debrief"
)

const (
	// silence is how long a service may stay as it is until the lead times of
	// what then ships are not said: they would tell of the silence.
	silence = 60 * 24 * time.Hour
	// MostChanges bounds the changes a release's lead times are taken of.
	MostChanges = 5000
)

// leads is each change's way to production, the oldest commit first; or, in
// words, why there is none to tell.
func leads(in FactsInput, f debrief.ReleaseFacts) (list []debrief.LeadFacts, none string) {
	r := in.Story.Release
	switch {
	case r.Kind == debrief.ReleaseRollback:
		return nil, "a rollback brings nothing new"
	case r.Kind == debrief.ReleaseSame:
		return nil, "the same version again brings nothing new"
	case r.Kind != debrief.ReleaseNew || !r.Live():
		return nil, "it did not take over production"
	case r.PreviousID == "":
		return nil, "what ran before is not known: it is the first release known here"
	case r.Changes < 0:
		return nil, "which changes it brought is not known"
	case r.Changes >= MostChanges:
		return nil, fmt.Sprintf("it brought %d changes or more", MostChanges)
	case !f.PreviousAt.IsZero() && f.At.Sub(f.PreviousAt) > silence:
		return nil, "the release before it was more than 60 days earlier"
	}
	var pipe []stretch
	if d, ok := leading(in.Story); ok {
		pipe = pipeline(d, r.FullExposure)
	}
	for _, c := range in.Story.Changes {
		if l, ok := lead(c, r.FullExposure, pipe); ok {
			if l.Relanded = in.RanBefore[c.ID]; l.Relanded && l.Out == "" {
				l.Out = "it ran before: its first arrival counts"
			}
			list = append(list, l)
		}
	}
	if len(list) == 0 {
		return nil, "when its changes were committed is not known"
	}
	slices.SortFunc(list, byTime)
	return list, ""
}

// lead is one change's way; ok is false where nobody told when it was made.
func lead(c debrief.Change, live time.Time, pipe []stretch) (l debrief.LeadFacts, ok bool) {
	committed := cmpTime(c.Committed, c.AuthoredAt)
	if committed.IsZero() {
		return l, false
	}
	l = debrief.LeadFacts{Change: c.ID, Pull: c.PullNumber, Committed: committed, Lead: debrief.Took(live.Sub(committed)), Bot: c.Bot, Squashed: c.Squashed}
	if l.Lead < 0 {
		l.Out = "it was live before it was committed: some clock is wrong"
		return l, true
	}
	l.Parts = way(c, committed, live, pipe)
	return l, true
}
