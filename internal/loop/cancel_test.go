package loop_test

import (
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/store"
)

// A release that turns out to have failed is not looked at any more; one that
// turns out to have succeeded after all is.
func TestAFailedAttemptKeepsNoLooks(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		h.deploy("production", "v1", nil)
		h.run(10 * time.Minute)
		key := "production-v2" + h.clock.Now().Format("-150405")
		h.deploy("production", "v2", nil)
		h.run(10 * time.Minute) // the first look is done
		if s := h.latest(); len(s.Looks) != 3 || s.Looks[0].State != debrief.LookDone || s.Looks[1].State != debrief.LookPlanned {
			h.t.Fatalf("the looks of a release: %+v", s.Looks)
		}
		// One look is being taken at this very moment.
		h.clock.Advance(time.Hour)
		w, err := h.st.Claim(h.t.Context(), []string{"look"}, time.Minute)
		if err != nil || w == nil || !strings.HasPrefix(w.Key, h.latest().Release.ID) {
			h.t.Fatal(w, err)
		}
		tell := func(state debrief.DeploymentState, n string) {
			h.accept("api", "deployments/"+key+"/"+n, nil, map[string]any{"key": key, "report": debrief.Report{
				State: state, Times: debrief.Times{Finished: h.clock.Now()},
			}})
		}
		tell(debrief.Failed, "1")
		s := h.latest()
		if s.Release.Kind != debrief.ReleaseAttempt || len(s.Looks) != 1 || s.Looks[0].State != debrief.LookDone || len(s.Release.Looks) != 1 {
			h.t.Fatalf("%s with looks %+v, in lists %v", s.Release.Kind, s.Looks, s.Release.Looks)
		}
		if err := h.st.Finish(h.t.Context(), w, func(*store.Tx) error { return nil }); debrief.KindOf(err) != debrief.Conflict {
			h.t.Errorf("the look under way was kept: %v", err)
		}
		if at, ok, err := h.st.NextDue(h.t.Context(), []string{"look"}); err != nil || ok {
			h.t.Error("a look is still due:", at, err)
		}
		h.clock.Advance(time.Minute)
		tell(debrief.Succeeded, "2")
		if s := h.latest(); s.Release.Kind != debrief.ReleaseNew || len(s.Looks) != 3 {
			h.t.Errorf("%s with looks %+v", s.Release.Kind, s.Looks)
		}
	})
}
