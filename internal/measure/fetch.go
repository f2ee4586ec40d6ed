package measure

import (
	"context"
	"math"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/judge"
)

// Asked is one metric's data as the judge takes it: a series, a share of
// counts, or a distribution.
type Asked struct {
	Kind      judge.Kind
	Series    judge.Series     // where Histogram is nil
	Histogram *judge.Histogram // a whole distribution
}

// Fetch asks a provider for one metric. What is not there is NaN: a missing
// metric is no error, it is something the judge has to know.
func Fetch(ctx context.Context, p Provider, m Metric, w Window) (Asked, error) {
	switch {
	case m.Histogram != "":
		hp, ok := p.(HistogramProvider)
		if !ok {
			return Asked{}, debrief.Errorf(debrief.Invalid, m.Name+".histogram", "%s is of kind %s and has no histograms", p.Name(), p.Kind())
		}
		h, err := hp.Histogram(ctx, m.Histogram, w)
		return Asked{Kind: judge.Gauge, Histogram: &h}, err
	case m.Requests != "":
		return fetchShare(ctx, p, m, w)
	}
	kind := judge.Gauge
	if debrief.Role(m.Role) == debrief.Traffic {
		kind = judge.Count
	}
	s, err := one(ctx, p, m.Name+".query", m.Query, w)
	return Asked{Kind: kind, Series: s}, err
}

func fetchShare(ctx context.Context, p Provider, m Metric, w Window) (Asked, error) {
	den, err := one(ctx, p, m.Name+".requests", m.Requests, w)
	if err != nil {
		return Asked{}, err
	}
	num, err := one(ctx, p, m.Name+".errors", m.Errors, w)
	if err != nil {
		return Asked{}, err
	}
	scale := func(query string) float64 {
		return perStep(Expand(query, w.Step, DefaultScrape), w.Step)
	}
	return Asked{Kind: judge.Share, Series: Share(num, den, scale(m.Errors), scale(m.Requests))}, nil
}

// Share puts failures over requests. A counter of failures does not exist
// before the first one, so where requests were counted and failures were not,
// there were none.
func Share(num, den judge.Series, scaleNum, scaleDen float64) judge.Series {
	out := judge.Series{Start: den.Start, Step: den.Step, Num: missing(len(den.V)), Den: missing(len(den.V))}
	for i, d := range den.V {
		if math.IsNaN(d) || d < 0 {
			continue
		}
		n := 0.0
		if i < len(num.V) && num.V[i] > 0 {
			n = num.V[i] * scaleNum
		}
		out.Den[i] = d * scaleDen
		out.Num[i] = min(n, out.Den[i])
	}
	return out
}

// one asks for the one series of a query; none is a series of nothing.
func one(ctx context.Context, p SeriesProvider, field, query string, w Window) (judge.Series, error) {
	found, err := p.Series(ctx, query, w)
	if err != nil {
		return judge.Series{}, err
	}
	switch len(found) {
	case 0:
		start, n, err := w.Grid()
		return judge.Series{Start: start, Step: w.Step, V: missing(n)}, err
	case 1:
		return found[0].Series, nil
	}
	return judge.Series{}, debrief.Errorf(debrief.Invalid, field, "the query returns %d series where one is needed", len(found)).
		WithHint("sum them: sum(…); or add matchers that leave one")
}
