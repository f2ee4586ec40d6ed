package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/store/storetest"
)

// A change is to be sorted when it is new, when more is known of it, and when
// what came before it is no longer what was there.
func TestWhatHasToBeSorted(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		at := clock.Now().Truncate(time.Second)
		change := func(i, day int) debrief.Change {
			return debrief.Change{ID: fmt.Sprint("c", i), Repository: "a/b", Commit: fmt.Sprint("c", i), Committed: at.AddDate(0, 0, day)}
		}
		save := func(cs ...debrief.Change) {
			ok(t, s.Update(t.Context(), func(tx *store.Tx) error { return tx.SaveChanges("shop", cs) }))
		}
		sort := func() {
			page, err := s.SortPage(t.Context(), "shop", time.Time{}, "", 100)
			ok(t, err)
			for i := range page {
				page[i].Kinds = `{"primary":"code"}`
			}
			ok(t, s.Update(t.Context(), func(tx *store.Tx) error { return tx.SaveKinds("shop", page) }))
		}
		first := func() string {
			_, id, found, _, err := s.Unsorted(t.Context(), "shop", 10)
			ok(t, err)
			if !found {
				return ""
			}
			return id
		}
		expect := func(what, want string) {
			t.Helper()
			if got := first(); got != want {
				t.Errorf("%s: first unsorted is %q, want %q", what, got, want)
			}
		}
		save(change(1, 1), change(2, 2), change(3, 3))
		expect("new", "c1")
		sort()
		expect("sorted", "")
		save(change(2, 2))
		expect("told again alike", "")
		more := change(2, 2)
		more.Paths = []string{"go.mod"}
		save(more)
		expect("more is known", "c2")
		sort()
		more.Committed = at.AddDate(0, 0, 9)
		save(more)
		expect("moved behind another", "c3")
		sort()
		ok(t, s.Update(t.Context(), func(tx *store.Tx) error { return tx.DropChanges("shop", []string{"c1"}) }))
		expect("gone", "c3")
		// What changed meanwhile is not written over.
		page, err := s.SortPage(t.Context(), "shop", time.Time{}, "", 100)
		ok(t, err)
		save(change(3, 4))
		for i := range page {
			page[i].Kinds = `{"primary":"UI"}`
		}
		ok(t, s.Update(t.Context(), func(tx *store.Tx) error { return tx.SaveKinds("shop", page) }))
		expect("changed meanwhile", "c3")
	})
}

func TestCoverageOverTime(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		day := func(n int) time.Time { return clock.Now().AddDate(0, 0, n) }
		save := func(part string, n int, files ...debrief.FileCoverage) {
			t.Helper()
			ok(t, s.Update(t.Context(), func(tx *store.Tx) error { return tx.SaveCoverage("shop", part, day(n), files) }))
		}
		file := func(path string, covered, total int) debrief.FileCoverage {
			return debrief.FileCoverage{Path: path, Covered: covered, Total: total}
		}
		save("unit", 0, file("a/b/x.go", 0, 10), file("a/b/y.go", 0, 100))
		save("unit", 10, file("a/b/x.go", 0, 12), file("a/b/y.go", 4, 100)) // a twentieth is what loading a file may run
		save("unit", 20, file("a/b/x.go", 6, 12))
		save("unit", 30, file("a/b/x.go", 7, 12))
		save("e2e", 40, file("a/b/y.go", 50, 100))
		save("unit", 50, file("a/b/x.go", 0, 12))
		rows, err := s.Strings(t.Context(), `select part || ' ' || path from coverage order by part, path, since_at`)
		ok(t, err)
		if len(rows) != 5 { // x: not, run, not; y: not; y of e2e: run
			t.Errorf("%d rows: %v", len(rows), rows)
		}
		c, err := s.CoverageOf(t.Context(), "shop")
		ok(t, err)
		for n, want := range map[int][2]int{-60: {0, 0}, -5: {0, 2}, 0: {0, 2}, 15: {1, 2}, 25: {2, 2}, 45: {2, 2}, 55: {1, 2}} {
			tested, known := c.Of("a/b/", day(n))
			if n == 15 { // the first word of e2e, thirty days ahead of it
				want = [2]int{1, 2}
			}
			if tested != want[0] || known != want[1] {
				t.Errorf("day %d: %d of %d, want %v", n, tested, known, want)
			}
		}
	})
}
