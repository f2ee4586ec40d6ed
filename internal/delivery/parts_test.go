package delivery

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/debriefhq/debrief"
)

var monday = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func at(minute int) time.Time { return monday.Add(time.Duration(minute) * time.Minute) }

func TestAWayIsTakenApart(t *testing.T) {
	t.Parallel()
	d := debrief.Deployment{
		Times: debrief.Times{Queued: at(100), WaitingSince: at(140), Approved: at(170), Started: at(105), Finished: at(200)},
		Stages: []debrief.Stage{
			{Name: "Build image", Started: at(105), Finished: at(120)},
			{Name: "unit tests", Started: at(122), Finished: at(140)},
			{Name: "Deploy", Started: at(170), Finished: at(195)},
		},
	}
	pipe := pipeline(d, at(200))
	for name, c := range map[string]struct {
		change debrief.Change
		want   map[string]debrief.Seconds
	}{
		"reviewed": {
			debrief.Change{Opened: at(20), Reviewed: at(50), Merged: at(90)},
			map[string]debrief.Seconds{Coding: 1200, ReviewWait: 1800, Review: 2400, MergeToBuild: 600, Queue: 420, Build: 900, Test: 1080, ApprovalWait: 1800, RollOut: 1800},
		},
		"merged without a review": {
			debrief.Change{Opened: at(20), Merged: at(90)},
			map[string]debrief.Seconds{Coding: 1200, Review: 4200, MergeToBuild: 600, Queue: 420, Build: 900, Test: 1080, ApprovalWait: 1800, RollOut: 1800},
		},
		"pushed": {
			debrief.Change{Pushed: at(30)},
			map[string]debrief.Seconds{Coding: 1800, MergeToBuild: 4200, Queue: 420, Build: 900, Test: 1080, ApprovalWait: 1800, RollOut: 1800},
		},
		"merged while it was being built": {
			debrief.Change{Opened: at(20), Merged: at(110)},
			map[string]debrief.Seconds{Coding: 1200, Review: 4800, Queue: 420, Build: 900, Test: 1080, ApprovalWait: 1800, RollOut: 1800},
		},
	} {
		if got := way(c.change, at(0), at(200), pipe); !cmp.Equal(c.want, got) {
			t.Errorf("%s: %s", name, cmp.Diff(c.want, got))
		}
	}
}

// However wild the moments, the parts add up to the whole, to the microsecond.
func TestPartsAddUpToTheLead(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		moment := func(name string) time.Time {
			us := rapid.Int64Range(-1, 1e10).Draw(t, name)
			if us < 0 {
				return time.Time{}
			}
			return monday.Add(time.Duration(us) * time.Microsecond)
		}
		d := debrief.Deployment{Times: debrief.Times{Queued: moment("queued"), WaitingSince: moment("waiting"), Approved: moment("approved"), Started: moment("started")}}
		for range rapid.IntRange(0, 6).Draw(t, "steps") {
			d.Stages = append(d.Stages, debrief.Stage{
				Name:    rapid.SampledFrom([]string{"build", "test", "deploy", "queue", "x"}).Draw(t, "step"),
				Started: moment("from"), Finished: moment("to"), Waiting: rapid.Bool().Draw(t, "waits"),
			})
		}
		c := debrief.Change{Committed: monday, Opened: moment("opened"), Reviewed: moment("reviewed"), Approved: moment("yes"), Merged: moment("merged"), Pushed: moment("pushed")}
		live := monday.Add(time.Duration(rapid.Int64Range(0, 1e10).Draw(t, "live")) * time.Microsecond)
		l, ok := lead(c, live, pipeline(d, live))
		if !ok {
			t.Fatal("no lead")
		}
		var sum int64
		for part, s := range l.Parts {
			if s <= 0 {
				t.Errorf("%s took %v", part, s)
			}
			sum += s.Micros()
		}
		if sum != live.Sub(monday).Microseconds() {
			t.Errorf("parts %v add up to %d µs, the lead is %v", l.Parts, sum, l.Lead)
		}
	})
}
