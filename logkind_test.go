package debrief_test

import (
	"testing"

	"github.com/debriefhq/debrief"
)

func TestKindsOfLineWithoutTimeAndLevel(t *testing.T) {
	t.Parallel()
	for template, want := range map[string]string{
		"<*> ERROR payment <*> failed":                         "payment <*> failed",
		"<*> <*> [error] payment failed":                       "payment failed",
		"2026-11-17T14:03:00Z WARN slow query <*> ms":          "slow query <*> ms",
		"<*>-<*>-<*> <*>:<*>:<*> ERROR: no stock":              "no stock",
		"[ERROR] <*> items are gone":                           "<*> items are gone",
		`time=<*> level=ERROR msg="payment failed" order=<*>`:  "payment failed order=<*>",
		"ERROR no stock":                                       "no stock",
		"pq: canceling statement due to lock timeout: pid <*>": "pq: canceling statement due to lock timeout: pid <*>",
		"<*> requests failed":                                  "<*> requests failed",
		"error handling of <*> is slow":                        "error handling of <*> is slow",
		"<*>/<*> nodes are down":                               "<*>/<*> nodes are down",
		"ERROR <*> items gone":                                 "<*> items gone",
		"ERROR":                                                "ERROR",
		"<*>":                                                  "<*>",
		"":                                                     "",
	} {
		if got := (debrief.LogPattern{Template: template}).Says(); got != want {
			t.Errorf("%q: %q, want %q", template, got, want)
		}
	}
}
