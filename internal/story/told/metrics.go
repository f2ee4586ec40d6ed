package told

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/delivery"
	"github.com/debriefhq/debrief/internal/loop"
	"github.com/debriefhq/debrief/internal/store"
)

// metricsOf are the metrics of a service of the story, with the rules that the
// words after an expectation choose.
func (s *Story) metricsOf(ctx context.Context, st *store.Store, now time.Time, service string, w []string) (delivery.Metrics, error) {
	ask := loop.MetricsAsk{Service: debrief.Slug(service)}
	for i := 0; i < len(w); i++ {
		switch w[i] {
		case "bots":
			ask.Bots = true
		case "events":
			ask.Events = true
		case "rollbacks":
			ask.Rollbacks = true
		case "by", "rework":
			if i+1 == len(w) {
				return delivery.Metrics{}, usage(`by day|week|month, rework "with rollbacks"|"without rollbacks"`)
			}
			if i++; w[i-1] == "by" {
				ask.By = w[i]
			} else {
				ask.Rework = w[i]
			}
		default:
			return delivery.Metrics{}, debrief.Errorf(debrief.Invalid, "", "%q chooses no rule; known are by, bots, events, rollbacks, rework", w[i])
		}
	}
	return loop.Metrics(ctx, st, s.Config, now, now.Location(), ask)
}

// expectMetric checks `SERVICE NAME "text" [rules]`.
func (s *Story) expectMetric(ctx context.Context, st *store.Store, now time.Time, w []string) (string, error) {
	if len(w) < 4 {
		return "", usage(`expect TIME metric SERVICE frequency|lead|failure|recovery|rework "text"`)
	}
	m, err := s.metricsOf(ctx, st, now, w[1], w[4:])
	if err != nil {
		return "", err
	}
	got, known := summaries(m)[w[2]]
	if !known {
		return "", debrief.Errorf(debrief.Invalid, "", "%q is no metric; known are frequency, lead, failure, recovery, rework", w[2])
	}
	if !strings.Contains(got, w[3]) {
		return "it reads " + got, nil
	}
	return "", nil
}

// summaries are the five metrics in a line each.
func summaries(m delivery.Metrics) map[string]string {
	long := func(seconds float64) string { return time.Duration(seconds * float64(time.Second)).String() }
	f, l := m.Frequency, m.LeadTime
	lead := l.Sentence
	if l.Changes.N > 0 {
		lead = fmt.Sprintf("median %s of %d", long(l.Changes.Median), l.Changes.N)
		if l.Pulls.N > 0 {
			lead += fmt.Sprintf(", per pull request %s of %d", long(l.Pulls.Median), l.Pulls.N)
		}
		lead += fmt.Sprintf(", squashed %d, waiting %d", l.Squashed, l.Waiting)
	}
	for _, why := range slices.Sorted(maps.Keys(l.LeftOut)) {
		lead += fmt.Sprintf("; %d left out: %s", l.LeftOut[why], why)
	}
	for _, why := range slices.Sorted(maps.Keys(l.None)) {
		lead += fmt.Sprintf("; %d without: %s", l.None[why], why)
	}
	var took []string
	for _, r := range m.Recovery.List {
		took = append(took, r.Version+" "+r.State+" "+long(float64(r.Took)))
	}
	recovery := fmt.Sprintf("median %s of %d: %s", long(m.Recovery.Restored.Median), m.Recovery.Restored.N, strings.Join(took, ", "))
	zero := 0
	for _, p := range m.Periods {
		if p.Releases == 0 {
			zero++
		}
	}
	return map[string]string{
		"frequency": fmt.Sprintf("%s; attempts %d, caught early %d, same version %d, events %d; assumed %d; periods %d, with none %d", f.Text, f.Attempts, f.Early, f.Same, f.Events, m.Assumed, len(m.Periods), zero),
		"lead":      lead,
		"failure":   fmt.Sprintf("%s; too early %d, caught early %d, not counted %d", m.FailureRate.Text, m.FailureRate.TooEarly, m.FailureRate.Early, m.FailureRate.Out),
		"recovery":  recovery,
		"rework":    fmt.Sprintf("%s; other reading %s", m.Rework.Text, m.Rework.Other.Text),
	}
}

// expectPlace checks `SERVICE VERSION METRIC AS ["text the rule contains"]`.
func (s *Story) expectPlace(ctx context.Context, st *store.Store, now time.Time, w []string) (string, error) {
	if len(w) < 5 {
		return "", usage(`expect TIME place SERVICE VERSION frequency|lead|failure|recovery|rework AS ["text"]`)
	}
	m, err := s.metricsOf(ctx, st, now, w[1], nil)
	if err != nil {
		return "", err
	}
	for _, d := range m.Deployments {
		if d.Version != w[2] {
			continue
		}
		at, known := map[string]delivery.Standing{"frequency": d.Frequency, "lead": d.Lead, "failure": d.Failure, "recovery": d.Recovery, "rework": d.Rework}[w[3]]
		if !known {
			return "", debrief.Errorf(debrief.Invalid, "", "%q is no metric; known are frequency, lead, failure, recovery, rework", w[3])
		}
		if at.As != w[4] || len(w) > 5 && !strings.Contains(at.Rule, w[5]) {
			return fmt.Sprintf("it is %q: %s", at.As, at.Rule), nil
		}
		return "", nil
	}
	return "no such deployment", nil
}
