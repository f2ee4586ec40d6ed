package loop_test

import (
	"slices"
	"testing"
	"time"

	"github.com/debriefhq/debrief/internal/judge"
	"github.com/debriefhq/debrief/internal/loop"
)

func TestWhatItWasHeldAgainst(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	monday := time.Date(2026, 3, 2, 14, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name  string
		r     judge.Result
		want  []string
		shade string
	}{
		{"two weeks", judge.Result{Null: 159, Weeks: 1, Band: judge.Band{Past: 14*day - 3*time.Hour, Seasonal: true, Weekly: true}}, []string{"the same comparison at 159 moments of the last fourteen days, time of day taken out"}, "this service's weekdays"},
		{"no season", judge.Result{Null: 159, Weeks: 1, Band: judge.Band{Past: 13 * day}}, []string{"the same comparison at 159 moments of the last thirteen days"}, "its own past"},
		{"four weeks", judge.Result{Null: 640, Weeks: 3, Band: judge.Band{Past: 28*day - 3*time.Hour, Seasonal: true, Weekly: true}}, []string{"the same comparison at 640 moments of the last four weeks, time of day taken out"}, "this service's weekdays"},
		{"a week", judge.Result{Null: 150, Band: judge.Band{Past: 7*day - 3*time.Hour, Seasonal: true}}, []string{"the same comparison at 150 moments of the last seven days, time of day taken out"}, "its own past at this time of day"},
		{"hours", judge.Result{Null: 40, Band: judge.Band{Past: time.Hour}}, []string{"the same comparison at 40 moments of the last hour"}, "its own past"},
		{"nothing", judge.Result{}, []string{"no earlier weeks yet"}, "its own past"},
		{"too little", judge.Result{Null: 3, Short: true, Releases: 1, Band: judge.Band{Past: 5 * time.Hour}}, []string{"the same comparison at three moments of the last five hours", "no earlier weeks yet", "the same look after one earlier release"}, "its own past"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.r.Tell = true
			c.r.Band.Start, c.r.Band.Step = monday, time.Minute
			c.r.Band.V, c.r.Band.Low, c.r.Band.High = []float64{1}, []float64{0}, []float64{2}
			v := loop.Worded(judge.Gauge, c.r, time.Hour, monday)
			if want := append([]string{"the hour before the release"}, c.want...); !slices.Equal(v.Against, want) || v.Trace.Shade != c.shade {
				t.Errorf("%q, shade %q, want %q, %q", v.Against, v.Trace.Shade, want, c.shade)
			}
		})
	}
}
