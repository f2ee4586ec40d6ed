package notice

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
)

func verdict(metric string, role debrief.Role, word debrief.Word) debrief.Verdict {
	return debrief.Verdict{
		Metric: metric, Role: role, Word: word, Unit: "ms", Sentence: "38 % up (31 to 46 %) since 14:21", Before: 82, After: 113, N: 4120, P: 0.0004,
		Since: at(21 * time.Minute), Against: []string{"just before"}, Warnings: []string{"no earlier weeks yet"},
	}
}

func planned(l debrief.Look) debrief.Look { l.State = debrief.LookPlanned; return l }

func TestShifts(t *testing.T) {
	t.Parallel()
	worse, changed, better, steady := debrief.Worse, debrief.Changed, debrief.Better, debrief.Steady
	for kind, role := range map[string]debrief.Role{"metric-shift": debrief.Latency, "error-rate-shift": debrief.Errors, "traffic-shift": debrief.Traffic} {
		other := map[debrief.Role]debrief.Role{debrief.Latency: debrief.Errors, debrief.Errors: debrief.Traffic, debrief.Traffic: debrief.Other}[role]
		play(t, kind, []scene{
			{"worse", input().looks(look(1, verdict("p95 of /checkout", role, worse))), []string{"p95 of /checkout: p95 of /checkout: 38 % up (31 to 46 %) since 14:21."}},
			{"changed", input().looks(look(1, verdict("queue", role, changed))), []string{"queue: queue: 38 % up"}},
			{"worse at the second and third look is one", input().looks(look(1, verdict("a", role, steady)), look(2, verdict("a", role, worse)), look(3, verdict("a", role, worse))), []string{"a: "}},
			{"two metrics are two", input().looks(look(1, verdict("a", role, worse), verdict("b", role, worse))), []string{"a: ", "b: "}},
			{"better is none", input().looks(look(1, verdict("a", role, better))), nil},
			{"steady is none", input().looks(look(1, verdict("a", role, steady))), nil},
			{"cannot tell is none", input().looks(look(1, verdict("a", role, debrief.CannotTell))), nil},
			{"before the look ends nothing is said", input().looks(planned(look(1, verdict("a", role, worse)))), nil},
			{"another role", input().looks(look(1, verdict("a", other, worse))), nil},
		})
	}
}

func TestUsualShiftIsANote(t *testing.T) {
	t.Parallel()
	usual := verdict("p95", debrief.Latency, debrief.Worse)
	usual.Usual = true
	play(t, "usual-shift", []scene{
		{"worse as after every release", input().looks(look(1, usual), look(2, usual)), []string{"p95: p95: 38 % up"}},
		{"worse than after other releases", input().looks(look(1, verdict("p95", debrief.Latency, debrief.Worse))), nil},
		{"usual at first, then more than that", input().looks(look(1, usual), look(2, verdict("p95", debrief.Latency, debrief.Worse))), nil},
	})
	for _, s := range Find(input().looks(look(1, usual))) {
		if s.Kind != "usual-shift" || !s.Note {
			t.Errorf("%+v", s)
		}
	}
}

func TestShiftTellsEveryLook(t *testing.T) {
	t.Parallel()
	second := verdict("p95", debrief.Latency, debrief.Worse)
	third := second
	third.Word, third.Sentence, third.Warnings = debrief.Steady, "", []string{"no earlier weeks yet", "half of it is missing"}
	got := Find(input().looks(look(3, third), look(2, second)))
	if len(got) != 1 {
		t.Fatalf("%d surprises", len(got))
	}
	want := []string{
		"look 2 (2026-03-03 14:10:00 to 16:10:00 UTC): worse, 82 ms before and 113 ms after, from 4,120 observations; as large by chance less than once in 1,000 times",
		"look 3 (2026-03-03 14:10:00 to 17:10:00 UTC): steady",
		"held against just before",
		"no earlier weeks yet",
		"half of it is missing (look 3)",
	}
	if strings.Join(got[0].Evidence, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got[0].Evidence, "\n"), strings.Join(want, "\n"))
	}
	if !got[0].At.Equal(at(21 * time.Minute)) {
		t.Errorf("at %v: want when it began", got[0].At)
	}
}

func TestNewError(t *testing.T) {
	t.Parallel()
	pattern := func(template, level string, isNew bool, count int) debrief.LogPattern {
		return debrief.LogPattern{ID: debrief.ID(template), Template: template, Example: "no stock for sku=***", Level: level, New: isNew, Count: count, First: at(12 * m)}
	}
	logs := func(n int, ps ...debrief.LogPattern) debrief.Look {
		l := look(n)
		l.Logs = debrief.LogFindings{Word: debrief.Changed, Patterns: ps}
		return l
	}
	tooNew := logs(1, pattern("boom <*>", "error", true, 9))
	tooNew.Logs.Word, tooNew.Logs.Reason = debrief.CannotTell, debrief.LogsTooNew
	var many []debrief.LogPattern
	for i := range 9 {
		many = append(many, pattern(fmt.Sprintf("error %d", i), "error", true, 20-i))
	}
	play(t, "new-error", []scene{
		{"never seen before", input().looks(logs(1, pattern("no stock for <*>", "error", true, 9))), []string{"no stock for <*>: A new kind of error, 9 lines: “no stock for <*>”."}},
		{"fatal, in capitals, once", input().looks(logs(1, pattern("out of memory", "FATAL", true, 1))), []string{"out of memory: A new kind of error, 1 line: "}},
		{"without its time and level", input().looks(logs(1, pattern("<*> ERROR no stock", "error", true, 9))), []string{"<*> ERROR no stock: A new kind of error, 9 lines: “no stock”."}},
		{"at two looks: one, counted last", input().looks(logs(1, pattern("x", "error", true, 3)), logs(2, pattern("x", "error", true, 1070))), []string{"x: A new kind of error, 1,070 lines"}},
		{"seen before", input().looks(logs(1, pattern("x", "error", false, 900))), nil},
		{"new, and no error", input().looks(logs(1, pattern("x", "info", true, 9), pattern("y", "warn", true, 9), pattern("z", "", true, 9))), nil},
		{"new and never counted", input().looks(logs(1, pattern("x", "error", true, 0))), nil},
		{"logs too new to say", input().looks(tooNew), nil},
		{"before the look ends", input().looks(planned(logs(1, pattern("x", "error", true, 3)))), nil},
		{"a flood: the five most frequent, and the rest together", input().looks(logs(1, many...)), []string{"error 0: ", "error 1: ", "error 2: ", "error 3: ", "error 4: ", "other new errors: 4 more new kinds of error beside those."}},
	})
}

// What is known of a pattern grows from look to look; its first line stays the first.
func TestNewErrorBeginsOnce(t *testing.T) {
	t.Parallel()
	one, two := look(1), look(2)
	p := debrief.LogPattern{Template: "boom", Level: "error", New: true, Count: 3, First: at(12 * m)}
	one.Logs = debrief.LogFindings{Word: debrief.Changed, Patterns: []debrief.LogPattern{p}}
	p.Count, p.First = 9, at(40*m)
	two.Logs = debrief.LogFindings{Word: debrief.Changed, Patterns: []debrief.LogPattern{p}}
	got := Find(input().looks(one, two))
	if len(got) != 1 || !got[0].At.Equal(at(12*m)) || !strings.HasPrefix(got[0].Evidence[0], "9 lines at level error since the release, first at 2026-03-03 14:12:00 UTC (look 2)") {
		t.Errorf("%+v", got)
	}
}

func TestBlindCheck(t *testing.T) {
	t.Parallel()
	cannot := func(metric string, role debrief.Role, why debrief.Reason) debrief.Verdict {
		return debrief.Verdict{Metric: metric, Role: role, Word: debrief.CannotTell, Reason: why}
	}
	steady := debrief.Verdict{Metric: "errors", Role: debrief.Errors, Word: debrief.Steady}
	unasked := look(1, steady)
	unasked.Blind = []string{"Loki at http://loki:3100 did not answer after 3 tries"}
	noLogs := look(1, steady)
	noLogs.Logs = debrief.LogFindings{Word: debrief.CannotTell, Reason: debrief.ProviderFailed}
	nothing := look(1)
	nothing.Word, nothing.Reason = debrief.CannotTell, debrief.ProviderFailed
	unset := look(1)
	unset.Word, unset.Reason = debrief.CannotTell, debrief.NothingToLookAt
	tooNew := look(1, steady)
	tooNew.Logs = debrief.LogFindings{Word: debrief.CannotTell, Reason: debrief.LogsTooNew}
	missing := cannot("p95", debrief.Latency, debrief.MetricsMissing)
	play(t, "blind-check", []scene{
		{"a metric is missing", input().looks(look(1, missing, steady)), []string{"check: Look 1 could not see 1 of 2: p95 (metrics missing)."}},
		{"all are", input().looks(look(1, missing, cannot("errors", debrief.Errors, debrief.ProviderFailed))), []string{"check: Look 1 could see nothing: p95 (metrics missing), errors (provider unreachable)."}},
		{"a target that is down", input().looks(look(1, cannot("response time of home", debrief.Latency, debrief.MetricsMissing), steady)), []string{"check: Look 1 could not see 1 of 2: home (it has not answered once since the release)."}},
		{"nothing could be asked at all", input().looks(nothing), []string{"check: Look 1 could see nothing: the metrics (provider unreachable)."}},
		{"what the look itself says", input().looks(unasked), []string{"check: Look 1 could not see everything: Loki at http://loki:3100 did not answer after 3 tries."}},
		{"the logs", input().looks(noLogs), []string{"check: Look 1 could not see 1 of 2: the logs (provider unreachable)."}},
		{"two looks: once", input().looks(look(1, missing, steady), look(2, missing, steady), look(3, steady)), []string{"check: Look 2 could not see 1 of 2: p95 (metrics missing). So it was at 2 of 3 looks."}},
		{"too little traffic is an answer", input().looks(look(1, cannot("p95", debrief.Latency, debrief.TooLittle))), nil},
		{"no baseline is an answer", input().looks(look(1, cannot("p95", debrief.Latency, debrief.NoBaseline), cannot("x", debrief.Other, debrief.NotSensitive))), nil},
		{"nothing is configured", input().looks(unset), nil},
		{"logs known too briefly", input().looks(tooNew), nil},
		{"before the look ends", input().looks(planned(look(1, missing))), nil},
		{"it saw", input().looks(look(1, steady)), nil},
	})
}

func TestUnrecordedRelease(t *testing.T) {
	t.Parallel()
	running := func(vs ...RunningVersion) Input {
		in := input(production(10 * m))
		in.Running = vs
		return in
	}
	followed := running(RunningVersion{"v1.43", at(3 * time.Hour)})
	followed.Story.Release.NextAt = at(3 * time.Hour)
	beforeNext := running(RunningVersion{"v1.42.1", at(2 * time.Hour)})
	beforeNext.Story.Release.NextAt = at(3 * time.Hour)
	attempt := running(RunningVersion{"v9", at(time.Hour)})
	attempt.Story.Release.FullExposure = time.Time{}
	byCommit := running(RunningVersion{"5d2a8f0", at(time.Hour)})
	byCommit.Story.Deployments[0].Commit = "5d2a8f0c1be94e7d3a6f58b2c4d1e0f9a7b63c84"
	old := debrief.Release{ID: "r41", Version: "v1.41", DeploymentIDs: []string{"d41"}}
	oldCommit := running(RunningVersion{"0b7c9e2", at(12 * m)})
	oldCommit.Story.Previous, oldCommit.Story.Recent = &old, []debrief.Deployment{{ID: "d41", Commit: "0b7c9e2f4d6a8130c5e7f9a1b3d5c7e9f1a2b4c6", Times: debrief.Times{Started: at(-time.Hour)}}}
	play(t, "unrecorded-release", []scene{
		{"a version nobody deployed", running(RunningVersion{"v1.42", at(9 * m)}, RunningVersion{"v1.42.1", at(2 * time.Hour)}), []string{"v1.42.1: v1.42.1 has been running since 16:00 UTC, but no deployment of it is recorded."}},
		{"back to the one before, unrecorded", running(RunningVersion{"v1.41", at(2 * time.Hour)}), []string{"v1.41: v1.41 has been running since 16:00 UTC, but the version before came back and no rollback is recorded."}},
		{"before the next release began", beforeNext, []string{"v1.42.1: "}},
		{"the release's own", running(RunningVersion{"v1.42", at(12 * m)}), nil},
		{"written otherwise", running(RunningVersion{"1.42", at(time.Hour)}), nil},
		{"its commit", byCommit, nil},
		{"the last instances of the one before", running(RunningVersion{"v1.41", at(14 * m)}), nil},
		{"the same, by commit", oldCommit, nil},
		{"five minutes after: no longer", running(RunningVersion{"v1.41", at(15 * m)}), []string{"v1.41: "}},
		{"from before it was live", running(RunningVersion{"v1.40", at(9 * m)}), nil},
		{"the next release's story", followed, nil},
		{"an attempt never took over", attempt, nil},
		{"no label", running(), nil},
	})
}
