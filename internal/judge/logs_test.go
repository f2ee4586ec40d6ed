package judge_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/debriefhq/debrief/internal/judge"
)

// logs is a release seen through log counts: an hour before, ten minutes
// after, in bins of ten seconds, lines known for knownFor.
func logs(knownFor time.Duration, patterns ...judge.LogCount) judge.LogQuestion {
	return judge.LogQuestion{
		Known: at.Add(-knownFor), KnownAfter: 24 * time.Hour, Exposed: at, To: at.Add(10 * time.Minute),
		Bin: 10 * time.Second, Patterns: patterns, Budget: 0.02,
	}
}

// pattern has Poisson counts at a rate per bin before and after; bursts > 1
// makes them come that many at a time.
func pattern(r *rand.Rand, id, level string, before, after float64, bursts int, first time.Time) judge.LogCount {
	c := judge.LogCount{ID: id, Level: level, First: first}
	for i := range 360 + 60 {
		rate := before
		if i >= 360 {
			rate = after
		}
		n := int(poisson(r, rate/float64(bursts))) * bursts
		if i < 360 {
			c.Before = append(c.Before, n)
		} else {
			c.After = append(c.After, n)
		}
	}
	return c
}

func TestCompareLogs(t *testing.T) {
	t.Parallel()
	r := rng(1)
	old := at.Add(-48 * time.Hour)
	usual := pattern(r, "usual", "info", 5, 5, 1, old)
	refused := pattern(r, "refused", "error", 0.2, 0.2, 1, old)
	fresh := pattern(r, "fresh", "error", 0, 1, 1, at.Add(30*time.Second))
	harmless := pattern(r, "harmless", "info", 0, 1, 1, at.Add(30*time.Second))
	grown := pattern(r, "grown", "error", 0.2, 2, 1, old)
	for _, c := range []struct {
		name   string
		q      judge.LogQuestion
		word   judge.Word
		first  string // id of the worst change; empty: none
		tooNew bool
	}{
		{"as usual", logs(7*24*time.Hour, usual, refused), judge.Steady, "", false},
		{"a new error", logs(7*24*time.Hour, usual, refused, fresh, harmless), judge.Worse, "fresh", false},
		{"a new line that is no error", logs(7*24*time.Hour, usual, harmless), judge.Steady, "harmless", false},
		{"known since this morning", logs(4*time.Hour, usual, fresh), judge.CannotTell, "", true},
		{"known since this morning, but a rate grew", logs(4*time.Hour, usual, grown), judge.Worse, "grown", true},
		{"ten times as often", logs(7*24*time.Hour, usual, grown), judge.Worse, "grown", false},
		{"gone quiet", logs(7*24*time.Hour, usual, pattern(r, "quiet", "error", 3, 0, 1, old)), judge.Better, "quiet", false},
		{"nothing known", judge.LogQuestion{}, judge.CannotTell, "", true},
	} {
		a := judge.CompareLogs(c.q)
		first := ""
		if len(a.Changes) > 0 {
			first = a.Changes[0].ID
		}
		if a.Word != c.word || first != c.first || a.TooNew != c.tooNew {
			t.Errorf("%s: %s, first %q, too new %v: %+v", c.name, a.Word, first, a.TooNew, a.Changes)
		}
	}
}

// TestLogsFalseAlarms: error lines that come in bursts, unchanged.
func TestLogsFalseAlarms(t *testing.T) {
	t.Parallel()
	crying, found := 0, 0
	for seed := range uint64(200) {
		r := rng(seed)
		var ps []judge.LogCount
		for i := range 8 {
			ps = append(ps, pattern(r, string(rune('a'+i)), "error", 0.3, 0.3, 1+4*(i%3), at.Add(-48*time.Hour)))
		}
		if judge.CompareLogs(logs(7*24*time.Hour, ps...)).Word == judge.Worse {
			crying++
		}
		ps[0] = pattern(r, "a", "error", 0.3, 1.5, 1, at.Add(-48*time.Hour))
		if judge.CompareLogs(logs(7*24*time.Hour, ps...)).Word == judge.Worse {
			found++
		}
	}
	if crying > 8 || found < 190 {
		t.Errorf("%d of 200 cried wolf, %d found", crying, found)
	}
}

func TestLogsGoneQuiet(t *testing.T) {
	t.Parallel()
	r := rng(3)
	old := at.Add(-48 * time.Hour)
	usual := pattern(r, "usual", "info", 5, 5, 1, old)
	orders := pattern(r, "orders", "info", 2, 0, 1, old)
	a := judge.CompareLogs(logs(7*24*time.Hour, usual, orders))
	if len(a.Changes) != 1 || a.Changes[0].ID != "orders" || !a.Changes[0].Quiet() || a.Word != judge.Steady {
		t.Errorf("orders stopped: %s %+v", a.Word, a.Changes)
	}
	// Half of all lines are gone: a tenth less is no news, and a line that
	// pauses for ten minutes now and then is not quiet.
	rare := pattern(r, "rare", "info", 0, 0, 1, old)
	for i := range rare.Before {
		if i%90 < 3 {
			rare.Before[i] = 4
		}
	}
	if a := judge.CompareLogs(logs(7*24*time.Hour, usual, rare)); len(a.Changes) != 0 {
		t.Errorf("a line that comes every quarter of an hour is not missed yet: %+v", a.Changes)
	}
	// What was as rare in the past is usual.
	orders.Past = []int{120, 0, 0, 110, 0, 130, 120}
	if a := judge.CompareLogs(logs(7*24*time.Hour, usual, orders)); len(a.Changes) != 0 {
		t.Errorf("orders stop often: %+v", a.Changes)
	}
}

// TestLogsHeldAgainstThePast: as many errors as after are usual for the hour
// before only, or for the last day.
func TestLogsHeldAgainstThePast(t *testing.T) {
	t.Parallel()
	r := rng(4)
	old := at.Add(-48 * time.Hour)
	grown := pattern(r, "grown", "error", 0.2, 2, 1, old)
	quietPast := make([]int, 24)
	busyPast := make([]int, 24)
	for i := range quietPast {
		quietPast[i] = 10 + r.IntN(6)
		busyPast[i] = 10 + 150*(i%3)
	}
	grown.Past = quietPast
	if a := judge.CompareLogs(logs(7*24*time.Hour, grown)); a.Word != judge.Worse {
		t.Errorf("ten times as often as ever: %s", a.Word)
	}
	grown.Past = busyPast
	if a := judge.CompareLogs(logs(7*24*time.Hour, grown)); a.Word != judge.Steady || len(a.Changes) != 0 {
		t.Errorf("as often as every third hour: %s %+v", a.Word, a.Changes)
	}
}

func TestLogsRanking(t *testing.T) {
	t.Parallel()
	r := rng(5)
	old := at.Add(-48 * time.Hour)
	named := func(template string, c judge.LogCount) judge.LogCount {
		c.Template = template
		return c
	}
	now := at.Add(30 * time.Second)
	a := judge.CompareLogs(logs(
		7*24*time.Hour,
		named("cache warmed", pattern(r, "info", "info", 0, 1, 1, now)),
		named("order <*> placed", pattern(r, "orders", "info", 3, 0, 1, old)),
		named("retrying payment <*>", pattern(r, "warned", "warn", 0, 1, 1, now)),
		named("job <*> ended", pattern(r, "ended", "error", 0, 1, 1, now)),
		named("runtime: out of memory", pattern(r, "memory", "error", 0, 1, 1, now)),
		named("refused", pattern(r, "fewer", "error", 3, 0.1, 1, old)),
	))
	var order []string
	for _, c := range a.Changes {
		order = append(order, c.ID)
	}
	if want := []string{"memory", "ended", "warned", "fewer", "info", "orders"}; !slices.Equal(order, want) {
		t.Errorf("%v, want %v", order, want)
	}
}

// TestLogsNewTraceIsOneNews: a new error line with a new stack trace behind it
// is one new kind of error; behind a known line the trace is the news.
func TestLogsNewTraceIsOneNews(t *testing.T) {
	t.Parallel()
	r := rng(6)
	now := at.Add(30 * time.Second)
	line := pattern(r, "line", "error", 0, 1, 1, now)
	line.Template, line.Example = "checkout <*> failed", "checkout 17 failed"
	trace := pattern(r, "trace", "error", 0, 1, 1, now)
	trace.Template, trace.Example = "trace: java.io.IOException at c.s.Pool.get", "checkout 17 failed\njava.io.IOException: reset\n\tat c.s.Pool.get(Pool.java:12)"
	one, both := judge.CompareLogs(logs(7*24*time.Hour, line)), judge.CompareLogs(logs(7*24*time.Hour, line, trace))
	if len(both.Changes) != 1 || both.Changes[0].ID != "line" || both.Changes[0].P != one.Changes[0].P {
		t.Errorf("%+v, with the trace %+v", one.Changes, both.Changes)
	}
	known := pattern(r, "line", "error", 1, 1, 1, at.Add(-48*time.Hour))
	known.Template, known.Example = line.Template, "checkout 3 failed"
	if a := judge.CompareLogs(logs(7*24*time.Hour, known, trace)); len(a.Changes) != 1 || a.Changes[0].ID != "trace" || a.Word != judge.Worse {
		t.Errorf("%s: %+v", a.Word, a.Changes)
	}
}
