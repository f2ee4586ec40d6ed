package loop

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/measure"
)

// together is how far apart processes may begin and still be one restart.
const together = 2 * time.Minute

// restarts says when the service's processes began again within a look. The
// roll-out's own restarts are none: they are what is looked at.
func (l *Loop) restarts(ctx context.Context, x Exam) (string, error) {
	r := x.Config.Restarts
	if r.Query == "" {
		return "", nil
	}
	p, ok := l.Sources[r.Provider].(measure.SeriesProvider)
	if !ok {
		return "", debrief.Errorf(debrief.Invalid, "restarts.provider", "%q is not a provider that answers with series", r.Provider)
	}
	ctx, _ = measure.Ask(ctx, l.Config.Providers[r.Provider].MaxSamples)
	w := measure.Window{From: x.From, To: x.To, Step: l.Config.Looks.Step}
	all, err := p.Series(ctx, r.Query, w)
	if err != nil {
		return "", err
	}
	var began []time.Time
	for _, s := range all {
		for _, v := range s.Series.V {
			if !(v > 0) || v > math.MaxInt32*2 {
				continue
			}
			at := time.UnixMilli(int64(v * 1000)).UTC()
			if at.After(x.From.Add(w.Step)) && at.Before(x.To) && !slices.ContainsFunc(began, func(b time.Time) bool { return at.Sub(b).Abs() < together }) {
				began = append(began, at)
			}
		}
	}
	if len(began) == 0 {
		return "", nil
	}
	slices.SortFunc(began, time.Time.Compare)
	form := "15:04"
	if x.To.Sub(x.From) > 20*time.Hour {
		form = "Mon 15:04"
	}
	first := began[0].In(l.Location).Format(form)
	if len(began) == 1 {
		return "restarted at " + first + ": the minute after it may be warm-up", nil
	}
	return fmt.Sprintf("restarted %d times since %s: the minutes after each may be warm-up", len(began), first), nil
}
