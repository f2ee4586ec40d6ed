package measure

import (
	"context"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/judge"
)

// selector is a metric's name with or without matchers: what a query is when
// the rate around it is left to debrief.
var selector = regexp.MustCompile(`^\s*[a-zA-Z_:][a-zA-Z0-9_:]*\s*(\{[^{}]*\})?\s*$`)

// increase finds the range of an increase, which need not be the step.
var increase = regexp.MustCompile(`\bincrease\s*\([^\[\]]*\[([0-9.]+)(ms|s|m|h|d)\]`)

// Histogram asks for classic buckets, by le, and turns their cumulated rates
// into how many observations fell into each bucket during each step; or for
// native histograms, where the query returns those. A bare metric is asked for
// its classic buckets, and where it has none for what it is itself.
func (p *Prometheus) Histogram(ctx context.Context, query string, w Window) (judge.Histogram, error) {
	h, err := p.distribution(ctx, bucketQuery(query), w)
	if native := nativeQuery(query); err == nil && len(h.Bounds) == 0 && native != "" {
		return p.distribution(ctx, native, w)
	}
	return h, err
}

func (p *Prometheus) distribution(ctx context.Context, query string, w Window) (judge.Histogram, error) {
	native := newNatives()
	series, err := p.matrixOf(ctx, "/api/v1/query_range", query, w, unix, chunkPoints, native)
	if err != nil {
		return judge.Histogram{}, err
	}
	return p.laid(ctx, query, w, series, native, native.sorted())
}

// laid makes one distribution of classic buckets, or of native histograms
// where there are any.
func (p *Prometheus) laid(ctx context.Context, query string, w Window, series []Labelled, native *natives, all []*nativeSeries) (judge.Histogram, error) {
	start, points, err := w.Grid()
	if err != nil {
		return judge.Histogram{}, err
	}
	scale := perStep(Expand(query, w.Step, p.o.Scrape), w.Step)
	if len(all) > 0 {
		if len(all) > 1 {
			asking(ctx).note("several native histograms were added")
		}
		return native.merged(start, w.Step, scale, all...), nil
	}
	h := judge.Histogram{Start: start, Step: w.Step, Counts: make([][]float64, points)}
	bounds, cumulated, err := p.buckets(ctx, series)
	if err != nil || len(bounds) == 0 {
		return h, err
	}
	h.Bounds = bounds
	fixed := fill(&h, cumulated, scale)
	note := asking(ctx).note
	if fixed.lacking > 0 {
		note("%d of %d steps lack some buckets; what fell into them is counted in the next larger one", fixed.lacking, points)
	}
	if fixed.falling > 0 {
		note("in %d of %d steps a larger bucket held fewer observations than a smaller one; repaired", fixed.falling, points)
	}
	return h, nil
}

// bucketQuery completes a bare metric into the rate of its buckets.
func bucketQuery(q string) string {
	if !selector.MatchString(q) {
		return q
	}
	name, rest, _ := strings.Cut(strings.TrimSpace(q), "{")
	if name = strings.TrimSpace(name); !strings.HasSuffix(name, "_bucket") {
		name += "_bucket"
	}
	if rest != "" {
		rest = "{" + rest
	}
	return "sum by (le) (rate(" + name + rest + "[$__rate_interval]))"
}

// nativeQuery completes a bare metric that is not named as classic buckets into
// the rate of what it is itself; empty where a query says what it wants.
func nativeQuery(q string) string {
	q = strings.TrimSpace(q)
	name, _, _ := strings.Cut(q, "{")
	if !selector.MatchString(q) || strings.HasSuffix(strings.TrimSpace(name), "_bucket") {
		return ""
	}
	return "sum(rate(" + q + "[$__rate_interval]))"
}

// perStep turns what a query returns into observations per step: a rate is
// per second, an increase is per its own range.
func perStep(query string, step time.Duration) float64 {
	m := increase.FindStringSubmatch(query)
	if m == nil {
		return step.Seconds()
	}
	n, err := strconv.ParseFloat(m[1], 64)
	unit := map[string]time.Duration{"ms": time.Millisecond, "s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}[m[2]]
	if err != nil || n <= 0 {
		return 1
	}
	return step.Seconds() / (n * unit.Seconds())
}

// buckets orders the series by their bound; several with one bound are added.
func (p *Prometheus) buckets(ctx context.Context, series []Labelled) (bounds []float64, cumulated [][]float64, err error) {
	byBound := map[float64][]float64{}
	for _, s := range series {
		le, err := strconv.ParseFloat(s.Labels["le"], 64)
		if err != nil || math.IsNaN(le) {
			return nil, nil, p.errorf(debrief.Invalid, "a histogram's series need the label le; this one has %s", labelKey(s.Labels)).
				WithHint("for example sum by (le) (rate(http_request_duration_seconds_bucket[1m]))")
		}
		if sum, ok := byBound[le]; ok {
			asking(ctx).note("several series share a bucket; they were added")
			add(sum, s.Series.V)
			continue
		}
		byBound[le] = s.Series.V
		bounds = append(bounds, le)
	}
	slices.Sort(bounds)
	if n := len(bounds); n > 0 && !math.IsInf(bounds[n-1], 1) {
		asking(ctx).note("there is no +Inf bucket; what was slower than %v is not seen", bounds[n-1])
	}
	for _, b := range bounds {
		cumulated = append(cumulated, byBound[b])
	}
	return bounds, cumulated, nil
}

func add(sum, v []float64) {
	for i := range sum {
		switch {
		case math.IsNaN(sum[i]):
			sum[i] = v[i]
		case !math.IsNaN(v[i]):
			sum[i] += v[i]
		}
	}
}

type repaired struct{ lacking, falling int }

// fill takes the differences between buckets. What is repaired is counted: a
// bucket that is not there adds nothing, and one below its smaller neighbour
// (readings of one moment that are not quite of one moment) is lifted to it.
func fill(h *judge.Histogram, cumulated [][]float64, scale float64) (fixed repaired) {
	n := len(h.Bounds)
	all := make([]float64, n*len(h.Counts))
	for i := range h.Counts {
		row, below, lacking, falling, any := all[i*n:(i+1)*n:(i+1)*n], 0.0, false, false, false
		for j, c := range cumulated {
			v := c[i]
			switch {
			case math.IsNaN(v):
				lacking = true
				continue
			case v < below:
				falling = falling || below-v > 1e-9*below
				v = below
			}
			row[j] = (v - below) * scale
			below, any = v, true
		}
		if !any {
			continue
		}
		h.Counts[i] = row
		if lacking {
			fixed.lacking++
		}
		if falling {
			fixed.falling++
		}
	}
	return fixed
}
