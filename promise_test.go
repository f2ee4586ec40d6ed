package debrief

import (
	"strings"
	"testing"
	"time"
)

func TestPromise(t *testing.T) {
	t.Parallel()
	migration := func(took, staging Seconds) ReleaseFacts {
		return ReleaseFacts{Kind: ReleaseNew, Kinds: []string{"migration"}, Stages: []StageFacts{{Name: "migrate", Took: took, Staging: staging}}}
	}
	other := ReleaseFacts{Kind: ReleaseNew, Stages: []StageFacts{{Name: "migrate", Took: 900, Staging: 10}}}
	rollback := migration(900, 10)
	rollback.Kind = ReleaseRollback
	early := ReleaseFacts{Kind: ReleaseNew, Kinds: []string{"migration"}, Failure: TooEarly}
	blind := migration(60, 0)
	good := migration(25, 10)
	for name, c := range map[string]struct {
		facts []ReleaseFacts
		want  Outcome
		shown int
	}{
		"nothing yet":                       {nil, NotYet, 0},
		"two of three":                      {[]ReleaseFacts{good, good}, NotYet, 2},
		"all three keep it":                 {[]ReleaseFacts{good, other, good, rollback, good}, DidWork, 3},
		"the second breaks it":              {[]ReleaseFacts{good, migration(31, 10), good}, DidNotWork, 2},
		"exactly the number breaks it":      {[]ReleaseFacts{migration(30, 10)}, DidNotWork, 1},
		"a later one no longer counts":      {[]ReleaseFacts{good, good, good, migration(900, 10)}, DidWork, 3},
		"one is still watched":              {[]ReleaseFacts{good, early, good, good}, NotYet, 2},
		"one could not be measured":         {[]ReleaseFacts{good, blind, good, good}, DidWork, 4},
		"none could be measured":            {[]ReleaseFacts{blind, blind, blind, blind, blind, blind, blind}, CannotSay, 7},
		"rollbacks and others are no proof": {[]ReleaseFacts{rollback, other, rollback, other}, NotYet, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := ParsePromise("step ratio of migrate under 3 over the next 3 releases with migration")
			if err != nil {
				t.Fatal(err)
			}
			got, shown := p.Check(c.facts)
			if got != c.want || len(shown) != c.shown {
				t.Errorf("%q after %d releases, want %q after %d", got, len(shown), c.want, c.shown)
			}
		})
	}
}

func TestMeasures(t *testing.T) {
	t.Parallel()
	t0 := time.Date(2026, 10, 1, 10, 0, 0, 0, time.UTC)
	f := ReleaseFacts{
		Kind: ReleaseNew, Changes: 4, Worked: 300, Waited: 60, Tries: 2, Failure: DidFail, ImpactAt: t0, RestoredAt: t0.Add(time.Hour),
		Surprises: []string{"retry", "slow-step"}, Stages: []StageFacts{{Name: "Migrate", Took: 50, Staging: 10}, {Name: "migrate", Took: 90, Staging: 10}},
		Leads: []LeadFacts{{Lead: 100}, {Lead: 300}, {Lead: 9, Out: "a bot"}},
	}
	want := map[string]float64{
		"step ratio": 9, "step time": 90, "deployment time": 300, "waiting time": 60, "tries": 2, "surprises": 2, "surprise": 1,
		"failures": 1, "recovery time": 3600, "lead time": 200, "changes": 4,
	}
	for _, m := range Measures() {
		subject := ""
		if m.Subject != "" {
			subject = map[string]string{"surprise": "slow-step"}[m.ID]
			if subject == "" {
				subject = "migrate"
			}
		}
		v, known := m.value(f, subject)
		if w, ok := want[m.ID]; !ok || !known || v != w {
			t.Errorf("%s: %v, known %v, want %v", m.ID, v, known, w)
		}
		p := Promise{Measure: m.ID, Subject: subject, Comparator: "<=", Number: 90, Releases: 3, Kind: "migration"}
		if again, err := ParsePromise(p.String()); err != nil || again.String() != p.String() {
			t.Errorf("%s reads as %+v, %v", p, again, err)
		}
		if _, known := m.value(ReleaseFacts{Failure: TooEarly, Changes: -1}, subject); known && m.ID != "tries" {
			t.Errorf("%s claims to know something of a release nothing is known of", m.ID)
		}
	}
}

func TestPromiseThatCannotBeChecked(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"things get better":                                                "cannot be checked",
		"happiness over 3 over the next 3 releases":                        `"happiness" is no measure`,
		"step ratio under 3 over the next 3 releases":                      "step ratio of what?",
		"tries of migrate under 3 over the next 3 releases":                "of the whole release",
		"tries under 3 over the next 2 releases":                           "2 releases prove nothing",
		"tries under 3 over the next 1000 releases":                        "too many to wait for",
		"tries under three over the next 3 releases":                       "cannot be checked",
		"tries under NaN over the next 3 releases":                         "a number is needed",
		"deployment time about 10m over the next 3 releases":               "cannot be checked",
		"deployment time under 10m over the next 3 releases of migrations": "cannot be checked",
	} {
		if _, err := ParsePromise(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func FuzzParsePromise(f *testing.F) {
	f.Add("step ratio of migrate under 3 over the next 3 releases with migration")
	f.Add("deployment time at most 10m over the next 5 releases")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParsePromise(text)
		if err != nil {
			return
		}
		again, err := ParsePromise(p.String())
		if err != nil || again.String() != p.String() {
			t.Errorf("%q is written %q and reads as %q, %v", text, p, again, err)
		}
	})
}
