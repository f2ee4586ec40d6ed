package measure

import (
	"context"
	"io"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/debriefhq/debrief"
)

// Loki asks a Grafana Loki.
type Loki struct{ *asker }

const lokiRange = "/loki/api/v1/query_range"

// lokiSpan is the longest window one request asks for: Loki's own limit is
// 30 days and one hour unless somebody changed it.
const lokiSpan = 30 * 24 * time.Hour

// Kind is "loki".
func (l *Loki) Kind() string { return "loki" }

// Series asks a metric query over log lines, such as a rate.
func (l *Loki) Series(ctx context.Context, query string, w Window) ([]Labelled, error) {
	return l.matrix(ctx, lokiRange, query, w, nanos, int(max(lokiSpan/max(w.Step, 1), 1)))
}

// nanos is a time as Loki's own answers have it.
func nanos(t time.Time) string { return strconv.FormatInt(t.UnixNano(), 10) }

// Lines asks for log lines, oldest first, page by page.
func (l *Loki) Lines(ctx context.Context, query string, w Window) (lines []Line, truncated bool, err error) {
	p := &pager{Loki: l, query: query, from: w.From.UnixNano(), to: w.To.UnixNano()}
	for p.from < p.to && !p.full {
		if err := p.page(ctx); err != nil {
			return nil, false, err
		}
	}
	if len(p.lines) > l.o.MaxLines {
		p.lines, p.full = p.lines[:l.o.MaxLines], true
	}
	return p.lines, p.full || p.lost, nil
}

// pager walks forward by the last line's time. The next page begins at that
// very time, since more lines may share it, and those already had are dropped
// by counting them.
type pager struct {
	*Loki
	query    string
	from, to int64
	had      map[lineKey]int // lines at the time from, already taken
	lines    []Line
	full     bool // the budget is used up
	lost     bool // more lines share one instant than a page holds
}

type lineKey struct{ stream, text string }

type paged struct {
	entry
	stream string
	labels map[string]string
}

func (p *pager) page(ctx context.Context) error {
	until := min(p.to, p.from+int64(lokiSpan))
	page, err := p.fetch(ctx, until)
	if err != nil {
		return err
	}
	if err := asking(ctx).spend(len(page)); err != nil {
		return err
	}
	fresh := 0
	for _, e := range page {
		if e.ns == p.from {
			k := lineKey{e.stream, e.text}
			if p.had[k] > 0 {
				p.had[k]--
				continue
			}
		}
		fresh++
		p.lines = append(p.lines, Line{At: time.Unix(0, e.ns).UTC(), Labels: e.labels, Text: e.text})
	}
	p.full = len(p.lines) >= p.o.MaxLines
	if len(page) < p.o.PageLines {
		p.from, p.had = until, nil
		return nil
	}
	last := page[len(page)-1].ns
	if fresh == 0 {
		// A whole page at one instant: the rest of it cannot be reached.
		asking(ctx).note("more than %d lines share one instant; some were not read", p.o.PageLines)
		p.from, p.had, p.lost = last+1, nil, true
		return nil
	}
	p.from, p.had = last, map[lineKey]int{}
	for _, e := range page {
		if e.ns == last {
			p.had[lineKey{e.stream, e.text}]++
		}
	}
	return nil
}

// fetch is one page over all streams, by time.
func (p *pager) fetch(ctx context.Context, until int64) ([]paged, error) {
	form := url.Values{
		"query": {p.query}, "start": {strconv.FormatInt(p.from, 10)}, "end": {strconv.FormatInt(until, 10)},
		"limit": {strconv.Itoa(p.o.PageLines)}, "direction": {"forward"},
	}
	var page []paged
	err := p.ask(ctx, lokiRange, form, func(r io.Reader) error {
		page = page[:0]
		return (&answer{note: asking(ctx).note, stream: func(labels map[string]string, lines []entry) error {
			if len(page)+len(lines) > p.o.PageLines {
				return p.errorf(debrief.TooLarge, "an answer holds more than the %d lines asked for", p.o.PageLines)
			}
			key := labelKey(labels)
			for _, e := range lines {
				page = append(page, paged{e, key, labels})
			}
			return nil
		}}).read(r)
	})
	slices.SortStableFunc(page, func(a, b paged) int {
		switch {
		case a.ns < b.ns:
			return -1
		case a.ns > b.ns:
			return 1
		}
		return 0
	})
	return page, err
}

// LabelValues lists a label's values in the window.
func (l *Loki) LabelValues(ctx context.Context, label string, w Window) ([]string, error) {
	form := url.Values{"start": {nanos(w.From)}, "end": {nanos(w.To)}}
	var out []string
	err := l.ask(ctx, "/loki/api/v1/label/"+url.PathEscape(label)+"/values", form, func(r io.Reader) error {
		out = out[:0]
		return (&answer{note: asking(ctx).note, values: listing(&out)}).read(r)
	})
	return out, err
}
