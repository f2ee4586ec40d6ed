package story

import (
	"log/slog"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/loop"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/story/org"
)

func filled(t testing.TB, o org.Options) (*store.Store, *org.Org, Filled) {
	t.Helper()
	now := func() time.Time { return tuesday }
	st, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "d.db"), store.Options{Now: now, NewID: uuid.NewString, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	o.End = tuesday.AddDate(0, 0, -1)
	made, err := org.New(o)
	if err != nil {
		t.Fatal(err)
	}
	l := loop.New(loop.Options{Store: st, Config: config.Default(), Now: now, Log: slog.New(slog.DiscardHandler)})
	n, err := FillOrg(t.Context(), l, made, nil)
	if err != nil {
		t.Fatal(err)
	}
	return st, made, n
}

// What comes out of the front door is what was made up: every step in between,
// from events over kinds and attributions to facts, is held to the truth.
func TestAnOrganisationGoesThroughTheFrontDoor(t *testing.T) {
	t.Parallel()
	st, made, n := filled(t, org.Options{Services: 3, Releases: 120, Years: 1, Seed: 7})
	want := map[string]debrief.ReleaseFacts{}
	err := made.Walk(func(i org.Item) error {
		if i.Release != nil {
			want[i.Release.ReleaseID] = i.Release.ReleaseFacts
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	got, _, err := st.Facts(t.Context(), store.FactFilter{Limit: 10000})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(want) || n.Releases != len(want) {
		t.Errorf("%d rows of facts of %d releases, %d were made up", len(got), n.Releases, len(want))
	}
	differ, failed, surprises := 0, 0, 0
	for _, g := range got {
		w, ok := want[g.ReleaseID]
		if !ok {
			t.Errorf("%s %s %s was not made up", g.Service, g.Version, g.Kind)
			continue
		}
		if !g.Sample {
			t.Errorf("%s %s is not marked", g.Service, g.Version)
		}
		if g.Failure != w.Failure {
			t.Errorf("%s %s: %q, made up %q (%s)", g.Service, g.Version, g.Failure, w.Failure, g.Rule)
		}
		if g.Failure == debrief.DidFail {
			failed++
		}
		if !slices.Equal(g.Surprises, w.Surprises) {
			surprises++ // some are drawn and not worked out, such as crowded rollbacks
		}
		g.Rule, g.RestoredHow, g.Surprises = "", "", nil
		w.Surprises = nil
		// Histories add kinds: "touched by many".
		g.Kinds = slices.DeleteFunc(g.Kinds, func(k string) bool {
			return slices.Contains([]string{debrief.KindMany, debrief.KindOld, debrief.KindHot, debrief.KindUntested}, k)
		})
		if diff := cmp.Diff(w, g, cmpopts.EquateEmpty()); diff != "" {
			if differ++; differ < 4 {
				t.Logf("%s %s %s (-made up +worked out):\n%s", g.Service, g.Version, g.Kind, diff)
			}
		}
	}
	if differ*50 > len(got) {
		t.Errorf("%d of %d differ from what was made up", differ, len(got))
	}
	if failed < 5 || surprises*8 > len(got) {
		t.Errorf("%d failed; the surprises of %d of %d differ", failed, surprises, len(got))
	}
}

// BenchmarkFillOrg is a made-up organisation on its way through the front door.
func BenchmarkFillOrg(b *testing.B) {
	n := 0
	for b.Loop() {
		_, _, f := filled(b, org.Options{Services: 8, Releases: 800, Years: 1, Seed: 7})
		n += f.Releases
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "releases/s")
}
