package loop

import (
	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/store"
)

// cancelLooks takes back the looks of what turned out to be no release that is
// looked at: a deployment that was said to have succeeded and then to have
// failed changed nothing, and a planned look at it would never be taken. So is
// a look at a release that turned out to be live much earlier than was known
// when it was planned.
func (l *Loop) cancelLooks(tx *store.Tx, r debrief.Release) error {
	live := r.Live() && r.Kind.Checked()
	cancelled, err := tx.CancelLooks(r.Service, r.ID, func(k debrief.Look) bool {
		due := r.FullExposure.Add(k.After)
		return !live || !k.Due.Equal(due) && due.Before(l.Now().Add(-tooOld))
	})
	if err != nil {
		return err
	}
	for _, n := range cancelled {
		if err := tx.Dequeue("look", lookKey(r.ID, n)); err != nil {
			return err
		}
	}
	return nil
}
