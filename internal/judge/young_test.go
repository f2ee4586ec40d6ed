package judge_test

import (
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief/internal/judge"
)

// What is said of the length of the past is true of it.
func TestHowMuchPastIsSaid(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		points   int
		step     time.Duration
		warn     string
		seasonal bool
		weekly   bool
	}{
		{14 * 1440, time.Minute, "", true, true},
		{10 * 1440, time.Minute, "", true, false},
		{7*1440 - 90, time.Minute, "a week of its own past", true, false},
		{2 * 1440, time.Minute, "only 2 days of its own past", false, false},
		{20 * 60, time.Minute, "only 20 hours of its own past", false, false},
	} {
		q := question(rng(5), c.step, c.points, 60, 30, 0.3, 0.1, false)
		r := judge.Judge(q)
		said := strings.Join(r.Warnings, "; ")
		if said != c.warn || r.Band.Seasonal != c.seasonal || r.Band.Weekly != c.weekly {
			t.Errorf("%d points: %q, seasonal %v, weekly %v, null %d", c.points, said, r.Band.Seasonal, r.Band.Weekly, r.Null)
		}
		if past := time.Duration(c.points-60) * c.step; r.Band.Past > past+time.Hour || r.Band.Past < past-24*time.Hour/2 {
			t.Errorf("%d points: past of %s", c.points, r.Band.Past)
		}
	}
}
