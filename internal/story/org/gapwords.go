package org

import (
	"fmt"
	"strings"

	"github.com/debriefhq/debrief"
)

// gapWord is what a debrief found open, and what it decided.
type gapWord struct{ open, action string }

var gapWords = map[debrief.Gap][]gapWord{
	debrief.GapTestData: {
		{"the test data has no customer with more than a handful of orders", "Add a customer with ten thousand orders to the test data"},
		{"no test case has an address outside the country", "Take addresses from twelve countries into the test data"},
	},
	debrief.GapStaging: {
		{"staging's tables hold a fraction of production's rows", "Copy the row counts of production to staging every month"},
		{"staging runs without the cache that production has", "Run the same cache in staging as in production"},
	},
	debrief.GapRollout: {
		{"the change reached all users at once", "Roll the service out to a tenth of users first"},
		{"nothing held the roll-out while errors rose", "Let the roll-out stop where errors rise"},
	},
	debrief.GapAlerting: {
		{"no alert fired for the first half hour", "Alert where fewer orders come than usual"},
		{"the alert went to a channel nobody reads", "Send the service's alerts to the person on call"},
	},
	debrief.GapRollback: {
		{"going back needed steps nobody had written down", "Make going back one command"},
		{"the migration could not be undone", "Split migrations so that the version before still runs"},
	},
	debrief.GapCoordination: {
		{"two teams shipped into the same hour without knowing of each other", "Show the other teams' releases where one ships"},
		{"support heard of it from customers", "Tell support before a release that customers see"},
	},
	debrief.GapAssumptions: {
		{"everybody took the field to be always set", "Let the database refuse rows without the field"},
		{"the limit was thought to be per user and was for all", "Write down what each limit is of, and test it"},
	},
	debrief.GapOther: {
		{"a library changed what it does on empty input", "Pin the library and read its notes before raising it"},
	},
}

var postponedWords = []string{"the quarter's goal came first", "somebody was ill", "it is larger than it looked", "another team has to go first"}

// gapOf is the gap a debrief tags: what a planted cause suggests, else any.
func gapOf(x occasion, d *dice) debrief.Gap {
	if x.slow {
		return debrief.GapStaging
	}
	for _, i := range x.r.causes {
		if !d.chance(0.7) {
			continue
		}
		switch c := &x.sim.o.causes[i]; c.What {
		case StrategyFails:
			return debrief.GapRollout
		case HourFails:
			return debrief.GapCoordination
		case KindFails:
			if c.Subject == Migration {
				return debrief.GapStaging
			}
			return debrief.GapAssumptions
		case ModuleFails:
			return debrief.GapTestData
		}
	}
	return pick(d, debrief.Gaps())
}

func titleOf(x occasion) string {
	if x.slow {
		return fmt.Sprintf("%s %s: the migration took far longer than in staging", x.sim.s.id, x.r.version)
	}
	return fmt.Sprintf("%s %s: %s hurt customers", x.sim.s.id, x.r.version, strings.Join(x.r.modules, " and "))
}

func textOf(x occasion, words gapWord) string {
	with := "ordinary changes"
	if len(x.r.kinds) > 0 {
		with = "changes of " + strings.Join(x.r.kinds, ", ")
	}
	text := fmt.Sprintf("**What happened.** %s %s went out %s with %s in %s.", x.sim.s.id, x.r.version, x.r.strategy, with, strings.Join(x.r.modules, ", "))
	if o := &x.r.outcome; o.fails {
		text += fmt.Sprintf(" It hurt %d minutes after it was live, and was over %d minutes later.", int(o.impact.Sub(x.r.live).Minutes()), int(o.restored.Sub(o.impact).Minutes()))
	} else if st := x.r.slowStep(); st != nil {
		text += fmt.Sprintf(" Its step %s took %.1f times as long as in staging.", st.name, st.took/st.staging)
	}
	return text + "\n\n**What made it possible.** " + strings.ToUpper(words.open[:1]) + words.open[1:] + "."
}
