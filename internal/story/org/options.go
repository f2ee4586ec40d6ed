package org

import (
	"time"

	"github.com/debriefhq/debrief"
)

// Options say which organisation to make up.
type Options struct {
	Services int // 8
	// Releases is how many are planned over all services and years; failed
	// attempts, rollbacks and repairs come on top. 0: about one a week and service.
	Releases int
	Years    int       // 1
	Seed     uint64    // the same seed makes the same organisation
	End      time.Time // history ends here; a whole day in UTC
	// Plants are the causes to plant. nil: drawn from the seed.
	Plants []Cause
	// Shuffle permutes what came of releases within each service and quarter and
	// plants nothing else: no cause is left, and all that differs between services
	// and quarters stays.
	Shuffle bool
}

// The largest organisation that can be asked for.
const (
	mostServices = 10_000
	mostReleases = 10_000_000
	mostYears    = 20
	// mostAYear is how often one service can release: pipelines run one at a time.
	mostAYear = 1500
)

// checked fills what was left open and refuses what cannot be.
func (o Options) checked() (Options, error) {
	if o.Services == 0 {
		o.Services = 8
	}
	if o.Years == 0 {
		o.Years = 1
	}
	if o.Releases == 0 {
		o.Releases = 52 * o.Services * o.Years
	}
	for _, limit := range []struct {
		field      string
		n, low, up int
	}{
		{"services", o.Services, 1, mostServices},
		{"years", o.Years, 1, mostYears},
		{"releases", o.Releases, o.Services, mostReleases},
	} {
		if limit.n < limit.low || limit.n > limit.up {
			return o, debrief.Errorf(debrief.Invalid, limit.field, "%d is not between %d and %d", limit.n, limit.low, limit.up)
		}
	}
	if most := o.Services * o.Years * mostAYear / 2; o.Releases > most {
		return o, debrief.Errorf(debrief.Invalid, "releases", "%d are more than %d services release in %d years (at most %d)", o.Releases, o.Services, o.Years, most).
			WithHint("ask for more services or years")
	}
	if o.End.IsZero() {
		return o, debrief.Errorf(debrief.Invalid, "end", "history has to end some day")
	}
	o.End = o.End.UTC().Truncate(24 * time.Hour)
	return o, nil
}

// start is when history begins.
func (o Options) start() time.Time { return o.End.AddDate(-o.Years, 0, 0) }
