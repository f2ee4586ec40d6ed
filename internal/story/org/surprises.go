package org

import (
	"fmt"
	"time"

	"github.com/debriefhq/debrief"
)

// surprises are a release's, as values; people have answered them.
func (sim *simulation) surprises(r *release) []debrief.Surprise {
	var out []debrief.Surprise
	var d *dice
	for _, kind := range r.outcome.surprises {
		if d == nil {
			d = sim.d.cast(sim.o.Seed, forTold, uint64(sim.s.n), uint64(len(r.key)), uint64(r.queued.UnixMicro()))
		}
		x := debrief.Surprise{ReleaseID: r.id, Service: sim.s.id, Kind: kind, At: r.finished, Question: "What in the system made it possible?"}
		switch kind {
		case "slow-step":
			st := r.slowStep()
			x.Subject = st.name
			x.Sentence = fmt.Sprintf("%s took %.1f× its time in staging.", st.name, st.took/st.staging)
		case "metric-shift":
			x.Subject, x.Sentence, x.At = "p95", "p95 rose after the release.", r.outcome.at(r).Add(5*time.Minute)
		case "error-rate-shift":
			x.Subject, x.Sentence, x.At = "errors", "More requests failed after the release.", r.outcome.at(r).Add(5*time.Minute)
		case "new-error":
			x.Subject = r.modules[0]
			x.Sentence, x.At = "A new kind of error in "+x.Subject+".", r.outcome.at(r).Add(2*time.Minute)
		case "slow-deployment":
			x.Sentence = "The deployment took far longer than usual."
		case "waiting-longer-than-working":
			x.Subject, x.Sentence = "deployment", "The deployment waited longer than it worked."
		case "retry":
			x.Subject, x.Sentence = "test", "The test was tried again."
		case "manual-step":
			x.Subject, x.Sentence = "verify", "A step was done by hand."
		}
		x.ID = debrief.ID("surprise", r.id, kind, x.Subject)
		x.Answer = []debrief.Answer{debrief.Expected, debrief.Surprising, debrief.Surprising, debrief.NotOurs}[d.IntN(4)]
		x.Answered = x.At.Add(time.Duration(1+d.IntN(20)) * time.Hour)
		out = append(out, x)
	}
	return out
}

// at is when what came of a release shows.
func (x *outcome) at(r *release) time.Time {
	if x.impact.IsZero() {
		return r.live
	}
	return x.impact
}
