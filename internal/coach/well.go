package coach

import (
	"fmt"
	"time"

	"github.com/debriefhq/debrief"
)

// Limits of what is told as having gone well.
const (
	quickNotice  = 5 * time.Minute
	quickRestore = 30 * time.Minute
)

// well is what worked: the part of a debrief that is most often left out, and
// without which nobody knows what to keep.
func well(in Input) []string {
	var out []string
	add := func(format string, a ...any) { out = append(out, fmt.Sprintf(format, a...)) }
	if i := in.Incident; i != nil {
		t := i.Times
		if d := t.Detected.Sub(t.Impact); !t.Impact.IsZero() && !t.Detected.IsZero() && d >= 0 && d <= quickNotice {
			add("It was noticed %s after it began to hurt.", in.Took(d))
		}
		if d := t.Acknowledged.Sub(t.Detected); !t.Detected.IsZero() && !t.Acknowledged.IsZero() && d >= 0 && d <= quickNotice {
			add("Somebody had it %s after it was noticed.", in.Took(d))
		}
		if d := t.Restored.Sub(i.Began); !t.Restored.IsZero() && d >= 0 && d <= quickRestore {
			add("Service was restored %s after it began.", in.Took(d))
		}
	}
	for _, k := range in.Story.Looks {
		if k.State == debrief.LookDone && k.Word == debrief.Worse {
			add("The look after %s saw it.", in.Took(k.After))
			break
		}
	}
	for _, k := range in.Story.Looks {
		for _, v := range k.Verdicts {
			if v.Word == debrief.Better && firstTold(in.Story.Looks, k, v) {
				add("%s got better: %s.", v.Metric, v.Sentence)
			}
		}
	}
	if in.Facts.CaughtEarly {
		add("The roll-out stopped by itself before everybody had it.")
	}
	if r := in.Story.Release; in.Facts.Strategy == "gradual" && !r.FirstExposure.IsZero() && r.FullExposure.After(r.FirstExposure) {
		add("It went out gradually, over %s.", in.Took(r.FullExposure.Sub(r.FirstExposure)))
	}
	if n := in.Story.Next; n != nil && n.Kind == debrief.ReleaseRollback && n.Live() {
		if d := n.FullExposure.Sub(n.Started); d > 0 && d <= 10*time.Minute {
			add("The rollback took %s.", in.Took(d))
		}
	}
	if s := len(in.Story.Staging); s > 0 && in.Story.Staging[0].Version == in.Story.Release.Version {
		add("%s was tried in %s before.", in.Story.Release.Version, in.Story.Staging[0].Environment)
	}
	return out
}
