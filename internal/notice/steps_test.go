package notice

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/debriefhq/debrief"
)

const s, m = time.Second, time.Minute

func rows(st debrief.Stage, n string) debrief.Stage {
	st.Facts = debrief.Facts{"rows": n, "lock": "none"}
	return st
}

func TestSlowStep(t *testing.T) {
	t.Parallel()
	waiting := ran("approve", 0, 30*m)
	waiting.Waiting = true
	second := ran("migrate", 6*m, 4*m)
	second.Attempt = 2
	second2 := ran("migrate", 6*m, 6*m)
	second2.Attempt = 2
	play(t, "slow-step", []scene{
		{
			"the one-minute migration that took five", input(production(10*m, rows(ran("migrate", 0, 312*s), "31000000"))).staged(staging(rows(ran("migrate", 0, 58*s), "1200000"))),
			[]string{"migrate: Migration took 5:12, 5.4× staging (0:58), 31 M rows against 1.2 M."},
		},
		{"exactly three times and thirty seconds more", input(production(10*m, ran("verify", 0, 45*s))).staged(staging(ran("verify", 0, 15*s))), []string{"verify: Verification took 0:45, 3.0× staging (0:15)."}},
		{"not quite three times", input(production(10*m, ran("verify", 0, 90*s))).staged(staging(ran("verify", 0, 30*s+time.Millisecond))), nil},
		{"three times, and less than thirty seconds more", input(production(10*m, ran("verify", 0, 44*s))).staged(staging(ran("verify", 0, 14*s+time.Millisecond))), nil},
		{"quicker in production", input(production(10*m, ran("migrate", 0, m))).staged(staging(ran("migrate", 0, 9*m))), nil},
		{"never ran in staging", input(production(10*m, ran("warm caches", 0, 9*m))).staged(staging(ran("migrate", 0, m))), nil},
		{"no staging", input(production(10*m, ran("migrate", 0, 9*m))), nil},
		{"an approval only waits", input(production(10*m, waiting)).staged(staging(ran("approve", 0, s))), nil},
		{"still running", input(production(10*m, debrief.Stage{Name: "migrate", Started: t0})).staged(staging(ran("migrate", 0, s))), nil},
		{"written in another case", input(production(10*m, ran("Seed data", 0, 9*m))).staged(staging(ran("seed data", 0, m))), []string{"Seed data: Step Seed data took 9:00, 9.0× staging (1:00)."}},
		{"the newest staging counts", input(production(10*m, ran("migrate", 0, 5*m))).staged(staging(), staging(ran("migrate", 0, 4*m)), staging(ran("migrate", 0, s))), nil},
		{"two tries: the longer one, though it came last", input(production(10*m, ran("migrate", 0, 4*m), second2)).staged(staging(ran("migrate", 0, m))), []string{"migrate: Migration took 6:00, 6.0× staging (1:00)."}},
		{"two tries in staging: the longer one there", input(production(10*m, ran("migrate", 0, 5*m))).staged(staging(ran("migrate", 0, s), ran("migrate", m, 2*m))), nil},
		{"two tries: the longer one, once", input(production(10*m, ran("migrate", 0, 5*m), second)).staged(staging(ran("migrate", 0, m))), []string{"migrate: Migration took 5:00"}},
	})
}

func TestAPartBesideItsWholeIsEvidenceAndNoSentence(t *testing.T) {
	t.Parallel()
	facts := func(took time.Duration, f debrief.Facts) debrief.Stage {
		st := ran("migrate", 0, took)
		st.Facts = f
		return st
	}
	for name, c := range map[string]struct {
		here, there debrief.Facts
		want        string
	}{
		"beside the whole": {
			debrief.Facts{"rows": "500000", "rows.orders": "500000", "bytes.orders": "106000000"},
			debrief.Facts{"rows": "50000", "rows.orders": "50000", "bytes.orders": "11000000"},
			"Migration took 5:00, 5.0× staging (1:00), 500,000 rows against 50,000.",
		},
		"alone": {
			debrief.Facts{"rows.orders": "500000"},
			debrief.Facts{"rows.orders": "50000"},
			"Migration took 5:00, 5.0× staging (1:00), 500,000 rows.orders against 50,000.",
		},
	} {
		got := Find(input(production(10*m, facts(5*m, c.here))).staged(staging(facts(m, c.there))))
		if len(got) != 1 || strings.ReplaceAll(got[0].Sentence, "\u00a0", " ") != c.want || len(got[0].Evidence) != 3+len(c.here) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestSlowStepEvidence(t *testing.T) {
	t.Parallel()
	got := Find(input(production(10*m, rows(ran("migrate", 0, 312*s), "31000000"))).staged(staging(rows(ran("migrate", 0, 58*s), "1200000"))))
	if len(got) != 1 {
		t.Fatalf("%d surprises", len(got))
	}
	want := debrief.Surprise{
		ID: debrief.ID("surprise", "r42", "slow-step", "migrate"), ReleaseID: "r42", Service: "shop", Kind: "slow-step", Subject: "migrate",
		Sentence: "Migration took 5:12, 5.4× staging (0:58), 31 M rows against 1.2 M.",
		Question: "What in staging hid this?", Why: slowStep().Why, At: at(312 * s),
		Evidence: []string{
			"migrate in production: 5:12, from 2026-03-03 14:00:00 to 14:05:12 UTC",
			"migrate in staging (v1.42): 0:58, from 2026-03-03 14:00:00 to 14:00:58 UTC",
			"rows, recorded with the step: 31,000,000 in production, 1,200,000 in staging",
			"noticed from 3.0× and 0:30 more",
		},
	}
	if d := cmp.Diff(want, got[0]); d != "" {
		t.Error(d)
	}
}

func TestSlowDeployment(t *testing.T) {
	t.Parallel()
	usual := []time.Duration{5 * m, 5 * m, 5*m + 10*s, 4*m + 50*s, 5 * m}
	waits := ran("approve", 5*m, 20*m)
	waits.Waiting = true
	waited := production(30*m, waits)
	failed := production(30 * m)
	failed.State = debrief.Failed
	target := production(30 * m)
	target.Target = "eu"
	slowThere := input(target).recent(30*m, 31*m, 30*m, 29*m, 30*m, 5*m, 5*m, 5*m, 5*m, 5*m, 5*m)
	for i := range 5 {
		slowThere.Story.Recent[i].Target = "eu"
	}
	unsuccessful := input(production(30 * m)).recent(usual...)
	unsuccessful.Story.Recent[0].State = debrief.Failed
	itself := input(production(30 * m)).recent(usual...)
	itself.Story.Recent[0].ID = "d42"
	later := input(production(30 * m)).recent(usual...)
	later.Story.Recent[0].Times.Started = at(time.Hour)
	quicker := input(production(100*s)).recent(30*s, 30*s, 30*s, 30*s, 30*s)
	quicker.T.SlowAtLeast = 70 * s
	play(t, "slow-deployment", []scene{
		{"twice the usual and more", input(production(12 * m)).recent(usual...), []string{"deployment: The deployment worked for 12:00, 2.4× the usual 5:00 (median of the last 5)."}},
		{"exactly twice", input(production(10 * m)).recent(usual...), []string{"deployment: "}},
		{"just below twice", input(production(10*m - time.Millisecond)).recent(usual...), nil},
		{"exactly a minute more", input(production(90*s)).recent(30*s, 30*s, 30*s, 30*s, 30*s), []string{"deployment: "}},
		{"less than a minute more", input(production(89*s)).recent(30*s, 30*s, 30*s, 30*s, 30*s), nil},
		{"it always varies that much", input(production(30*m)).recent(2*m, 7*m, 8*m, 15*m, 25*m), []string{}},
		{"exactly four deviations above", input(production(10*m)).recent(225*s, 225*s, 5*m, 375*s, 375*s), nil},
		{"a little more than four deviations", input(production(10*m+time.Millisecond)).recent(225*s, 225*s, 5*m, 375*s, 375*s), []string{"deployment: "}},
		{"only four before", input(production(30 * m)).recent(usual[:4]...), nil},
		{"an attempt among them", unsuccessful, nil},
		{"itself among them", itself, nil},
		{"a later one among them", later, nil},
		{"most of it waiting", input(waited).recent(usual...), []string{"deployment: The deployment worked for 10:00"}},
		{"failed ones are not held against successful ones", input(failed).recent(usual...), nil},
		{"usual in this region", slowThere, nil},
		{"a threshold of the team's own", quicker, []string{"deployment: "}},
	})
}

// A slow step explains a slow deployment; both are noticed only where the rest is slow too.
func TestSlowDeploymentExplained(t *testing.T) {
	t.Parallel()
	usual := []time.Duration{5 * m, 5 * m, 5 * m, 5 * m, 5 * m}
	explained := input(production(12*m, ran("migrate", 0, 8*m))).recent(usual...).staged(staging(ran("migrate", 0, m)))
	if got := Find(explained); len(got) != 1 || got[0].Kind != "slow-step" {
		t.Errorf("the step says it all: %v", got)
	}
	both := input(production(20*m, ran("migrate", 0, 8*m))).recent(usual...).staged(staging(ran("migrate", 0, m)))
	if got := Find(both); len(got) != 2 || got[0].Kind != "slow-step" || got[1].Kind != "slow-deployment" {
		t.Errorf("the rest is slow too: %v", got)
	}
}

func TestRetry(t *testing.T) {
	t.Parallel()
	one := 1
	first, second := ran("migrate", 0, 40*s), ran("migrate", m, m)
	first.State, first.Attempt, first.ExitCode = debrief.Failed, 1, &one
	second.Attempt = 2
	only := ran("migrate", 0, m)
	only.Attempt = 3
	again := production(10 * m)
	again.Attempt = 2
	both := production(10*m, first, second)
	both.Attempt = 2
	once := production(10*m, ran("migrate", 0, m))
	once.Attempt = 1
	play(t, "retry", []scene{
		{"a step at the second try", input(production(10*m, first, second)), []string{"migrate: Migration needed 2 tries."}},
		{"a step known only by its third try", input(production(10*m, only)), []string{"migrate: Migration needed 3 tries."}},
		{"the whole pipeline again", input(again), []string{"deployment: The deployment needed 2 tries."}},
		{"both: the step says it better", input(both), []string{"migrate: "}},
		{"the first attempt", input(once), nil},
		{"not said", input(production(10*m, ran("migrate", 0, m))), nil},
	})
	for _, sp := range Find(input(production(10*m, first, second))) {
		if e := strings.Join(sp.Evidence, "\n"); e != "try 1 of migrate: failed, exit code 1, took 0:40\ntry 2 of migrate: succeeded, took 1:00" {
			t.Error(e)
		}
	}
}

func TestManualStep(t *testing.T) {
	t.Parallel()
	byHand := ran("flip the switch", 0, 90*s)
	byHand.Manual = true
	approval := ran("approve", 0, m)
	approval.Manual, approval.Waiting = true, true
	whole := production(10 * m)
	whole.Manual = true
	both := production(10*m, byHand, byHand)
	both.Manual = true
	play(t, "manual-step", []scene{
		{"a step", input(production(10*m, byHand)), []string{"flip the switch: Step flip the switch was done by hand and took 1:30."}},
		{"the whole deployment", input(whole), []string{"deployment: The deployment was run by hand."}},
		{"both: the step says it better, once", input(both), []string{"flip the switch: "}},
		{"an approval is a decision", input(production(10*m, approval)), nil},
		{"by itself", input(production(10*m, ran("migrate", 0, m))), nil},
	})
}

func TestWaiting(t *testing.T) {
	t.Parallel()
	queued := func(wait, work time.Duration) debrief.Deployment {
		d := production(work)
		d.Times.Queued = at(-wait)
		return d
	}
	approval := queued(10*m, 5*m)
	approval.Times.WaitingSince, approval.Times.Approved = at(-9*m), at(-m)
	stage := ran("approve", m, 6*m)
	stage.Waiting = true
	running := queued(10*m, 5*m)
	running.State, running.Times.Finished = debrief.Running, time.Time{}
	instant := queued(10*m, 0)
	play(t, "waiting-longer-than-working", []scene{
		{"in the queue", input(queued(10*m, 5*m)), []string{"deployment: The deployment waited 10:00 and worked 5:00."}},
		{"for an approval", input(approval), []string{"deployment: The deployment waited 9:00 and worked 5:00."}},
		{"in a step of its own", input(production(10*m, stage)), []string{"deployment: The deployment waited 6:00 and worked 4:00."}},
		{"just as long", input(queued(5*m, 5*m)), nil},
		{"a little longer", input(queued(5*m+s, 5*m)), []string{"deployment: "}},
		{"a minute before a moment", input(queued(m, s)), []string{"deployment: "}},
		{"seconds before a moment", input(queued(59*s, s)), nil},
		{"still running", input(running), nil},
		{"how long it worked is not known", input(instant), nil},
	})
}
