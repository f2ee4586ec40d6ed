package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/store/storetest"
)

func TestTheLatestBacktestIsKept(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		if _, found, err := s.Backtest(t.Context(), "shop"); found || err != nil {
			t.Fatal(found, err)
		}
		b := debrief.Backtest{
			Service: "shop", Measured: clock.Now(), From: clock.Now().Add(-time.Hour), To: clock.Now(), Releases: 100, False: 1, FalseHigh: 0.05,
			Metrics: []debrief.BacktestMetric{{Metric: "p95", Role: debrief.Latency, Looks: []debrief.BacktestLook{{After: time.Hour, Taken: 90, CannotTell: map[debrief.Reason]int{debrief.TooLittle: 3}, Seen: 0.12, Relative: true, Found: 33, Planted: 40}}}},
		}
		older := b
		older.Measured, older.False = b.Measured.Add(-time.Hour), 9
		before, err := s.Revision(t.Context())
		ok(t, err)
		for _, x := range []debrief.Backtest{older, b, older} {
			update(t, s, func(tx *store.Tx) error { return tx.SaveBacktest("shop", x) })
		}
		got, found, err := s.Backtest(t.Context(), "shop")
		ok(t, err)
		if diff := cmp.Diff(b, got); diff != "" || !found {
			t.Error(found, diff)
		}
		if after, err := s.Revision(t.Context()); err != nil || after == before {
			t.Error("pages are not told:", before, after, err)
		}
	})
}
