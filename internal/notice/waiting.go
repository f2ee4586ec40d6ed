package notice

import (
	"fmt"

	"github.com/debriefhq/debrief"
)

// waitingLonger: the deployment waited (queued, for an approval, in steps that
// only wait) longer than it worked, and for at least SlowAtLeast: a queue of a
// few seconds before an even shorter deployment is nobody's surprise.
func waitingLonger() Detector {
	return Detector{
		ID:       "waiting-longer-than-working",
		Question: "What does the waiting protect against, and could something quicker do that?",
		Why:      "Finished work that waits helps nobody, and grows into larger, riskier releases.",
		Find:     findWaiting,
	}
}

func findWaiting(in Input) []debrief.Surprise {
	var found []debrief.Surprise
	for _, d := range in.Story.Deployments {
		waited, worked := d.Waited(), d.Worked()
		if !d.State.Final() || worked <= 0 || waited <= worked || waited < in.T.SlowAtLeast {
			continue
		}
		evidence := []string{
			fmt.Sprintf("working: %s, from %s", took(worked), span(d.Times.Started, d.Times.Finished)),
		}
		t := d.Times
		if !t.Queued.IsZero() && t.Queued.Before(t.Started) {
			evidence = append(evidence, fmt.Sprintf("queued at %s", clock(t.Queued)))
		}
		if !t.WaitingSince.IsZero() {
			text := fmt.Sprintf("waiting for an approval since %s", clock(t.WaitingSince))
			if !t.Approved.IsZero() {
				text += ", given at " + clock(t.Approved)
			}
			evidence = append(evidence, text)
		}
		for _, s := range d.Stages {
			if s.Waiting && s.Took() > 0 {
				evidence = append(evidence, fmt.Sprintf("step %s waited %s", s.Name, took(s.Took())))
			}
		}
		found = append(found, debrief.Surprise{
			Subject:  subject(in, d, "deployment"),
			Sentence: fmt.Sprintf("The deployment waited %s and worked %s.", took(waited), took(worked)),
			Evidence: append(evidence, "waiting is queueing, approvals and steps that only wait"),
			At:       firstTime(t.Finished, t.Started),
		})
	}
	return found
}
