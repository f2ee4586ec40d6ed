package notice

import (
	"fmt"
	"sort"
	"time"

	"github.com/debriefhq/debrief"
)

// slowDeployment: the working time is at least SlowFactor times the median of
// the last successful deployments of the service and environment (at least
// SlowMinHistory of them), more than SlowMADs median absolute deviations above
// it, and at least SlowAtLeast more. Waiting does not count: it is reported
// apart. Only deployments that succeeded are held against ones that did.
//
// Where a slow step explains it, that step's surprise says it better: this one
// stays only if the deployment is slow even without the step's excess.
func slowDeployment() Detector {
	return Detector{
		ID:       "slow-deployment",
		Question: "What made this deployment slower than the ones before?",
		Why:      "Slow deployments make every repair slow too, and people deploy less often.",
		Find:     findSlowDeployments,
	}
}

func findSlowDeployments(in Input) []debrief.Surprise {
	var found []debrief.Surprise
	for _, d := range in.Story.Deployments {
		if !successful(d) {
			continue
		}
		usual, n := usualWork(in, d)
		if n < in.T.SlowMinHistory {
			continue
		}
		worked := d.Worked()
		if !usual.slow(in.T, worked) {
			continue
		}
		rest := worked
		for _, s := range slowSteps(in, d) {
			rest -= s.excess()
		}
		if rest != worked && !usual.slow(in.T, rest) {
			continue // the slow step says it
		}
		evidence := []string{
			fmt.Sprintf("working time: %s, from %s", took(worked), span(d.Times.Started, d.Times.Finished)),
			fmt.Sprintf("the last %d successful deployments to %s: median %s, median absolute deviation %s", n, place(d), took(usual.median), took(usual.mad)),
		}
		if w := d.Waited(); w > 0 {
			evidence = append(evidence, fmt.Sprintf("waiting, not counted: %s", took(w)))
		}
		for _, s := range longest(d.Stages) {
			evidence = append(evidence, fmt.Sprintf("of it, %s: %s", s.Name, took(s.Took())))
		}
		evidence = append(evidence, fmt.Sprintf("noticed from %s, %s deviations and %s more", times(in.T.SlowFactor), amount(in.T.SlowMADs), took(in.T.SlowAtLeast)))
		found = append(found, debrief.Surprise{
			Subject: subject(in, d, "deployment"),
			Sentence: fmt.Sprintf("The deployment worked for %s, %s the usual %s (median of the last %d).",
				took(worked), times(float64(worked)/float64(usual.median)), took(usual.median), n),
			Evidence: evidence,
			At:       d.Times.Finished,
		})
	}
	return found
}

func successful(d debrief.Deployment) bool {
	return d.State == debrief.Succeeded || d.State == debrief.Partial
}

// work is what deployments usually take.
type work struct{ median, mad time.Duration }

func (w work) slow(t Thresholds, d time.Duration) bool {
	return float64(d) >= t.SlowFactor*float64(w.median) &&
		float64(d-w.median) > t.SlowMADs*float64(w.mad) &&
		d-w.median >= t.SlowAtLeast
}

// usualWork is taken from earlier deployments to the same target where there
// are enough of them, else from all.
func usualWork(in Input, d debrief.Deployment) (work, int) {
	var same, all []time.Duration
	for _, r := range in.Story.Recent {
		if !successful(r) || r.Worked() <= 0 || own(in, r) || !r.Times.Started.Before(d.Times.Started) {
			continue
		}
		all = append(all, r.Worked())
		if r.Target == d.Target {
			same = append(same, r.Worked())
		}
	}
	if len(same) >= in.T.SlowMinHistory {
		all = same
	}
	m := median(all)
	away := make([]time.Duration, len(all))
	for i, v := range all {
		away[i] = (v - m).Abs()
	}
	return work{m, median(away)}, len(all)
}

// own reports a deployment of the release itself.
func own(in Input, d debrief.Deployment) bool {
	for _, o := range in.Story.Deployments {
		if o.ID == d.ID {
			return true
		}
	}
	return false
}

func median(list []time.Duration) time.Duration {
	if len(list) == 0 {
		return 0
	}
	s := append([]time.Duration(nil), list...)
	sort.Slice(s, func(i, j int) bool { return s[i] < s[j] })
	mid := len(s) / 2
	if len(s)%2 == 1 {
		return s[mid]
	}
	return (s[mid-1] + s[mid]) / 2
}

// longest are the three steps that took most.
func longest(stages []debrief.Stage) []debrief.Stage {
	var list []debrief.Stage
	for _, s := range stages {
		if !s.Waiting && s.Took() > 0 {
			list = append(list, s)
		}
	}
	sort.SliceStable(list, func(i, j int) bool { return list[i].Took() > list[j].Took() })
	return list[:min(len(list), 3)]
}
