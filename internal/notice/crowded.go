package notice

import (
	"fmt"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// crowdedRollback: RollbackPeople or more distinct people acted in a rollback,
// as its deployment or an incident that ran at the time counts them. The counts
// of two sources may be of the same people, so the larger one stands.
func crowdedRollback() Detector {
	return Detector{
		ID:       "crowded-rollback",
		Question: "What does a rollback need that one person cannot do alone?",
		Why:      "Going back is wanted most when people are hardest to find; each one it needs makes it slower.",
		Find:     findCrowded,
	}
}

func findCrowded(in Input) []debrief.Surprise {
	r := in.Story.Release
	if r.Kind != debrief.ReleaseRollback {
		return nil
	}
	most := 0
	var evidence []string
	for _, d := range in.Story.Deployments {
		if d.People > 0 {
			most = max(most, d.People)
			evidence = append(evidence, fmt.Sprintf("the deployment to %s counts %s", place(d), people(d.People)))
		}
	}
	for _, i := range in.Around {
		if i.People > 0 && runs(i, r.Started) {
			most = max(most, i.People)
			evidence = append(evidence, fmt.Sprintf("“%s”, which ran at the time, counts %s (%s)", title(i), people(i.People), strings.Join(i.Sources, ", ")))
		}
	}
	if most < in.T.RollbackPeople {
		return nil
	}
	return []debrief.Surprise{{
		Subject:  "rollback",
		Sentence: fmt.Sprintf("The rollback to %s needed %s.", r.Version, people(most)),
		Evidence: append(evidence, "only how many is kept, not who"),
		At:       r.Started,
	}}
}

func people(n int) string { return plural(n, "person", "people") }

// runs reports whether an incident ran at a moment.
func runs(i debrief.Incident, at time.Time) bool {
	return !i.Began.After(at) && (i.Open() || !i.Ended().Before(at))
}
