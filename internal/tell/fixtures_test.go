package tell_test

import (
	"math"
	"time"

	"github.com/debriefhq/debrief"
)

// live is Tuesday, 17 November 2026, 14:03 in the shop's zone (UTC here).
var live = time.Date(2026, 11, 17, 14, 3, 0, 0, time.UTC)

func ramp(from, to float64) debrief.Trace {
	t := debrief.Trace{Start: live.Add(-time.Hour), Step: time.Minute, Shade: "this shop's Tuesdays"}
	for i := range 120 {
		v := from + 4*math.Sin(float64(i))
		if i > 78 {
			v += (to - from) * float64(i-78) / 41
		}
		t.V = append(t.V, v)
	}
	return t
}

func flat(at float64) debrief.Trace { return ramp(at, at) }

func slower() debrief.Verdict {
	return debrief.Verdict{
		Metric: "p95 of /checkout", Role: debrief.Latency, Unit: "ms", Word: debrief.Worse,
		Before: 216, After: 298, Relative: true, Effect: 0.38, Low: 0.31, High: 0.46, Shape: "ramp",
		N: 24600, P: 1e-6, Since: live.Add(18 * time.Minute), Smallest: 0.06, Trace: ramp(216, 298),
	}
}

func steadyErrors() debrief.Verdict {
	return debrief.Verdict{
		Metric: "errors", Role: debrief.Errors, Unit: "%", Word: debrief.Steady, Before: 0.2, After: 0.213,
		Effect: 0.013, Low: -0.02, High: 0.05, N: 24600, Smallest: 0.06, Trace: flat(20),
	}
}

func steadyTraffic() debrief.Verdict {
	return debrief.Verdict{Metric: "requests", Role: debrief.Traffic, Unit: "/s", Word: debrief.Steady, Before: 405, After: 410, Relative: true, Effect: 0.01, N: 60, Trace: flat(410)}
}

func refund() debrief.Verdict {
	return debrief.Verdict{Metric: "p95 of /refund", Role: debrief.Latency, Unit: "ms", Word: debrief.CannotTell, Reason: debrief.TooLittle, N: 14}
}

func look(number int, after time.Duration, word debrief.Word, vs ...debrief.Verdict) debrief.Look {
	return debrief.Look{
		ReleaseID: "r1", Service: "shop", Number: number, After: after, State: debrief.LookDone,
		Due: live.Add(after), Closed: live.Add(after + time.Minute), From: live, To: live.Add(after), Word: word, Verdicts: vs,
	}
}

func planned(number int, after time.Duration) debrief.Look {
	return debrief.Look{ReleaseID: "r1", Service: "shop", Number: number, After: after, State: debrief.LookPlanned, Due: live.Add(after), From: live}
}

func release(kind debrief.ReleaseKind) debrief.Release {
	r := debrief.Release{
		ID: "r1", Service: "shop", Environment: "production", Version: "v1.42", PreviousVersion: "v1.41", Kind: kind,
		Started: live.Add(-8 * time.Minute), Changes: 4,
	}
	if kind.Checked() {
		r.FullExposure = live
	}
	return r
}

func story(kind debrief.ReleaseKind, looks ...debrief.Look) debrief.Story {
	return debrief.Story{Release: release(kind), ServiceName: "shop", Looks: looks}
}

func steadyLook(number int, after time.Duration) debrief.Look {
	p95 := slower()
	p95.Word, p95.Effect, p95.After, p95.Shape, p95.Since, p95.Trace = debrief.Steady, 0.01, 218, "level", time.Time{}, flat(216)
	return look(number, after, debrief.Steady, p95, steadyErrors(), steadyTraffic())
}

var newError = debrief.LogFindings{
	Word: debrief.Worse, Lines: 9000, Known: live.Add(-90 * 24 * time.Hour),
	Patterns: []debrief.LogPattern{{
		ID: "l1", Template: "pq: canceling statement due to lock timeout: relation <*> pid <*>",
		Example: "pq: canceling statement due to lock timeout: relation 16402 pid 881", Level: "error", New: true,
		Count: 212, First: live.Add(16 * time.Minute),
	}},
}

// creep is the story of the sketches: a slow migration, response times that
// creep up, a new kind of error.
func creep() debrief.Story {
	l := look(2, time.Hour, debrief.Worse, slower(), steadyErrors(), steadyTraffic(), refund())
	l.Logs = newError
	s := story(debrief.ReleaseNew, steadyLook(1, 5*time.Minute), l, planned(3, 24*time.Hour))
	start := s.Release.Started
	stage := func(name string, from, took time.Duration) debrief.Stage {
		return debrief.Stage{Name: name, State: debrief.Succeeded, Started: start.Add(from), Finished: start.Add(from + took)}
	}
	before := debrief.Deployment{Stages: []debrief.Stage{stage("build", 0, 124*time.Second), stage("migrate", 0, 55*time.Second), stage("roll out", 0, 75*time.Second)}}
	staging := debrief.Deployment{Stages: []debrief.Stage{stage("migrate", 0, 58*time.Second)}}
	s.Deployments = []debrief.Deployment{{
		ID: "r1", Service: "shop", Version: "v1.42", State: debrief.Succeeded, Times: debrief.Times{Started: start, Finished: live},
		Stages: []debrief.Stage{stage("build", 0, 130*time.Second), stage("migrate", 131*time.Second, 312*time.Second), stage("roll out", 444*time.Second, 80*time.Second)},
	}}
	s.Recent = []debrief.Deployment{before, before}
	s.Staging = []debrief.Deployment{staging}
	s.Changes = []debrief.Change{
		{Commit: "0123456789abcdef", Title: "Add an index to orders"},
		{Commit: "fedcba9876543210", PullNumber: 412, Title: "Show the basket's total before the address is asked"},
	}
	s.Surprises = []debrief.Surprise{
		{
			ID: "s1", Kind: "slow-step", Subject: "migrate", Sentence: "Migration 5.4× staging, 31 M rows against 1.2 M.",
			Question: "What let a change with a long migration reach all users at once?", At: live,
		},
		{ID: "s2", Kind: "metric-shift", Subject: "p95 of /checkout", Sentence: "p95 of /checkout crept up after the five-minute look had passed.", At: live.Add(time.Hour), Answer: debrief.Expected},
	}
	return s
}
