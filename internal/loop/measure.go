package loop

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/judge"
	"github.com/debriefhq/debrief/internal/measure"
)

// Telemetry is where a look's numbers come from: providers by their name in
// the configuration. What a provider can answer follows from which of
// measure's interfaces it implements.
type Telemetry map[string]any

// Exam is one look as plain values: what was released when, and the window judged.
type Exam struct {
	Service  string // id
	Config   config.Service
	Began    time.Time      // the deployment's start, where it is known: "before" ends
	Exposed  time.Time      // first exposure: nothing began earlier
	From     time.Time      // full exposure: "after" begins
	To       time.Time      // the look's end
	Number   int            // which look, from 1
	Releases []judge.Window // deployments of the past, left out of the null
	Earlier  []time.Time    // full exposure of the service's earlier releases, newest last: the second null
	Names    []string       // its versions and where it went: what tells its series from its controls
	Final    bool           // false: data and band only, no word
	Keep     bool           // the same past will be asked for again
}

// Findings is what an exam found.
type Findings struct {
	Verdicts []debrief.Verdict
	Blind    []string // what could not be asked
}

// measured is one metric's data, or why there is none.
type measured struct {
	metric config.Metric
	q      judge.Question
	notes  []string           // what the provider had to say beside numbers
	beside func(n int) string // what n controls are called; nil: there are none
	canary bool               // the new version beside the old one: nothing before the release is compared
	err    error
}

// Examine measures a service's metrics and judges them.
func (l *Loop) Examine(ctx context.Context, x Exam) Findings {
	all, err := l.fetch(ctx, x)
	if err != nil {
		return Findings{Blind: []string{err.Error()}}
	}
	return l.judge(x, all)
}

// fetch asks every metric's provider, at most a few at a time; the providers
// themselves bound what each of them is asked at once.
func (l *Loop) fetch(ctx context.Context, x Exam) ([]measured, error) {
	all := make([]measured, len(x.Config.Metrics), len(x.Config.Metrics)+2*len(x.Config.Probes))
	var g errgroup.Group // without a context: one metric's failure must not end the others
	g.SetLimit(4)
	for i, m := range x.Config.Metrics {
		g.Go(func() error {
			all[i] = l.ask(ctx, x, m)
			return nil
		})
	}
	_ = g.Wait() // every metric carries its own error
	if x.Final {
		note, err := l.restarts(ctx, x)
		if err != nil {
			note = "whether it was restarted could not be asked: " + err.Error()
		}
		for i := range all {
			if note != "" && all[i].err == nil {
				all[i].notes = append(all[i].notes, note)
			}
		}
	}
	probes, err := l.probeQuestions(ctx, x)
	if err != nil {
		return nil, err
	}
	return append(all, probes...), nil
}

// ask measures one metric over its own past, before and after.
func (l *Loop) ask(ctx context.Context, x Exam, m config.Metric) measured {
	out := measured{metric: m, q: l.question(x, m.Role)}
	p, ok := l.Sources[m.Provider].(measure.Provider)
	if !ok {
		out.err = debrief.Errorf(debrief.Invalid, "provider", "metric %q names the provider %q, which cannot answer with series", m.Name, m.Provider)
		return out
	}
	ctx, asking := measure.Ask(ctx, l.Config.Providers[m.Provider].MaxSamples)
	asked, err := l.data(ctx, x, m, p)
	out.err = err
	out.q.Kind, out.q.Series, out.q.Histogram, out.q.Quantile = asked.Kind, asked.Series, asked.Histogram, m.Quantile
	if debrief.Role(m.Role) == debrief.Errors && asked.Kind != judge.Share {
		// A ratio somebody cooked before: its size is not known in points.
		out.q.Margin, out.q.Coarse = l.Config.Judge.Other.Practical, l.Config.Judge.Other.Coarse
	}
	if err == nil && x.Final { // a glimpse has no word that controls could change
		l.addControls(ctx, x, p, &out)
	}
	out.notes = append(out.notes, asking.Notes()...)
	return out
}

// asks is a configured metric as the providers take it.
func asks(m config.Metric) measure.Metric {
	return measure.Metric{
		Name: m.Name, Role: m.Role, Unit: m.Unit, Query: m.Query,
		Histogram: m.Histogram, Quantile: m.Quantile, Errors: m.Errors, Requests: m.Requests,
		Control: measure.Control(m.Control),
	}
}

// window is what is asked for: the own past, before and after, on one grid
// whose lines do not depend on when the look is taken.
func (l *Loop) window(x Exam) measure.Window {
	step := l.Config.Looks.Step
	from := x.Exposed
	if !x.Began.IsZero() && x.Began.Before(from) {
		from = x.Began
	}
	return measure.Window{From: from.Add(-l.Config.Looks.Past).Truncate(step), To: x.To, Step: step}
}

// question is a metric's question without its data.
func (l *Loop) question(x Exam, role string) judge.Question {
	q := judge.Question{
		Kind: judge.Gauge, Good: judge.Lower,
		From: x.From, To: x.To, Exposed: x.Exposed, Touched: x.Began,
		Before: l.Config.Looks.Before,
		Past:   x.Releases, Releases: x.Earlier,
		MinN: l.Config.Judge.MinN,
	}
	margin := l.Config.Judge.Other
	switch debrief.Role(role) {
	case debrief.Latency:
		margin = l.Config.Judge.Latency
	case debrief.Errors:
		margin = l.Config.Judge.Errors
	case debrief.Traffic:
		margin = l.Config.Judge.Traffic
		q.Kind, q.Good = judge.Count, judge.Neither
	default:
		q.Good = judge.Neither
	}
	q.Margin, q.Coarse = margin.Practical, margin.Coarse
	return q
}
