package delivery

import (
	"testing"
	"time"

	"github.com/debriefhq/debrief"
)

// A service that is new did not stand still before.
func TestBeforeTheFirstReleaseNothingMoved(t *testing.T) {
	t.Parallel()
	from := time.Date(2025, 6, 2, 0, 0, 0, 0, time.UTC)
	begins := from.AddDate(0, 6, 0)
	in := MetricsInput{From: from, To: from.AddDate(1, 0, 0), Now: from.AddDate(1, 0, 0), Location: time.UTC}
	for at := begins; at.Before(in.To); at = at.AddDate(0, 0, 3) {
		in.Facts = append(in.Facts, debrief.ReleaseFacts{ReleaseID: at.String(), Service: "shop", Environment: "production", Version: at.String(), Kind: debrief.ReleaseNew, At: at, Started: at})
	}
	got := Ask(in)
	if len(got.Questions) != 0 {
		t.Errorf("asked: %+v", got.Questions)
	}
	if got.From.Before(begins.AddDate(0, 0, -7)) {
		t.Errorf("looked at from %v", got.From)
	}
}
