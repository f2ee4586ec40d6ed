package tell_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/tell"
)

func both(s debrief.Story) string {
	bold, rest := tell.Lead(s, time.UTC)
	return bold + " " + rest
}

func says(t *testing.T, text string, wants ...string) {
	t.Helper()
	for _, w := range wants {
		if !strings.Contains(text, w) {
			t.Errorf("%q is not in %q", w, text)
		}
	}
}

func cannotSee(metric string, role debrief.Role, why debrief.Reason) debrief.Verdict {
	return debrief.Verdict{Metric: metric, Role: role, Unit: "%", Word: debrief.CannotTell, Reason: why, N: 14}
}

// TestWhyItCannotTell: the metric is named, a change of a share is in points,
// and what would be needed is said.
func TestWhyItCannotTell(t *testing.T) {
	t.Parallel()
	v := cannotSee("errors of /refund", debrief.Errors, debrief.NotSensitive)
	v.Smallest, v.Needed = 1.3, 1
	s := story(debrief.ReleaseNew, look(1, 5*time.Minute, debrief.CannotTell, v))
	const want = "cannot tell for errors of /refund: only a change above 1.3 points would show, we need 1 point"
	if got := tell.Headline(s, time.UTC); got != want {
		t.Errorf("%q", got)
	}
	says(t, tell.Look(s.Looks[0], time.UTC), want)
	v.Unit, v.Smallest, v.Needed = "share", 0.013, 0.01
	says(t, tell.Verdict(v, time.UTC), "only a change above 1.3 points would show, we need 1 point")
	// The reason is one that decided, not a part's.
	part := cannotSee("p95 of /quiet", debrief.Latency, debrief.TooLittle)
	part.Part = true
	s.Looks[0].Verdicts = append([]debrief.Verdict{part}, s.Looks[0].Verdicts...)
	says(t, tell.Headline(s, time.UTC), "cannot tell for errors of /refund")
}

// TestEveryMetricHasItsReason: no sentence says only that it cannot tell.
func TestEveryMetricHasItsReason(t *testing.T) {
	t.Parallel()
	s := story(debrief.ReleaseNew, look(1, 5*time.Minute, debrief.CannotTell,
		cannotSee("a", debrief.Latency, debrief.TooLittle), cannotSee("b", debrief.Errors, debrief.NoBaseline), cannotSee("c", debrief.Latency, debrief.TooLittle)))
	says(t, both(s), "For a and c we cannot tell: too few requests (n = 14). For b neither: nothing earlier to hold it against.")
	text, _ := tell.ChatLook(s, s.Looks[0], "", time.UTC)
	says(t, text, "shop v1.42 in production, five minutes after: cannot tell.", "For b neither: nothing earlier")
}

// TestFindingsOutliveTheirLook: what a look found stands until a look denies it.
func TestFindingsOutliveTheirLook(t *testing.T) {
	t.Parallel()
	first := look(1, 5*time.Minute, debrief.Worse, slower(), steadyErrors())
	first.Logs = newError
	blind := cannotSee("p95 of /checkout", debrief.Latency, debrief.MetricsMissing)
	second := look(2, time.Hour, debrief.CannotTell, blind, steadyErrors())
	second.Logs = debrief.LogFindings{Word: debrief.CannotTell, Reason: debrief.ProviderFailed}
	s := story(debrief.ReleaseNew, first, second)
	says(t, tell.Headline(s, time.UTC), "p95 of /checkout 38 % up since 14:21 at 5 min", "one new kind of error at 5 min", "cannot tell for p95 of /checkout")
	says(t, both(s), "Slower.", "38 % up (31 to 46 %) since 14:21 five minutes after the release; it could not be looked at again.",
		"One new kind of error in the logs since 14:19, 212 times, five minutes after the release.", "For the logs we cannot tell")
	if strings.Contains(both(s), "still rising") {
		t.Error("nobody knows whether it still rises")
	}
	// Logs alone.
	s.Looks[0].Verdicts, s.Looks[1].Verdicts = []debrief.Verdict{steadyErrors()}, []debrief.Verdict{steadyErrors()}
	s.Looks[0].Word, s.Looks[1].Word = debrief.Steady, debrief.Steady
	says(t, both(s), "New errors in the logs.")
	says(t, tell.Headline(s, time.UTC), "one new kind of error at 5 min")
	// A later look that could tell denies them.
	s.Looks[1].Logs = debrief.LogFindings{Word: debrief.Steady}
	if got := tell.Headline(s, time.UTC); got != "as usual" {
		t.Errorf("denied, and still said: %q", got)
	}
}

// TestStillRisingFromTheLooks: the looks' own numbers say that it goes on.
func TestStillRisingFromTheLooks(t *testing.T) {
	t.Parallel()
	at := func(n int, after time.Duration, effect, low, high float64) debrief.Look {
		v := slower()
		v.Shape, v.Effect, v.Low, v.High = "level", effect, low, high
		return look(n, after, debrief.Worse, v)
	}
	says(t, both(story(debrief.ReleaseNew, at(1, 5*time.Minute, 0.4, 0.3, 0.5), at(2, time.Hour, 4.4, 4, 5))),
		"Slower, and still rising.", "Five minutes after the release it was 40 % up.")
	passed := at(2, time.Hour, 4.4, 4, 5)
	passed.Verdicts[0].Until = live.Add(30 * time.Minute)
	says(t, both(story(debrief.ReleaseNew, passed)), "p95 of /checkout was 5.4× as long (5 to 6×) from 14:21 to 14:33")
	for _, same := range [][]debrief.Look{
		{at(1, 5*time.Minute, 0.4, 0.3, 0.5), at(2, time.Hour, 0.45, 0.35, 0.55)},
		{at(1, 5*time.Minute, 4.4, 4, 5), at(2, time.Hour, 0.4, 0.3, 0.5)},
		{at(1, time.Hour, 0.4, 0.3, 0.5)},
		{at(1, 5*time.Minute, 0.4, 0.3, 0.5), passed},
	} {
		if got := both(story(debrief.ReleaseNew, same...)); strings.Contains(got, "still rising") {
			t.Error(got)
		}
	}
}

// TestSecondsWhereTheyMatter: looks within two minutes are told to the second.
func TestSecondsWhereTheyMatter(t *testing.T) {
	t.Parallel()
	v := slower()
	v.Since, v.Trace.Step = live.Add(8*time.Second), time.Second
	s := story(debrief.ReleaseNew, look(1, 40*time.Second, debrief.Worse, v))
	s.Looks[0].Verdicts[0].Trace.V = nil
	s.Looks[0].Logs = newError
	says(t, both(s), "since 14:03:08", "in the logs since 14:19:00")
	says(t, tell.Headline(story(debrief.ReleaseNew, planned(1, 6*time.Second)), time.UTC), "first look 14:03:06")
	says(t, tell.Headline(story(debrief.ReleaseNew, planned(1, 5*time.Minute)), time.UTC), "first look 14:08")
	if !tell.Quick(s) || tell.Quick(creep()) || tell.ClockSeconds(live, live, time.UTC) != "14:03:00" {
		t.Error("which stories are quick")
	}
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"p95: providers.dead: 127.0.0.1:18499 did not answer: dial tcp 127.0.0.1:18499: connect: connection refused": "provider “dead” at 127.0.0.1:18499 refuses connections",
		"providers.prometheus: prom:9090 did not answer: dial tcp: lookup prom: no such host":                        "Prometheus at prom:9090 is not known: its name has no address",
		"providers.loki: loki:3100 did not answer within 10s":                                                        "Loki at loki:3100 did not answer within 10s",
		"errors: providers.main: prom:9090 answered 503 Service Unavailable: <html> nginx":                           "provider “main” at prom:9090 answered 503 Service Unavailable",
		"providers.main: prom:9090 did not answer: something new":                                                    "provider “main” at prom:9090 did not answer",
		"providers.main: the answer cannot be read: EOF":                                                             "provider “main”: the answer cannot be read: EOF",
		"p95: providers.main: prom:9090 answered 400 Bad Request: parse error":                                       "p95: provider “main” at prom:9090 answered 400 Bad Request: parse error",
		"no configured metric has data after the release":                                                            "no configured metric has data after the release",
		"": "",
	} {
		got := tell.Unreachable(raw)
		if got != want || tell.Unreachable(got) != got {
			t.Errorf("%q: %q, want %q", raw, got, want)
		}
	}
	raw := "providers.dead: 127.0.0.1:18499 did not answer: dial tcp 127.0.0.1:18499: connect: connection refused"
	named := tell.UnreachableAs("p95: "+raw, func(name string) string { return map[string]string{"dead": "prometheus"}[name] })
	if named != "Prometheus “dead” at 127.0.0.1:18499 refuses connections" {
		t.Error(named)
	}
	if !tell.SameFailure(named, raw) || !tell.SameFailure("p95: "+raw, raw) || tell.SameFailure(named, "something else") || tell.SameFailure("a", "b") {
		t.Error("what says the same")
	}
	l := look(1, 5*time.Minute, debrief.CannotTell, cannotSee("p95", debrief.Latency, debrief.ProviderFailed), cannotSee("errors", debrief.Errors, debrief.ProviderFailed))
	for _, m := range []string{"p95", "errors"} {
		l.Blind = append(l.Blind, m+": providers.dead: 127.0.0.1:18499 did not answer: dial tcp 127.0.0.1:18499: connect: connection refused")
	}
	s := story(debrief.ReleaseNew, l)
	if got := tell.Headline(s, time.UTC); got != "cannot tell: provider “dead” at 127.0.0.1:18499 refuses connections" {
		t.Error(got)
	}
	if got := both(s); strings.Contains(got, "dial tcp") || strings.Count(got, "refuses connections") != 1 {
		t.Error(got)
	}
}

// TestProbesAreNoMetrics: a target that is down is told as such.
func TestProbesAreNoMetrics(t *testing.T) {
	t.Parallel()
	slow := cannotSee("response time of home", debrief.Latency, debrief.MetricsMissing)
	slow.N = 0
	failures := cannotSee("failures of home", debrief.Errors, debrief.NotSensitive)
	failures.N, failures.Smallest = 30, 40
	failures.Trace = debrief.Trace{Start: live.Add(-10 * time.Minute), Step: time.Minute, V: make(debrief.Numbers, 15)}
	for i := 12; i < 15; i++ {
		failures.Trace.V[i] = 100
	}
	s := story(debrief.ReleaseNew, look(1, 5*time.Minute, debrief.CannotTell, slow, failures))
	says(t, tell.Headline(s, time.UTC), "cannot tell for response time of home: it has not answered once since 14:05")
	says(t, both(s), "For response time of home we cannot tell: it has not answered once since 14:05.")
	s.Looks[0].Verdicts = s.Looks[0].Verdicts[:1]
	says(t, tell.Headline(s, time.UTC), "no answer is known since the release")
	slow.Reason, slow.N = debrief.TooLittle, 3
	says(t, tell.Verdict(slow, time.UTC), "too few answers (n = 3)")
}

// TestTerminalAnswers: a surprise can be answered from what the terminal shows.
func TestTerminalAnswers(t *testing.T) {
	t.Parallel()
	s := creep()
	s.Surprises[0].Evidence = []string{"production 5:12", "staging 0:58", "rows 31 M", "rows in staging 1.2 M", "and so on"}
	warn := "no earlier weeks yet"
	for i := range s.Looks[1].Verdicts {
		s.Looks[1].Verdicts[i].Warnings = []string{warn}
	}
	s.Looks[1].Logs.Patterns = []debrief.LogPattern{{ID: "l", Template: "<*> ERROR lock timeout", Level: "error", New: true, Count: 212, First: live}}
	var b bytes.Buffer
	if err := tell.Terminal(tell.TermWriter{Out: &b, Loc: time.UTC}, s); err != nil {
		t.Fatal(err)
	}
	out := b.String()
	says(t, out, "Two surprises, one to answer", "     debrief answer s1 expected\n", "     production 5:12\n", "and two more on its page",
		"  ✓  p95 of /checkout crept up", "Answers are expected, surprising, not-ours and nothing-there.", "No earlier weeks yet.", "212×  new  lock timeout\n")
	if n := strings.Count(strings.ToLower(out), warn); n != 1 {
		t.Errorf("one caveat is said %d times", n)
	}
	for i := range s.Surprises {
		s.Surprises[i].Answer = debrief.Expected
	}
	b.Reset()
	if err := tell.Terminal(tell.TermWriter{Out: &b, Loc: time.UTC}, s); err != nil {
		t.Fatal(err)
	}
	says(t, b.String(), "Two surprises, all answered")
}

func TestTimesInWords(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{1: "once", 2: "twice", 3: "three times", 212: "212 times"} {
		if got := tell.Times(n); got != want {
			t.Errorf("%d: %q", n, got)
		}
	}
}
