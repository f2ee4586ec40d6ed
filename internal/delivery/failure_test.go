package delivery_test

import (
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/delivery"
)

// day is a moment of the worked week: 0 is Monday.
func day(d, hour, minute int) time.Time { return time.Date(2026, 3, 2+d, hour, minute, 0, 0, time.UTC) }

func release(id, version string, kind debrief.ReleaseKind, at time.Time) debrief.Release {
	r := debrief.Release{ID: id, Service: "shop", Environment: "production", Version: version, Kind: kind, Started: at.Add(-4 * time.Minute)}
	if kind != debrief.ReleaseAttempt {
		r.FirstExposure, r.FullExposure = at.Add(-time.Minute), at
	}
	return r
}

func ticket(id string, began, closed time.Time) debrief.Incident {
	return debrief.Incident{
		ID: id, Service: "shop", Services: []string{"shop"}, Began: began,
		Times: debrief.IncidentTimes{Detected: began, Closed: closed},
	}
}

// blamed is an attribution that holds or asks, of the first of these releases
// or of all of them.
func blamed(subject string, kind debrief.SubjectKind, state debrief.BlameState, at time.Time, releases ...string) debrief.Attribution {
	a := debrief.Attribution{Subject: subject, Kind: kind, Service: "shop", At: at, State: state}
	for _, id := range releases {
		a.Candidates = append(a.Candidates, debrief.Candidate{Kind: debrief.CandidateRelease, ID: id, LogOdds: 1})
	}
	if state == debrief.BlameSaid {
		a.Answer = &debrief.Correction{Subject: subject, Answer: debrief.NotADeployment}
		if len(releases) > 0 {
			a.Answer.Answer = releases[0]
		}
	}
	return a
}

// week is the worked week of the definitions.
func week(asked bool) delivery.History {
	h := delivery.History{
		Releases: []debrief.Release{
			release("D1", "v1", debrief.ReleaseNew, day(0, 10, 0)), release("D2", "v2", debrief.ReleaseNew, day(0, 15, 0)),
			release("D3", "v3", debrief.ReleaseNew, day(1, 10, 0)), release("D4", "v4", debrief.ReleaseNew, day(1, 15, 0)),
			release("D5", "v5", debrief.ReleaseNew, day(1, 16, 0)), release("D6", "v6", debrief.ReleaseNew, day(2, 10, 0)),
			release("D7", "v7", debrief.ReleaseNew, day(3, 10, 0)), release("D8", "v8", debrief.ReleaseNew, day(3, 11, 0)),
			release("D9", "v6", debrief.ReleaseRollback, day(3, 12, 0)), release("D10", "v9", debrief.ReleaseAttempt, day(4, 10, 0)),
		},
		Incidents: []debrief.Incident{
			ticket("I1", day(1, 15, 20), day(1, 16, 10)), ticket("I2", day(1, 15, 40), day(1, 16, 10)), ticket("I3", day(4, 3, 0), day(4, 5, 0)),
		},
		Attributions: []debrief.Attribution{
			blamed("I1", debrief.SubjectIncident, debrief.BlamePicked, day(1, 15, 20), "D4"),
			blamed("I2", debrief.SubjectIncident, debrief.BlamePicked, day(1, 15, 40), "D4"),
			blamed("D5", debrief.SubjectHotfix, debrief.BlamePicked, day(1, 16, 0), "D4"),
			blamed("I3", debrief.SubjectIncident, debrief.BlameSaid, day(4, 3, 0)),
			blamed("D9", debrief.SubjectRollback, debrief.BlameSaid, day(3, 12, 0), "D7", "D8"),
		},
		Now: day(7, 12, 0),
	}
	h.Releases[9].FirstExposure = day(4, 10, 1)
	if asked {
		h.Attributions[4] = blamed("D9", debrief.SubjectRollback, debrief.BlameAsked, day(3, 12, 0), "D7", "D8")
	}
	return h
}

func facts(h delivery.History) []debrief.ReleaseFacts {
	out := delivery.Failures(h)
	var list []debrief.ReleaseFacts
	for _, r := range h.Releases {
		if r.Kind == debrief.ReleaseNew {
			list = append(list, debrief.ReleaseFacts{ReleaseID: r.ID, Failure: out[r.ID].Failure, AskedBy: out[r.ID].AskedBy})
		}
	}
	return list
}

func TestTheWorkedWeeksFailures(t *testing.T) {
	t.Parallel()
	h := week(false)
	out := delivery.Failures(h)
	failed := map[string]time.Duration{"D4": time.Hour, "D7": 2 * time.Hour}
	for _, r := range h.Releases {
		o := out[r.ID]
		took, want := failed[r.ID]
		if (o.Failure == debrief.DidFail) != want {
			t.Errorf("%s is %q (%s)", r.ID, o.Failure, o.Rule)
		}
		if want && o.RestoredAt.Sub(o.ImpactAt) != took {
			t.Errorf("%s took %v to recover, want %v (%s)", r.ID, o.RestoredAt.Sub(o.ImpactAt), took, o.RestoredHow)
		}
		if o.CaughtEarly != (r.ID == "D10") {
			t.Errorf("%s: caught early %v", r.ID, o.CaughtEarly)
		}
	}
	if n := len(out["D4"].IncidentIDs); n != 2 {
		t.Errorf("two tickets tell of v4, listed %d", n)
	}
	remedies := map[string]debrief.Remedy{"D5": debrief.RemedyHotfix, "D9": debrief.RemedyRollback}
	for id, o := range out {
		if o.Remedy != remedies[id] {
			t.Errorf("%s: remedy %q", id, o.Remedy)
		}
	}
	if low, high, q := delivery.FailureRange(facts(h)); low != 2 || high != 2 || q != 0 {
		t.Errorf("%d to %d of 8, %d questions; want 2 of 8", low, high, q)
	}
	if low, high, q := delivery.FailureRange(facts(week(true))); low != 1 || high != 2 || q != 1 {
		t.Errorf("while the rollback is asked: %d to %d, %d questions; want 1 to 2, one question", low, high, q)
	}
}
