package judge_test

import (
	"strings"
	"testing"

	"github.com/debriefhq/debrief/internal/judge"
)

// TestCalibrateChanges prints how well changes are found in made series, and
// how often one is invented.
func TestCalibrateChanges(t *testing.T) {
	t.Parallel()
	many := max(120, *calibrate)
	for _, kind := range []judge.SlowKind{judge.Durations, judge.Counts, judge.Shares} {
		sum, changed, false1, quiet := 0.0, 0, 0, 0
		var truth, reported, inside, likely float64
		for i := range many {
			s := makeSlow(rng(*calibrateFrom+uint64(i)), kind)
			found := judge.Changes(s.SlowSeries)
			if len(s.at) == 0 {
				quiet++
				if len(found) > 0 {
					false1++
				}
				continue
			}
			changed++
			sum += f1(s.at, found)
			truth += float64(len(s.at))
			for _, c := range found {
				reported++
				likely += c.Probability
				for _, x := range s.at {
					if c.Low <= x && x <= c.High {
						inside++
						break
					}
				}
			}
		}
		if f1, crying := sum/float64(changed), float64(false1)/float64(quiet); f1 < 0.84 || crying > 0.05 {
			t.Errorf("%s: F1 %.3f, %.1f %% of untouched series with a change", kind, f1, 100*crying)
		}
		t.Logf("%-8s F1 %.4f of %d, false %.2f %% of %d; %.0f changes, %.0f told, mean probability %.3f, inside %.3f", kind, sum/float64(changed), changed, 100*float64(false1)/float64(quiet), quiet, truth, reported, likely/reported, inside/reported)
	}
}

// TestCalibrateQuiet counts the changes invented where there is none.
func TestCalibrateQuiet(t *testing.T) {
	t.Parallel()
	many := max(100, *calibrate)
	for _, w := range quietWorlds() {
		if !strings.Contains(w.name, *calibrateOnly) {
			continue
		}
		crying := 0
		for i := range many {
			if len(judge.Changes(w.make(rng(*calibrateFrom+uint64(i))))) > 0 {
				crying++
			}
		}
		t.Logf("%-28s %5.2f %% of %d", w.name, 100*float64(crying)/float64(many), many)
	}
}
