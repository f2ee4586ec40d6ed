package storetest

import (
	"os"
	"testing"
	"time"

	"github.com/debriefhq/debrief/internal/store"
)

// Org opens the made-up organisation that make bench-org has written (a file or
// postgres://… in DEBRIEF_ORG) and says when its history ends. Benchmarks over it
// are called BenchmarkOrg…; without it they are skipped.
func Org(b *testing.B) (s *store.Store, end time.Time) {
	b.Helper()
	dsn := os.Getenv("DEBRIEF_ORG")
	if dsn == "" {
		b.Skip("DEBRIEF_ORG names no made-up organisation: make bench-org makes one")
	}
	s, err := store.Open(b.Context(), dsn, store.Options{Now: time.Now, NewID: IDs()})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	return s, time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
}
