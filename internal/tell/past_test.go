package tell_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/clipperhouse/displaywidth"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/tell"
)

// Ten past releases stand on one screen, whatever a check had to say, and no
// row leaves it.
func TestPastReleasesFitTheScreen(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 10, 6, 14, 3, 0, 0, time.UTC)
	var all []debrief.Story
	for i := range 10 {
		s := debrief.Story{Release: debrief.Release{
			Service: "shop", Version: "v1.4" + strings.Repeat("2", i*4), Kind: debrief.ReleaseNew, Started: at, FullExposure: at,
			Looks: []debrief.Word{debrief.Worse, debrief.CannotTell, debrief.Pending}, Verdict: debrief.CannotTell,
		}}
		for n, word := range s.Release.Looks[:2] {
			s.Looks = append(s.Looks, debrief.Look{
				Number: n + 1, After: time.Duration(5+55*n) * time.Minute, State: debrief.LookDone, Word: word, From: at,
				Verdicts: []debrief.Verdict{{Metric: "p95 of /a/route/with/a/long/name/that/goes/on", Role: debrief.Latency, Word: word, Reason: debrief.MetricsMissing, Relative: true, Effect: 0.4, Low: 0.3, High: 0.5, Since: at, Sentence: "p95 up"}},
			})
		}
		all = append(all, s)
	}
	for _, width := range []int{24, 40, 80, 120} {
		for name, write := range map[string]func(tell.TermWriter, []debrief.Story) error{"rows": tell.TerminalPast, "looks": tell.TerminalLooks} {
			var b bytes.Buffer
			if err := write(tell.TermWriter{Out: &b, Width: width, Loc: time.UTC}, all); err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(b.String()) {
				if n := displaywidth.String(strings.TrimSuffix(line, "\n")); n > width {
					t.Errorf("%s: %d columns of %d: %s", name, n, width, line)
				}
			}
			if n := strings.Count(b.String(), "\n"); name == "rows" && width == 80 && n > 30 {
				t.Errorf("%d lines:\n%s", n, &b)
			}
			if width >= 80 && name == "rows" && strings.Count(b.String(), "◆▨○") != len(all) {
				t.Errorf("shapes are missing:\n%s", &b)
			}
		}
	}
	var b bytes.Buffer
	if err := tell.TerminalLooks(tell.TermWriter{Out: &b, Loc: time.UTC}, []debrief.Story{{Release: debrief.Release{Version: "v\x1b[31m9", Started: at}}}); err != nil {
		t.Fatal(err)
	}
	if got := b.String(); !strings.Contains(got, "○  too early") || strings.Contains(got, "\x1b") {
		t.Errorf("%q", got)
	}
}
