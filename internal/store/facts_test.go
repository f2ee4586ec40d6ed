package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/store/storetest"
)

// someFacts are facts of n releases of three services, an hour apart.
func someFacts(n int) []debrief.ReleaseFacts {
	t0 := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	var out []debrief.ReleaseFacts
	for i := range n {
		f := debrief.ReleaseFacts{
			ReleaseID: fmt.Sprintf("r%03d", i), Service: fmt.Sprintf("my.service-%d", i%3), Environment: "production", Version: fmt.Sprintf("v%d", i),
			Kind: debrief.ReleaseNew, Started: t0.Add(time.Duration(i) * time.Hour), At: t0.Add(time.Duration(i)*time.Hour + 90*time.Microsecond),
			Kinds: []string{"dependency", "migration"}, PrimaryKind: "migration", Modules: []string{"billing", "cart"}, Strategy: "gradual",
			Changes: 3, Waited: 0.1, Worked: 1.000001, Tries: 1, Retries: 2, Failure: debrief.DidFail, Verdict: debrief.Worse, Surprises: []string{"slow-step"},
			Leads: []debrief.LeadFacts{{Change: "c", Lead: 5, Parts: map[string]debrief.Seconds{"coding": 5}}},
		}
		if i%2 == 1 {
			f.Kind, f.Kinds, f.Modules, f.Surprises, f.Failure, f.CaughtEarly = debrief.ReleaseAttempt, nil, nil, nil, "", true
		}
		out = append(out, f)
	}
	return out
}

func TestFactsAreReadWholeAndNarrow(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		want := someFacts(30)
		ok(t, s.Update(t.Context(), func(tx *store.Tx) error { return tx.AddFacts(want) }))
		var got []debrief.ReleaseFacts
		for after, pages := "", 0; ; pages++ {
			page, next, err := s.Facts(t.Context(), store.FactFilter{Limit: 7, After: after})
			ok(t, err)
			got = append(got, page...)
			if after = next; next == "" {
				if pages != 4 {
					t.Errorf("%d pages", pages+1)
				}
				break
			}
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatal(d)
		}
		var narrow []debrief.ReleaseFacts
		ok(t, s.EachFact(t.Context(), store.FactFilter{From: want[3].At, To: want[20].At, Kinds: []debrief.ReleaseKind{debrief.ReleaseNew}}, func(f debrief.ReleaseFacts) error {
			narrow = append(narrow, f)
			return nil
		}))
		var some []debrief.ReleaseFacts
		for _, f := range want[3:20] {
			if f.Kind == debrief.ReleaseNew {
				f.Version, f.Started, f.Leads = "", time.Time{}, nil // have no column
				some = append(some, f)
			}
		}
		if d := cmp.Diff(some, narrow); d != "" {
			t.Error(d)
		}
		// One service by pages of two.
		var ids []string
		for after := ""; ; {
			page, next, err := s.Facts(t.Context(), store.FactFilter{Service: "my.service-1", Limit: 2, After: after})
			ok(t, err)
			for _, f := range page {
				ids = append(ids, f.ReleaseID)
			}
			if after = next; next == "" {
				break
			}
		}
		if want := []string{"r001", "r004", "r007", "r010", "r013", "r016", "r019", "r022", "r025", "r028"}; !slices.Equal(ids, want) {
			t.Error(ids)
		}
		_, _, err := s.Facts(t.Context(), store.FactFilter{After: "7.x"})
		if debrief.KindOf(err) != debrief.Invalid {
			t.Errorf("a cursor of another list: %v", err)
		}
	})
}

func TestFactsAreWrittenAnewAndGoWithTheirRelease(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		f := someFacts(1)[0]
		save := func(f debrief.ReleaseFacts) (n int64) {
			ok(t, s.Update(t.Context(), func(tx *store.Tx) (err error) {
				n, err = tx.SaveFacts(f.Service, f)
				return err
			}))
			return n
		}
		if n := save(f); n != 1 {
			t.Errorf("%d rows written", n)
		}
		if n := save(f); n != 0 {
			t.Errorf("the same again: %d rows written", n)
		}
		f.Failure, f.Surprises = debrief.NotFailed, nil
		if n := save(f); n != 1 {
			t.Errorf("corrected: %d rows written", n)
		}
		got, _, err := s.Facts(t.Context(), store.FactFilter{Service: f.Service})
		ok(t, err)
		if d := cmp.Diff([]debrief.ReleaseFacts{f}, got); d != "" {
			t.Error(d)
		}
		ok(t, s.Update(t.Context(), func(tx *store.Tx) error { return tx.DeleteReleases(f.Service, []string{f.ReleaseID}) }))
		if got, _, err = s.Facts(t.Context(), store.FactFilter{}); err != nil || len(got) != 0 {
			t.Error(got, err)
		}
	})
}

func BenchmarkFacts(b *testing.B) {
	for _, engine := range storetest.Engines() {
		s, _ := storetest.Open(b, engine)
		all := someFacts(50_000)
		ok(b, s.Update(b.Context(), func(tx *store.Tx) error { return tx.AddFacts(all) }))
		b.Run(engine+"/whole", func(b *testing.B) {
			for b.Loop() {
				fs, _, err := s.Facts(b.Context(), store.FactFilter{Service: "my.service-1", Limit: 1000})
				ok(b, err)
				b.ReportMetric(float64(len(fs)), "rows")
			}
		})
		b.Run(engine+"/narrow", func(b *testing.B) {
			for b.Loop() {
				n := 0
				ok(b, s.EachFact(b.Context(), store.FactFilter{}, func(debrief.ReleaseFacts) error { n++; return nil }))
				b.ReportMetric(float64(n), "rows")
			}
		})
	}
}
