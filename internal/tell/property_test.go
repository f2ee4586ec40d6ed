package tell_test

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/clipperhouse/displaywidth"
	"pgregory.net/rapid"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/tell"
)

// noise is what no text of ours may ever hold: numbers that are none, and
// formatting gone wrong.
var noise = regexp.MustCompile(`NaN|Inf\b|%!|\(MISSING\)|\bnil\b|[ -]0001\b`)

func genFloat() *rapid.Generator[float64] {
	return rapid.OneOf(
		rapid.Float64(),
		rapid.Float64Range(-2, 5),
		rapid.SampledFrom([]float64{0, math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, math.SmallestNonzeroFloat64, -1, 1, 0.38, 99.97, 1e15, -1e-10}),
	)
}

func genTime() *rapid.Generator[time.Time] {
	return rapid.Custom(func(t *rapid.T) time.Time {
		if rapid.Bool().Draw(t, "zero") {
			return time.Time{}
		}
		return live.Add(time.Duration(rapid.Int64Range(-1e15, 1e15).Draw(t, "after")))
	})
}

// genText holds no word of ours that the test looks for, but all that a
// terminal or a chat would obey.
func genText() *rapid.Generator[string] {
	return rapid.SampledFrom([]string{
		"", "v1.42", "p95 of /checkout", "errors", "\x1b[31mred", "a\nb\tc", "漢字", "<!channel>", "*x* `y` ~z~ & <b>", "\u202egnp", "\xff\xfe",
		strings.Repeat("long ", 80), strings.Repeat("x", 300), "👩‍👩‍👧", "Größe", ". . .", ",",
	})
}

func genVerdict() *rapid.Generator[debrief.Verdict] {
	words := []debrief.Word{debrief.Pending, debrief.Worse, debrief.Better, debrief.Changed, debrief.Steady, debrief.CannotTell, "odd"}
	return rapid.Custom(func(t *rapid.T) debrief.Verdict {
		v := debrief.Verdict{
			Metric: genText().Draw(t, "metric"), Word: rapid.SampledFrom(words).Draw(t, "word"),
			Role:     rapid.SampledFrom([]debrief.Role{debrief.Latency, debrief.Errors, debrief.Traffic, debrief.Other, ""}).Draw(t, "role"),
			Unit:     rapid.SampledFrom([]string{"", "ms", "s", "ns", "%", "share", "/s", "B", "rows", "req/s"}).Draw(t, "unit"),
			Reason:   rapid.SampledFrom([]debrief.Reason{"", debrief.TooLittle, debrief.NoBaseline, debrief.LogsTooNew, debrief.MetricsMissing, debrief.ProviderFailed, debrief.NothingToLookAt, debrief.NotSensitive, debrief.Overlap, "odd"}).Draw(t, "reason"),
			Relative: rapid.Bool().Draw(t, "relative"), Effect: genFloat().Draw(t, "effect"), Low: genFloat().Draw(t, "low"), High: genFloat().Draw(t, "high"),
			After: genFloat().Draw(t, "after"), Smallest: genFloat().Draw(t, "smallest"), N: rapid.Int().Draw(t, "n"), Since: genTime().Draw(t, "since"),
			Shape:    rapid.SampledFrom([]string{"", "level", "ramp", "spread", "spike"}).Draw(t, "shape"),
			Warnings: rapid.SliceOfN(genText(), 0, 2).Draw(t, "warnings"),
			Trace:    debrief.Trace{Start: genTime().Draw(t, "start"), Step: time.Duration(rapid.Int64Range(-1, 1e12).Draw(t, "step"))},
		}
		v.Trace.V = rapid.SliceOfN(genFloat(), 0, 40).Draw(t, "values")
		return v
	})
}

func genStory() *rapid.Generator[debrief.Story] {
	kinds := []debrief.ReleaseKind{debrief.ReleaseNew, debrief.ReleaseRollback, debrief.ReleaseSame, debrief.ReleaseAttempt, debrief.ReleaseRunning, "", "odd"}
	return rapid.Custom(func(t *rapid.T) debrief.Story {
		s := debrief.Story{ServiceName: genText().Draw(t, "service"), Release: debrief.Release{
			Service: "shop", Version: genText().Draw(t, "version"), PreviousVersion: genText().Draw(t, "previous"), Kind: rapid.SampledFrom(kinds).Draw(t, "kind"),
			Environment: "production", Started: genTime().Draw(t, "started"), FullExposure: genTime().Draw(t, "live"), Changes: rapid.IntRange(-1, 30).Draw(t, "changes"),
		}}
		for i := range rapid.IntRange(0, 3).Draw(t, "looks") {
			s.Looks = append(s.Looks, debrief.Look{
				Number: i + 1, After: time.Duration(rapid.Int64Range(0, 2e14).Draw(t, "after")), State: rapid.SampledFrom([]debrief.LookState{debrief.LookDone, debrief.LookPlanned}).Draw(t, "state"),
				Word: rapid.SampledFrom([]debrief.Word{"", debrief.Worse, debrief.Steady, debrief.CannotTell}).Draw(t, "word"), Due: genTime().Draw(t, "due"), From: live, To: genTime().Draw(t, "to"),
				Verdicts: rapid.SliceOfN(genVerdict(), 0, 5).Draw(t, "verdicts"), CutShort: genText().Draw(t, "cut"), Run: rapid.SliceOfN(genText(), 0, 3).Draw(t, "run"),
				Blind: rapid.SliceOfN(genText(), 0, 2).Draw(t, "blind"),
				Logs: debrief.LogFindings{
					Word: rapid.SampledFrom([]debrief.Word{"", debrief.Worse, debrief.Steady, debrief.CannotTell}).Draw(t, "logs"), Reason: debrief.LogsTooNew, Known: genTime().Draw(t, "known"),
					Patterns: []debrief.LogPattern{{Template: genText().Draw(t, "template"), New: rapid.Bool().Draw(t, "new"), Level: "error", Count: rapid.Int().Draw(t, "count"), Before: genFloat().Draw(t, "before"), First: genTime().Draw(t, "first")}},
				},
			})
		}
		for range rapid.IntRange(0, 3).Draw(t, "surprises") {
			s.Surprises = append(s.Surprises, debrief.Surprise{Sentence: genText().Draw(t, "sentence"), Question: genText().Draw(t, "question"), Subject: genText().Draw(t, "subject"), At: genTime().Draw(t, "at"), Note: rapid.Bool().Draw(t, "note")})
		}
		d := debrief.Deployment{State: rapid.SampledFrom(debrief.DeploymentStates()).Draw(t, "state"), Times: debrief.Times{Started: genTime().Draw(t, "d"), Finished: genTime().Draw(t, "e")}}
		for range rapid.IntRange(0, 3).Draw(t, "stages") {
			d.Stages = append(d.Stages, debrief.Stage{Name: genText().Draw(t, "stage"), State: d.State, Started: genTime().Draw(t, "s"), Finished: genTime().Draw(t, "f"), Attempt: 2})
		}
		s.Deployments, s.Recent, s.Staging = []debrief.Deployment{d}, []debrief.Deployment{d}, []debrief.Deployment{d}
		s.Changes = []debrief.Change{{Commit: genText().Draw(t, "commit"), Title: genText().Draw(t, "title")}}
		if rapid.Bool().Draw(t, "next") {
			s.Next = &debrief.Release{Kind: debrief.ReleaseRollback, FullExposure: genTime().Draw(t, "back")}
		}
		return s
	})
}

// TestNothingOddIsEverSaid: whatever the numbers and texts are, no sentence
// holds a number that is none, a control character, or a line that is too wide.
func TestNothingOddIsEverSaid(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := genStory().Draw(t, "story")
		bold, rest := tell.Lead(s, time.UTC)
		said := []string{tell.Headline(s, time.UTC), bold, rest}
		if said[0] == "" || bold == "" || !strings.HasSuffix(bold, ".") {
			t.Fatalf("headline %q, bold %q", said[0], bold)
		}
		for _, l := range s.Looks {
			text, _ := tell.ChatLook(s, l, "https://debrief.example/r", time.UTC)
			for _, markup := range []string{"<!", "<b>", "\x1b"} {
				if strings.Contains(text, markup) {
					t.Fatalf("chat obeys %q in %q", markup, text)
				}
			}
			said = append(said, strings.Split(text, "\n")...)
			said = append(said, tell.Look(l, time.UTC))
			for _, v := range l.Verdicts {
				said = append(said, tell.Verdict(v, time.UTC), tell.Effect(v))
			}
		}
		width := rapid.SampledFrom([]int{24, 60, 100}).Draw(t, "width")
		var b bytes.Buffer
		if err := tell.Terminal(tell.TermWriter{Out: &b, Width: width}, s); err != nil {
			t.Fatal(err)
		}
		r := s.Release
		r.Headline = said[0]
		if err := tell.TerminalList(tell.TermWriter{Out: &b, Width: width}, []debrief.Release{r, r}); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(b.String(), "\n")
		for _, line := range append(said, lines...) {
			if noise.MatchString(line) || !utf8.ValidString(line) || strings.ContainsAny(line, "\x1b\x07\r\u202e") {
				t.Fatalf("odd: %q", line)
			}
		}
		if width >= 60 {
			for _, line := range lines {
				if w := displaywidth.String(line); w > width {
					t.Fatalf("%d columns of %d: %q", w, width, line)
				}
			}
		}
	})
}

func TestColour(t *testing.T) {
	t.Parallel()
	env := func(k, v string) func(string) string {
		return func(name string) string {
			if name == k {
				return v
			}
			return ""
		}
	}
	for _, c := range []struct {
		getenv   func(string) string
		terminal bool
		want     bool
	}{
		{env("", ""), true, true},
		{env("", ""), false, false},
		{env("NO_COLOR", "1"), true, false},
		{env("TERM", "dumb"), true, false},
	} {
		if got := tell.Colour(c.getenv, c.terminal); got != c.want {
			t.Errorf("terminal %v: %v", c.terminal, got)
		}
	}
	// Colour changes the colour and nothing else.
	var plain, painted bytes.Buffer
	for w, colour := range map[*bytes.Buffer]bool{&plain: false, &painted: true} {
		if err := tell.Terminal(tell.TermWriter{Out: w, Colour: colour, Loc: time.UTC}, creep()); err != nil {
			t.Fatal(err)
		}
	}
	stripped := regexp.MustCompile("\x1b\\[[0-9;]*m").ReplaceAllString(painted.String(), "")
	if stripped != plain.String() || painted.Len() == plain.Len() || !strings.Contains(painted.String(), "38;5;166") {
		t.Errorf("%q\n%q", stripped, plain.String())
	}
	var e bytes.Buffer
	if err := tell.Terminal(tell.TermWriter{Out: &e, Width: 3}, debrief.Story{}); err != nil || e.Len() == 0 {
		t.Error(err)
	}
	if err := tell.Terminal(tell.TermWriter{Out: failing{}}, debrief.Story{}); err == nil {
		t.Error("a writer's error must be told")
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

// TestSameInAndOut: a story that went through JSON, as it does on its way to
// the terminal, is told the same.
func TestSameInAndOut(t *testing.T) {
	t.Parallel()
	for name, s := range states() {
		if name == "not finite" || name == "hostile" {
			continue // never stored like that
		}
		b, err := json.Marshal(s)
		if err != nil {
			t.Fatal(name, err)
		}
		var again debrief.Story
		if err := json.Unmarshal(b, &again); err != nil {
			t.Fatal(name, err)
		}
		var one, two bytes.Buffer
		for w, x := range map[*bytes.Buffer]debrief.Story{&one: s, &two: again} {
			if err := tell.Terminal(tell.TermWriter{Out: w, Width: 90, Loc: time.UTC}, x); err != nil {
				t.Fatal(err)
			}
		}
		if one.String() != two.String() {
			t.Errorf("%s:\n%s\n%s", name, one.String(), two.String())
		}
	}
}

// TestNeverACause holds the texts to the vocabulary: correlation is never
// called cause, nobody is blamed.
func TestNeverACause(t *testing.T) {
	t.Parallel()
	causal := regexp.MustCompile(`(?i)\b(because|caused|due to the release|responsible|fault|blame|culprit)\b|!`)
	for name, s := range states() {
		if name == "hostile" {
			continue
		}
		bold, rest := tell.Lead(s, time.UTC)
		for _, text := range []string{bold, rest, tell.Headline(s, time.UTC)} {
			if causal.MatchString(text) {
				t.Errorf("%s: %q", name, text)
			}
		}
	}
}

func FuzzClean(f *testing.F) {
	f.Add("a\x1b[31mb\n")
	f.Fuzz(func(t *testing.T, s string) {
		c := tell.Clean(s)
		if strings.ContainsAny(c, "\x1b\n\r\t\x00\u202e") || tell.Clean(c) != c {
			t.Errorf("%q became %q", s, c)
		}
	})
}

func BenchmarkTerminal(b *testing.B) {
	s := creep()
	for b.Loop() {
		if err := tell.Terminal(tell.TermWriter{Out: io.Discard, Width: 100}, s); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLead(b *testing.B) {
	s := creep()
	for b.Loop() {
		bold, rest := tell.Lead(s, time.UTC)
		if bold == "" || rest == "" {
			b.Fatal("nothing to say")
		}
	}
}

func BenchmarkList(b *testing.B) {
	rs := make([]debrief.Release, 1000)
	for i := range rs {
		rs[i] = release(debrief.ReleaseNew)
		rs[i].Headline = "p95 of /checkout 38 % up since 14:21; migration 5.4× staging"
		rs[i].Looks = []debrief.Word{debrief.Steady, debrief.Worse, debrief.Pending}
	}
	for b.Loop() {
		if err := tell.TerminalList(tell.TermWriter{Out: io.Discard, Width: 100}, rs); err != nil {
			b.Fatal(err)
		}
	}
}
