package notice

import (
	"fmt"

	"github.com/debriefhq/debrief"
)

// manualStep: a person did a step, or ran the whole deployment, by hand. An
// approval is a decision and no such step. Where the steps are told one by
// one, the deployment as a whole is not told again.
func manualStep() Detector {
	return Detector{
		ID:       "manual-step",
		Question: "What keeps this from running by itself?",
		Why:      "What is done by hand is done differently each time, and only when somebody is there.",
		Find:     findManual,
	}
}

func findManual(in Input) []debrief.Surprise {
	var found []debrief.Surprise
	for _, d := range in.Story.Deployments {
		steps := 0
		told := map[string]bool{}
		for _, s := range d.Stages {
			if !s.Manual || s.Waiting || told[s.Name] {
				continue
			}
			told[s.Name] = true
			steps++
			sentence := fmt.Sprintf("%s was done by hand", stepName(s.Name))
			if t := s.Took(); t > 0 {
				sentence += " and took " + took(t)
			}
			found = append(found, debrief.Surprise{
				Subject:  subject(in, d, s.Name),
				Sentence: sentence + ".",
				Evidence: []string{fmt.Sprintf("step %s of the deployment to %s is marked manual%s", s.Name, place(d), during(s))},
				At:       firstTime(s.Started, s.Finished, d.Times.First()),
			})
		}
		if d.Manual && steps == 0 {
			found = append(found, debrief.Surprise{
				Subject:  subject(in, d, "deployment"),
				Sentence: "The deployment was run by hand.",
				Evidence: []string{fmt.Sprintf("the deployment to %s, begun at %s, is marked manual", place(d), clock(d.Times.First()))},
				At:       d.Times.First(),
			})
		}
	}
	return found
}

func during(s debrief.Stage) string {
	if s.Took() == 0 {
		return ""
	}
	return fmt.Sprintf(", from %s", span(s.Started, s.Finished))
}
