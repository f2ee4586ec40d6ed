package delivery

import (
	"slices"

	"github.com/debriefhq/debrief"
)

// FailureRate is how many of the deployments that shipped something new
// degraded service or users' work and needed a remedy.
type FailureRate struct {
	Share
	TooEarly int `json:"too_early"` // still inside the watch window: in neither number
	Early    int `json:"caught_early"`
	Out      int `json:"not_counted"` // rollbacks, the same version again, failed attempts
}

func failureRate(in MetricsInput, fs []debrief.ReleaseFacts) FailureRate {
	var r FailureRate
	var settled []debrief.ReleaseFacts
	for _, f := range fs {
		if f.CaughtEarly {
			r.Early++
		}
		switch place := inFailureRate(f, in); place.As {
		case NotCounted:
			r.Out++
		case string(debrief.TooEarly):
			r.TooEarly++
		default:
			settled = append(settled, f)
		}
	}
	low, high, open := FailureRange(settled)
	r.Share = shareOf(low, high, len(settled), open)
	return r
}

// Where a deployment can stand in the failure rate.
const (
	AsFailed    = "failed"
	AsNotFailed = "did not fail"
	AsAsked     = "asked"
)

func inFailureRate(f debrief.ReleaseFacts, in MetricsInput) Standing {
	ids := behind(slices.Concat(f.IncidentIDs, f.AskedBy)...)
	switch f.Kind {
	case debrief.ReleaseNew:
	case debrief.ReleaseRollback:
		if !in.Settings.CountRollbacks {
			return Standing{NotCounted, "a rollback ships nothing new", nil}
		}
	case debrief.ReleaseAttempt:
		if f.CaughtEarly {
			return Standing{NotCounted, "caught early: it stopped before everybody had it", ids}
		}
		return Standing{NotCounted, "a failed attempt never reached production", nil}
	case debrief.ReleaseSame:
		return Standing{NotCounted, "the same version again ships nothing new", nil}
	default:
		return Standing{NotCounted, "it is not finished", nil}
	}
	switch f.FailureAt(in.Now) {
	case debrief.DidFail:
		return Standing{AsFailed, rule(f, "it degraded service and needed a remedy"), ids}
	case debrief.MayFail:
		return Standing{AsAsked, rule(f, "it is one of several candidates, a person was asked"), ids}
	case debrief.TooEarly:
		return Standing{string(debrief.TooEarly), "less than 24 hours live: still watched", ids}
	}
	return Standing{AsNotFailed, rule(f, "nothing is held against it"), ids}
}

func rule(f debrief.ReleaseFacts, otherwise string) string {
	if f.Rule != "" {
		return f.Rule
	}
	return otherwise
}
