package measure

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/judge"
)

// Control says where a metric can be seen without a release: by a label that
// tells who got it, or by queries of their own.
type Control struct {
	Label    string
	Query    string // as the metric's query or histogram is
	Errors   string
	Requests string
}

// Group is a metric's data under one value of the label it is split by.
type Group struct {
	Value string
	Asked
}

// Split asks for a metric once per value of a label.
func Split(ctx context.Context, p Provider, m Metric, label string, w Window) ([]Group, error) {
	by := func(labels map[string]string) string { return labels[label] }
	switch {
	case m.Histogram != "":
		return histograms(ctx, p, m, func(q string) string { return SplitBy(q, label) }, m.Histogram, by, w)
	case m.Requests != "":
		return shares(ctx, p, m, SplitBy(m.Errors, label), SplitBy(m.Requests, label), by, w)
	}
	return values(ctx, p, m, m.Name+".query", SplitBy(m.Query, label), by, w)
}

// Controls asks the metric's control queries: what each returns is one control.
func Controls(ctx context.Context, p Provider, m Metric, w Window) ([]Group, error) {
	c := m.Control
	switch {
	case m.Histogram != "":
		return histograms(ctx, p, m, func(q string) string { return q }, c.Query, withoutBound, w)
	case m.Requests != "":
		return shares(ctx, p, m, c.Errors, c.Requests, labelKey, w)
	}
	return values(ctx, p, m, m.Name+".control.query", c.Query, labelKey, w)
}

// withoutBound is what a bucket's series has in common with the other buckets'.
func withoutBound(labels map[string]string) string {
	rest := maps.Clone(labels)
	delete(rest, "le")
	return labelKey(rest)
}

func values(ctx context.Context, p SeriesProvider, m Metric, field, query string, by func(map[string]string) string, w Window) ([]Group, error) {
	found, err := grouped(ctx, p, field, query, by, w)
	if err != nil {
		return nil, err
	}
	kind := judge.Gauge
	if debrief.Role(m.Role) == debrief.Traffic {
		kind = judge.Count
	}
	var out []Group
	for _, v := range slices.Sorted(maps.Keys(found)) {
		out = append(out, Group{v, Asked{Kind: kind, Series: found[v]}})
	}
	return out, nil
}

// grouped is one series per value.
func grouped(ctx context.Context, p SeriesProvider, field, query string, by func(map[string]string) string, w Window) (map[string]judge.Series, error) {
	all, err := p.Series(ctx, query, w)
	if err != nil {
		return nil, err
	}
	out := map[string]judge.Series{}
	for _, s := range all {
		v := by(s.Labels)
		if _, twice := out[v]; twice {
			return nil, debrief.Errorf(debrief.Invalid, field, "the query returns several series for %s where one is needed", strconv.Quote(v)).
				WithHint("sum them: sum(…); or add matchers that leave one")
		}
		out[v] = s.Series
	}
	return out, nil
}

func shares(ctx context.Context, p SeriesProvider, m Metric, errors, requests string, by func(map[string]string) string, w Window) ([]Group, error) {
	den, err := grouped(ctx, p, m.Name+".requests", requests, by, w)
	if err != nil {
		return nil, err
	}
	num, err := grouped(ctx, p, m.Name+".errors", errors, by, w)
	if err != nil {
		return nil, err
	}
	scale := func(query string) float64 { return perStep(Expand(query, w.Step, DefaultScrape), w.Step) }
	var out []Group
	for _, v := range slices.Sorted(maps.Keys(den)) {
		out = append(out, Group{v, Asked{Kind: judge.Share, Series: Share(num[v], den[v], scale(errors), scale(requests))}})
	}
	return out, nil
}

func histograms(ctx context.Context, p Provider, m Metric, with func(string) string, query string, by func(map[string]string) string, w Window) ([]Group, error) {
	prom, ok := p.(*Prometheus)
	if !ok {
		return nil, debrief.Errorf(debrief.Invalid, m.Name+".histogram", "%s is of kind %s and has no histograms", p.Name(), p.Kind())
	}
	out, err := prom.histogramsBy(ctx, with(bucketQuery(query)), by, w)
	if native := nativeQuery(query); err == nil && len(out) == 0 && native != "" {
		return prom.histogramsBy(ctx, with(native), by, w)
	}
	return out, err
}

// histogramsBy is one distribution per value.
func (p *Prometheus) histogramsBy(ctx context.Context, query string, by func(map[string]string) string, w Window) ([]Group, error) {
	native := newNatives()
	series, err := p.matrixOf(ctx, "/api/v1/query_range", query, w, unix, chunkPoints, native)
	if err != nil {
		return nil, err
	}
	classic, bars := map[string][]Labelled{}, map[string][]*nativeSeries{}
	values := map[string]bool{}
	for _, s := range series {
		classic[by(s.Labels)] = append(classic[by(s.Labels)], s)
		values[by(s.Labels)] = true
	}
	for _, s := range native.sorted() {
		bars[by(s.labels)] = append(bars[by(s.labels)], s)
		values[by(s.labels)] = true
	}
	var out []Group
	for _, v := range slices.Sorted(maps.Keys(values)) {
		h, err := p.laid(ctx, query, w, classic[v], native, bars[v])
		if err != nil {
			return nil, err
		}
		out = append(out, Group{v, Asked{Kind: judge.Gauge, Histogram: &h}})
	}
	return out, nil
}

// Line is what a group is as one series: of a distribution its quantile.
func (g Group) Line(q float64) judge.Series {
	if g.Histogram == nil {
		return g.Series
	}
	h := g.Histogram
	s := judge.Series{Start: h.Start, Step: h.Step, V: QuantileOf(*h, q), N: make([]float64, len(h.Counts))}
	for i, row := range h.Counts {
		for _, c := range row {
			s.N[i] += c
		}
	}
	return s
}

// Together is what several groups were as one: counts, shares and
// distributions are added; of other measurements the middle one is taken at
// every step.
func Together(all []Group) Asked {
	if len(all) == 1 {
		return all[0].Asked
	}
	out := all[0].Asked
	switch {
	case out.Histogram != nil:
		h := joined(all)
		out.Histogram = &h
	case out.Kind == judge.Share:
		s := judge.Series{Start: out.Series.Start, Step: out.Series.Step, Num: slices.Clone(out.Series.Num), Den: slices.Clone(out.Series.Den)}
		for _, g := range all[1:] {
			add(s.Num, g.Series.Num)
			add(s.Den, g.Series.Den)
		}
		out.Series = s
	case out.Kind == judge.Count:
		s := judge.Series{Start: out.Series.Start, Step: out.Series.Step, V: slices.Clone(out.Series.V)}
		for _, g := range all[1:] {
			add(s.V, g.Series.V)
		}
		out.Series = s
	default:
		s := judge.Series{Start: out.Series.Start, Step: out.Series.Step, V: missing(len(out.Series.V))}
		for i := range s.V {
			var here []float64
			for _, g := range all {
				if v := g.Series.V[i]; v == v {
					here = append(here, v)
				}
			}
			if slices.Sort(here); len(here) > 0 {
				s.V[i] = median(here)
			}
		}
		out.Series = s
	}
	return out
}

// joined adds distributions of one grid, bound by bound.
func joined(all []Group) judge.Histogram {
	first := all[0].Histogram
	out := judge.Histogram{Start: first.Start, Step: first.Step, Counts: make([][]float64, len(first.Counts))}
	hs := make([]judge.Histogram, len(all))
	for i, g := range all {
		hs[i] = *g.Histogram
	}
	out.Bounds = boundsOf(hs...)
	for _, g := range all {
		addRows(&out, 0, *g.Histogram)
	}
	return out
}

// Matches reports whether a label's value names a release: by one of its
// versions, with or without a leading v, or by a place it went to.
func Matches(value string, names []string) bool {
	plain := func(s string) string { return strings.TrimPrefix(strings.ToLower(strings.TrimSpace(s)), "v") }
	return value != "" && slices.ContainsFunc(names, func(n string) bool { return n != "" && plain(n) == plain(value) })
}
