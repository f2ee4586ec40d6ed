package judge_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/debriefhq/debrief/internal/judge"
)

// reopened is a miner that went through its state.
func reopened(t *testing.T, m *judge.Miner) *judge.Miner {
	t.Helper()
	b, err := m.State()
	if err != nil {
		t.Fatal(err)
	}
	again, err := judge.OpenMiner(b)
	if err != nil {
		t.Fatal(err)
	}
	return again
}

func TestMinerStateKeepsEverything(t *testing.T) {
	t.Parallel()
	for _, y := range slices.Concat(systems, harder) {
		events, _ := y.write(1000, 2)
		whole, m := judge.NewMiner(nil), judge.NewMiner(nil)
		mine(whole, events)
		mine(m, events[:500])
		m = reopened(t, m)
		mine(m, events[500:])
		if a, b := patterns(whole), patterns(m); !slices.Equal(a, b) {
			t.Errorf("%s: reopened halfway it ends in\n%s\ninstead of\n%s", y.name, strings.Join(b, "\n"), strings.Join(a, "\n"))
		}
	}
}

func patterns(m *judge.Miner) (out []string) {
	for _, p := range m.Patterns() {
		out = append(out, fmt.Sprintf("%s %d", p.Template, p.Count))
	}
	slices.Sort(out)
	return out
}

// TestMinersMerge: two followers of one service, in either order, end in the
// same groups, ids and counts; and nearly always in those of one that reads all.
func TestMinersMerge(t *testing.T) {
	t.Parallel()
	differ := 0
	for _, y := range slices.Concat(systems, harder) {
		events, truth := y.write(2000, 3)
		of := func(odd int) *judge.Miner {
			m := judge.NewMiner(nil)
			for i := odd; i < len(events); i += 2 {
				mine(m, events[i:i+1])
			}
			return m
		}
		ab, ba := of(0), of(1)
		ab.Merge(of(1))
		ba.Merge(of(0))
		if a, b := ab.Patterns(), ba.Patterns(); !slices.EqualFunc(a, b, func(x, y judge.Pattern) bool { return x.ID == y.ID && x.Template == y.Template && x.Count == y.Count }) {
			t.Errorf("%s: the order of merging matters:\n%v\n%v", y.name, a, b)
		}
		for _, id := range slices.Concat(of(0).Patterns(), of(1).Patterns()) {
			if !knows(ab, id.ID) {
				t.Errorf("%s: %s (%s) is no name any more", y.name, id.ID, id.Template)
			}
		}
		one := judge.NewMiner(nil)
		ids := mine(one, events)
		if !slices.Equal(patterns(one), patterns(ab)) {
			differ++
			t.Logf("%s: grouping accuracy of one %.3f, of the merged %.3f", y.name, grouping(truth, ids), grouping(truth, mine(reopened(t, ab), events)))
		}
	}
	if differ > 3 {
		t.Errorf("%d systems are grouped differently by two miners than by one", differ)
	}
}

func knows(m *judge.Miner, id string) bool {
	for _, p := range m.Patterns() {
		if p.ID == id || slices.Contains(m.Same(p.ID), id) {
			return true
		}
	}
	return false
}

func TestMinerStateIsBounded(t *testing.T) {
	t.Parallel()
	m := judge.NewMiner(nil)
	first := m.Add("2026-03-03T14:00:05Z ERROR payment 12 was refused")
	for range 100 {
		m.Add("2026-03-03T14:00:05Z ERROR payment 13 was refused")
	}
	r := rng(5)
	random := func() string {
		var b strings.Builder
		b.WriteString("2026-03-03T14:00:05Z INFO ")
		for range 3 + r.IntN(5) {
			for range 2 + r.IntN(8) {
				b.WriteByte('a' + byte(r.IntN(26)))
			}
			b.WriteByte(' ')
		}
		return b.String()
	}
	garbage := random()
	m.Add(garbage)
	for i := range 30000 {
		m.Add(random())
		if i%5000 == 0 {
			m.Compact()
		}
	}
	if l := m.Add(garbage); l.New {
		t.Error("what was seen and dropped is new again")
	}
	ps := m.Patterns()
	if len(ps) > 4096 {
		t.Errorf("%d patterns", len(ps))
	}
	total := 0
	for _, p := range ps {
		total += p.Count
	}
	if total != 30103 {
		t.Errorf("%d lines counted of 30103", total)
	}
	if l := m.Add("2026-03-03T15:00:05Z ERROR payment 14 was refused"); l.New || l.ID != first.ID {
		t.Errorf("the pattern that matters is lost: %+v", l)
	}
	b, err := m.State()
	if err != nil || len(b) > 4<<20 {
		t.Errorf("%d bytes of state, %v", len(b), err)
	}
}

func TestOpenMinerRefuses(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "{", `{"version":99}`, `[]`} {
		if m, err := judge.OpenMiner([]byte(s)); err == nil || m != nil {
			t.Errorf("%q: %v", s, err)
		}
	}
	m, err := judge.OpenMiner([]byte(`{"version":1,"lines":-4,"patterns":[{"id":"a","words":["0x","9","~"]},{"id":"b","words":[]},{"id":"c","words":["0hello"],"format":7,"given":200},{"id":"d","words":["0hello"],"format":7}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if l := m.Add("hello"); l.ID != "d" || l.New {
		t.Errorf("%+v", l)
	}
}
