package cli

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/judge"
	"github.com/debriefhq/debrief/internal/loop"
	"github.com/debriefhq/debrief/internal/measure"
	"github.com/debriefhq/debrief/internal/plot"
	"github.com/debriefhq/debrief/internal/tell"
)

// finder is one run of init.
type finder struct {
	*Env
	options  initOptions
	config   config.Config
	sources  loop.Telemetry
	services []foundService

	logsMissing bool // Loki did not answer
}

// foundService is a service with what will be looked at.
type foundService struct {
	measure.Found
	logs string   // Loki query
	none []string // metrics left out, since they have no data
	seen time.Duration
}

// logsPatience bounds how long Loki is asked which streams there are.
const logsPatience = 30 * time.Second

// drawn bounds how many services are drawn: further ones are written all the same.
const drawn = 20

func (f *finder) find(ctx context.Context, prom *measure.Prometheus) error {
	found, err := prom.Discover(ctx, f.Now())
	if err != nil {
		return err
	}
	for _, s := range found {
		wanted := len(f.options.services) == 0 || slices.ContainsFunc(f.options.services, func(n string) bool { return sameName(n, s.Service) })
		if wanted {
			f.services = append(f.services, foundService{Found: s})
		}
	}
	if len(f.services) == 0 {
		hint := "they need http_server_request_duration_seconds, http_requests_total or another of the known metrics within the last hour; docs/configuration.md shows how to write a query or a probe by hand"
		if len(found) > 0 {
			hint = "found: " + names(found)
		}
		return debrief.Errorf(debrief.NotFound, "", "%s has no service whose metrics debrief understands", f.options.prometheus).WithHint("%s", hint)
	}
	if loki, ok := f.sources[logsProvider].(*measure.Loki); ok {
		err := within(ctx, logsPatience, func(ctx context.Context) error { return f.findLogs(ctx, loki) })
		if err != nil && ctx.Err() == nil { // metrics are enough to begin with
			f.logsMissing = true
			fmt.Fprintf(f.Stderr, "debrief: logs are left out for now: %s\n", clean(err.Error()))
		}
	}
	return ctx.Err()
}

func names(found []measure.Found) string {
	var all []string
	for _, s := range found {
		all = append(all, s.Service)
	}
	return strings.Join(all, ", ")
}

// findLogs gives each service the streams that carry its name.
func (f *finder) findLogs(ctx context.Context, loki *measure.Loki) error {
	w := f.lastDay()
	production, err := productionOf(ctx, loki, w, f.config.Production)
	if err != nil {
		return err
	}
	for _, label := range []string{"service_name", "service", "app", "job", "container"} {
		values, err := loki.LabelValues(ctx, label, w)
		if err != nil {
			return err
		}
		for i := range f.services {
			for _, v := range values {
				if f.services[i].logs == "" && sameName(v, f.services[i].Service) {
					f.services[i].logs = fmt.Sprintf("{%s=%q%s}", label, v, production)
				}
			}
		}
	}
	return nil
}

// productionOf is the matcher that leaves production's streams.
func productionOf(ctx context.Context, loki *measure.Loki, w measure.Window, production []string) (string, error) {
	for _, label := range []string{"deployment_environment", "environment", "env", "stage"} {
		values, err := loki.LabelValues(ctx, label, w)
		if err != nil {
			return "", err
		}
		for _, v := range values {
			if slices.ContainsFunc(production, func(p string) bool { return sameName(p, v) }) {
				return fmt.Sprintf(", %s=%q", label, v), nil
			}
		}
	}
	return "", nil
}

// draw shows a day of each service, and leaves out what has no data.
func (f *finder) draw(ctx context.Context, prom *measure.Prometheus) {
	for i := range f.services {
		s := &f.services[i]
		if i == drawn {
			fmt.Fprintf(f.Stdout, "\n… and %s more, not drawn.\n", counted(len(f.services)-drawn, "service"))
		}
		if i >= drawn {
			continue
		}
		fmt.Fprintf(f.Stdout, "\n%s · %s\n", clean(s.Service), s.Family)
		w := tabwriter.NewWriter(f.Stdout, 0, 0, 2, ' ', 0)
		var kept []measure.Metric
		for _, m := range s.Metrics {
			v, err := f.values(ctx, prom, m)
			switch {
			case err != nil:
				fmt.Fprintf(w, "  %s\tcannot be asked: %s\n", clean(m.Name), clean(err.Error()))
				kept = append(kept, m)
				continue
			case len(v) == 0:
				s.none = append(s.none, m.Name)
				continue
			}
			kept = append(kept, m)
			s.seen = max(s.seen, seen(v))
			if !strings.Contains(m.Name, " of ") { // routes are written, not drawn
				fmt.Fprintf(w, "  %s\t%s\t%s\n", clean(m.Name), plot.Blocks(v, 48, 0), tell.Number(typical(v), m.Unit))
			}
		}
		s.Metrics = kept
		_ = w.Flush() // standard output
		if routes := len(routesOf(s.Metrics)); routes > 0 {
			fmt.Fprintf(f.Stdout, "  and its %s: %s\n", counted(routes, "busiest route"), clean(strings.Join(routesOf(s.Metrics), ", ")))
		}
		if s.logs != "" {
			fmt.Fprintf(f.Stdout, "  logs %s\n", clean(s.logs))
		}
		if len(s.none) > 0 {
			fmt.Fprintf(f.Stdout, "  no data, left out: %s\n", clean(strings.Join(s.none, ", ")))
		}
	}
}

// values is one metric's last day as one line; nil where there is no data.
func (f *finder) values(ctx context.Context, prom *measure.Prometheus, m measure.Metric) ([]float64, error) {
	got, err := measure.Fetch(ctx, prom, m, f.lastDay())
	if err != nil {
		return nil, err
	}
	v := got.Series.V
	switch {
	case got.Histogram != nil:
		v = measure.QuantileOf(*got.Histogram, m.Quantile)
	case got.Kind == judge.Share:
		v = make([]float64, len(got.Series.Den))
		for i := range v {
			v[i] = 100 * got.Series.Num[i] / got.Series.Den[i] // nothing of nothing is NaN: not known
		}
	}
	if !slices.ContainsFunc(v, func(x float64) bool { return !math.IsNaN(x) }) {
		return nil, nil
	}
	return v, nil
}

// seen is how long ago the first value of a day of minutes was.
func seen(v []float64) time.Duration {
	first := slices.IndexFunc(v, func(x float64) bool { return !math.IsNaN(x) })
	return time.Duration(len(v)-first) * time.Minute
}

func typical(v []float64) float64 {
	known := slices.DeleteFunc(slices.Clone(v), math.IsNaN)
	slices.Sort(known)
	return known[len(known)/2]
}

func routesOf(metrics []measure.Metric) []string {
	seen := map[string]bool{}
	var all []string
	for _, m := range metrics {
		if _, route, ok := strings.Cut(m.Name, " of "); ok && !seen[route] {
			seen[route] = true
			all = append(all, route)
		}
	}
	return all
}

// costs prints every query of one look and what it asks of the provider.
func (f *finder) costs() error {
	now := f.Now()
	longest := slices.Max(f.config.Looks.After)
	w := measure.Window{From: now.Add(-f.config.Looks.Past - longest), To: now, Step: f.config.Looks.Step}
	limit := f.config.Providers[mainProvider]
	for _, s := range f.services {
		cost, err := measure.CostOf(s.Metrics, w)
		if err != nil {
			return err
		}
		fmt.Fprintf(f.Stdout, "%s · %s\n", clean(s.Service), s.Family)
		fmt.Fprintf(f.Stdout, "  the last look: %s of %d points (%s), %d series as far as can be known, %d samples of at most %d\n",
			counted(cost.Queries, "query"), cost.Points, counted(cost.Requests, "request"), cost.Series, cost.Samples, limit.MaxSamples)
		for _, m := range s.Metrics {
			for _, q := range []string{m.Histogram, m.Query, m.Errors, m.Requests} {
				if q != "" {
					fmt.Fprintf(f.Stdout, "  %s: %s\n", clean(m.Name), clean(q))
				}
			}
		}
		if s.logs != "" {
			fmt.Fprintf(f.Stdout, "  logs: %s, at most %d lines\n", clean(s.logs), f.config.Providers[logsProvider].MaxLines)
		}
	}
	fmt.Fprintln(f.Stdout, "Nothing was written. Without --dry-run these go into the configuration.")
	return nil
}

// replay takes one look at a past moment of the busiest service, as if
// something had been released then.
func (f *finder) replay(ctx context.Context, cfg config.Config) {
	s := f.services[0]
	number, after := 0, time.Duration(0)
	for i, d := range cfg.Looks.After {
		if d <= s.seen/3 && d <= 2*time.Hour {
			number, after = i+1, d
		}
	}
	if number == 0 {
		fmt.Fprintf(f.Stdout, "\nToo little history yet to replay a past moment.\n")
		return
	}
	sources, err := openProviders(cfg)
	if err != nil {
		fmt.Fprintf(f.Stdout, "\nNo past moment could be replayed: %s\n", clean(err.Error()))
		return
	}
	at := f.Now().Add(-after - 2*cfg.Looks.Step).Truncate(cfg.Looks.Step)
	l := loop.New(loop.Options{Config: cfg, Location: f.Now().Location(), Now: f.Now, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Sources: sources})
	found := l.Examine(ctx, loop.Exam{Service: s.Service, Config: cfg.Services[s.Service], Exposed: at, From: at, To: at.Add(after), Number: number, Final: true})
	fmt.Fprintf(f.Stdout, "\nHad %s been released at %s, the look after %s would have said:\n", clean(s.Service), at.In(f.Now().Location()).Format("15:04"), tell.Length(after))
	words := map[debrief.Word]int{}
	w := tabwriter.NewWriter(f.Stdout, 0, 0, 2, ' ', 0)
	for _, v := range found.Verdicts {
		words[v.Word]++
		if v.Word != debrief.Steady || !strings.Contains(v.Metric, " of ") {
			fmt.Fprintf(w, "  %s\t%s\n", clean(v.Metric), clean(v.Sentence))
		}
	}
	_ = w.Flush() // standard output
	var tally []string
	for _, word := range slices.Sorted(maps.Keys(words)) {
		tally = append(tally, fmt.Sprintf("%d %s", words[word], word))
	}
	fmt.Fprintf(f.Stdout, "  %s: %s. All in all: %s.\n", counted(len(found.Verdicts), "metric"), strings.Join(tally, ", "), debrief.RollUp(found.Verdicts))
}
