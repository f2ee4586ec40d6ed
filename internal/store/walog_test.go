package store_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/store/storetest"
)

// Far more is written than a log may hold, and it stays a log's size: what was
// committed goes into the file beside the commits.
func TestTheLogStaysSmall(t *testing.T) {
	t.Parallel()
	at := filepath.Join(t.TempDir(), "debrief.db")
	s, err := store.Open(t.Context(), at, store.Options{Now: time.Now, NewID: storetest.IDs()})
	ok(t, err)
	body := make([]byte, 100_000)
	for i := range 400 {
		_, err := s.Accept(t.Context(), debrief.Envelope{Source: "api", Key: fmt.Sprint(i), Body: body})
		ok(t, err)
	}
	log, err := os.Stat(at + "-wal")
	ok(t, err)
	if log.Size() > 20<<20 {
		t.Errorf("40 MB were written, and the log has %d of them", log.Size())
	}
	ok(t, s.Close())
	if _, err := os.Stat(at + "-wal"); !os.IsNotExist(err) {
		t.Error("closing left the log behind:", err)
	}
}
