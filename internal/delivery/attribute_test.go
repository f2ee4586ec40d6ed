package delivery_test

import (
	"math"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/delivery"
)

var t0 = time.Date(2026, 3, 3, 15, 20, 0, 0, time.UTC)

func incident() delivery.Subject {
	return delivery.Subject{Kind: debrief.SubjectIncident, ID: "I1", Service: "shop", Services: []string{"shop"}, At: t0}
}

// before is a release of a service so long before the incident.
func before(id, service string, ago time.Duration) delivery.Suspect {
	return delivery.Suspect{Kind: "release", ID: id, Service: service, Title: service + " " + id, Version: id, Names: []string{id}, From: t0.Add(-ago), Full: t0.Add(-ago)}
}

func flagged(id, service string, ago time.Duration) delivery.Suspect {
	return delivery.Suspect{Kind: "flag", ID: id, Service: service, Title: "flag " + id, Names: []string{id}, From: t0.Add(-ago)}
}

func TestAttribution(t *testing.T) {
	t.Parallel()
	named := incident()
	named.Names = []string{"v4"}
	versioned := incident()
	versioned.Versions = []string{"v4"}
	titled := incident()
	titled.Title = "checkout broken since v4!"
	tagged := incident()
	tagged.Tagged = []string{"v4"}
	worded := incident()
	worded.Words = delivery.Words("payment declined at /basket")
	anywhere := incident()
	anywhere.Services = nil
	rollback := delivery.Subject{Kind: debrief.SubjectRollback, ID: "v1b", Service: "shop", Services: []string{"shop"}, At: t0, Undone: []string{"v2", "v3"}}
	one := rollback
	one.Undone = []string{"v3"}
	blamed := rollback
	blamed.Blamed = []string{"v2"}
	revert := delivery.Subject{Kind: debrief.SubjectRevert, ID: "v9", Service: "shop", Services: []string{"shop"}, At: t0, Reverted: "v2"}
	hotfix := delivery.Subject{Kind: debrief.SubjectHotfix, ID: "v5", Service: "shop", Services: []string{"shop"}, At: t0, Replaced: "v4"}
	repaired := hotfix
	repaired.Blamed = []string{"v4"}
	basket := before("v4", "shop", 2*time.Hour)
	basket.Words = delivery.Words("rewrite the basket", "internal/payment/card.go")
	rolledBack := before("v4", "shop", 3*time.Hour)
	rolledBack.UndoneAt = t0.Add(30 * time.Minute)
	steady := before("v4", "shop", 20*time.Minute)
	steady.Steady = t0.Add(time.Hour)
	shift := []delivery.Shift{{Service: "shop", Release: "v3", What: "p95", Since: t0.Add(-18 * time.Minute)}}
	depends := map[string][]string{"shop": {"payment"}, "payment": {"bank"}, "front": {"shop"}}
	two := []delivery.Suspect{before("v3", "shop", 3*time.Hour), before("v4", "shop", 20*time.Minute)}

	for name, c := range map[string]struct {
		s      delivery.Subject
		around delivery.Around
		state  debrief.BlameState
		first  string
	}{
		"nothing changed":                     {incident(), delivery.Around{}, debrief.BlameNobody, debrief.NotADeployment},
		"one release just before":             {incident(), delivery.Around{Suspects: []delivery.Suspect{before("v4", "shop", 20*time.Minute)}}, debrief.BlamePicked, "v4"},
		"one release hours before":            {incident(), delivery.Around{Suspects: []delivery.Suspect{before("v4", "shop", 2*time.Hour)}}, debrief.BlameAsked, "v4"},
		"one release the night before":        {incident(), delivery.Around{Suspects: []delivery.Suspect{before("v4", "shop", 15*time.Hour)}}, debrief.BlameNobody, debrief.NotADeployment},
		"nothing past 24 hours":               {incident(), delivery.Around{Suspects: []delivery.Suspect{before("v4", "shop", 25*time.Hour)}}, debrief.BlameNobody, debrief.NotADeployment},
		"past 24 hours where it is named":     {named, delivery.Around{Suspects: []delivery.Suspect{before("v4", "shop", 72*time.Hour)}}, debrief.BlamePicked, "v4"},
		"what came after is none":             {incident(), delivery.Around{Suspects: []delivery.Suspect{before("v4", "shop", -time.Hour)}}, debrief.BlameNobody, debrief.NotADeployment},
		"two releases within an hour":         {incident(), delivery.Around{Suspects: []delivery.Suspect{before("v3", "shop", 80*time.Minute), before("v4", "shop", 20*time.Minute)}}, debrief.BlameAsked, "v4"},
		"a flag and a release":                {incident(), delivery.Around{Suspects: []delivery.Suspect{flagged("new-cart", "shop", 10*time.Minute), before("v4", "shop", 20*time.Minute)}}, debrief.BlameAsked, "new-cart"},
		"named beats what is newer":           {named, delivery.Around{Suspects: append(two, before("v5", "shop", time.Minute))}, debrief.BlamePicked, "v4"},
		"named by version":                    {versioned, delivery.Around{Suspects: append(two, before("v5", "shop", time.Minute))}, debrief.BlamePicked, "v4"},
		"named by the title":                  {titled, delivery.Around{Suspects: append(two, before("v5", "shop", time.Minute))}, debrief.BlamePicked, "v4"},
		"another service's version is not":    {versioned, delivery.Around{Suspects: []delivery.Suspect{before("v4", "mail", time.Minute)}}, debrief.BlameNobody, debrief.NotADeployment},
		"version-tagged errors":               {tagged, delivery.Around{Suspects: append(two, before("v5", "shop", time.Minute))}, debrief.BlamePicked, "v4"},
		"telemetry that shifted then":         {incident(), delivery.Around{Suspects: append(two, before("v5", "shop", time.Minute)), Shifts: shift}, debrief.BlamePicked, "v4"},
		"a look that saw nothing":             {incident(), delivery.Around{Suspects: []delivery.Suspect{steady}}, debrief.BlameAsked, "v4"},
		"rolled back meanwhile":               {incident(), delivery.Around{Suspects: []delivery.Suspect{rolledBack, before("v5", "shop", time.Hour)}}, debrief.BlameAsked, "v4"},
		"words in common":                     {worded, delivery.Around{Suspects: []delivery.Suspect{basket, before("v5", "shop", 130*time.Minute)}}, debrief.BlamePicked, "v4"},
		"a service it depends on":             {incident(), delivery.Around{Suspects: []delivery.Suspect{before("p7", "payment", time.Minute)}, Depends: depends}, debrief.BlameAsked, debrief.NotADeployment},
		"a service it has nothing to do with": {incident(), delivery.Around{Suspects: []delivery.Suspect{before("m7", "mail", time.Minute)}, Depends: depends}, debrief.BlameNobody, debrief.NotADeployment},
		"nobody said which service":           {anywhere, delivery.Around{Suspects: []delivery.Suspect{before("m7", "mail", time.Minute), before("v4", "shop", time.Minute)}}, debrief.BlameAsked, "m7"},
		"a rollback over two":                 {rollback, delivery.Around{Suspects: []delivery.Suspect{before("v2", "shop", 40*time.Hour), before("v3", "shop", time.Hour), before("v1", "shop", 90*time.Hour)}}, debrief.BlameAsked, "v3"},
		"a rollback over one":                 {one, delivery.Around{Suspects: []delivery.Suspect{before("v2", "shop", 20*time.Hour), before("v3", "shop", time.Hour)}}, debrief.BlamePicked, "v3"},
		"a rollback that ended an incident":   {blamed, delivery.Around{Suspects: []delivery.Suspect{before("v2", "shop", 2*time.Hour), before("v3", "shop", time.Hour)}}, debrief.BlamePicked, "v2"},
		"a revert":                            {revert, delivery.Around{Suspects: []delivery.Suspect{before("v2", "shop", 700*time.Hour), before("v8", "shop", time.Hour)}}, debrief.BlamePicked, "v2"},
		"a hotfix suggests":                   {hotfix, delivery.Around{Suspects: []delivery.Suspect{before("v4", "shop", time.Hour)}, Shifts: shift}, debrief.BlameAsked, "v4"},
		"a hotfix for an incident":            {repaired, delivery.Around{Suspects: []delivery.Suspect{before("v4", "shop", time.Hour)}}, debrief.BlamePicked, "v4"},
		"a person's link counts past a day":   {incident(), delivery.Around{Suspects: []delivery.Suspect{before("v1", "mail", 300*time.Hour)}, Said: &debrief.Correction{Answer: "v1"}}, debrief.BlameSaid, debrief.NotADeployment},
		"a person says it was none":           {named, delivery.Around{Suspects: two, Said: &debrief.Correction{Answer: debrief.NotADeployment}}, debrief.BlameSaid, "v4"},
	} {
		a := delivery.Attribute(c.s, c.around)
		if a.State != c.state || a.Candidates[0].ID != c.first {
			t.Errorf("%s: %q of %s, want %q of %s: %+v", name, a.State, a.Candidates[0].ID, c.state, c.first, a.Candidates)
		}
		sum := 0.0
		for _, x := range a.Candidates {
			sum += x.Share
			odds := 0.0
			for _, r := range x.Reasons {
				odds += r.Weight
			}
			if math.Abs(odds-x.LogOdds) > 1e-9 {
				t.Errorf("%s: the reasons of %s add up to %v, not %v", name, x.ID, odds, x.LogOdds)
			}
		}
		if math.Abs(sum-1) > 1e-9 {
			t.Errorf("%s: the shares add up to %v", name, sum)
		}
		if (a.State == debrief.BlameAsked) != (a.Question != "") || a.Sentence == "" {
			t.Errorf("%s: %q %q", name, a.Sentence, a.Question)
		}
	}
}

func TestWhatAPersonSaidIsHeld(t *testing.T) {
	t.Parallel()
	around := delivery.Around{Suspects: []delivery.Suspect{before("v1", "mail", 300*time.Hour), before("v4", "shop", time.Minute)}, Said: &debrief.Correction{Answer: "v1"}}
	if c, ok := delivery.Attribute(incident(), around).Held(); !ok || c.ID != "v1" {
		t.Errorf("held is %q %v", c.ID, ok)
	}
	around.Said = &debrief.Correction{Answer: debrief.NotADeployment}
	if c, ok := delivery.Attribute(incident(), around).Held(); ok {
		t.Errorf("a person said it was no deployment; held is %q", c.ID)
	}
}
