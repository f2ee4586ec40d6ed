package delivery

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/debriefhq/debrief"
)

// Lasting is a duration in words: "1.4 days", "22 min", "40 s".
func Lasting(s float64) string {
	a := math.Abs(s)
	for _, u := range []struct {
		from, unit float64
		name       string
	}{{36 * 3600, 86400, "days"}, {90 * 60, 3600, "h"}, {90, 60, "min"}} {
		if a >= u.from {
			return figure(s/u.unit) + " " + u.name
		}
	}
	return figure(s) + " s"
}

// figure has two digits that say something, and at most one after the point
// from ten on none.
func figure(x float64) string {
	a := math.Abs(x)
	switch {
	case a == 0:
		return "0"
	case a >= 10:
		return strconv.FormatFloat(math.Round(x), 'f', 0, 64)
	case a >= 1:
		return strings.TrimSuffix(strconv.FormatFloat(x, 'f', 1, 64), ".0")
	}
	return strconv.FormatFloat(x, 'g', 2, 64)
}

// value is a figure with its unit.
func value(x float64, unit string) string {
	switch unit {
	case "s":
		return Lasting(x)
	case "%":
		return figure(x) + " %"
	case "":
		return figure(x)
	}
	return figure(x) + " " + unit
}

// difference is a value without its direction; points where it is of a share.
func difference(x float64, unit string) string {
	if unit == "%" {
		return figure(math.Abs(x)) + " points"
	}
	return value(math.Abs(x), unit)
}

// title is how a figure begins a sentence: what is a length of time says so.
func title(metric string) string {
	if slices.Contains(partNames[:], metric) && !strings.HasSuffix(metric, "wait") {
		return "Time in " + metric
	}
	return strings.ToUpper(metric[:1]) + metric[1:]
}

// both are two values in one unit, said once where both are in it.
func both(from, to string) string {
	a, unitA, _ := strings.Cut(from, " ")
	_, unitB, _ := strings.Cut(to, " ")
	if unitA == unitB {
		return "from " + a + " to " + to
	}
	return "from " + from + " to " + to
}

// words tells of a move in one or two sentences.
func (w weekly) words(q debrief.Question) string {
	verb := "rose"
	if q.After < q.Before {
		verb = "fell"
	}
	name := title(q.Metric)
	when := "in the week of " + week(q.Since.In(w.in.Location))
	from, to := value(q.Before, q.Unit), value(q.After, q.Unit)
	if from == to {
		from, to = value(q.Before, q.Unit)+" or less", value(q.After, q.Unit)+" or more"
		if verb == "fell" {
			from, to = value(q.Before, q.Unit)+" or more", value(q.After, q.Unit)+" or less"
		}
	}
	text := fmt.Sprintf("%s %s %s %s.", name, verb, both(from, to), when)
	if len(q.Moves) > 0 {
		text += " " + q.Moves[0].Sentence
	}
	return text
}

// moveWords says what the largest part accounts for.
func moveWords(m debrief.Move) string {
	if len(m.Parts) == 0 {
		return ""
	}
	by, top := m.After-m.Before, m.Parts[0]
	verb := "rose"
	if by < 0 {
		verb = "fell"
	}
	text := fmt.Sprintf("Over %s it %s by %s", m.Of, verb, difference(by, m.Unit))
	switch {
	case m.Method == MethodKitagawa:
		text = fmt.Sprintf("By %s it %s by %s", m.Of, verb, difference(by, m.Unit))
	case m.Method == MethodLMDI:
		text = fmt.Sprintf("By %s releases %s by %s", m.Of, verb, difference(by, m.Unit))
	}
	switch {
	case top.Adds == 0:
		return text + "."
	case (top.Adds > 0) != (by > 0):
		return fmt.Sprintf("%s; parts moved both ways, %s the most: by %s the other way.", text, top.Name, difference(top.Adds, m.Unit))
	case top.Share > 0:
		return fmt.Sprintf("%s; %s accounts for %s of them (%.0f %%).", text, top.Name, difference(top.Adds, m.Unit), 100*top.Share)
	}
	return fmt.Sprintf("%s; %s accounts for %s, while some parts moved the other way.", text, top.Name, difference(top.Adds, m.Unit))
}

// asking is what is asked of each figure, and of the part that accounts for
// most. Questions are put to the system, never to a person.
var asking = map[string]string{
	Coding:              "What changed in how large or how clear the work is when it begins?",
	ReviewWait:          "What changed in how reviews are found since then?",
	Review:              "What changed in what a review has to settle?",
	MergeToBuild:        "What does a merged change wait for until its pipeline begins?",
	Queue:               "What competes for the machines that pipelines wait for?",
	Build:               "What does the build do since then that it did not do before?",
	Test:                "What do the tests do since then that they did not do before?",
	ApprovalWait:        "What does the approval still guard against, and what would make it quick?",
	RollOut:             "What does the roll-out wait for on its way to everybody?",
	BatchSize:           "What changed in how much goes out at once?",
	WorkInProgress:      "What changed in how much is begun before something is finished?",
	CycleTime:           "What do changes wait for that they did not wait for before?",
	FailedAttempts:      "What stops deployments on their way since then?",
	FreezeDays:          "What keeps ready changes from going out on those days?",
	FlakyRetries:        "Which steps have to be tried again, and what do they depend on?",
	DeploymentFrequency: "What changed in what decides that something goes out?",
	ChangeLeadTime:      "What do changes wait for that they did not wait for before?",
	ChangeFailureRate:   "What reaches users since then that something used to stop?",
	RecoveryTime:        "What made it possible to restore service at that pace?",
	ReworkRate:          "What has to be repaired since then that did not have to be before?",
}

func questionOf(metric, part string) string {
	if q, ok := asking[part]; ok {
		return q
	}
	if kind, ok := strings.CutPrefix(part, "within "); ok && kind != "other changes" {
		return "What is different about changes of kind " + kind + " since then?"
	}
	if kind, ok := strings.CutPrefix(part, "more or fewer: "); ok && kind != "other changes" {
		return "What made changes of kind " + kind + " more or less common since then?"
	}
	return asking[metric]
}

// Signed is what a part adds, with its sign: "+1.5 days", "−0.3 points".
func Signed(x float64, unit string) string {
	sign := "+"
	switch {
	case x < 0:
		sign = "−"
	case x == 0:
		sign = "±"
	}
	return sign + difference(x, unit)
}

// Value is a figure with its unit: "2.3 per week", "1.4 days", "12 %".
func Value(x float64, unit string) string { return value(x, unit) }
