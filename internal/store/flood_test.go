package store_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/store/storetest"
)

// A source that floods is told to wait while there is still room for others;
// once all room is taken everybody is, and nothing that was taken in is lost.
func TestAFloodLeavesRoomForOthers(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s, err := store.Open(t.Context(), storetest.DSN(t, engine), store.Options{Now: storetest.NewClock().Now, NewID: storetest.IDs(), MaxBacklog: 40})
			ok(t, err)
			t.Cleanup(func() { ok(t, s.Close()) })
			kept := map[string]int{}
			send := func(source string) debrief.ErrorKind {
				_, err := s.Accept(t.Context(), debrief.Envelope{Source: source, Key: fmt.Sprint(kept[source])})
				if err != nil {
					if !strings.Contains(err.Error(), "nothing was kept") {
						t.Error(err)
					}
					return debrief.KindOf(err)
				}
				kept[source]++
				return ""
			}
			for range 100 {
				if kind := send("flood"); kind != "" && kind != debrief.TooMany {
					t.Fatalf("the flood is answered with %s", kind)
				}
			}
			if kept["flood"] != 30 {
				t.Errorf("%d of the flood were taken in, its share is 30 of 40", kept["flood"])
			}
			for range 6 {
				if kind := send("calm"); kind != "" {
					t.Errorf("another source is hurt: %s", kind)
				}
			}
			for range 4 {
				send("third")
			}
			if kind := send("third"); kind != debrief.Unavailable {
				t.Errorf("past the bound: %q", kind)
			}
			counts, err := s.SourceCounts(t.Context())
			ok(t, err)
			for _, c := range counts {
				if c.Open != kept[c.Source] {
					t.Errorf("%d of %s wait, %d were taken in", c.Open, c.Source, kept[c.Source])
				}
			}
			// As soon as some are recorded there is room again.
			w, err := s.Claim(t.Context(), []string{"record"}, 1e9)
			if err != nil || w == nil {
				t.Fatal(w, err)
			}
			ok(t, s.Finish(t.Context(), w, func(tx *store.Tx) error { return tx.SettleEnvelope(w.Key, store.EnvelopeDone, "") }))
			if kind := send("calm"); kind != "" {
				t.Errorf("there is room again: %s", kind)
			}
		})
	}
}
