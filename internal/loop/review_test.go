package loop_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/loop"
	"github.com/debriefhq/debrief/internal/store"
)

// past is a year of releases of the shop until a day; every ninth is a
// migration, and half of those fail.
func past(until time.Time, n int, migrations bool) []debrief.ReleaseFacts {
	step := 365 * 24 * time.Hour / time.Duration(n)
	var out []debrief.ReleaseFacts
	for i := range n {
		f := debrief.ReleaseFacts{
			ReleaseID: fmt.Sprintf("r%03d", i), Service: "shop", Environment: "production", Kind: debrief.ReleaseNew, At: until.Add(-time.Duration(n-i) * step),
		}
		if i%9 == 0 && migrations {
			f.Kinds = []string{"migration"}
		}
		if i%18 == 0 && migrations || i%40 == 1 {
			f.Failure, f.ImpactAt, f.RestoredAt = debrief.DidFail, f.At, f.At.Add(30*time.Minute)
		}
		out = append(out, f)
	}
	return out
}

func (h *house) remember(fs []debrief.ReleaseFacts) {
	h.t.Helper()
	if err := h.st.Update(h.t.Context(), func(tx *store.Tx) error {
		if _, err := tx.Service("shop", false); err != nil {
			return err
		}
		return tx.AddFacts(fs)
	}); err != nil {
		h.t.Fatal(err)
	}
}

// said are the messages about months.
func (h *house) said() (out []string) {
	for _, m := range h.chat.got {
		if strings.Contains(m, "/reviews/") {
			out = append(out, m)
		}
	}
	return out
}

// The month is looked back on once, on the second day of the next one.
func TestAMonthIsLookedBackOnOnce(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		h.remember(past(time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC), 365, true))
		if err := h.l.Plan(h.t.Context()); err != nil {
			h.t.Fatal(err)
		}
		h.run(time.Minute) // it is 10 March: nobody kept February
		kept, found, err := h.st.Review(h.t.Context(), "", "2026-02")
		if err != nil || !found || len(kept.Findings) != 1 || kept.Releases != 28 || !kept.Kept.Equal(h.clock.Now().Add(-time.Minute)) {
			h.t.Fatalf("%v %v %+v", found, err, kept)
		}
		if len(h.said()) != 1 || !strings.Contains(h.said()[0], "February 2026: one thing is worth a question.") ||
			!strings.Contains(h.said()[0], "Releases of the kind migration preceded trouble in") || !strings.Contains(h.said()[0], "http://debrief.test/reviews/2026-02") {
			h.t.Fatalf("%q", h.said())
		}
		h.run(23*24*time.Hour - 2*time.Hour) // until 2 April, seven in the morning
		if _, found, _ := h.st.Review(h.t.Context(), "", "2026-03"); found {
			h.t.Fatal("March is kept before the daily hour of 2 April")
		}
		h.run(3 * time.Hour)
		march, found, err := h.st.Review(h.t.Context(), "", "2026-03")
		if err != nil || !found || len(march.Findings) != 1 || march.Findings[0].Since != "2026-02" || march.Running {
			h.t.Fatalf("%v %v %+v", found, err, march)
		}
		if len(h.said()) != 2 {
			h.t.Fatalf("%q", h.said())
		}
		// Another server, and a correction: what was kept stays, and nothing is said again.
		h.build()
		if err := h.l.Plan(h.t.Context()); err != nil {
			h.t.Fatal(err)
		}
		fs := past(time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC), 365, true)
		fs[350].Failure = debrief.DidFail
		if err := h.st.Update(h.t.Context(), func(tx *store.Tx) error {
			_, err := tx.SaveFacts("shop", fs[350])
			return err
		}); err != nil {
			h.t.Fatal(err)
		}
		h.run(time.Hour)
		v := loop.NewReviewer(h.st, h.clock.Now, time.UTC)
		again, err := v.Review(h.t.Context(), "2026-03", "", false)
		if err != nil || again.Failed != march.Failed {
			h.t.Errorf("what was kept became %d failed, was %d (%v)", again.Failed, march.Failed, err)
		}
		anew, err := v.Review(h.t.Context(), "2026-03", "Shop", true)
		if err != nil || anew.Failed != march.Failed+1 || !anew.Kept.IsZero() || anew.Service != "shop" {
			h.t.Errorf("reckoned anew: %+v %v", anew, err)
		}
		if len(h.said()) != 2 {
			h.t.Errorf("said again: %q", h.said())
		}
	})
}

func TestAQuietMonthIsKeptAndNotTold(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		h.remember(past(time.Date(2026, 3, 9, 0, 0, 0, 0, time.UTC), 365, false))
		if err := h.l.Plan(h.t.Context()); err != nil {
			h.t.Fatal(err)
		}
		h.run(time.Minute)
		kept, found, err := h.st.Review(h.t.Context(), "", "2026-02")
		if err != nil || !found || len(kept.Findings) != 0 || kept.Releases != 28 || len(h.said()) != 0 {
			h.t.Fatalf("%v %v %+v %q", found, err, kept, h.said())
		}
	})
}

func TestWhatIsMadeUpOrMissingIsNotKept(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		fs := past(time.Date(2026, 3, 9, 0, 0, 0, 0, time.UTC), 365, true)
		for i := range fs {
			fs[i].Sample = true
		}
		h.remember(fs)
		if err := h.l.Plan(h.t.Context()); err != nil {
			h.t.Fatal(err)
		}
		h.run(time.Minute)
		if _, found, err := h.st.Review(h.t.Context(), "", "2026-02"); found || err != nil || len(h.said()) != 0 {
			h.t.Fatal(found, err, h.said())
		}
		v := loop.NewReviewer(h.st, h.clock.Now, time.UTC)
		r, err := v.Review(h.t.Context(), "2026-02", "", false)
		if err != nil || !r.Sample || len(r.Findings) != 1 {
			h.t.Errorf("asked for, it is told and called sample: %+v %v", r, err)
		}
		for month, want := range map[string]debrief.ErrorKind{"2026-04": debrief.Invalid, "last": debrief.Invalid, "2026-3": debrief.Invalid} {
			if _, err := v.Review(h.t.Context(), month, "", false); debrief.KindOf(err) != want {
				h.t.Errorf("%s: %v", month, err)
			}
		}
		if _, err := v.Review(h.t.Context(), "2026-02", "cart", false); debrief.KindOf(err) != debrief.NotFound {
			h.t.Error(err)
		}
		if r, err := v.Review(h.t.Context(), "2026-03", "", false); err != nil || !r.Running {
			h.t.Errorf("the month that runs: %+v %v", r, err)
		}
	})
}
