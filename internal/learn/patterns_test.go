package learn

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
)

var october = func() Month {
	m, err := ParseMonth("2026-10", time.UTC)
	if err != nil {
		panic(err)
	}
	return m
}()

// year is a year of n releases of two services that end with October: one in
// twenty fails, whatever it is. change makes of it what a test is about.
func year(n int, change func(i int, f *debrief.ReleaseFacts)) *History {
	h := NewHistory(time.UTC)
	for _, f := range yearFacts(n, change) {
		h.Add(&f)
	}
	return h
}

func yearFacts(n int, change func(i int, f *debrief.ReleaseFacts)) []debrief.ReleaseFacts {
	from := From(october)
	step := october.To.Sub(from) / time.Duration(n+1)
	var out []debrief.ReleaseFacts
	for i := range n {
		at := from.Add(time.Duration(i+1) * step)
		f := debrief.ReleaseFacts{
			ReleaseID: fmt.Sprintf("r%04d", i), Service: []string{"shop", "billing"}[i%2], Kind: debrief.ReleaseNew, At: at, Strategy: "all at once",
			Kinds: []string{"other"}, Worked: 300,
		}
		if i%20 == 7 {
			fails(&f)
		}
		if change != nil {
			change(i, &f)
		}
		out = append(out, f)
	}
	return out
}

func fails(f *debrief.ReleaseFacts) {
	f.Failure, f.ImpactAt, f.RestoredAt = debrief.DidFail, f.At.Add(time.Minute), f.At.Add(31*time.Minute)
}

// found are the findings of one pattern.
func found(in Input, pattern string) []debrief.Finding {
	in.Month = october
	if in.History == nil {
		in.History = year(0, nil)
	}
	var of []debrief.Finding
	for _, f := range Find(in).Findings {
		if f.Pattern == pattern {
			of = append(of, f)
		}
	}
	return of
}

// Each pattern has a history that must trigger it beside one that must not.
func TestPatterns(t *testing.T) {
	t.Parallel()
	cases := patternCases()
	for _, p := range Patterns() {
		c, ok := cases[p.ID]
		if !ok {
			t.Errorf("%s has no history that triggers it", p.ID)
			continue
		}
		if p.Question == "" || !strings.HasSuffix(p.Question, "?") || p.Why == "" {
			t.Errorf("%s asks nothing", p.ID)
		}
		t.Run(p.ID, func(t *testing.T) {
			t.Parallel()
			got := found(c.is, p.ID)
			if len(got) != 1 {
				t.Fatalf("%d findings, want one: %+v", len(got), got)
			}
			f := got[0]
			if !strings.Contains(f.Sentence, c.says) {
				t.Errorf("it says %q, want %q in it", f.Sentence, c.says)
			}
			if f.ID == "" || f.Subject == "" || f.Question == "" || f.Why == "" || f.Sure == "" || len(f.Evidence) == 0 || f.Saves <= 0 || f.SavesHow == "" {
				t.Errorf("something is missing: %+v", f)
			}
			if again := found(c.is, p.ID); len(again) != 1 || again[0].Sentence != f.Sentence || again[0].ID != f.ID {
				t.Errorf("the same history said something else: %+v", again)
			}
			for i, not := range c.not {
				if got := found(not, p.ID); len(got) != 0 {
					t.Errorf("history %d must not trigger it: %s", i, got[0].Sentence)
				}
			}
		})
	}
}

type patternCase struct {
	is   Input
	says string
	not  []Input
}

// kindsAt gives some releases a kind of change, and lets some of those fail.
func kindsAt(every, failing int, kinds ...string) func(int, *debrief.ReleaseFacts) {
	n := 0
	return func(i int, f *debrief.ReleaseFacts) {
		if i%every != 0 {
			return
		}
		f.Kinds = append(f.Kinds, kinds...)
		if n++; failing > 0 && n%failing == 0 {
			fails(f)
		}
	}
}

func releases(n int, change func(int, *debrief.ReleaseFacts)) Input {
	return Input{History: year(n, change)}
}

func patternCases() map[string]patternCase {
	cases := map[string]patternCase{
		"kind-precedes": {
			releases(400, kindsAt(9, 2, "migration")), "Releases of the kind migration preceded trouble in 22 of 45 (49 %)",
			[]Input{
				releases(400, kindsAt(9, 0, "migration")),
				releases(24, kindsAt(6, 1, "migration")), // four times: too few to say
				// Only billing has migrations, and only billing fails: nothing within a service.
				releases(400, func(i int, f *debrief.ReleaseFacts) {
					f.Failure = debrief.NotFailed
					if f.Service == "billing" {
						f.Kinds = []string{"migration"}
						if i%4 == 1 {
							fails(f)
						}
					}
				}),
				// Everything failed in the second quarter, when migrations were frequent.
				releases(400, func(_ int, f *debrief.ReleaseFacts) {
					f.Failure = debrief.NotFailed
					if f.At.Month() >= 4 && f.At.Month() < 7 {
						f.Kinds = []string{"migration"}
						fails(f)
					}
				}),
			},
		},
		"pair-precedes": {
			releases(600, pairing(func(a, b bool) bool { return a && b })), "Releases with both configuration and dependency preceded trouble",
			[]Input{
				releases(600, pairing(func(a, b bool) bool { return a })),
				releases(600, pairing(func(a, b bool) bool { return false })),
			},
		},
		"strategy-precedes": {
			releases(400, strategy(true)), "Releases rolled out all at once preceded trouble",
			[]Input{releases(400, strategy(false))},
		},
		"module-precedes": {
			releases(400, module(2)), "Releases of billing that touch ledger preceded trouble",
			[]Input{releases(400, module(0))},
		},
		"hour-precedes": {
			releases(1500, fridays(3)), "Releases that went live on a Friday",
			[]Input{releases(1500, fridays(0)), {History: assumed(1500, fridays(3))}},
		},
		"time-grew": {
			releases(200, step("test", func(f *debrief.ReleaseFacts) float64 {
				if f.Service == "shop" && f.At.After(october.Before(2).From) {
					return 400
				}
				return 240
			})), "Test of shop took 7 minutes at the median of the last three months (25 releases), and 4 minutes",
			[]Input{
				releases(200, step("test", func(*debrief.ReleaseFacts) float64 { return 240 })),
				releases(200, step("test", func(f *debrief.ReleaseFacts) float64 { return 240 + 10*float64(f.At.Month()/9) })),
			},
		},
		"staging-misses": {
			releases(100, staged("shop", 300)), "Migrate of shop took at least three times as long in production as in staging in 50 of 50 (100 %) releases",
			[]Input{releases(100, staged("shop", 80)), releases(8, staged("shop", 300))},
		},
		"surprise-recurs": {
			releases(100, surprised("shop", 8)), "“slow step” in shop was noticed at",
			[]Input{releases(100, surprised("shop", 30))},
		},
	}
	for id, c := range peopleCases() {
		cases[id] = c
	}
	return cases
}

func TestANewStep(t *testing.T) {
	t.Parallel()
	since := func(at time.Time) Input {
		return releases(100, func(_ int, f *debrief.ReleaseFacts) {
			f.Stages = []debrief.StageFacts{{Name: "build", Took: 60}}
			if f.Service == "shop" && f.At.After(at) {
				f.Stages = append(f.Stages, debrief.StageFacts{Name: "security scan", Took: 240})
			}
		})
	}
	got := found(since(october.Before(1).From), "time-grew")
	if len(got) != 1 || !strings.Contains(got[0].Sentence, "Security scan of shop is new since 4 September and takes 4 minutes") {
		t.Errorf("%+v", got)
	}
	if got := found(since(From(october)), "time-grew"); len(got) != 0 {
		t.Errorf("it was always there: %s", got[0].Sentence)
	}
}

func TestStagingForetells(t *testing.T) {
	t.Parallel()
	h := year(120, func(i int, f *debrief.ReleaseFacts) {
		here, there := debrief.Seconds(40+i*37%100), debrief.Seconds(40+i*53%100)
		f.Stages = []debrief.StageFacts{{Name: "roll out", Took: 3 * here, Staging: here}, {Name: "verify", Took: here, Staging: there}, {Name: "build", Took: 60, Staging: 60}}
	})
	f := Find(Input{Month: october, History: h})
	if len(f.Foretold) != 2 || !strings.Contains(f.Foretold[1], "Staging foretells roll out of shop: what takes longer there takes longer in production, 3.0 to 3.0 times") {
		t.Errorf("%q", f.Foretold)
	}
	if len(f.Nought) != 2 || !strings.Contains(f.Nought[1], "How long verify of shop takes in staging says nothing about production") {
		t.Errorf("%q", f.Nought)
	}
}

func pairing(bad func(a, b bool) bool) func(int, *debrief.ReleaseFacts) {
	n := 0
	return func(i int, f *debrief.ReleaseFacts) {
		a, b := i%5 == 0, i%7 == 0 || i%11 == 0
		if a {
			f.Kinds = append(f.Kinds, "configuration")
		}
		if b {
			f.Kinds = append(f.Kinds, "dependency")
		}
		if bad(a, b) {
			if n++; n%5 != 0 {
				fails(f)
			}
		}
	}
}

func strategy(matters bool) func(int, *debrief.ReleaseFacts) {
	return func(i int, f *debrief.ReleaseFacts) {
		f.Failure = debrief.NotFailed
		if i%3 == 0 {
			f.Strategy = "gradual"
		}
		if i%7 == 1 && (f.Strategy != "gradual" || !matters) {
			fails(f)
		}
	}
}

func module(failing int) func(int, *debrief.ReleaseFacts) {
	n := 0
	return func(i int, f *debrief.ReleaseFacts) {
		f.Modules = []string{"cart"}
		if i%12 == 5 {
			f.Modules = append(f.Modules, "ledger")
			if n++; failing > 0 && n%failing == 0 {
				fails(f)
			}
		}
	}
}

func fridays(failing int) func(int, *debrief.ReleaseFacts) {
	n := 0
	return func(_ int, f *debrief.ReleaseFacts) {
		if f.At.Weekday() == time.Friday && f.At.Hour() >= 15 {
			if n++; failing > 0 && n%failing == 0 {
				fails(f)
			}
		}
	}
}

// assumed are releases that merges stand for: their hour is not the roll-out's.
func assumed(n int, change func(int, *debrief.ReleaseFacts)) *History {
	return year(n, func(i int, f *debrief.ReleaseFacts) {
		change(i, f)
		f.Assumed = true
	})
}

func step(name string, took func(*debrief.ReleaseFacts) float64) func(int, *debrief.ReleaseFacts) {
	return func(i int, f *debrief.ReleaseFacts) {
		f.Stages = []debrief.StageFacts{{Name: name, Part: "test", Took: debrief.Seconds(took(f) + float64(i*37%20))}}
	}
}

func staged(service string, took debrief.Seconds) func(int, *debrief.ReleaseFacts) {
	return func(i int, f *debrief.ReleaseFacts) {
		if f.Service == service {
			f.Stages = []debrief.StageFacts{{Name: "migrate", Part: "migrate", Took: took + debrief.Seconds(i%5), Staging: 40}}
		}
	}
}

func surprised(service string, every int) func(int, *debrief.ReleaseFacts) {
	return func(i int, f *debrief.ReleaseFacts) {
		if f.Service == service && (99-i)%every == 1 {
			f.Surprises = []string{"slow-step"}
		}
	}
}
