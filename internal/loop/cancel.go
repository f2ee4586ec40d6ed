package loop

import (
	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/store"
)

// cancelLooks takes back the looks of what turned out to be no release that is
// looked at: a deployment that was said to have succeeded and then to have
// failed changed nothing, and a planned look at it would never be taken.
func (l *Loop) cancelLooks(tx *store.Tx, r debrief.Release) error {
	if r.Live() && r.Kind.Checked() {
		return nil
	}
	cancelled, err := tx.CancelLooks(r.Service, r.ID)
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
