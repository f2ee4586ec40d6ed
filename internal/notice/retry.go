package notice

import (
	"fmt"
	"strings"

	"github.com/debriefhq/debrief"
)

// retry: a step, or else the deployment as a whole, needed more than one try.
func retry() Detector {
	return Detector{
		ID:       "retry",
		Question: "What made the first try fail, and what state did it leave behind?",
		Why:      "A step that works at the second try will some day not, and half-done work is the hardest to repair.",
		Find:     findRetries,
	}
}

func findRetries(in Input) []debrief.Surprise {
	var found []debrief.Surprise
	for _, d := range in.Story.Deployments {
		steps := retriedSteps(in, d)
		found = append(found, steps...)
		if again, ok := triedAgain(in, d); ok {
			found = append(found, again)
			continue
		}
		if d.Attempt < 2 || len(steps) > 0 {
			continue
		}
		found = append(found, debrief.Surprise{
			Subject:  subject(in, d, "deployment"),
			Sentence: fmt.Sprintf("The deployment needed %s.", plural(d.Attempt, "try", "tries")),
			Evidence: []string{fmt.Sprintf("attempt %d of the deployment to %s, begun at %s, as its pipeline counts", d.Attempt, place(d), clock(d.Times.First()))},
			At:       d.Times.First(),
		})
	}
	return found
}

// triedAgain: the version was deployed before and that failed, each try being a
// deployment of its own.
func triedAgain(in Input, d debrief.Deployment) (debrief.Surprise, bool) {
	tries := 1
	var evidence []string
	for _, t := range in.Tries {
		if t.Target != d.Target {
			continue
		}
		tries++
		text := fmt.Sprintf("%s at %s: %s", place(t), clock(t.Times.First()), t.State)
		if t.ExitCode != nil {
			text += fmt.Sprintf(", exit code %d", *t.ExitCode)
		}
		evidence = append(evidence, text)
	}
	return debrief.Surprise{
		Subject:  subject(in, d, "deployment"),
		Sentence: fmt.Sprintf("The deployment needed %s.", plural(max(tries, d.Attempt), "try", "tries")),
		Evidence: evidence,
		At:       d.Times.First(),
	}, tries > 1
}

func retriedSteps(in Input, d debrief.Deployment) []debrief.Surprise {
	var order []string
	tries := map[string][]debrief.Stage{}
	for _, s := range d.Stages {
		name := strings.ToLower(s.Name)
		if tries[name] == nil {
			order = append(order, name)
		}
		tries[name] = append(tries[name], s)
	}
	var found []debrief.Surprise
	for _, name := range order {
		all := tries[name]
		n := len(all)
		for _, s := range all {
			n = max(n, s.Attempt)
		}
		if n < 2 {
			continue
		}
		last := all[len(all)-1]
		s := debrief.Surprise{
			Subject:  subject(in, d, last.Name),
			Sentence: fmt.Sprintf("%s needed %s.", stepName(last.Name), plural(n, "try", "tries")),
			At:       firstTime(last.Started, last.Finished, d.Times.First()),
		}
		for _, try := range all {
			text := fmt.Sprintf("try %d of %s", max(try.Attempt, 1), try.Name)
			if try.State != "" {
				text += ": " + string(try.State)
			}
			if try.ExitCode != nil {
				text += fmt.Sprintf(", exit code %d", *try.ExitCode)
			}
			if t := try.Took(); t > 0 {
				text += ", took " + took(t)
			}
			s.Evidence = append(s.Evidence, text)
		}
		found = append(found, s)
	}
	return found
}
