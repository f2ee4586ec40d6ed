package shop

import (
	"strings"

	"github.com/debriefhq/debrief"
)

// Release is one version of the shop: where its checkout keeps what was sold,
// and what its migration does.
type Release struct {
	Version   string
	Title     string // what a person would write above it
	Documents bool   // sold lines are documents, in order_history and order_events
	Index     bool   // order_events has its index
}

// Releases lists the versions that can be deployed, oldest first.
func Releases() []Release {
	return []Release{
		{Version: "v1.41", Title: "Loyal customers pay one per cent less"},
		{Version: "v1.42", Title: "Keep what was sold as documents", Documents: true},
		{Version: "v1.42-twin", Title: "Keep what was sold as documents, with their index", Documents: true, Index: true},
		{Version: "v1.43", Title: "The index that v1.42 forgot", Documents: true, Index: true},
	}
}

// Lookup finds a release by its version.
func Lookup(version string) (Release, error) {
	var known []string
	for _, r := range Releases() {
		if r.Version == version {
			return r, nil
		}
		known = append(known, r.Version)
	}
	return Release{}, debrief.Errorf(debrief.Invalid, "version", "the shop has no version %q", version).
		WithHint("it has %s", strings.Join(known, ", "))
}
