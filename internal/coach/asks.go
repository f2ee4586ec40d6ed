package coach

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// raised is one question a draft may ask: of the system, and only where facts
// raise it.
type raised struct {
	id, text string
	gap      debrief.Gap
	because  func(Input) []string
}

// questions lists them in the order a debrief asks them: how far it reached,
// how it was seen, how it was undone, what was not known before.
func questions() []raised {
	return []raised{
		{"all-at-once", "What let the change reach all users at once?", debrief.GapRollout, allAtOnce},
		{"large", "What made so much go out together?", debrief.GapRollout, large},
		{"no-alert", "Why did no alert fire before people noticed?", debrief.GapAlerting, noAlert},
		{"late", "What made it take so long to be noticed?", debrief.GapAlerting, noticedLate},
		{"unnoticed", "What kept the alert from those it was meant for?", debrief.GapAlerting, ofKind("unnoticed-alert")},
		{"blind", "What let the check go blind?", debrief.GapAlerting, ofKind("blind-check")},
		{"slow-rollback", "What made going back take so long?", debrief.GapRollback, slowRollback},
		{"crowded", "What does going back need that one person cannot do alone?", debrief.GapCoordination, ofKind("crowded-rollback")},
		{"manual", "What keeps this from running by itself?", debrief.GapCoordination, ofKind("manual-step")},
		{"unlike-staging", "What in staging hid this?", debrief.GapStaging, ofKind("slow-step")},
		{"never-tried", "Which case did no test try?", debrief.GapTestData, ofKind("new-error", "error-rate-shift")},
		{"unrecorded", "What changed that nobody knew of?", debrief.GapAssumptions, changedBeside},
		{"again", "This was seen before. What kept what we did then from helping?", debrief.GapAssumptions, again},
	}
}

func asks(in Input) []Ask {
	var out []Ask
	for _, q := range questions() {
		if because := q.because(in); len(because) > 0 {
			out = append(out, Ask{ID: q.id, Text: q.text, Gap: q.gap, Because: because})
		}
	}
	return out
}

// ofKind raises a question by surprises of these kinds.
func ofKind(kinds ...string) func(Input) []string {
	return func(in Input) (because []string) {
		for _, s := range in.Story.Surprises {
			if slices.Contains(kinds, s.Kind) && !s.Note && s.Answer != debrief.NothingThere {
				because = append(because, strings.TrimSuffix(s.Sentence, "."))
			}
		}
		return because
	}
}

// hurt reports that the release did harm, as far as is known.
func hurt(in Input) bool {
	return in.Facts.Failure == debrief.DidFail || in.Story.Release.Verdict == debrief.Worse || in.Incident != nil && in.Story.Release.ID != ""
}

func allAtOnce(in Input) []string {
	r := in.Story.Release
	if !hurt(in) || !r.Live() || in.Facts.Strategy == "gradual" || in.Facts.Strategy == "by target" || r.FullExposure.Sub(r.FirstExposure) > 10*time.Minute && in.Facts.Strategy == "" {
		return nil
	}
	return []string{fmt.Sprintf("all users had %s at %s", r.Version, in.Clock(r.FullExposure))}
}

// manyChanges is when a release is large by count alone.
const manyChanges = 20

func large(in Input) []string {
	if n := in.Story.Release.Changes; hurt(in) && n >= manyChanges {
		return []string{fmt.Sprintf("%d changes in one release", n)}
	}
	return nil
}

func noAlert(in Input) []string {
	if in.Incident == nil || in.Incident.Alert {
		return nil
	}
	from := in.Incident.Began.Add(-time.Hour)
	for _, i := range in.Story.Incidents {
		if i.Alert && !i.Began.Before(from) && !i.Began.After(orElse(in.Incident.Times.Detected, in.Incident.Began)) {
			return nil
		}
	}
	return []string{"no alert is known from the hour before it was noticed"}
}

// late is when noticing took long.
const late = 10 * time.Minute

func noticedLate(in Input) []string {
	if in.Incident == nil {
		return nil
	}
	t := in.Incident.Times
	if d := t.Detected.Sub(t.Impact); !t.Impact.IsZero() && !t.Detected.IsZero() && d >= late {
		return []string{fmt.Sprintf("%s from when it began to hurt until it was noticed", in.Took(d))}
	}
	return nil
}

// slow is when going back took long.
const slow = 15 * time.Minute

func slowRollback(in Input) (because []string) {
	n := in.Story.Next
	if n == nil || n.Kind != debrief.ReleaseRollback || !n.Live() {
		return nil
	}
	if d := n.FullExposure.Sub(n.Started); d >= slow {
		because = append(because, fmt.Sprintf("the rollback itself took %s", in.Took(d)))
	}
	if in.Incident != nil && !in.Incident.Times.Detected.IsZero() {
		if d := n.Started.Sub(in.Incident.Times.Detected); d >= slow {
			because = append(because, fmt.Sprintf("%s from when it was noticed until the rollback began", in.Took(d)))
		}
	}
	return because
}

func changedBeside(in Input) (because []string) {
	if !hurt(in) {
		return nil
	}
	for _, c := range in.Story.Flips {
		because = append(because, fmt.Sprintf("%s: %s at %s", kindOf(c), c.Title, in.Clock(c.Live)))
	}
	return append(because, ofKind("unrecorded-release")(in)...)
}

// again are earlier debriefs that found what these facts point at.
func again(in Input) (because []string) {
	if !hurt(in) {
		return nil
	}
	gaps := map[debrief.Gap]bool{}
	for _, q := range questions() {
		if q.id != "again" && len(q.because(in)) > 0 {
			gaps[q.gap] = true
		}
	}
	for _, d := range in.Earlier {
		if d.State == debrief.DebriefFinished && d.Gap != "" && d.Gap != debrief.GapOther && gaps[d.Gap] && d.Service == in.Story.Release.Service && len(because) < 3 {
			because = append(because, fmt.Sprintf("“%s” of %s found the same gap (%s)", d.Title, d.Finished.Format("2 January 2006"), d.Gap))
		}
	}
	return because
}

func orElse(a, b time.Time) time.Time {
	if a.IsZero() {
		return b
	}
	return a
}
