package loop

import (
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/config"
)

func TestWhenAReleaseWasFirstMet(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 3, 14, 0, 0, 0, time.UTC)
	at := func(min int) time.Time { return start.Add(time.Duration(min) * time.Minute) }
	stage := func(name string, from, to int) debrief.Stage {
		return debrief.Stage{Name: name, Started: at(from), Finished: at(to)}
	}
	for name, c := range map[string]struct {
		said   time.Time
		stages []debrief.Stage
		want   int
	}{
		"said":                    {at(3), []debrief.Stage{stage("roll out", 9, 12)}, 3},
		"the roll-out":            {time.Time{}, []debrief.Stage{stage("build", 0, 4), stage("migrate", 4, 9), stage("Roll out", 9, 12)}, 9},
		"checked afterwards":      {time.Time{}, []debrief.Stage{stage("migrate", 0, 9), stage("switch over", 9, 10), stage("smoke test", 10, 12)}, 9},
		"restarted after it":      {time.Time{}, []debrief.Stage{stage("deploy to hosts", 2, 9), stage("restart", 10, 12)}, 10},
		"no such name":            {time.Time{}, []debrief.Stage{stage("build", 0, 4), stage("apply", 5, 12)}, 5},
		"verified when live":      {time.Time{}, []debrief.Stage{stage("build", 0, 4), stage("apply", 5, 12), stage("verify", 12, 14)}, 5},
		"waiting is no step":      {time.Time{}, []debrief.Stage{stage("apply", 1, 2), {Name: "release approval", Waiting: true, Started: at(6)}}, 1},
		"a step that never began": {time.Time{}, []debrief.Stage{stage("apply", 1, 2), {Name: "roll out"}}, 1},
		"no steps":                {time.Time{}, nil, 0},
	} {
		d := debrief.Deployment{Times: debrief.Times{Started: start, FirstExposure: c.said, FullExposure: at(12), Finished: at(14)}, Stages: c.stages}
		if got := exposing(d); !got.Equal(at(c.want)) {
			t.Errorf("%s: %s after the start, want %d min", name, got.Sub(start), c.want)
		}
	}

	l := New(Options{Config: config.Default(), Now: time.Now})
	r := debrief.Release{Started: start, FirstExposure: start, FullExposure: at(180)}
	one := debrief.Deployment{Times: debrief.Times{Started: at(2), Finished: at(170)}, Stages: []debrief.Stage{stage("roll out", 160, 170)}}
	two := debrief.Deployment{Times: debrief.Times{Started: at(150), Finished: at(180)}, Stages: []debrief.Stage{stage("roll out", 155, 180)}}
	began, exposed := l.exposure(r, []debrief.Deployment{one, two})
	if !exposed.Equal(at(155)) || !began.Equal(at(140)) {
		t.Errorf("two targets: began %s, exposed %s after the start", began.Sub(start), exposed.Sub(start))
	}
	if began, exposed = l.exposure(r, nil); !exposed.Equal(start) || !began.Equal(start) {
		t.Errorf("no deployments known: began %s, exposed %s", began, exposed)
	}
}
