package judge_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief/internal/judge"
)

var lines = []struct {
	line, level string
	at          string // RFC 3339; empty: none
}{
	{"2026-03-03T14:00:05.123Z ERROR checkout: payment 4711 refused by 10.0.0.3:8443", "error", "2026-03-03T14:00:05.123Z"},
	{"2026-03-03 14:00:05,123 [main] WARN  c.s.Shop - slow query 812 ms", "warn", "2026-03-03T14:00:05.123Z"},
	{"2026-03-03T14:00:05.123456+02:00 INFO started", "info", "2026-03-03T12:00:05.123456Z"},
	{"2026/03/03 14:00:05 [error] 12#12: *1 connect() failed", "error", "2026-03-03T14:00:05Z"},
	{`10.0.0.1 - - [03/Mar/2026:14:00:05 +0100] "GET /cart HTTP/1.1" 200 12`, "", "2026-03-03T13:00:05Z"},
	{"Mar  3 14:00:05 shop-1 sshd[4242]: Failed password for root", "", "0000-03-03T14:00:05Z"},
	{"[Tue Mar 03 14:00:05 2026] [error] client denied", "error", "2026-03-03T14:00:05Z"},
	{"E0303 14:00:05.000123    4242 reflector.go:12] watch failed", "error", "0000-03-03T14:00:05.000123Z"},
	{`{"time":"2026-03-03T14:00:05Z","level":"ERROR","msg":"payment refused","id":17}`, "error", "2026-03-03T14:00:05Z"},
	{`{"level":50,"time":1772546405123,"msg":"boom"}`, "error", "2026-03-03T14:00:05.123Z"},
	{`{"ts":1772546405.5,"level":"info","msg":"ready"}`, "info", "2026-03-03T14:00:05.5Z"},
	{`ts=2026-03-03T14:00:05Z level=warn msg="queue is long" depth=812`, "warn", "2026-03-03T14:00:05Z"},
	{"1772546405 something happened", "", "2026-03-03T14:00:05Z"},
	{"<11>Mar  3 14:00:05 shop app: it broke", "error", "0000-03-03T14:00:05Z"},
	{"03-03 14:00:05.123  1702  2395 E WindowManager: leaked", "error", "0000-03-03T14:00:05.123Z"},
	{"panic: runtime error: index out of range [3] with length 3", "error", ""},
	{"no errors found in 12 files", "", ""},
	{"java.lang.IllegalStateException: closed", "error", ""},
	{"日本語のログ 42 件", "", ""},
	{"", "", ""},
}

func TestLineTimeAndLevel(t *testing.T) {
	t.Parallel()
	for _, c := range lines {
		at, ok := judge.LineTime(c.line, nil)
		want := ""
		if ok {
			want = at.Format(time.RFC3339Nano)
		}
		if want != c.at {
			t.Errorf("%q: time %q, want %q", c.line, want, c.at)
		}
		if l := judge.NewMiner(nil).Add(c.line).Level; l != c.level {
			t.Errorf("%q: level %q, want %q", c.line, l, c.level)
		}
	}
}

func TestLineTimeInAZone(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("", 3600)
	at, ok := judge.LineTime("2026-03-03 14:00:05 INFO x", zone)
	if !ok || !at.Equal(time.Date(2026, 3, 3, 13, 0, 5, 0, time.UTC)) {
		t.Fatal(at, ok)
	}
	at, ok = judge.LineTime("2026-03-03T14:00:05Z INFO x", zone)
	if !ok || at.Hour() != 14 {
		t.Fatal(at, ok)
	}
}

func TestMinerGroups(t *testing.T) {
	t.Parallel()
	m := judge.NewMiner(nil)
	first := m.Add("2026-03-03T14:00:05Z ERROR payment 4711 refused by gateway eu-1 after 31 ms")
	for i := range 500 {
		l := m.Add(fmt.Sprintf("2026-03-03T14:%02d:05Z ERROR payment %d refused by gateway us-%d after %d ms", i%60, i*37, i%9, i))
		if l.ID != first.ID || l.New {
			t.Fatalf("line %d: %+v", i, l)
		}
	}
	other := m.Add("2026-03-03T15:00:05Z ERROR payment 4711 accepted by gateway eu-1 after 31 ms")
	if other.ID == first.ID || !other.New {
		t.Fatal("accepted is not refused")
	}
	ps := m.Patterns()
	if len(ps) != 2 || ps[0].Count != 501 || ps[0].Level != "error" || !strings.Contains(ps[0].Template, "refused by gateway") {
		t.Fatalf("%+v", ps)
	}
	// The ids outlive the miner.
	again := judge.NewMiner(ps)
	if l := again.Add("2026-03-04T14:00:05Z ERROR payment 1 refused by gateway ap-7 after 2 ms"); l.ID != first.ID || l.New {
		t.Fatalf("%+v", l)
	}
}

func TestMinerNames(t *testing.T) {
	t.Parallel()
	m := judge.NewMiner(nil)
	for _, n := range strings.Fields("alice bob carol dave erin frank") {
		m.Add("login of user " + n + " was refused")
	}
	if ps := m.Patterns(); len(ps) != 1 || ps[0].Count != 6 || ps[0].Template != "login of user <*> was refused" {
		t.Fatalf("%+v", ps)
	}
	if l := m.Add("login of user grace was refused"); l.New {
		t.Fatal("a name is no new pattern")
	}
}

func TestMinerTraces(t *testing.T) {
	t.Parallel()
	for name, trace := range map[string]string{
		"java":   "2026-03-03 14:00:05 ERROR c.s.Shop - checkout failed\njava.lang.IllegalStateException: closed\n\tat c.s.Pool.get(Pool.java:12)\n\tat c.s.Shop.run(Shop.java:99)\nCaused by: java.io.IOException: reset\n\t... 12 more",
		"python": "Traceback (most recent call last):\n  File \"/app/shop.py\", line 12, in run\n    pay(order)\nValueError: bad amount",
		"go":     "panic: boom\n\ngoroutine 1 [running]:\nmain.pay(...)\n\t/app/main.go:12 +0x1d\nmain.main()\n\t/app/main.go:8 +0x25\nexit status 2",
	} {
		m := judge.NewMiner(nil)
		start := m.Add("2026-03-03 14:00:04 INFO ready")
		more := 0
		lines := strings.Split(trace, "\n")
		for _, l := range lines {
			if m.Add(l).More {
				more++
			}
		}
		// Java's exception line may stand as a pattern of its own.
		if own := len(lines) - more; own > 2 {
			t.Errorf("%s: %d lines of their own: %+v", name, own, m.Patterns())
		}
		if l := m.Add("2026-03-03 14:00:06 INFO ready"); l.More || l.ID != start.ID {
			t.Errorf("%s: the line after is lost: %+v", name, l)
		}
	}
}

func TestMinerBounds(t *testing.T) {
	t.Parallel()
	m := judge.NewMiner(nil)
	for i := range 20000 {
		w := ""
		for j := i + 1; j > 0; j /= 26 {
			w += string(rune('a' + j%26))
		}
		m.Add(w + " " + w + "x said " + w + "y and " + w + "z")
	}
	if n := len(m.Patterns()); n > 4200 {
		t.Fatalf("%d patterns", n)
	}
	l := m.Add(strings.Repeat("x", 1<<20) + " " + strings.Repeat("ü", 1<<19))
	if l.ID == "" {
		t.Fatal("a long line is lost")
	}
}
