package measure

import (
	"context"
	"io"
	"net/url"
	"time"

	"github.com/debriefhq/debrief"
)

// Prometheus asks what speaks Prometheus's HTTP API: Prometheus itself,
// Mimir, Thanos, VictoriaMetrics.
type Prometheus struct{ *asker }

// Kind is "prometheus".
func (p *Prometheus) Kind() string { return "prometheus" }

// Series asks a range query; values that are not there are NaN.
func (p *Prometheus) Series(ctx context.Context, query string, w Window) ([]Labelled, error) {
	return p.matrix(ctx, "/api/v1/query_range", query, w, unix, chunkPoints)
}

// Sample is one value of an instant query.
type Sample struct {
	Labels map[string]string
	At     time.Time
	V      float64
}

// maxInstant bounds an instant answer, which discovery asks over all services.
const maxInstant = 20_000

// Instant asks for the values at one moment.
func (p *Prometheus) Instant(ctx context.Context, query string, at time.Time) ([]Sample, error) {
	var out []Sample
	n := 0
	read := answering(ctx, func(labels map[string]string, points []point) error {
		if n++; n > maxInstant {
			return p.errorf(debrief.TooLarge, "an instant query returns more than %d series", maxInstant)
		}
		for _, v := range points {
			out = append(out, Sample{labels, time.UnixMilli(int64(v.t * 1000)).UTC(), v.v})
		}
		return nil
	}, &n)
	err := p.ask(ctx, "/api/v1/query", url.Values{"query": {query}, "time": {unix(at)}}, func(r io.Reader) error {
		out = out[:0]
		return read(r)
	})
	if err != nil {
		return nil, err
	}
	return out, asking(ctx).spend(n)
}

// LabelValues lists a label's values among the series that match a selector
// and had samples in the window.
func (p *Prometheus) LabelValues(ctx context.Context, label, selector string, w Window) ([]string, error) {
	form := url.Values{"start": {unix(w.From)}, "end": {unix(w.To)}}
	if selector != "" {
		form.Set("match[]", selector)
	}
	var out []string
	err := p.ask(ctx, "/api/v1/label/"+url.PathEscape(label)+"/values", form, func(r io.Reader) error {
		out = out[:0]
		return (&answer{note: asking(ctx).note, values: listing(&out)}).read(r)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// listing collects a bounded list of texts.
func listing(out *[]string) func(func(func(string) error) error) error {
	return func(data func(func(string) error) error) error {
		return data(func(v string) error {
			if len(*out) >= maxInstant {
				return debrief.Errorf(debrief.TooLarge, "labels", "more than %d values", maxInstant)
			}
			*out = append(*out, v)
			return nil
		})
	}
}
