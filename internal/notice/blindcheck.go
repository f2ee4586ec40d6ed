package notice

import (
	"fmt"
	"strings"

	"github.com/debriefhq/debrief"
)

// blindCheck: a finished look could not ask, or was answered with nothing.
// Too little traffic, no baseline or a change too small to be seen are honest
// answers, and a service nobody configured a metric for is no surprise: its
// page says so. One release is one surprise, however many looks were blind.
func blindCheck() Detector {
	return Detector{
		ID:       "blind-check",
		Question: "What let the check go blind unnoticed, and would anything else have told?",
		Why:      "A check that sees nothing looks like a check that found nothing.",
		Find:     findBlindChecks,
	}
}

func findBlindChecks(in Input) []debrief.Surprise {
	var s debrief.Surprise
	blind := 0
	var last debrief.Look
	var lastUnseen []string
	looks := done(in.Story.Looks)
	for _, l := range looks {
		unseen := unseenIn(l)
		if len(unseen) == 0 && len(l.Blind) == 0 {
			continue
		}
		if blind == 0 {
			s.At = firstTime(l.Closed, l.To, l.Due)
		}
		blind++
		last, lastUnseen = l, unseen
		for _, u := range unseen {
			s.Evidence = append(s.Evidence, fmt.Sprintf("look %d: %s", l.Number, u))
		}
		for _, b := range l.Blind {
			s.Evidence = append(s.Evidence, fmt.Sprintf("look %d: %s", l.Number, b))
		}
	}
	if blind == 0 {
		return nil
	}
	s.Subject = "check"
	switch n, all := len(lastUnseen), asked(last); {
	case n > 0 && n >= all:
		s.Sentence = fmt.Sprintf("Look %d could see nothing: %s.", last.Number, reasons(last, lastUnseen))
	case n > 0:
		s.Sentence = fmt.Sprintf("Look %d could not see %d of %d: %s.", last.Number, n, all, strings.Join(first(lastUnseen, 3), ", "))
	default:
		s.Sentence = fmt.Sprintf("Look %d could not see everything: %s.", last.Number, reasons(last, lastUnseen))
	}
	if blind > 1 {
		s.Sentence += fmt.Sprintf(" So it was at %d of %d looks.", blind, len(looks))
	}
	return []debrief.Surprise{s}
}

// asked counts what a look wanted to see: its metrics, and its logs as one.
func asked(l debrief.Look) int {
	n := max(len(l.Verdicts), 1)
	if l.Logs.Word != "" {
		n++
	}
	return n
}

// unseenIn names the metrics (and the logs) that gave no answer.
func unseenIn(l debrief.Look) []string {
	var list []string
	for _, v := range l.Verdicts {
		if v.Word == debrief.CannotTell && isBlind(v.Reason) {
			if target, probed := strings.CutPrefix(v.Metric, "response time of "); probed && v.Role == debrief.Latency && v.Reason == debrief.MetricsMissing {
				list = append(list, target+" (it has not answered once since the release)")
				continue
			}
			list = append(list, fmt.Sprintf("%s (%s)", v.Metric, v.Reason))
		}
	}
	if len(l.Verdicts) == 0 && isBlind(l.Reason) {
		list = append(list, fmt.Sprintf("the metrics (%s)", l.Reason))
	}
	if l.Logs.Word == debrief.CannotTell && isBlind(l.Logs.Reason) {
		list = append(list, fmt.Sprintf("the logs (%s)", l.Logs.Reason))
	}
	return list
}

func isBlind(r debrief.Reason) bool {
	return r == debrief.ProviderFailed || r == debrief.MetricsMissing
}

func reasons(l debrief.Look, unseen []string) string {
	if len(l.Blind) > 0 {
		return strings.Join(first(l.Blind, 2), "; ")
	}
	return strings.Join(first(unseen, 3), ", ")
}

func first(list []string, n int) []string {
	if len(list) <= n {
		return list
	}
	return append(append([]string(nil), list[:n]...), fmt.Sprintf("and %d more", len(list)-n))
}
