package loop

import (
	"context"
	"fmt"
	"math"
	"strings"
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
	Exposed  time.Time      // first exposure: "before" ends
	From     time.Time      // full exposure: "after" begins
	To       time.Time      // the look's end
	Number   int            // which look, from 1
	Releases []judge.Window // deployments of the past, left out of the null
	Final    bool           // false: data and band only, no word
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
	metrics := append([]config.Metric{}, x.Config.Metrics...)
	all := make([]measured, len(metrics), len(metrics)+3*len(x.Config.Probes))
	var g errgroup.Group // with a context of its own, that one would be over before the probes are asked
	g.SetLimit(4)
	for i, m := range metrics {
		g.Go(func() error {
			q, err := l.ask(ctx, x, m)
			all[i] = measured{m, q, err}
			return nil // one metric's failure must not end the others
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	probes, err := l.probeQuestions(ctx, x)
	if err != nil {
		return nil, err
	}
	return append(all, probes...), nil
}

// ask measures one metric over its own past, before and after.
func (l *Loop) ask(ctx context.Context, x Exam, m config.Metric) (judge.Question, error) {
	q := l.question(x, m.Role)
	p, ok := l.Sources[m.Provider]
	if !ok {
		return q, debrief.Errorf(debrief.Invalid, "provider", "metric %q names the provider %q, which is not configured", m.Name, m.Provider)
	}
	w := l.window(x)
	switch {
	case m.Histogram != "":
		h, ok := p.(measure.HistogramProvider)
		if !ok {
			return q, cannot(m, "histograms")
		}
		hist, err := h.Histogram(ctx, m.Histogram, w)
		if err != nil {
			return q, err
		}
		q.Histogram, q.Quantile = &hist, m.Quantile
		return q, nil
	case m.Errors != "":
		num, err := l.series(ctx, p, m, m.Errors, w)
		if err != nil {
			return q, err
		}
		den, err := l.series(ctx, p, m, m.Requests, w)
		if err != nil {
			return q, err
		}
		q.Kind = judge.Share
		q.Series = share(num, den, w)
		return q, nil
	}
	s, err := l.series(ctx, p, m, m.Query, w)
	if err != nil {
		return q, err
	}
	q.Series = s
	return q, nil
}

// window is what is asked for: the own past, before and after, on one grid
// whose lines do not depend on when the look is taken.
func (l *Loop) window(x Exam) measure.Window {
	step := l.Config.Looks.Step
	return measure.Window{
		From: x.Exposed.Add(-l.Config.Looks.Past).Truncate(step),
		To:   x.To,
		Step: step,
	}
}

// question is a metric's question without its data.
func (l *Loop) question(x Exam, role string) judge.Question {
	q := judge.Question{
		Kind: judge.Gauge, Good: judge.Lower,
		From: x.From, To: x.To, Exposed: x.Exposed,
		Before: l.Config.Looks.Before,
		Past:   x.Releases,
		MinN:   l.Config.Judge.MinN,
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

// series asks for one line. A query that returns several is summed for
// nobody: it is refused with the labels that tell them apart.
func (l *Loop) series(ctx context.Context, p any, m config.Metric, query string, w measure.Window) (judge.Series, error) {
	sp, ok := p.(measure.SeriesProvider)
	if !ok {
		return judge.Series{}, cannot(m, "series")
	}
	all, err := sp.Series(ctx, query, w)
	if err != nil {
		return judge.Series{}, err
	}
	switch len(all) {
	case 0:
		return judge.Series{Start: w.From, Step: w.Step}, nil
	case 1:
		return all[0].Series, nil
	}
	return judge.Series{}, debrief.Errorf(debrief.Invalid, "query",
		"metric %q returns %d series (%s and others) where one is needed", m.Name, len(all), labels(all[0].Labels)).
		WithHint("wrap the query in sum(…) or avg(…)")
}

func cannot(m config.Metric, what string) error {
	return debrief.Errorf(debrief.Invalid, "provider", "metric %q: the provider %q cannot answer with %s", m.Name, m.Provider, what)
}

func labels(m map[string]string) string {
	var b strings.Builder
	for _, k := range sorted(m) {
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s=%q", k, m[k])
	}
	return "{" + b.String() + "}"
}

// share joins errors and requests. Queries give rates; a share's statistics
// need counts, so both are multiplied by the step. No errors at all often means
// no series: where requests are known, missing errors are none.
func share(num, den judge.Series, w measure.Window) judge.Series {
	s := judge.Series{Start: den.Start, Step: den.Step, Num: make([]float64, len(den.V)), Den: make([]float64, len(den.V))}
	sec := w.Step.Seconds()
	for i, d := range den.V {
		s.Num[i], s.Den[i] = math.NaN(), math.NaN()
		if math.IsNaN(d) {
			continue
		}
		s.Den[i], s.Num[i] = d*sec, 0
		// Both are on one grid, but an empty answer starts where it was asked.
		j := i + int(den.Start.Sub(num.Start)/w.Step)
		if j >= 0 && j < len(num.V) && !math.IsNaN(num.V[j]) {
			s.Num[i] = num.V[j] * sec
		}
	}
	return s
}
