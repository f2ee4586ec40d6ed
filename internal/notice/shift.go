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

// shifts finds the metrics of the given roles that are worse or changed at any
// finished look. One metric is one surprise, however many looks saw it: its
// sentence is the last such look's, its evidence tells them all. What is usual
// after a deployment is none: see usualShift.
func shifts(in Input, wanted func(debrief.Role) bool) []debrief.Surprise {
	return shifted(in, func(v debrief.Verdict) bool { return !v.Usual && wanted(v.Role) })
}

func shifted(in Input, wanted func(debrief.Verdict) bool) []debrief.Surprise {
	var order []string
	last := map[string]debrief.Surprise{}
	for _, l := range done(in.Story.Looks) {
		for _, v := range l.Verdicts {
			if !wanted(v) || v.Word != debrief.Worse && v.Word != debrief.Changed {
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
	var c caveats
	for _, l := range done(looks) {
		for _, v := range l.Verdicts {
			if v.Metric != metric {
				continue
			}
			text := fmt.Sprintf("look %d (%s): %s", l.Number, span(l.From, l.To), v.Word)
			if v.Word == debrief.Worse || v.Word == debrief.Changed || v.Word == debrief.Better {
				text += fmt.Sprintf(", %s before and %s after, from %s; as large by chance %s",
					level(v.Before, v.Unit), level(v.After, v.Unit), plural(v.N, "observation", "observations"), chance(v.P))
			}
			c.looks++
			for _, a := range v.Against {
				if !begun(v.Warnings, a) { // a warning says the same, and more
					c.add(l.Number, "held against "+a)
				}
			}
			for _, w := range v.Warnings {
				c.add(l.Number, w)
			}
			evidence = append(evidence, text)
			if len(l.Run) > 1 {
				evidence = append(evidence, fmt.Sprintf("look %d judged %d versions together, so it limits which of them it was", l.Number, len(l.Run)))
			}
		}
	}
	return append(evidence, c.lines()...)
}

// caveats are what limits the looks' words, each said once however many looks
// it holds for.
type caveats struct {
	looks int
	order []string
	holds map[string][]int
}

func (c *caveats) add(look int, text string) {
	if c.holds == nil {
		c.holds = map[string][]int{}
	}
	at := c.holds[text]
	if len(at) == 0 {
		c.order = append(c.order, text)
	}
	if len(at) == 0 || at[len(at)-1] != look {
		c.holds[text] = append(at, look)
	}
}

func (c *caveats) lines() []string {
	var out []string
	for _, text := range c.order {
		at := c.holds[text]
		if len(at) < c.looks {
			names := make([]string, len(at))
			for i, n := range at {
				names[i] = strconv.Itoa(n)
			}
			text += " (look " + strings.Join(names, " and ") + ")"
		}
		out = append(out, text)
	}
	return out
}

func begun(list []string, with string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.HasPrefix(s, with) })
}

// sentence is the verdict's own, or its numbers where it has none.
func sentence(v debrief.Verdict) string {
	if v.Sentence != "" {
		return v.Sentence
	}
	return fmt.Sprintf("%s before, %s after", level(v.Before, v.Unit), level(v.After, v.Unit))
}

// level writes a value as a person would: 0.00121 s is 1.2 ms.
func level(x float64, unit string) string {
	if in, ok := secondsIn[unit]; ok && x != 0 {
		for _, u := range []struct {
			unit string
			in   float64
		}{{"s", 1}, {"ms", 1e-3}, {"µs", 1e-6}, {"ns", 1e-9}} {
			if math.Abs(x)*in >= 0.9995*u.in || u.unit == "ns" {
				x, unit = x*in/u.in, u.unit
				break
			}
		}
	}
	n := plain(x)
	switch unit {
	case "":
		return n
	case "/s", "/min":
		return n + unit
	}
	return n + " " + unit
}

var secondsIn = map[string]float64{"s": 1, "seconds": 1, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}

// plain keeps what a number says at a glance: three digits, and no exponent.
func plain(x float64) string {
	abs := math.Abs(x)
	switch {
	case abs >= 1000:
		return amount(math.Round(x))
	case math.IsNaN(x) || abs < 1e-9:
		return "0"
	case abs >= 100:
		return strconv.FormatFloat(x, 'f', 0, 64)
	}
	text := strconv.FormatFloat(x, 'f', max(0, 1-int(math.Floor(math.Log10(abs)))), 64)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text
}

func chance(p float64) string {
	if p < 0.001 {
		return "less than once in 1,000 times"
	}
	return "about " + plain(min(p, 1)*100) + " % of the time"
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
