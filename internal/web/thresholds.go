package web

import (
	"sort"
	"strconv"
	"strings"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/tell"
)

// margin says how much a metric of this role must change before it matters.
func (s *site) margin(r debrief.Role) string {
	j := s.Config.Judge
	switch r {
	case debrief.Latency:
		return tell.Percent(j.Latency.Practical)
	case debrief.Errors:
		return points(j.Errors.Practical)
	case debrief.Traffic:
		return tell.Percent(j.Traffic.Practical)
	}
	return tell.Percent(j.Other.Practical)
}

// thresholds are what a verdict is held to, in words.
func (s *site) thresholds() []fact {
	j := s.Config.Judge
	line := func(practical, coarse string) string {
		return "matters from " + practical + "; steady is said only where a change of " + coarse + " would have shown"
	}
	out := []fact{
		{"response time", line(tell.Percent(j.Latency.Practical), times(j.Latency.Coarse))},
		{"errors", line(points(j.Errors.Practical), points(j.Errors.Coarse))},
		{"traffic", line(tell.Percent(j.Traffic.Practical), times(j.Traffic.Coarse))},
		{"anything else", line(tell.Percent(j.Other.Practical), times(j.Other.Coarse))},
		{"too little traffic", "fewer than " + strconv.Itoa(j.MinN) + " observations after the release"},
	}
	var looks []string
	for _, d := range s.Config.Looks.After {
		looks = append(looks, tell.Length(d))
	}
	if len(looks) > 0 {
		out = append(out, fact{"looks", strings.Join(looks, ", ") + " after all users have it; held against " + tell.Length(s.Config.Looks.Before) + " before and the last " + strings.TrimPrefix(tell.Length(s.Config.Looks.Past), "one ")})
	}
	return append(out, fact{"false alarms", "about " + tell.Percent(s.Config.Looks.Budget) + " of releases, shared among all metrics"})
}

// noticing are the thresholds of the small surprises.
func (s *site) noticing() []fact {
	n := s.Config.Notice
	return []fact{
		{"slow deployment", tell.Number(n.SlowFactor, "") + "× the usual working time, " + tell.Number(n.SlowMADs, "") + " typical deviations above it and " + tell.Length(n.SlowAtLeast) + " more; after " + tell.Count(n.SlowMinHistory, "successful deployment", "successful deployments")},
		{"unnoticed alert", "nobody acknowledged it within " + tell.Length(n.AlertAfter)},
		{"crowded rollback", tell.Number(float64(n.RollbackPeople), "") + " people or more"},
		{"merged, not shipped", "waited more than " + tell.Number(n.UnshippedFactor, "") + "× the usual gap between deployments"},
		{"slow step", tell.Number(n.StepFactor, "") + "× its time in staging and " + tell.Length(n.StepAtLeast) + " more"},
		{"new kind of log line", "after the logs were known for " + tell.Length(s.Config.Logs.KnownAfter)},
	}
}

// times writes a relative change as a factor: 0.5 is ×1.5.
func times(x float64) string { return "×" + tell.Number(1+x, "") }

// points writes a difference of shares: 0.002 is 0.2 points.
func points(x float64) string {
	if x*100 == 1 {
		return "1 point"
	}
	return tell.Number(x*100, "") + " points"
}

func sortedNames(m map[string]config.Service) []string {
	names := make([]string, 0, len(m))
	for n := range m {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}
