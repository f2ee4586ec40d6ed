package loop_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief/internal/loop"
	"github.com/debriefhq/debrief/internal/measure"
	"github.com/debriefhq/debrief/internal/store"
)

var wrote = time.Date(2026, 3, 3, 14, 0, 0, 0, time.UTC)

// counting adds lines a second apart.
func counting(c *loop.Counter, lines ...string) []store.LogCount {
	for i, l := range lines {
		at := wrote.Add(time.Duration(i) * time.Second)
		c.Add(measure.Line{At: at, Text: l}, at)
	}
	return c.Take()
}

func total(c store.LogCount) (n int) {
	for _, k := range c.Bins {
		n += k
	}
	return n
}

func TestCounterCountsStackTraces(t *testing.T) {
	t.Parallel()
	c := loop.NewCounter(nil, 10*time.Second)
	event := strings.Split("2026-03-03 14:00:05 ERROR c.s.Shop - checkout 17 failed\njava.lang.IllegalStateException: password=hunter2\n\tat c.s.Pool.get(Pool.java:12)\n\tat c.s.Shop.run(Shop.java:99)", "\n")
	first := counting(c, append(append([]string{"2026-03-03 14:00:00 INFO c.s.Shop - ready"}, event...), event...)...)
	c.End()
	last := c.Take()
	if len(first) != 3 || len(last) != 1 || total(last[0]) != 1 {
		t.Fatalf("%+v then %+v", first, last)
	}
	for _, p := range first {
		if strings.Contains(p.Example, "hunter2") {
			t.Errorf("not masked: %q", p.Example)
		}
		if p.ID != last[0].ID {
			continue
		}
		if p.Template != "trace: java.lang.IllegalStateException at c.s.Pool.get at c.s.Shop.run" || p.Level != "error" || total(p) != 1 {
			t.Errorf("%+v", p)
		}
		// It happened when its event was written, not when the next one was.
		if !p.First.Equal(wrote.Add(time.Second)) {
			t.Errorf("at %s", p.First)
		}
	}
}

// TestCounterStartsAnew: a follower that was restarted and reads one line at a
// time counts it as the kind it was.
func TestCounterStartsAnew(t *testing.T) {
	t.Parallel()
	var lines []string
	for i, what := range []string{"order %d placed", "order %d shipped to eu", "payment %d refused", "cache missed %d times", "stock of item %d is low", "user %d logged in"} {
		for k := range 5 {
			lines = append(lines, fmt.Sprintf("2026-03-03 14:00:%02d,123 INFO [worker %d] [req-%d] c.s.Shop: "+what, k, k, i*7+k, k))
		}
	}
	c := loop.NewCounter(nil, 10*time.Second)
	ids := map[string]string{}
	for _, p := range counting(c, lines...) {
		ids[p.Template] = p.ID
	}
	if len(ids) != 6 || ids["order <*> placed"] == "" {
		t.Fatalf("%v", ids)
	}
	for range 3 {
		c = loop.NewCounter(c.Known(), 10*time.Second)
		for _, l := range lines {
			ps := counting(c, l)
			if len(ps) != 1 || ids[ps[0].Template] != ps[0].ID {
				t.Fatalf("%q is now %+v", l, ps)
			}
		}
	}
}

// TestCounterMergesKinds: names turn out to be one parameter; what was counted
// under the first of them is all there is.
func TestCounterMergesKinds(t *testing.T) {
	t.Parallel()
	c := loop.NewCounter(nil, 10*time.Second)
	one := counting(c, "login of user alice was refused")
	var more []string
	for _, u := range strings.Fields("bob carol dave erin frank") {
		more = append(more, "login of user "+u+" was refused")
	}
	rest := counting(c, more...)
	if len(one) != 1 || len(rest) != 1 || rest[0].ID != one[0].ID || total(rest[0]) != 5 || rest[0].Template != "login of user <*> was refused" {
		t.Fatalf("%+v then %+v", one, rest)
	}
}
