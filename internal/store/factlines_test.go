package store_test

import (
	"cmp"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/store/storetest"
)

// What a review reads of facts comes back as it was, in the narrow line.
func TestFactLines(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		want := someFacts(12)
		for i := range want {
			f := &want[i]
			f.Sample, f.Assumed = i%3 == 0, i%4 == 0
			f.Stages = []debrief.StageFacts{{Name: "mig\trate\x1f1", Part: "migrate", Took: 61.25, Staging: 10.5}, {Name: "roll out", Took: 3}}
			if i%2 == 0 {
				f.ImpactAt, f.RestoredAt = f.At, f.At.Add(90*time.Second)
			}
		}
		for i := range want { // one half as the loop writes them, the other as benchmarks do
			ok(t, s.Update(t.Context(), func(tx *store.Tx) error {
				if i%2 == 0 {
					return tx.AddFacts(want[i : i+1])
				}
				_, err := tx.SaveFacts(want[i].Service, want[i])
				return err
			}))
		}
		read := func(service string, from, to time.Time) (got []debrief.ReleaseFacts) {
			ok(t, s.EachLine(t.Context(), service, from, to, func(f *debrief.ReleaseFacts) {
				c := *f
				c.Kinds, c.Modules, c.Surprises, c.Stages = slices.Clone(f.Kinds), slices.Clone(f.Modules), slices.Clone(f.Surprises), slices.Clone(f.Stages)
				got = append(got, c)
			}))
			slices.SortFunc(got, func(a, b debrief.ReleaseFacts) int { return cmp.Compare(a.ReleaseID, b.ReleaseID) })
			return got
		}
		var narrow []debrief.ReleaseFacts
		for _, f := range want {
			stages := slices.Clone(f.Stages)
			stages[0].Name = "mig rate 1" // separators are kept out
			narrow = append(narrow, debrief.ReleaseFacts{
				ReleaseID: f.ReleaseID, Service: f.Service, Kind: f.Kind, At: f.At, Sample: f.Sample, Assumed: f.Assumed, Strategy: f.Strategy,
				Kinds: f.Kinds, Modules: f.Modules, Surprises: f.Surprises, Stages: stages, Waited: f.Waited, Worked: 1, Failure: f.Failure,
				ImpactAt: f.ImpactAt, RestoredAt: f.RestoredAt,
			})
		}
		equal := gocmp.Comparer(func(a, b []string) bool { return slices.Equal(a, b) })
		if d := gocmp.Diff(narrow, read("", time.Time{}, want[11].At.Add(time.Second)), equal); d != "" {
			t.Fatal(d)
		}
		if got := read("my.service-1", want[1].At, want[7].At); len(got) != 2 || got[0].ReleaseID != "r001" || got[1].ReleaseID != "r004" {
			t.Errorf("one service's, from one moment to before another: %v", got)
		}
		update(t, s, func(tx *store.Tx) error { return tx.DeleteReleases(want[0].Service, []string{want[0].ReleaseID}) })
		f := want[1]
		f.Failure = debrief.NotFailed
		update(t, s, func(tx *store.Tx) error {
			_, err := tx.SaveFacts(f.Service, f)
			return err
		})
		if got := read("", time.Time{}, want[11].At.Add(time.Second)); len(got) != 11 || got[0].ReleaseID != "r001" || got[0].Failure != debrief.NotFailed {
			t.Errorf("one is gone and one corrected: %d, %+v", len(got), got[0])
		}
	})
}

func BenchmarkFactLines(b *testing.B) {
	for _, engine := range storetest.Engines() {
		s, _ := storetest.Open(b, engine)
		all := someFacts(50_000)
		for i := range all {
			all[i].Stages = []debrief.StageFacts{{Name: "build", Part: "build", Took: 61, Staging: 60}, {Name: "test", Part: "test", Took: 300}, {Name: "roll out", Part: "roll-out", Took: 30, Staging: 20}}
		}
		ok(b, s.Update(b.Context(), func(tx *store.Tx) error { return tx.AddFacts(all) }))
		b.Run(engine, func(b *testing.B) {
			for b.Loop() {
				n := 0
				ok(b, s.EachLine(b.Context(), "", time.Time{}, time.Unix(1<<33, 0), func(*debrief.ReleaseFacts) { n++ }))
				if n != len(all) {
					b.Fatal(n)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(all)), "ns/row")
		})
	}
}
