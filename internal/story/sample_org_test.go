package story

import (
	"log/slog"
	"path/filepath"
	"testing"
	"time"

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

func TestAnOrganisationGoesThroughTheFrontDoor(t *testing.T) {
	t.Parallel()
	at := time.Now()
	st, made, n := filled(t, org.Options{Services: 3, Releases: 150, Years: 1, Seed: 7})
	t.Logf("%+v in %s", n, time.Since(at))
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
	if len(got) != len(want) {
		t.Errorf("%d rows of facts, %d were made up", len(got), len(want))
	}
	for _, g := range got {
		w, ok := want[g.ReleaseID]
		if !ok {
			t.Errorf("%s %s %s was not made up", g.Service, g.Version, g.Kind)
			continue
		}
		if g.Kind != w.Kind || !g.At.Equal(w.At) || g.Version != w.Version || g.Strategy != w.Strategy || g.PreviousID != w.PreviousID || g.Changes != w.Changes {
			t.Errorf("\n got %s %s %s at %s %s prev %s changes %d\nwant %s %s %s at %s %s prev %s changes %d", g.Service, g.Version, g.Kind, g.At, g.Strategy, g.PreviousID, g.Changes, w.Service, w.Version, w.Kind, w.At, w.Strategy, w.PreviousID, w.Changes)
		}
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
