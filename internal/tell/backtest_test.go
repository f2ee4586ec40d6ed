package tell_test

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/tell"
)

func backtest() debrief.Backtest {
	looks := func(relative bool, seen ...float64) []debrief.BacktestLook {
		var out []debrief.BacktestLook
		for i, after := range []time.Duration{5 * time.Minute, time.Hour, 24 * time.Hour} {
			out = append(out, debrief.BacktestLook{After: after, Taken: 100, Relative: relative, Seen: seen[i], Found: 33, Planted: 40})
		}
		return out
	}
	b := debrief.Backtest{
		Service: "shop", Measured: live, From: live.AddDate(0, 0, -14), To: live.AddDate(0, 0, -1), Releases: 100, Avoided: 12, False: 2, FalseLow: 0.0055, FalseHigh: 0.07,
		Metrics: []debrief.BacktestMetric{
			{Metric: "requests", Role: debrief.Traffic, Unit: "/s", Releases: 100, FalseHigh: 0.037, Looks: looks(true, 1.4, 0.31, 0.2)},
			{Metric: "p95 of /checkout", Role: debrief.Latency, Unit: "ms", Releases: 100, False: 2, FalseLow: 0.0055, FalseHigh: 0.07, Looks: looks(true, 0.38, 0.12, 0.09)},
			{Metric: "errors", Role: debrief.Errors, Unit: "%", Releases: 100, FalseHigh: 0.037, Looks: looks(false, 0, 0.003, 0.01)},
			{Metric: "queue", Role: debrief.Other, Problem: "main did not answer"},
		},
	}
	b.Metrics[2].Looks[0].CannotTell = map[debrief.Reason]int{debrief.TooLittle: 40, debrief.NotSensitive: 3}
	return b
}

func TestBacktestOnOneScreen(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := tell.TerminalBacktest(tell.TermWriter{Out: &out, Loc: time.UTC}, "shop", backtest()); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	for _, want := range []string{
		"At this traffic you will see +12 % p95 of /checkout within the hour. 2 of 100\nmade-up releases would have cried wolf (0 to 7 %).",
		"shop, 100 made-up releases from", "cried wolf", "sees in 5 min", "24 h",
		"p95 of /checkout  2 of 100 (0 to 7 %)  +38 %", "+12 %", "×2.4", "+0.3 points", "+1 point\n",
		"Errors, five minutes after: 43 of 100 could not tell: too few requests (40) and\nonly a very large change would show (3).",
		"Queue: main did not answer.", "Twelve real deployments were kept away from.", "Looks of 24 hours overlap here: 100 of them are worth about 13.",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("lacks %q:\n%s", want, text)
		}
	}
	lines := strings.Split(text, "\n")
	if len(lines) > 24 {
		t.Errorf("%d lines: more than one screen", len(lines))
	}
	for _, l := range lines {
		if utf8.RuneCountInString(l) > 80 {
			t.Errorf("wider than 80: %q", l)
		}
	}
}

func TestBacktestThatSawNothing(t *testing.T) {
	t.Parallel()
	b := debrief.Backtest{Releases: 20, FalseHigh: 0.16, Metrics: []debrief.BacktestMetric{{Metric: "p95", Looks: []debrief.BacktestLook{{After: time.Hour}}}}}
	bold, rest := tell.BacktestSays(b)
	if bold != "At this traffic no change would surely be seen." || !strings.HasPrefix(rest, "None of 20 made-up releases would have cried wolf (0 to 16 %)") {
		t.Errorf("%s %s", bold, rest)
	}
	if got := tell.BacktestBlind(b); len(got) != 1 || got[0] != "p95, one hour after: no quiet window between real deployments was long enough" {
		t.Errorf("%q", got)
	}
	if tell.Seen(b.Metrics[0], b.Metrics[0].Looks[0]) != "–" {
		t.Error("an unseen change has a size")
	}
}
