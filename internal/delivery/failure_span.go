package delivery

import (
	"time"

	"github.com/debriefhq/debrief"
)

// spans works out from when to when each failure hurt: from the impact, else
// from when the failing deployment finished, until the service was restored, else
// until the deployment that remedied it finished. When a ticket was closed is
// never taken for either.
func (f *failures) spans() {
	for id, o := range f.out {
		if o.Failure != debrief.DidFail {
			continue
		}
		r := f.release[id]
		o.ImpactAt = r.FullExposure
		var impact, restored, closed time.Time
		running, tickets := 0, 0
		for _, incident := range o.IncidentIDs {
			i, known := f.incident[incident]
			if !known {
				continue
			}
			tickets++
			earliest(&impact, i.Times.Impact)
			latest(&restored, i.Times.Restored)
			latest(&closed, i.Ended())
			if i.Open() {
				running++
			}
		}
		if !impact.IsZero() {
			o.ImpactAt = impact
		}
		switch remedy, found := f.remedied(r, closed, running); {
		case !restored.IsZero() && running == 0:
			o.RestoredAt, o.RestoredHow = restored, "when the service worked again"
		case found:
			o.RestoredAt, o.RestoredHow = remedy.FullExposure, "when "+remedy.Version+" had replaced it"
		case running > 0:
			o.RestoredHow = "it still runs"
		case tickets > 0:
			o.Over, o.RestoredHow = true, "it is over, and nobody said since when"
		default:
			o.RestoredHow = "nobody said whether it is over"
		}
		o.Over = o.Over || !o.RestoredAt.IsZero()
		if o.Over && !o.RestoredAt.IsZero() && o.RestoredAt.Before(o.ImpactAt) {
			o.RestoredAt, o.RestoredHow = time.Time{}, "it is over; the times that were told contradict each other"
		}
	}
}

// remedied is the deployment that ended a release's failure: the first that is
// held to have repaired it; else, where every ticket is closed, the last release
// of the service that went live before.
func (f *failures) remedied(failed debrief.Release, closed time.Time, running int) (debrief.Release, bool) {
	for _, r := range f.remedy[failed.ID] {
		if r.Live() && r.FullExposure.After(failed.FullExposure) {
			return r, true
		}
	}
	var last debrief.Release
	if running > 0 || closed.IsZero() {
		return last, false
	}
	for _, r := range f.h.Releases {
		if r.Kind.Checked() && r.Live() && r.Environment == failed.Environment && r.FullExposure.After(failed.FullExposure) && !r.FullExposure.After(closed) && r.FullExposure.After(last.FullExposure) {
			last = r
		}
	}
	return last, last.Live()
}

func earliest(t *time.Time, at time.Time) {
	if !at.IsZero() && (t.IsZero() || at.Before(*t)) {
		*t = at
	}
}

func latest(t *time.Time, at time.Time) {
	if at.After(*t) {
		*t = at
	}
}
