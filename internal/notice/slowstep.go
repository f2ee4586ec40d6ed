package notice

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// slowStep: the same step took in production at least StepFactor times what it
// took in staging, and at least StepAtLeast more. Staging is the newest
// deployment there in which the step ran; steps that only wait are left out.
func slowStep() Detector {
	return Detector{
		ID:       "slow-step",
		Question: "What in staging hid this?",
		Why:      "A step that is quick in staging and slow in production was never really tried: what else behaves differently there?",
		Find:     findSlowSteps,
	}
}

// step is a step of a production deployment beside the same one in staging.
type step struct {
	deployment debrief.Deployment
	here       debrief.Stage
	staging    debrief.Deployment
	there      debrief.Stage
}

func (s step) excess() time.Duration { return s.here.Took() - s.there.Took() }

func findSlowSteps(in Input) []debrief.Surprise {
	var found []debrief.Surprise
	for _, d := range in.Story.Deployments {
		for _, s := range slowSteps(in, d) {
			found = append(found, slowStepSurprise(in, s))
		}
	}
	return found
}

// slowSteps are the slow steps of one deployment, each step once, at its slowest try.
func slowSteps(in Input, d debrief.Deployment) []step {
	var found []step
	for i, here := range d.Stages {
		if here.Waiting || here.Took() == 0 || !slowest(d.Stages, i) {
			continue
		}
		staging, there, ok := inStaging(in.Story.Staging, here.Name)
		if !ok {
			continue
		}
		s := step{d, here, staging, there}
		if float64(here.Took()) >= in.T.StepFactor*float64(there.Took()) && s.excess() >= in.T.StepAtLeast {
			found = append(found, s)
		}
	}
	return found
}

// slowest reports that no other try of the same step took longer.
func slowest(stages []debrief.Stage, i int) bool {
	for j, s := range stages {
		if j == i || s.Waiting || !strings.EqualFold(s.Name, stages[i].Name) {
			continue
		}
		if s.Took() > stages[i].Took() || s.Took() == stages[i].Took() && j < i {
			return false
		}
	}
	return true
}

func inStaging(staging []debrief.Deployment, name string) (debrief.Deployment, debrief.Stage, bool) {
	for _, d := range staging { // newest first
		for i, s := range d.Stages {
			if !s.Waiting && s.Took() > 0 && strings.EqualFold(s.Name, name) && slowest(d.Stages, i) {
				return d, s, true
			}
		}
	}
	return debrief.Deployment{}, debrief.Stage{}, false
}

func slowStepSurprise(in Input, s step) debrief.Surprise {
	here, there := s.here.Took(), s.there.Took()
	sentence := fmt.Sprintf("%s took %s, %s staging (%s)", stepName(s.here.Name), took(here), times(float64(here)/float64(there)), took(there))
	evidence := []string{
		fmt.Sprintf("%s in %s: %s, from %s", s.here.Name, place(s.deployment), took(here), span(s.here.Started, s.here.Finished)),
		fmt.Sprintf("%s in %s (%s): %s, from %s", s.there.Name, place(s.staging), version(s.staging), took(there), span(s.there.Started, s.there.Finished)),
	}
	facts := differing(s)
	told := 0
	for _, f := range facts {
		// One or two numbers explain; a part beside its whole only repeats.
		if told < 2 && !partOf(f, facts) {
			told++
			sentence += fmt.Sprintf(", %s %s against %s", amount(f.here), f.name, amount(f.there))
		}
		evidence = append(evidence, fmt.Sprintf("%s, recorded with the step: %s in %s, %s in %s", f.name, inFull(f.here, f.hereText), place(s.deployment), inFull(f.there, f.thereText), place(s.staging)))
	}
	evidence = append(evidence, fmt.Sprintf("noticed from %s and %s more", times(in.T.StepFactor), took(in.T.StepAtLeast)))
	return debrief.Surprise{
		Subject:  subject(in, s.deployment, s.here.Name),
		Sentence: sentence + ".",
		Evidence: evidence,
		At:       s.here.Finished,
	}
}

// fact is a number both environments recorded.
type fact struct {
	name                string
	here, there         float64
	hereText, thereText string
}

// inFull writes a whole number with its thousands apart; others as recorded.
func inFull(x float64, text string) string {
	if x == math.Trunc(x) && math.Abs(x) < 1e15 {
		return grouped(int64(x))
	}
	return text
}

// partOf reports whether a fact is about one part (rows.orders, bytes.orders)
// while one about the whole is listed too: that one says it better.
func partOf(f fact, all []fact) bool {
	return strings.Contains(f.name, ".") && slices.ContainsFunc(all, func(o fact) bool { return !strings.Contains(o.name, ".") })
}

// differing are the numbers that may explain a slow step: those at least twice
// (or at most half) of staging's, the greatest difference first.
func differing(s step) []fact {
	mine, theirs := s.here.Facts, s.there.Facts
	if len(mine) == 0 {
		mine = s.deployment.Facts
	}
	if len(theirs) == 0 {
		theirs = s.staging.Facts
	}
	var list []fact
	for name, text := range mine {
		a, errA := strconv.ParseFloat(text, 64)
		b, errB := strconv.ParseFloat(theirs[name], 64)
		if errA != nil || errB != nil || !(a > 0) || !(b > 0) || math.IsInf(a, 0) || math.IsInf(b, 0) {
			continue
		}
		if r := a / b; r >= 2 || r <= 0.5 {
			list = append(list, fact{name, a, b, text, theirs[name]})
		}
	}
	sort.Slice(list, func(i, j int) bool {
		ri, rj := math.Abs(math.Log(list[i].here/list[i].there)), math.Abs(math.Log(list[j].here/list[j].there))
		if ri != rj {
			return ri > rj
		}
		return list[i].name < list[j].name
	})
	return list
}

// place names where a deployment went.
func place(d debrief.Deployment) string {
	if d.Target != "" {
		return d.Environment + " " + d.Target
	}
	return d.Environment
}

func version(d debrief.Deployment) string {
	if d.Version != "" {
		return d.Version
	}
	if d.Commit != "" {
		return d.Commit[:min(len(d.Commit), 7)]
	}
	return "version not said"
}
