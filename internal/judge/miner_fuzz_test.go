package judge_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/debriefhq/debrief/internal/judge"
)

func FuzzMiner(f *testing.F) {
	for _, l := range lines {
		f.Add(l.line)
	}
	f.Add(strings.Repeat("a b c ", 3000))
	f.Add("{\"msg\":\"\\u00e9\xff\",\"level\":{}}\n\tat x.y(Z.java:1)\n\n")
	f.Add("W \xff")
	f.Add("a=b c=\"d\\\" e='f' g= h=(i[j{k) 'l' <1 <*> *** ff:00:11:\x00\xfe|")
	for _, c := range traces {
		f.Add("2026-03-03 14:00:04 INFO c.s.Shop - ready\n" + c.event + "\n" + c.other)
	}
	for i, y := range append(systems, harder...) {
		events, _ := y.write(12, uint64(i))
		f.Add(strings.Join(events, "\r\n"))
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, b := judge.NewMiner(nil), judge.NewMiner(nil)
		total := 0
		for _, line := range strings.Split(text, "\n") {
			x, y := a.Add(line), b.Add(line)
			if x != y {
				t.Fatalf("not the same twice: %+v, %+v", x, y)
			}
			if x.ID == "" {
				t.Fatal("a line without a pattern")
			}
			if !x.More {
				total++
			}
			if x.Trace != "" {
				total++
			}
			if at, ok := judge.LineTime(line, time.UTC); ok && at.Location() != time.UTC {
				t.Fatalf("time not in UTC: %s", at)
			}
		}
		if a.End() != "" {
			total++
		}
		b.End()
		counted(t, a, text, total)

		// A miner that starts from the patterns, or from the state, knows them.
		c := judge.NewMiner(a.Patterns())
		for _, line := range strings.Split(text, "\n") {
			c.Add(line)
		}
		c.End()
		again := reopened(t, a)
		counted(t, again, text, total)
		again.Compact()
		counted(t, again, text, total)
		again.Merge(b)
		counted(t, again, text, 2*total)
		if ps := again.Patterns(); len(ps) > len(a.Patterns()) {
			t.Fatalf("the same twice makes %d patterns of %d:\n%+v\n%+v", len(ps), len(a.Patterns()), ps, a.Patterns())
		}
	})
}

func counted(t *testing.T, m *judge.Miner, text string, want int) {
	t.Helper()
	sum := 0
	for _, p := range m.Patterns() {
		sum += p.Count
		if p.ID == "" || p.Template == "" {
			t.Fatalf("a pattern without a name: %+v", p)
		}
		if utf8.ValidString(text) && !utf8.ValidString(p.Template) {
			t.Fatalf("template is no text: %q", p.Template)
		}
	}
	if sum != want {
		t.Fatalf("%d lines, %d counted", want, sum)
	}
}

// FuzzOpenMiner: a state may come from a broken disk.
func FuzzOpenMiner(f *testing.F) {
	m := judge.NewMiner(nil)
	for i, y := range systems[:6] {
		events, _ := y.write(4, uint64(i))
		mine(m, events)
	}
	b, err := m.State()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{"version":1,"formats":[{"sign":1,"votes":[9,9,9,9,9]}],"patterns":[{"id":"","words":["0a"],"counts":[1,2,3,4,5],"format":0,"example":"\ud800"}]}`))
	f.Fuzz(func(t *testing.T, state []byte) {
		m, err := judge.OpenMiner(state)
		if err != nil {
			return
		}
		for _, l := range lines {
			m.Add(l.line)
		}
		m.Merge(reopened(t, m))
		m.Patterns()
	})
}

// TestMinerBearsAnything: long lines, binary, and what is made to be slow.
func TestMinerBearsAnything(t *testing.T) {
	t.Parallel()
	m := judge.NewMiner(nil)
	for _, unit := range []string{"x", "ü", "\xff", "\x00\x01", "\"", "'", "'a ", "\"a b\" ", "[", "(((", "{\"a\":", "a=", "=", "a=b{", "ff:", "0:", "1,", "a.", "..", "\\\"", "at ", "2026-03-03 ", "INFO ", "\t", "| ", "- "} {
		long := strings.Repeat(unit, (1<<20)/len(unit))
		start := time.Now()
		for range 3 {
			if l := m.Add(long); l.ID == "" {
				t.Errorf("%q: no pattern", unit)
			}
			if l := m.Add(`{"msg":"` + long + `"}`); l.ID == "" {
				t.Errorf("%q in JSON: no pattern", unit)
			}
		}
		if d := time.Since(start); d > 2*time.Second {
			t.Errorf("six lines of a MiB of %q took %s", unit, d)
		}
	}
}
