package loop

import (
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/judge"
	"github.com/debriefhq/debrief/internal/measure"
)

func TestNamesOfARelease(t *testing.T) {
	t.Parallel()
	got := names([]debrief.Deployment{{Target: "eu", Commit: "0123456789abcdef0123"}, {Target: "us", Commit: "0123456789abcdef0123"}, {Commit: "abc"}})
	if want := "eu 0123456789abcdef0123 0123456 01234567 0123456789ab us abc"; strings.Join(got, " ") != want {
		t.Errorf("%q", got)
	}
}

// TestPastsAreBounded: what is kept never outgrows its room, the least lately
// used goes first, and what alone would fill it is not kept at all.
func TestPastsAreBounded(t *testing.T) {
	t.Parallel()
	var p pasts
	key := func(i int) pastKey {
		return pastOf(config.Metric{Query: "q"}, measure.Window{From: time.Unix(int64(i), 0), To: time.Unix(100, 0), Step: time.Minute})
	}
	of := func(n int) measure.Asked { return measure.Asked{Series: judge.Series{V: make([]float64, n)}} }
	p.put(key(0), of(mostKept), nil)
	if _, _, ok := p.get(key(0)); ok || p.size != 0 {
		t.Fatal("one past may fill everything")
	}
	const part = mostKept / 4
	for i := range 4 {
		p.put(key(i), of(part), []string{"said"})
	}
	p.put(key(3), of(part), []string{"said"}) // again: counted once
	if _, notes, ok := p.get(key(0)); !ok || len(notes) != 1 {
		t.Fatal("lost what fits")
	}
	p.put(key(4), of(part), nil)
	for i, want := range []bool{true, false, true, true, true} {
		if _, _, ok := p.get(key(i)); ok != want {
			t.Errorf("past %d kept: %v", i, ok)
		}
	}
	if p.size > mostKept {
		t.Errorf("%d numbers are kept", p.size)
	}
	h := measure.Asked{Histogram: &judge.Histogram{Counts: [][]float64{{1, 2}, nil, {3, 4}}}}
	if got := sizeOf(h); got != 13 {
		t.Errorf("a distribution counts as %d", got)
	}
}
