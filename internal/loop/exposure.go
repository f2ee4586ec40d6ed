package loop

import (
	"context"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// disturbed is when a release may first have touched what runs, as far as the
// release alone tells.
func disturbed(r debrief.Release) time.Time {
	if !r.FirstExposure.IsZero() {
		return r.FirstExposure
	}
	return r.Started
}

// exposure is when a release's deployments began to do anything and when
// anybody may first have met it. Steps may disturb what still runs (a
// migration), so "before" ends where they begin; but not where a pipeline that
// built, tested or waited for an approval began hours ago.
func (l *Loop) exposure(r debrief.Release, ds []debrief.Deployment) (began, exposed time.Time) {
	for _, d := range ds {
		if at := exposing(d); exposed.IsZero() || at.Before(exposed) {
			exposed = at
		}
		if at := d.Times.Started; began.IsZero() || (!at.IsZero() && at.Before(began)) {
			began = at
		}
	}
	if exposed.IsZero() {
		exposed = disturbed(r)
	}
	if !r.FullExposure.IsZero() && exposed.After(r.FullExposure) {
		exposed = r.FullExposure
	}
	least := exposed.Add(-l.Config.Looks.Before / 4)
	switch {
	case began.IsZero() || began.After(exposed):
		began = exposed
	case began.Before(least):
		began = least
	}
	return began, exposed
}

// rollOut are parts of the names of steps that put a version before users.
var rollOut = []string{"roll", "deploy", "release", "switch", "restart"}

// exposing is when a deployment may first have been met: as a source said;
// else when the last of its steps that sounds like it began; else the last
// step of all; else the start.
func exposing(d debrief.Deployment) time.Time {
	if !d.Times.FirstExposure.IsZero() {
		return d.Times.FirstExposure
	}
	live := d.Times.Live()
	var last, out time.Time
	for _, s := range d.Stages {
		if s.Waiting || s.Started.IsZero() || (!live.IsZero() && !s.Started.Before(live)) {
			continue // waits, or checks what is live already
		}
		if s.Started.After(last) {
			last = s.Started
		}
		if s.Started.After(out) && soundsLikeRollOut(s.Name) {
			out = s.Started
		}
	}
	for _, at := range []time.Time{out, last} {
		if !at.IsZero() {
			return at
		}
	}
	return d.Times.First()
}

func soundsLikeRollOut(step string) bool {
	step = strings.ToLower(step)
	for _, word := range rollOut {
		if strings.Contains(step, word) {
			return true
		}
	}
	return false
}

// exposureOf is the same for an earlier release of the run judged together.
func (l *Loop) exposureOf(ctx context.Context, p debrief.Release) (began, exposed time.Time, err error) {
	s, err := l.Store.Story(ctx, p.ID)
	if err != nil && debrief.KindOf(err) != debrief.NotFound { // not found: absorbed since it was listed
		return time.Time{}, time.Time{}, err
	}
	began, exposed = l.exposure(p, s.Deployments)
	return began, exposed, nil
}
