package delivery

import (
	"cmp"
	"slices"
	"time"

	"github.com/debriefhq/debrief"
)

// Settings say which of the rules that may be chosen holds. Whoever looks at a
// number sees them beside it.
type Settings struct {
	By              By   `json:"by"`
	Bots            bool `json:"bots"`             // lead times of dependency bots' changes count too
	Events          bool `json:"events"`           // flag flips, configuration edits and steps by hand count as well
	CountRollbacks  bool `json:"count_rollbacks"`  // the other variant of the failure rate: rollbacks are deployments that may fail
	ReworkRollbacks bool `json:"rework_rollbacks"` // rollbacks are rework (the guide's wording) or not (the survey's)
}

// MetricsInput is what the metrics of one service in one environment are made
// of.
type MetricsInput struct {
	Facts    []debrief.ReleaseFacts // any order; from before From too, where gaps reach back
	Events   []debrief.Change       // what took effect by itself within the window
	Waiting  []debrief.Change       // merged and in no release yet
	From, To time.Time
	Now      time.Time
	Location *time.Location
	Settings Settings
}

// Metrics are the five, of one service in one environment: lists, medians and
// intervals, never means, and nothing to hold them against.
type Metrics struct {
	Service     string        `json:"service"`
	Environment string        `json:"environment"`
	From        time.Time     `json:"from"`
	To          time.Time     `json:"to"`
	TimeZone    string        `json:"time_zone"`
	Settings    Settings      `json:"settings"`
	Assumed     int           `json:"assumed,omitempty"` // deployments that a merge or a tag stands for
	Frequency   Frequency     `json:"deployment_frequency"`
	LeadTime    LeadTime      `json:"change_lead_time"`
	FailureRate FailureRate   `json:"change_failure_rate"`
	Recovery    Recovery      `json:"failed_deployment_recovery_time"`
	Rework      Rework        `json:"deployment_rework_rate"`
	Periods     []MetricRow   `json:"periods"`     // the oldest first; zero rows too
	Deployments []Listed      `json:"deployments"` // the newest first, with the rule that put each where it is
	Changes     []ListedLead  `json:"changes"`     // the newest release's first
	Waiting     []WaitingLead `json:"waiting"`     // merged and not shipped, the oldest first
}

// MetricRow is one period.
type MetricRow struct {
	From      time.Time `json:"from"`
	To        time.Time `json:"to"`
	Current   bool      `json:"current,omitempty"` // not over yet: so far
	Releases  int       `json:"releases"`
	Rollbacks int       `json:"rollbacks"`
	Attempts  int       `json:"failed_attempts"`
	Same      int       `json:"same_version"`
	Events    int       `json:"events"`
	Lead      Middle    `json:"lead_s"`
	Failure   Share     `json:"failed"`
	Recovery  Middle    `json:"recovery_s"`
	Rework    Share     `json:"rework"`
}

// Standing is where something stands in a metric, and why.
type Standing struct {
	As       string   `json:"as"`
	Rule     string   `json:"rule"`
	Evidence []string `json:"evidence,omitempty"` // ids of releases, incidents, changes
}

// Where a deployment can stand.
const (
	Counted    = "counted"
	NotCounted = "not counted"
	Apart      = "shown apart"
)

// Listed is one deployment and where it stands in each metric.
type Listed struct {
	ReleaseID string              `json:"release_id"`
	Version   string              `json:"version"`
	Kind      debrief.ReleaseKind `json:"kind"`
	At        time.Time           `json:"at"`
	Assumed   bool                `json:"assumed,omitempty"`
	Frequency Standing            `json:"deployment_frequency"`
	Lead      Standing            `json:"change_lead_time"`
	Failure   Standing            `json:"change_failure_rate"`
	Recovery  Standing            `json:"failed_deployment_recovery_time"`
	Rework    Standing            `json:"deployment_rework_rate"`
}

// Of works the five metrics out.
func Of(in MetricsInput) Metrics {
	if in.Location == nil {
		in.Location = time.UTC
	}
	in.Facts = slices.Clone(in.Facts)
	slices.SortFunc(in.Facts, func(a, b debrief.ReleaseFacts) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ReleaseID, b.ReleaseID))
	})
	ps := periods(in.From, in.To, in.Now, in.Settings.By, in.Location)
	m := Metrics{
		From: in.From, To: in.To, TimeZone: in.Location.String(), Settings: in.Settings,
		Periods: make([]MetricRow, len(ps)), Deployments: []Listed{}, Changes: []ListedLead{}, Waiting: waiting(in),
	}
	groups := make([][]debrief.ReleaseFacts, len(ps))
	var all []debrief.ReleaseFacts
	for _, f := range in.Facts {
		m.Service, m.Environment = f.Service, f.Environment
		i := within(ps, f.At)
		if i < 0 || f.At.Before(in.From) {
			continue
		}
		groups[i] = append(groups[i], f)
		all = append(all, f)
		if f.Assumed {
			m.Assumed++
		}
	}
	events := make([]int, len(ps))
	for _, c := range in.Events {
		if i := within(ps, c.Live); i >= 0 {
			events[i]++
		}
	}
	for i, p := range ps {
		m.Periods[i] = rowOf(p, groups[i], events[i], in)
	}
	m.Frequency = frequency(in, all, m.Periods)
	m.LeadTime, m.Changes = leadTime(in, all)
	m.LeadTime.Waiting = len(m.Waiting)
	m.FailureRate = failureRate(in, all)
	m.Recovery = recovery(in, all)
	m.Rework = rework(in, all)
	for _, f := range slices.Backward(all) {
		m.Deployments = append(m.Deployments, Listed{
			ReleaseID: f.ReleaseID, Version: f.Version, Kind: f.Kind, At: f.At, Assumed: f.Assumed,
			Frequency: inFrequency(f), Lead: inLeadTime(f), Failure: inFailureRate(f, in), Recovery: inRecovery(f, in), Rework: inRework(f, in),
		})
	}
	return m
}

func rowOf(p period, fs []debrief.ReleaseFacts, events int, in MetricsInput) MetricRow {
	r := MetricRow{From: p.from, To: p.to, Current: p.current, Events: events}
	for _, f := range fs {
		switch f.Kind {
		case debrief.ReleaseNew:
			r.Releases++
		case debrief.ReleaseRollback:
			r.Rollbacks++
		case debrief.ReleaseAttempt:
			r.Attempts++
		case debrief.ReleaseSame:
			r.Same++
		}
	}
	lead, _ := leadTime(in, fs)
	r.Lead = lead.Changes
	r.Failure = failureRate(in, fs).Share
	r.Recovery = recovery(in, fs).Restored
	r.Rework = rework(in, fs).Share
	return r
}
