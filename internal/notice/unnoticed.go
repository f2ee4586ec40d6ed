package notice

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// unnoticedAlert: an alert fired in the watch window and nobody acknowledged it
// within AlertAfter. It is told of the newest release at that time, once. Where
// no source says who took note (Alertmanager knows no such thing), that is noted
// as what cannot be told; an alert that a person made an incident of was noticed.
func unnoticedAlert() Detector {
	return Detector{
		ID:       "unnoticed-alert",
		Question: "Who was this alert meant to reach, and what kept it from them?",
		Why:      "An alert that nobody takes note of is either not needed, or the next outage's delay.",
		Find:     findUnnoticed,
		Again: func(in Input) (again time.Time) {
			for _, i := range alertsOf(in) {
				if i.Acknowledges && i.Times.Acknowledged.IsZero() {
					again = sooner(again, i.Times.Detected.Add(in.T.AlertAfter), in.Now)
				}
			}
			return again
		},
	}
}

func findUnnoticed(in Input) []debrief.Surprise {
	var found []debrief.Surprise
	var untold []string
	sources := map[string]bool{}
	var first time.Time
	for _, i := range alertsOf(in) {
		limit := i.Times.Detected.Add(in.T.AlertAfter)
		switch ack := i.Times.Acknowledged; {
		case !i.Acknowledges:
			untold = append(untold, fmt.Sprintf("%s fired at %s", title(i), clock(i.Times.Detected)))
			for _, s := range i.Sources {
				sources[s] = true
			}
			first = firstTime(first, i.Times.Detected) // oldest first
		case ack.IsZero() && in.Now.Before(limit), !ack.IsZero() && !ack.After(limit):
			// There is still time, or somebody took note within it.
		default:
			found = append(found, unnoticed(in, i))
		}
	}
	if len(untold) > 0 {
		names := slices.Sorted(maps.Keys(sources))
		found = append(found, debrief.Surprise{
			Subject:  "acknowledgement",
			Sentence: fmt.Sprintf("Whether anybody took note of %s cannot be told: %s does not say.", plural(len(untold), "alert", "alerts"), strings.Join(names, ", ")),
			Evidence: untold[:min(len(untold), 20)],
			At:       first,
			Note:     true,
		})
	}
	return found
}

func unnoticed(in Input, i debrief.Incident) debrief.Surprise {
	text := fmt.Sprintf("Nobody acknowledged the alert “%s” within %s", title(i), took(in.T.AlertAfter))
	evidence := []string{fmt.Sprintf("fired at %s, told by %s", clock(i.Times.Detected), strings.Join(i.Sources, ", "))}
	switch {
	case !i.Times.Acknowledged.IsZero():
		text += fmt.Sprintf("; it took %s", took(i.Times.Acknowledged.Sub(i.Times.Detected)))
		evidence = append(evidence, "acknowledged at "+clock(i.Times.Acknowledged))
	case !i.Open():
		text += fmt.Sprintf("; it ended after %s without", took(i.Ended().Sub(i.Times.Detected)))
		evidence = append(evidence, "ended at "+clock(i.Ended()))
	default:
		evidence = append(evidence, "still open, not acknowledged")
	}
	return debrief.Surprise{Subject: i.ID, Sentence: text + ".", Evidence: evidence, At: i.Times.Detected}
}

// alertsOf are the alerts that fired in the watch window while this release was
// the newest.
func alertsOf(in Input) []debrief.Incident {
	next := in.Story.Release.NextAt
	return slices.DeleteFunc(slices.Clone(in.Story.Incidents), func(i debrief.Incident) bool {
		at := i.Times.Detected
		return !i.Alert || at.IsZero() || at.Before(in.Story.Release.FirstExposure) || (!next.IsZero() && !at.Before(next))
	})
}

func title(i debrief.Incident) string {
	if i.Title == "" && len(i.Keys) > 0 {
		return i.Keys[0]
	}
	return i.Title
}
