package loop_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/store"
)

// One import may bring deployments that lie years apart, with more of them in
// between than are loaded at a time: each becomes a release, and each knows
// the next.
func TestDeploymentsFarApartInOneEnvelope(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		begun := h.clock.Now().AddDate(-3, 0, 0)
		const n, parts = 132, 3
		for part := range parts {
			var items []any
			for i := part; i < n; i += parts {
				at := begun.AddDate(0, 0, 7*i)
				items = append(items, map[string]any{"service": "shop", "deployment": debrief.Report{
					Keys: []string{fmt.Sprintf("git/tag/v%d", i)}, Environment: "production", Version: fmt.Sprintf("v%d", i), Commit: fmt.Sprintf("%07x", i+0xa00000),
					State: debrief.Succeeded, Times: debrief.Times{Finished: at},
				}})
			}
			h.accept("import", fmt.Sprintf("git/%d", part), nil, map[string]any{"from": "git", "items": items})
			h.run(time.Minute)
		}
		rs, _, err := h.st.Releases(h.t.Context(), store.Filter{Service: "shop", Limit: 1000})
		if err != nil || len(rs) != n {
			h.t.Fatalf("%d releases of %d, %v", len(rs), n, err)
		}
		for i, r := range rs { // newest first
			want := fmt.Sprintf("v%d", n-1-i)
			if r.Version != want || (i > 0) != (r.NextID != "") || i > 0 && r.NextID != rs[i-1].ID || i < n-1 && r.PreviousID != rs[i+1].ID {
				h.t.Errorf("%s (want %s): previous %q, next %q", r.Version, want, r.PreviousVersion, r.NextID)
			}
		}
	})
}
