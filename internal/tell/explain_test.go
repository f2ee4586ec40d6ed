package tell_test

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/clipperhouse/displaywidth"
	"pgregory.net/rapid"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/judge"
	"github.com/debriefhq/debrief/internal/tell"
)

func explained(t *testing.T, x tell.Explained, width int) string {
	t.Helper()
	var out bytes.Buffer
	if err := tell.ExplainSeries(tell.TermWriter{Out: &out, Width: width, Loc: time.UTC}, x); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestExplainSeries(t *testing.T) {
	t.Parallel()
	v := slower()
	v.Word, v.Against, v.Warnings = debrief.Changed, []string{"the hour before the release", "no earlier weeks yet"}, []string{"no earlier weeks yet", "3 of 60 points after are missing"}
	text := explained(t, tell.Explained{Name: "p95 of /checkout", Verdict: v, Release: live, Null: 232, Counted: true}, 80)
	for _, want := range []string{
		"Changed: 38 % up (31 to 46 %) since 14:21.", "release 14:03", "since", "│", "13:03", "15:03",
		"216 ms expected, 298 ms seen", "p < 0.0005: without a release less than once in 2,000 such", "as far as 232 comparisons in its own past",
		"the hour before the release and no earlier weeks yet", "24,600 requests after the release", "a change above 6 %", "3 of 60 points after are missing",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("lacks %q:\n%s", want, text)
		}
	}
	if strings.Count(text, "no earlier weeks yet") != 1 {
		t.Errorf("said twice:\n%s", text)
	}

	steady := steadyErrors()
	text = explained(t, tell.Explained{Verdict: steady, Release: live}, 80)
	if !strings.HasPrefix(text, "Steady: a change above 0.06 points would show.\n") || strings.Contains(text, "would show   ") {
		t.Errorf("steady:\n%s", text)
	}
	text = explained(t, tell.Explained{Verdict: refund(), Release: live, Counted: true}, 80)
	if !strings.HasPrefix(text, "Cannot tell: too few requests (n = 14).\n") || strings.Contains(text, "how unusual") {
		t.Errorf("cannot tell:\n%s", text)
	}
}

func TestHowUnusualIsWorded(t *testing.T) {
	t.Parallel()
	for p, want := range map[float64]string{
		0.8: "p = 0.8: as its own past", 1: "p = 1: as its own past", 0.04: "p = 0.04: without a release about once in 25 such",
		0.001: "p = 0.001: without a release about once in 1,000 such", 0.0003: "p < 0.001: without a release less than once in 1,000 such", 0: "p < 0.001: without", 1e-30: "p < 0.001: without",
	} {
		v := slower()
		v.Word, v.P = debrief.Changed, p
		if text := explained(t, tell.Explained{Verdict: v, Release: live}, 100); !strings.Contains(text, want) {
			t.Errorf("%g lacks %q:\n%s", p, want, text)
		}
	}
}

func TestNothingIsToldRarerThanThePastSupports(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]float64{0: 1000, 1: 20, 8: 80, 64: 600, 100: 1000, 160: 1000, 640: 6000, 2000: 20000} {
		if got := tell.Rarest(n); got != want {
			t.Errorf("%d comparisons: once in %g, want %g", n, got, want)
		}
	}
	v := slower()
	v.Word, v.P = debrief.Changed, 1e-9
	for n, want := range map[int]string{160: "less than once in 1,000 such", 640: "less than once in 6,000 such", 20: "p < 0.005: without"} {
		if text := explained(t, tell.Explained{Verdict: v, Release: live, Null: n}, 100); !strings.Contains(text, want) {
			t.Errorf("%d comparisons lack %q:\n%s", n, want, text)
		}
	}
}

func TestTheRowIsNamedByTheShape(t *testing.T) {
	t.Parallel()
	for shape, want := range map[string]string{"spike": "peak ", "spread": "spread ", "level": "level ", "ramp": "level ", "": "level "} {
		v := slower()
		v.Word, v.Shape, v.Before, v.After, v.Unit = debrief.Changed, shape, 120, 417, ""
		if text := explained(t, tell.Explained{Verdict: v, Release: live}, 100); !strings.Contains(text, "\n  "+want) || !strings.Contains(text, "120 expected, 417 seen") {
			t.Errorf("%s lacks %q:\n%s", shape, want, text)
		}
	}
	v := slower()
	v.Word, v.Before, v.After, v.Unit = debrief.Changed, 0.000039, 12, ""
	v.Trace.V = []float64{0, 0, 0, 9, 0, 12}
	if text := explained(t, tell.Explained{Verdict: v, Release: live}, 100); !strings.Contains(text, " 0 expected, 12 seen") {
		t.Errorf("mostly zero:\n%s", text)
	}
	v.Trace.V = []float64{0.00003, 0.00005}
	if text := explained(t, tell.Explained{Verdict: v, Release: live}, 100); !strings.Contains(text, "0.000039 expected") {
		t.Errorf("small, and not zero:\n%s", text)
	}
}

func TestSizesInOneSentence(t *testing.T) {
	t.Parallel()
	v := debrief.Verdict{Word: debrief.CannotTell, Reason: debrief.NotSensitive, Relative: true, Smallest: 6.7, Needed: 0.5}
	says(t, tell.Verdict(v, time.UTC), "cannot tell: only a change above ×7.7 would show, we need ×1.5")
	v.Smallest = 0.62
	says(t, tell.Verdict(v, time.UTC), "cannot tell: only a change above 62 % would show, we need 50 %")
	v = debrief.Verdict{Word: debrief.Steady, Relative: true, Smallest: 0.00001}
	says(t, tell.Verdict(v, time.UTC), "steady, a change above 0.1 % would show")
	v.Relative, v.Unit = false, "%"
	says(t, tell.Verdict(v, time.UTC), "steady, a change above 0.001 points would show")
}

func TestExplainChanges(t *testing.T) {
	t.Parallel()
	s := tell.Slow{Name: "builds", Unit: "%", V: []float64{5, 5, 6, 5, 20, 21, 20, 22}, Labels: []string{"mon", "tue", "wed"}, Changes: []judge.Change{
		{At: 2, Low: 1, High: 4, Probability: 0.91, Before: 5, After: 20, Effect: 15, EffectLow: 13, EffectHigh: 17},
		{At: 4, Low: 4, High: 4, Probability: 0.999, Before: 5, After: 20, Effect: -15, EffectLow: -17, EffectHigh: -13},
	}}
	var out bytes.Buffer
	if err := tell.ExplainChanges(tell.TermWriter{Out: &out, Loc: time.UTC}, s); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Two changes of level in eight points.", "at wed (tue to 4)", "5 % → 20 %", "15 points up (13 to 17), 91 % likely", "15 points down (13 to 17), surely there"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("lacks %q:\n%s", want, out.String())
		}
	}
}

func TestExplainLogs(t *testing.T) {
	t.Parallel()
	f := debrief.LogFindings{Word: debrief.Worse, Known: live.Add(-time.Hour), Lines: 5400, Patterns: []debrief.LogPattern{
		{Template: "lock timeout of <*>", Level: "error", New: true, Count: 212, First: live.Add(time.Minute), Example: "ERROR lock timeout of 7"},
		{Template: "slow query", Level: "warn", Count: 30, Before: 10},
		{Template: "retrying", Count: 0, Before: 40},
	}}
	var out bytes.Buffer
	if err := tell.ExplainLogs(tell.TermWriter{Out: &out, Loc: time.UTC}, f, live); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"One new kind of error in the logs since 14:04, 212 times.", "5,400 lines since the\nrelease at 14:03, held against those since 13:03.",
		"new  error  212  lock timeout of <*>", "    ERROR lock timeout of 7", "×3  warn  30  slow query", "gone quiet  –  0  retrying",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("lacks %q:\n%s", want, out.String())
		}
	}
	ps := []debrief.LogPattern{{Level: "info", Count: 90, Template: "c"}, {Level: "error", Count: 1, Template: "a"}, {Level: "warn", Count: 3, Template: "b"}}
	tell.RankLogs(ps)
	if ps[0].Template+ps[1].Template+ps[2].Template != "abc" {
		t.Error(ps)
	}
}

// Whatever the numbers and names are, no line is wider than the terminal and
// nothing reaches it that could steer it.
func TestExplainedStaysWithinTheTerminal(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		width := rapid.IntRange(40, 120).Draw(rt, "width")
		v := debrief.Verdict{
			Word: rapid.SampledFrom([]debrief.Word{debrief.Changed, debrief.Steady, debrief.CannotTell}).Draw(rt, "word"), Relative: rapid.Bool().Draw(rt, "relative"),
			Effect: genFloat().Draw(rt, "effect"), Low: genFloat().Draw(rt, "low"), High: genFloat().Draw(rt, "high"), P: genFloat().Draw(rt, "p"),
			Before: genFloat().Draw(rt, "before"), After: genFloat().Draw(rt, "after"), Smallest: genFloat().Draw(rt, "smallest"),
			Warnings: []string{genText().Draw(rt, "warning")}, Since: genTime().Draw(rt, "since"),
		}
		v.Trace = debrief.Trace{Start: live, Step: time.Minute, V: []float64{v.Before, v.After, math.NaN(), v.Before}, Low: []float64{v.Low, v.Low, v.Low, v.Low}, High: []float64{v.High, v.High, v.High, v.High}}
		text := explained(t, tell.Explained{Name: genText().Draw(rt, "name"), Verdict: v, Release: genTime().Draw(rt, "release")}, width)
		for _, line := range strings.Split(text, "\n") {
			if strings.ContainsRune(line, 0x1b) || !utf8.ValidString(line) || displaywidth.String(line) > width {
				rt.Fatalf("%q", line)
			}
		}
	})
}
