// Package measure asks the telemetry a team already has: a query and a window
// of time go in, a judge.Series or log lines come out. One file per provider.
// Telemetry is never copied in bulk; windows are asked for, chunked and
// bounded by a budget.
package measure

import (
	"context"
	"time"

	"github.com/debriefhq/debrief/internal/judge"
)

// Window is the span asked for and its resolution.
type Window struct {
	From, To time.Time
	Step     time.Duration
}

// SeriesProvider answers a query with one series per label set.
type SeriesProvider interface {
	Series(ctx context.Context, query string, w Window) ([]Labelled, error)
}

// HistogramProvider answers with a distribution per step. The query selects
// classic buckets' rates by le, or names the metric and its matchers.
type HistogramProvider interface {
	Histogram(ctx context.Context, query string, w Window) (judge.Histogram, error)
}

// LogProvider answers with the lines of a window, oldest first. truncated says
// that the budget ended before the window did.
type LogProvider interface {
	Lines(ctx context.Context, query string, w Window) (lines []Line, truncated bool, err error)
}

// Discoverer says what a provider has that debrief understands.
type Discoverer interface {
	Discover(ctx context.Context, at time.Time) ([]Found, error)
}

// Labelled is one series with its labels.
type Labelled struct {
	Labels map[string]string
	Series judge.Series
}

// Line is one log line.
type Line struct {
	At     time.Time
	Labels map[string]string
	Text   string
}

// Found is one service a provider knows, with the metrics that would be looked at.
type Found struct {
	Service string
	Family  string // "OpenTelemetry HTTP server", "Go client_golang", "nginx", "Istio"…
	Metrics []Metric
	Splits  []Spread // labels that tell parts of it apart, for controls
	Starts  string   // a query for when its processes began; empty: none is known
}

// Spread is a label and some of its values.
type Spread struct {
	Label  string
	Values []string
}

// Metric is a metric as configuration words it; see config.Metric.
type Metric struct {
	Name      string
	Role      string
	Unit      string
	Query     string
	Histogram string
	Quantile  float64
	Errors    string
	Requests  string
	Control   Control
}
