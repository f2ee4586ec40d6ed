package learn

import (
	"fmt"
	"time"

	"github.com/debriefhq/debrief"
)

// peopleCases are the patterns that read what people and alarms did.
func peopleCases() map[string]patternCase {
	return map[string]patternCase{
		"gap-recurs": {
			Input{Debriefs: debriefs(6, debrief.GapTestData)},
			"“Test data” was the gap in 6 of 6 debriefs",
			[]Input{
				{Debriefs: debriefs(4, debrief.GapTestData)},
				{Debriefs: debriefs(6, debrief.GapOther)},
				{Debriefs: debriefs(6, debrief.GapTestData)[2:]}, // none of them in October, and too few
			},
		},
		"action-postponed": {
			Input{History: year(200, nil), Actions: actions(2, time.Time{})},
			"was put off twice since 2 March; meanwhile 7 releases of billing failed",
			[]Input{
				{History: year(200, nil), Actions: actions(1, time.Time{})},
				{History: year(200, nil), Actions: actions(3, october.From.AddDate(0, 0, 9))}, // done since
			},
		},
		"action-without-effect": {
			Input{History: year(200, staged("shop", 300)), Actions: promised(october.From.AddDate(0, 0, 3), 2)},
			"promised: step ratio of migrate under 2 over the next 3 releases; the release that followed did not keep it",
			[]Input{
				{History: year(200, staged("shop", 60)), Actions: promised(october.From.AddDate(0, 0, 3), 2)},
				{History: year(200, staged("shop", 300)), Actions: promised(october.To, 2)},                     // nothing has followed yet
				{History: year(200, staged("shop", 300)), Actions: promised(From(october).AddDate(0, 1, 0), 2)}, // long known
			},
		},
		"alarm-unanswered": {
			Input{Incidents: alerts(8, true, 0)},
			"“disk 85 %” of shop fired 8 times since 4 May; 8 times nobody acknowledged it",
			[]Input{
				{Incidents: alerts(8, false, 0)},            // the source does not say who took note
				{Incidents: alerts(8, true, 5*time.Minute)}, // answered
				{Incidents: alerts(8, true, 0)[4:]},         // too few
				{Incidents: alerts(8, true, 0), Service: "billing"},
			},
		},
		"nothing-there": {
			Input{Surprises: answers(6, 4)},
			"the answer was “nothing there” 6 of 10 times",
			[]Input{{Surprises: answers(6, 8)}, {Surprises: answers(4, 0)}, {Surprises: answers(0, 20)}},
		},
	}
}

func debriefs(n int, g debrief.Gap) []debrief.Debrief {
	var out []debrief.Debrief
	for i := range n {
		at := october.To.AddDate(0, -i, -5)
		out = append(out, debrief.Debrief{ID: fmt.Sprint("d", i), Service: "shop", AboutID: fmt.Sprint("i", i), State: "finished", Gap: g, Created: at, Finished: at})
	}
	if n == 4 {
		out[0].Gap = debrief.GapRollback
	}
	return out
}

func actions(postponed int, done time.Time) []debrief.Action {
	a := debrief.Action{
		ID: "a1", Service: "billing", DebriefID: "d1", Gap: debrief.GapTestData, Title: "Seed staging with tables as large as production's",
		State: debrief.ActionProgress, Created: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), Done: done,
	}
	for i := range postponed {
		a.Postponed = append(a.Postponed, debrief.Postponement{At: a.Created.AddDate(0, i+1, 0), To: a.Created.AddDate(0, i+2, 0), Reason: "a launch"})
	}
	return []debrief.Action{a}
}

func promised(done time.Time, under float64) []debrief.Action {
	return []debrief.Action{{
		ID: "a1", Service: "shop", DebriefID: "d1", Title: "Try migrations on a copy of production", State: debrief.ActionDone, Created: done.AddDate(0, -1, 0), Done: done,
		Promise: &debrief.Promise{Measure: "step ratio", Subject: "migrate", Comparator: "<", Number: under, Releases: 3},
	}}
}

func alerts(n int, acknowledges bool, after time.Duration) []debrief.Incident {
	var out []debrief.Incident
	for i := range n {
		at := time.Date(2026, time.Month(5+i*6/n), 4+i, 3, 0, 0, 0, time.UTC)
		x := debrief.Incident{ID: fmt.Sprint("i", i), Service: "shop", Services: []string{"shop"}, Title: "disk 85 %", Alert: true, Began: at, Acknowledges: acknowledges}
		if after > 0 {
			x.Times.Acknowledged = at.Add(after)
		}
		out = append(out, x)
	}
	return out
}

func answers(nothing, else_ int) []debrief.Surprise {
	var out []debrief.Surprise
	for i := range nothing + else_ {
		a := debrief.NothingThere
		if i >= nothing {
			a = debrief.Surprising
		}
		out = append(out, debrief.Surprise{ID: fmt.Sprint("s", i), ReleaseID: fmt.Sprint("r", i), Service: "shop", Kind: "slow-deployment", At: october.To.AddDate(0, 0, -1-i*9), Answer: a})
	}
	return out
}
