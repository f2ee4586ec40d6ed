package measure

import (
	"context"
	"io"
	"math"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/judge"
)

// matrix asks a range query, in chunks that the provider answers, and lays
// what comes back on the window's grid. Prometheus's value at t is made of
// what happened before t, so it belongs to the step that ends at t.
func (a *asker) matrix(ctx context.Context, path, query string, w Window, at func(time.Time) string, chunk int) ([]Labelled, error) {
	return a.matrixOf(ctx, path, query, w, at, chunk, nil)
}

// matrixOf is the same; native histograms, where they are wanted, go to native.
func (a *asker) matrixOf(ctx context.Context, path, query string, w Window, at func(time.Time) string, chunk int, native *natives) ([]Labelled, error) {
	start, points, err := w.Grid()
	if err != nil {
		return nil, err
	}
	if strings.TrimSpace(query) == "" {
		return nil, a.errorf(debrief.Invalid, "the query is empty")
	}
	m := &matrix{asker: a, start: start, step: w.Step, points: points, series: map[string]*Labelled{}, native: native}
	query = Expand(query, w.Step, a.o.Scrape)
	chunk = min(chunk, chunkPoints)
	for first := 0; first < points; first += chunk {
		m.from, m.to = first, min(first+chunk, points)
		form := url.Values{
			"query": {query},
			"start": {at(start.Add(time.Duration(m.from+1) * w.Step))},
			"end":   {at(start.Add(time.Duration(m.to) * w.Step))},
			"step":  {strconv.FormatFloat(w.Step.Seconds(), 'f', -1, 64)},
		}
		if err := m.chunk(ctx, path, form); err != nil {
			return nil, err
		}
	}
	return m.sorted(), nil
}

// matrix is one range query's series while they come in.
type matrix struct {
	*asker
	start    time.Time
	step     time.Duration
	points   int
	from, to int // the grid points of the chunk being read
	read     int // samples of earlier chunks
	series   map[string]*Labelled
	native   *natives // nil: not wanted
}

func (m *matrix) chunk(ctx context.Context, path string, form url.Values) error {
	n := 0
	spend := func(samples int) error {
		if n += samples; m.read+n > m.o.MaxSamples {
			return m.errorf(debrief.TooLarge, "the query returns more than %d samples (max_samples)", m.o.MaxSamples).
				WithHint("sum series in the query, or lengthen looks.step")
		}
		return nil
	}
	series := func(labels map[string]string, points []point) error {
		s, err := m.find(labels)
		if err == nil {
			err = spend(len(points))
		}
		if err == nil {
			m.place(s.Series.V, points)
		}
		return err
	}
	bars := func(labels map[string]string) error {
		if err := spend(len(m.native.points) + len(m.native.bars)); err != nil {
			return err
		}
		return m.keep(labels)
	}
	err := m.ask(ctx, path, form, func(r io.Reader) error {
		n = 0 // a repeated request begins its count anew
		if m.native != nil {
			m.native.bars, m.native.points = m.native.bars[:0], m.native.points[:0]
		}
		return (&answer{series: series, native: m.native, bars: bars, note: asking(ctx).note}).read(r)
	})
	if err != nil {
		return err
	}
	m.read += n
	return asking(ctx).spend(n)
}

// answering reads a matrix or vector. A repeated request begins its count anew.
func answering(ctx context.Context, series func(map[string]string, []point) error, n *int) func(io.Reader) error {
	return func(r io.Reader) error {
		*n = 0
		return (&answer{series: series, note: asking(ctx).note}).read(r)
	}
}

// find is the series with these labels, made where it is new.
func (m *matrix) find(labels map[string]string) (*Labelled, error) {
	key := labelKey(labels)
	if s, ok := m.series[key]; ok {
		return s, nil
	}
	if len(m.series) >= m.o.MaxSeries {
		return nil, m.errorf(debrief.TooLarge, "the query returns more than %d series (max_series)", m.o.MaxSeries).
			WithHint("sum them in the query, for example sum(…) or sum by (le) (…)")
	}
	// What is missing takes room too: a million series of one point each on a
	// long grid must not fit through the samples' budget.
	if (len(m.series)+1)*m.points > 4*m.o.MaxSamples {
		return nil, m.errorf(debrief.TooLarge, "%d series of %d points are more than the budget of %d samples (max_samples) allows", len(m.series)+1, m.points, m.o.MaxSamples)
	}
	s := &Labelled{Labels: labels, Series: judge.Series{Start: m.start, Step: m.step, V: missing(m.points)}}
	m.series[key] = s
	return s, nil
}

func (m *matrix) place(v []float64, points []point) {
	origin, step := float64(m.start.UnixMilli())/1000, m.step.Seconds()
	for _, p := range points {
		i := math.Round((p.t-origin)/step) - 1
		if i >= float64(m.from) && i < float64(m.to) && !math.IsInf(p.v, 0) {
			v[int(i)] = p.v
		}
	}
}

func (m *matrix) sorted() []Labelled {
	keys := make([]string, 0, len(m.series))
	for k := range m.series {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	out := make([]Labelled, len(keys))
	for i, k := range keys {
		out[i] = *m.series[k]
	}
	return out
}

// labelKey spells labels so that equal sets give equal texts.
func labelKey(labels map[string]string) string {
	names := make([]string, 0, len(labels))
	for n := range labels {
		names = append(names, n)
	}
	sort.Strings(names)
	var b strings.Builder
	for _, n := range names {
		b.WriteString(n)
		b.WriteByte('=')
		b.WriteString(strconv.Quote(labels[n]))
		b.WriteByte(',')
	}
	return b.String()
}

// unix is a time as both providers read it: seconds, with a fraction if any.
func unix(t time.Time) string {
	if t.Nanosecond() == 0 {
		return strconv.FormatInt(t.Unix(), 10)
	}
	return strconv.FormatFloat(float64(t.UnixMilli())/1000, 'f', 3, 64)
}

// Expand puts durations where a query leaves them to the one who asks, with
// Grafana's words, so that a panel's query can be pasted: $__interval is the
// step, $__rate_interval the shortest range a rate can be taken over.
func Expand(query string, step, scrape time.Duration) string {
	if !strings.Contains(query, "__") {
		return query
	}
	rate := promDuration(RateInterval(step, scrape))
	interval := promDuration(step)
	return strings.NewReplacer(
		"${__rate_interval}", rate, "$__rate_interval", rate,
		"${__interval}", interval, "$__interval", interval,
	).Replace(query)
}

// RateInterval is the shortest range that still holds two readings when one
// of them is late, and no shorter than the step, so that no request is left out.
func RateInterval(step, scrape time.Duration) time.Duration { return max(step, 4*scrape) }

func promDuration(d time.Duration) string {
	if d%time.Second != 0 {
		return strconv.FormatInt(d.Milliseconds(), 10) + "ms"
	}
	switch s := int64(d / time.Second); {
	case s%3600 == 0 && s > 0:
		return strconv.FormatInt(s/3600, 10) + "h"
	case s%60 == 0 && s > 0:
		return strconv.FormatInt(s/60, 10) + "m"
	default:
		return strconv.FormatInt(s, 10) + "s"
	}
}
