package delivery

import (
	"time"

	"github.com/debriefhq/debrief"
)

// Recovery is how long failed deployments degraded service: from the impact's
// start (else from when the deployment was live) until the service worked again
// (else until the remedy was live), never until a ticket was closed.
type Recovery struct {
	Restored Middle     `json:"restored"` // seconds
	List     []Restored `json:"list"`     // the newest first
	Running  int        `json:"running"`
	Unknown  int        `json:"over_nobody_said_when"`
}

// Restored is one failed deployment's recovery.
type Restored struct {
	ReleaseID string          `json:"release_id"`
	Version   string          `json:"version"`
	From      time.Time       `json:"from"`
	FromHow   string          `json:"from_how"`
	To        time.Time       `json:"to,omitzero"`
	ToHow     string          `json:"to_how,omitempty"`
	Took      debrief.Seconds `json:"took_s"` // so far, while it runs
	State     string          `json:"state"`  // "restored", "running", "over"
}

// Where a failure can stand.
const (
	AsRestored = "restored"
	AsRunning  = "running"
	AsOver     = "over" // and nobody said when
)

func restored(f debrief.ReleaseFacts, in MetricsInput) (r Restored, ok bool) {
	if inFailureRate(f, in).As != AsFailed {
		return r, false
	}
	r = Restored{ReleaseID: f.ReleaseID, Version: f.Version, From: f.ImpactAt, FromHow: "the impact's start", To: f.RestoredAt, ToHow: f.RestoredHow}
	if r.From.IsZero() {
		r.From, r.FromHow = f.At, "when it was live"
	}
	switch {
	case !r.To.IsZero():
		r.State, r.Took = AsRestored, debrief.Took(max(r.To.Sub(r.From), 0))
	case f.Over:
		r.State = AsOver
	default:
		r.State, r.Took = AsRunning, debrief.Took(max(in.Now.Sub(r.From), 0))
	}
	return r, true
}

func recovery(in MetricsInput, fs []debrief.ReleaseFacts) Recovery {
	out := Recovery{List: []Restored{}}
	var vs []float64
	for i := len(fs) - 1; i >= 0; i-- {
		r, ok := restored(fs[i], in)
		if !ok {
			continue
		}
		out.List = append(out.List, r)
		switch r.State {
		case AsRestored:
			vs = append(vs, float64(r.Took))
		case AsRunning:
			out.Running++
		default:
			out.Unknown++
		}
	}
	out.Restored = MiddleOf(vs)
	return out
}

func inRecovery(f debrief.ReleaseFacts, in MetricsInput) Standing {
	r, ok := restored(f, in)
	if !ok {
		return Standing{As: NotCounted, Rule: "it is not held to have failed"}
	}
	words := map[string]string{AsRestored: "restored: ", AsRunning: "it still runs: ", AsOver: "over, and nobody said when: "}[r.State]
	return Standing{As: r.State, Rule: words + "from " + r.FromHow + tail(" to ", r.ToHow), Evidence: f.IncidentIDs}
}

func tail(before, text string) string {
	if text == "" {
		return ""
	}
	return before + text
}
