package judge_test

import (
	"strings"
	"testing"

	"github.com/debriefhq/debrief/internal/judge"
)

// score is how well the changes of many made series were found.
type score struct {
	series, quiet, crying int // with changes, without, and of those with one told
	f1                    float64
	changes, told, inside int
}

func (c *score) add(s slow, found []judge.Change) {
	if len(s.at) == 0 {
		c.quiet++
		if len(found) > 0 {
			c.crying++
		}
		return
	}
	c.series++
	c.f1 += f1(s.at, found)
	c.changes += len(s.at)
	c.told += len(found)
	for _, f := range found {
		for _, at := range s.at {
			if f.Low <= at && at <= f.High {
				c.inside++
				break
			}
		}
	}
}

// TestCalibrateChanges holds the targets: how well changes are found in made
// series, and in how many of those without any one is invented.
func TestCalibrateChanges(t *testing.T) {
	t.Parallel()
	for _, want := range []struct {
		kind judge.SlowKind
		f1   float64
	}{{judge.Durations, 0.91}, {judge.Counts, 0.93}, {judge.Shares, 0.88}} {
		var c score
		for i := range max(300, *calibrate) {
			s := makeSlow(rng(*calibrateFrom+uint64(i)), want.kind)
			c.add(s, judge.Changes(s.SlowSeries))
		}
		mean := c.f1 / float64(c.series)
		low, high := wilson(c.crying, c.quiet)
		t.Logf("%-8s F1 %.3f of %d series with %d changes (%d told, interval holds one in %.1f %%), untouched with a change %.2f %% of %d (%.2f to %.2f)",
			want.kind, mean, c.series, c.changes, c.told, 100*float64(c.inside)/float64(max(1, c.told)),
			100*float64(c.crying)/float64(c.quiet), c.quiet, 100*low, 100*high)
		if mean < want.f1 || c.crying*50 > c.quiet {
			t.Errorf("%s: F1 %.3f, target %.2f; %d of %d untouched series with a change", want.kind, mean, want.f1, c.crying, c.quiet)
		}
	}
}

// TestCalibrateQuiet counts the changes invented in other worlds without any:
// longer memories, heavier tails, more dispersion than the targets ask.
func TestCalibrateQuiet(t *testing.T) {
	t.Parallel()
	for _, w := range quietWorlds() {
		if !strings.Contains(w.name, *calibrateOnly) {
			continue
		}
		many := max(100, *calibrate)
		if strings.HasPrefix(w.name, "any") { // a hundred times the work
			many = max(20, *calibrate/10)
		}
		crying := 0
		for i := range many {
			if len(judge.Changes(w.make(rng(*calibrateFrom+uint64(i))))) > 0 {
				crying++
			}
		}
		low, high := wilson(crying, many)
		t.Logf("%-32s %5.2f %% of %d (%.2f to %.2f)", w.name, 100*float64(crying)/float64(many), many, 100*low, 100*high)
		if low > w.most {
			t.Errorf("%s: %d of %d series with an invented change", w.name, crying, many)
		}
	}
}
