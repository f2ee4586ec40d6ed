package store_test

import (
	"testing"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/store/storetest"
)

func TestAnEnvelopeIsFoundByItsKey(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		_, found, err := s.Envelope(t.Context(), "api", "deployments/a")
		ok(t, err)
		if found {
			t.Error("found before it came")
		}
		got, err := s.Accept(t.Context(),
			debrief.Envelope{Source: "api", Key: "deployments/a", Body: []byte("{}"), Digest: "d", Received: clock.Now()},
			debrief.Envelope{Source: "github", Key: "deployments/a", Body: []byte("[]")})
		ok(t, err)
		e, found, err := s.Envelope(t.Context(), "api", "deployments/a")
		ok(t, err)
		if !found || e.ID != got[0].ID || string(e.Body) != "{}" || e.Digest != "d" || !e.Received.Equal(clock.Now()) {
			t.Errorf("%v %+v", found, e)
		}
	})
}
