package tell_test

import (
	"bytes"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/tell"
)

var update = flag.Bool("update", false, "write the golden files")

// states are stories of every kind a page can show.
func states() map[string]debrief.Story {
	all := map[string]debrief.Story{
		"creep":      creep(),
		"as usual":   story(debrief.ReleaseNew, steadyLook(1, 5*time.Minute), steadyLook(2, time.Hour), planned(3, 24*time.Hour)),
		"too early":  story(debrief.ReleaseNew, planned(1, 5*time.Minute), planned(2, time.Hour)),
		"no looks":   story(debrief.ReleaseNew),
		"cannot":     story(debrief.ReleaseNew, look(1, 5*time.Minute, debrief.CannotTell, refund())),
		"nothing":    story(debrief.ReleaseNew, look(1, 5*time.Minute, debrief.CannotTell)),
		"same":       story(debrief.ReleaseSame),
		"empty":      {},
		"rollback":   story(debrief.ReleaseRollback, steadyLook(1, 5*time.Minute)),
		"recovered":  story(debrief.ReleaseNew, look(1, 5*time.Minute, debrief.Worse, slower()), steadyLook(2, time.Hour)),
		"cut short":  {},
		"blind":      {},
		"attempt":    {},
		"running":    {},
		"better":     {},
		"mixed":      {},
		"rolledback": {},
		"not finite": {},
		"hostile":    {},
	}
	r := all["rollback"]
	r.Release.Version, r.Release.PreviousVersion = "v1.41", "v1.42"
	all["rollback"] = r

	cut := look(1, 5*time.Minute, debrief.Steady, steadyErrors())
	cut.CutShort, cut.To, cut.Run = "v1.43", live.Add(2*time.Minute), []string{"v1.40", "v1.41", "v1.42"}
	all["cut short"] = story(debrief.ReleaseNew, cut)

	missing := debrief.Verdict{Metric: "p95 of /checkout", Role: debrief.Latency, Unit: "ms", Word: debrief.CannotTell, Reason: debrief.ProviderFailed}
	blind := look(1, 5*time.Minute, debrief.CannotTell, missing, steadyTraffic())
	blind.Blind = []string{"prometheus main did not answer (3 tries)"}
	blind.Logs = debrief.LogFindings{Word: debrief.CannotTell, Reason: debrief.LogsTooNew, Known: live.Add(-4 * time.Hour)}
	all["blind"] = story(debrief.ReleaseNew, blind)

	failed := story(debrief.ReleaseAttempt)
	code := 1
	failed.Deployments = []debrief.Deployment{{
		State: debrief.Failed, ExitCode: &code, Times: debrief.Times{Started: live.Add(-200 * time.Second), Finished: live},
		Stages: []debrief.Stage{{Name: "migrate", State: debrief.Failed, Started: live.Add(-60 * time.Second), Finished: live, Attempt: 2}},
	}}
	all["attempt"] = failed

	running := story(debrief.ReleaseRunning)
	running.Deployments = []debrief.Deployment{{State: debrief.Running, Stages: []debrief.Stage{{Name: "roll out", State: debrief.Running, Started: live}}}}
	all["running"] = running

	faster := slower()
	faster.Metric, faster.Word, faster.Effect, faster.Low, faster.High, faster.Shape = "first byte", debrief.Better, -0.09, -0.12, -0.06, "level"
	all["better"] = story(debrief.ReleaseNew, look(1, 5*time.Minute, debrief.Better, faster, steadyErrors(), steadyTraffic()))

	errs := steadyErrors()
	errs.Word, errs.Effect, errs.Low, errs.High, errs.Since, errs.After = debrief.Worse, 0.41, 0.3, 0.5, live.Add(10*time.Second), 0.62
	traffic := steadyTraffic()
	traffic.Word, traffic.Effect, traffic.Low, traffic.High = debrief.Changed, 1.4, 1.1, 1.8
	all["mixed"] = story(debrief.ReleaseNew, look(1, time.Hour, debrief.Worse, faster, errs, traffic))

	back := creep()
	back.Next = &debrief.Release{ID: "r2", Kind: debrief.ReleaseRollback, Version: "v1.41", FullExposure: live.Add(22 * time.Minute)}
	all["rolledback"] = back

	odd := slower()
	odd.Effect, odd.Low, odd.High, odd.After, odd.Smallest = math.Inf(1), math.NaN(), math.Inf(1), math.NaN(), math.NaN()
	odd2 := steadyErrors()
	odd2.Smallest, odd2.After = math.Inf(1), math.NaN()
	all["not finite"] = story(debrief.ReleaseNew, look(1, time.Hour, debrief.Worse, odd, odd2))

	h := creep()
	h.Release.Version = "v1\x1b[31m\u202e<!channel>*%!d(NaN-free)"
	h.Changes[0].Title = "title\x1b]0;owned\x07 with\nlines 漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字"
	h.Release.Version = strings.ReplaceAll(h.Release.Version, "%!d(NaN-free)", "")
	all["hostile"] = h
	return all
}

func TestSentences(t *testing.T) {
	t.Parallel()
	all := states()
	var b strings.Builder
	for _, name := range sorted(all) {
		s := all[name]
		bold, rest := tell.Lead(s, time.UTC)
		fmt.Fprintf(&b, "## %s\nheadline: %s\nlead: **%s** %s\n", name, tell.Headline(s, time.UTC), bold, rest)
		for _, l := range s.Looks {
			text, say := tell.ChatLook(s, l, "https://debrief.example/releases/r1", time.UTC)
			fmt.Fprintf(&b, "look %d: %s\nchat %d (%v): %s\n", l.Number, tell.Look(l, time.UTC), l.Number, say, text)
			for _, v := range l.Verdicts {
				fmt.Fprintf(&b, "  %s: %s\n", v.Metric, tell.Verdict(v, time.UTC))
			}
		}
		b.WriteString("\n")
	}
	golden(t, "sentences", b.String())
}

func TestTerminal(t *testing.T) {
	t.Parallel()
	all := states()
	for _, width := range []int{44, 80, 120} {
		var b bytes.Buffer
		for _, name := range sorted(all) {
			fmt.Fprintf(&b, "## %s\n", name)
			if err := tell.Terminal(tell.TermWriter{Out: &b, Width: width, Loc: time.UTC}, all[name]); err != nil {
				t.Fatal(err)
			}
		}
		golden(t, fmt.Sprintf("terminal-%d", width), b.String())
	}
}

func TestTerminalList(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	rs := []debrief.Release{}
	all := states()
	delete(all, "empty")
	for i, name := range sorted(all) {
		r := all[name].Release
		r.Started = r.Started.Add(-time.Duration(i) * 4 * time.Hour)
		r.Headline = tell.Headline(all[name], time.UTC)
		for _, l := range all[name].Looks {
			r.Looks = append(r.Looks, l.Word)
			if l.Word != debrief.Pending {
				r.Verdict = l.Word
			}
		}
		rs = append(rs, r)
	}
	for _, width := range []int{50, 100} {
		if err := tell.TerminalList(tell.TermWriter{Out: &b, Width: width, Loc: time.UTC}, rs); err != nil {
			t.Fatal(err)
		}
	}
	if err := tell.TerminalList(tell.TermWriter{Out: &b, Loc: time.UTC}, nil); err != nil {
		t.Fatal(err)
	}
	golden(t, "list", b.String())
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		gl, wl := strings.Split(got, "\n"), strings.Split(string(want), "\n")
		for i := range gl {
			if i >= len(wl) || gl[i] != wl[i] {
				old := "(nothing)"
				if i < len(wl) {
					old = wl[i]
				}
				t.Fatalf("%s line %d differs\n got: %s\nwant: %s\n(go test -update writes it)", file, i+1, gl[i], old)
			}
		}
		t.Fatalf("%s is longer than what is told now", file)
	}
}

func sorted[V any](m map[string]V) []string {
	var names []string
	for n := range m {
		names = append(names, n)
	}
	for i := range names {
		for j := i + 1; j < len(names); j++ {
			if names[j] < names[i] {
				names[i], names[j] = names[j], names[i]
			}
		}
	}
	return names
}
