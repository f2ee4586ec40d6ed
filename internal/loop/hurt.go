package loop

import (
	"context"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/judge"
	"github.com/debriefhq/debrief/internal/store"
)

// longestHurt bounds how much of the past one incident spoils: those that
// nobody ever closed would leave nothing to hold a release against.
const longestHurt = 24 * time.Hour

// hurt are the windows of a service's past in which an incident ran: what
// numbers did then says nothing of what is usual. Alerts that no person made
// an incident of do not count; one that fires every night is what is usual.
func (l *Loop) hurt(ctx context.Context, r debrief.Release) ([]judge.Window, error) {
	list, _, err := l.Store.Incidents(ctx, store.ObjectFilter{
		Service: r.Service, From: r.Started.Add(-l.Config.Looks.Past), To: r.Started, Limit: 1000,
	})
	if err != nil {
		return nil, err
	}
	var out []judge.Window
	for _, i := range list {
		if i.Alert {
			continue
		}
		w := judge.Window{From: i.Began, To: i.Began.Add(longestHurt)}
		if end := i.Ended(); !end.IsZero() && end.Before(w.To) {
			w.To = end
		}
		if w.To.After(w.From) {
			out = append(out, w)
		}
	}
	return out, nil
}
