package notice

import (
	"fmt"
	"sort"
	"strconv"
	"time"

	"github.com/debriefhq/debrief"
)

// shifts finds the metrics of the given roles that are worse or changed at any
// finished look. One metric is one surprise, however many looks saw it: its
// sentence is the last such look's, its evidence tells them all.
func shifts(in Input, wanted func(debrief.Role) bool) []debrief.Surprise {
	var order []string
	last := map[string]debrief.Surprise{}
	for _, l := range done(in.Story.Looks) {
		for _, v := range l.Verdicts {
			if !wanted(v.Role) || v.Word != debrief.Worse && v.Word != debrief.Changed {
				continue
			}
			s, again := last[v.Metric]
			if !again {
				order = append(order, v.Metric)
				s.At = firstTime(v.Since, l.To, l.Closed, l.Due)
			}
			s.Subject = v.Metric
			s.Sentence = v.Metric + ": " + sentence(v) + "."
			last[v.Metric] = s
		}
	}
	found := make([]debrief.Surprise, 0, len(order))
	for _, metric := range order {
		s := last[metric]
		s.Evidence = told(in.Story.Looks, metric)
		found = append(found, s)
	}
	return found
}

// told lists what every finished look said of a metric, so that one which
// came back is seen to have.
func told(looks []debrief.Look, metric string) []string {
	var evidence []string
	for _, l := range done(looks) {
		for _, v := range l.Verdicts {
			if v.Metric != metric {
				continue
			}
			text := fmt.Sprintf("look %d (%s to %s): %s", l.Number, clock(l.From), clock(l.To), v.Word)
			if v.Word == debrief.Worse || v.Word == debrief.Changed || v.Word == debrief.Better {
				text += fmt.Sprintf(", %s before, %s after, n = %s, adjusted p = %s",
					level(v.Before, v.Unit), level(v.After, v.Unit), grouped(int64(v.N)), chance(v.P))
			}
			for _, a := range v.Against {
				text += "; held against " + a
			}
			for _, w := range v.Warnings {
				text += "; " + w
			}
			evidence = append(evidence, text)
			if len(l.Run) > 1 {
				evidence = append(evidence, fmt.Sprintf("look %d judged %d versions together, so it limits which of them it was", l.Number, len(l.Run)))
			}
		}
	}
	return evidence
}

// sentence is the verdict's own, or its numbers where it has none.
func sentence(v debrief.Verdict) string {
	if v.Sentence != "" {
		return v.Sentence
	}
	return fmt.Sprintf("%s before, %s after", level(v.Before, v.Unit), level(v.After, v.Unit))
}

func level(x float64, unit string) string {
	n := strconv.FormatFloat(x, 'g', 3, 64)
	if x >= 1000 || x <= -1000 {
		n = amount(x)
	}
	switch unit {
	case "":
		return n
	case "/s", "/min":
		return n + unit
	}
	return n + " " + unit
}

func chance(p float64) string {
	if p < 0.001 {
		return "below 0.001"
	}
	return strconv.FormatFloat(p, 'g', 2, 64)
}

// done are the looks that have ended, in their order.
func done(looks []debrief.Look) []debrief.Look {
	var list []debrief.Look
	for _, l := range looks {
		if l.State == debrief.LookDone {
			list = append(list, l)
		}
	}
	sort.SliceStable(list, func(i, j int) bool { return list[i].Number < list[j].Number })
	return list
}

func firstTime(times ...time.Time) time.Time {
	for _, t := range times {
		if !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}
