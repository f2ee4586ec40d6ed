package measure

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// busiest is how many routes of a service are looked at.
const busiest = 5

// lately is the time discovery looks back over.
const lately = time.Hour

// Discover finds the services whose metrics debrief understands, the busiest
// first, and writes the queries for each: latency, errors and traffic of the
// service and of its five busiest routes.
func (p *Prometheus) Discover(ctx context.Context, at time.Time) ([]Found, error) {
	names, err := p.LabelValues(ctx, "__name__", nameSelector(), Window{From: at.Add(-lately), To: at})
	if err != nil {
		return nil, err
	}
	d := &discovery{Prometheus: p, at: at, names: map[string]bool{}, native: map[string]bool{}, taken: map[string]bool{}}
	for _, n := range names {
		d.names[n] = true
	}
	if err := d.boots(ctx); err != nil {
		return nil, err
	}
	for _, f := range families {
		if len(f.rows) > 0 {
			err = d.written(ctx, f)
		} else {
			err = d.http(ctx, f)
		}
		if err != nil {
			return nil, err
		}
	}
	return d.merged(), nil
}

// nameSelector matches every metric of the families, and nothing else: a
// server may have a hundred thousand names.
func nameSelector() string {
	all := map[string]bool{processStart: true}
	for _, f := range families {
		for _, n := range f.metrics() {
			all[n] = true
		}
	}
	return `{__name__=~"` + strings.Join(slices.Sorted(maps.Keys(all)), "|") + `"}`
}

func (f family) metrics() []string {
	var all []string
	if f.latency != "" {
		all = append(all, f.latency, f.latency+"_bucket", f.latency+"_count", f.latency+"_sum")
	}
	all = append(all, f.requests...)
	for _, r := range f.rows {
		all = append(all, r.needs)
	}
	return all
}

type discovery struct {
	*Prometheus
	at      time.Time
	names   map[string]bool
	native  map[string]bool // metrics that are native histograms
	started map[string]bool // matchers under which processes tell when they began
	taken   map[string]bool // service and metric already looked at through an earlier family
	found   []Found
	rates   []float64
}

// service is one value of a service label, and what marks its series.
type service struct {
	name   string
	match  []string // matchers, the service's first
	status string   // the label that carries it; empty: none
	rate   float64
	rng    string // the range of its rates: no shorter than readings allow
	splits []Spread
}

func (d *discovery) http(ctx context.Context, f family) error {
	counters := f.requests
	if len(counters) == 0 {
		counters = []string{f.latency + "_count"}
	}
	if err := d.isNative(ctx, f.latency); err != nil {
		return err
	}
	if d.native[f.latency] {
		counters = append(slices.Clone(counters), f.latency)
	}
	has := d.names[f.latency+"_bucket"] || d.names[f.latency+"_count"] || d.native[f.latency]
	for _, counter := range counters {
		if !d.names[counter] {
			continue
		}
		services, err := d.services(ctx, f, counter)
		if err != nil {
			return err
		}
		for _, s := range services {
			key := s.name + "\x00" + cmp.Or(f.latency, counter)
			if d.taken[key] || s.status == "" && !d.last(f) {
				continue
			}
			metrics, err := d.metrics(ctx, f, counter, s, has)
			if err != nil {
				return err
			}
			d.taken[key] = true
			d.found, d.rates = append(d.found, d.foundOf(s, f, metrics)), append(d.rates, s.rate)
		}
	}
	return nil
}

// last says whether no later family explains the same metric: then a service
// without a status label is taken too, without errors.
func (d *discovery) last(f family) bool {
	at := slices.IndexFunc(families, func(g family) bool { return g.name == f.name })
	return !slices.ContainsFunc(families[at+1:], func(g family) bool { return g.latency == f.latency })
}

// services asks once for all services of a family: which labels their
// requests carry, and how many there are.
func (d *discovery) services(ctx context.Context, f family, counter string) ([]service, error) {
	by := slices.Concat(f.service, environmentLabels, f.status)
	samples, err := d.Instant(ctx, fmt.Sprintf("sum by (%s) (%s)", strings.Join(unique(by), ", "), d.rate(counter, braces(f.match), promDuration(lately))), d.at)
	if err != nil {
		return nil, err
	}
	splits, err := d.splits(ctx, f, counter)
	if err != nil {
		return nil, err
	}
	ranges, err := d.ranges(ctx, f, counter)
	if err != nil {
		return nil, err
	}
	found := map[string]*service{}
	environments := map[string]string{}
	for _, s := range samples {
		label, name := firstSet(s.Labels, f.service)
		if name == "" {
			continue
		}
		one := found[name]
		if one == nil {
			one = &service{name: name, match: []string{label + "=" + strconv.Quote(name)}, rng: cmp.Or(ranges[name], promDuration(RateInterval(time.Minute, d.o.Scrape)))}
			one.splits = splits[name]
			found[name] = one
		}
		if status, _ := firstSet(s.Labels, f.status); status != "" {
			one.status = status
		}
		if s.V > 0 && !math.IsInf(s.V, 0) {
			one.rate += s.V
		}
		for _, l := range environmentLabels {
			if v := s.Labels[l]; isProduction(v) {
				environments[name] = l + "=" + strconv.Quote(v)
			}
		}
	}
	var out []service
	for _, name := range slices.Sorted(maps.Keys(found)) {
		s := found[name]
		if f.match != "" {
			s.match = append(s.match, f.match)
		}
		if e := environments[name]; e != "" {
			s.match = append(s.match, e)
		}
		out = append(out, *s)
	}
	return out, nil
}

// ranges finds how often each service is read, and from that the range its
// rates are taken over: a service read once a minute has no rate over one.
func (d *discovery) ranges(ctx context.Context, f family, counter string) (map[string]string, error) {
	const back = 15 * time.Minute
	samples, err := d.Instant(ctx, fmt.Sprintf("max by (%s) (count_over_time(%s%s[%s]))", strings.Join(f.service, ", "), counter, braces(f.match), promDuration(back)), d.at)
	if err != nil {
		return nil, err
	}
	often := map[string]float64{}
	for _, s := range samples {
		_, name := firstSet(s.Labels, f.service)
		often[name] = max(often[name], s.V)
	}
	out := map[string]string{}
	for name, n := range often {
		every := d.o.Scrape
		if n >= 2 {
			every = (back / time.Duration(n)).Round(time.Second)
		}
		out[name] = promDuration(RateInterval(time.Minute, every))
	}
	return out, nil
}

func isProduction(v string) bool {
	switch strings.ToLower(v) {
	case "production", "prod", "live":
		return true
	}
	return false
}

// metrics writes a service's queries and those of its busiest routes.
func (d *discovery) metrics(ctx context.Context, f family, counter string, s service, latency bool) ([]Metric, error) {
	out := d.three(f, counter, s, "", nil, latency)
	routes, label, err := d.routes(ctx, f, counter, s)
	own := f.latency + "_count"
	if d.native[f.latency] && !d.names[own] {
		own = f.latency
	}
	if err == nil && len(routes) == 0 && own != counter && d.names[own] {
		// The counter with the status knows no routes; the histogram may.
		counter, s.status = own, ""
		routes, label, err = d.routes(ctx, f, counter, s)
	}
	if err != nil {
		return nil, err
	}
	for _, r := range routes {
		match := []string{label + "=" + strconv.Quote(r)}
		out = append(out, d.three(f, counter, s, " of "+r, match, latency)...)
	}
	return out, nil
}

// three are latency, errors and traffic.
func (d *discovery) three(f family, counter string, s service, of string, more []string, latency bool) []Metric {
	all := slices.Concat(s.match, more)
	sel := braces(strings.Join(all, ","))
	var out []Metric
	switch {
	case !latency:
	case d.native[f.latency] && (counter == f.latency || !d.names[f.latency+"_bucket"]):
		out = append(out, Metric{
			Name: "p95" + of, Role: string(debrief.Latency), Unit: f.unit, Quantile: 0.95,
			Histogram: fmt.Sprintf("sum(rate(%s%s[%s]))", f.latency, sel, s.rng),
		})
	case d.names[f.latency+"_bucket"]:
		out = append(out, Metric{
			Name: "p95" + of, Role: string(debrief.Latency), Unit: f.unit, Quantile: 0.95,
			Histogram: fmt.Sprintf("sum by (le) (rate(%s_bucket%s[%s]))", f.latency, sel, s.rng),
		})
	case d.names[f.latency+"_sum"]:
		out = append(out, Metric{
			Name: "mean response time" + of, Role: string(debrief.Latency), Unit: f.unit,
			Query: fmt.Sprintf("sum(rate(%s_sum%s[%s])) / sum(rate(%s_count%s[%s]))", f.latency, sel, s.rng, f.latency, sel, s.rng),
		})
	}
	requests := "sum(" + d.rate(counter, sel, s.rng) + ")"
	if s.status != "" {
		failed := braces(strings.Join(append(slices.Clone(all), s.status+"=~"+strconv.Quote(f.failed)), ","))
		out = append(out, Metric{
			Name: "errors" + of, Role: string(debrief.Errors), Unit: "%",
			Errors: "sum(" + d.rate(counter, failed, s.rng) + ")", Requests: requests,
		})
	}
	return append(out, Metric{Name: "traffic" + of, Role: string(debrief.Traffic), Unit: "/s", Query: requests})
}

// routes are the busiest ones, by the first route label the service has.
func (d *discovery) routes(ctx context.Context, f family, counter string, s service) ([]string, string, error) {
	for _, label := range f.route {
		match := append(slices.Clone(s.match), label+`!=""`, label+"!~"+strconv.Quote(quiet))
		samples, err := d.Instant(ctx, fmt.Sprintf("topk(%d, sum by (%s) (%s) > 0)", busiest, label, d.rate(counter, braces(strings.Join(match, ",")), promDuration(lately))), d.at)
		if err != nil {
			return nil, "", err
		}
		slices.SortFunc(samples, func(a, b Sample) int {
			return cmp.Or(cmp.Compare(b.V, a.V), cmp.Compare(a.Labels[label], b.Labels[label]))
		})
		var names []string
		for _, v := range samples {
			names = append(names, v.Labels[label])
		}
		if len(names) > 0 {
			return names, label, nil
		}
	}
	return nil, "", nil
}

// written takes the families whose questions are written out.
func (d *discovery) written(ctx context.Context, f family) error {
	if !d.names[f.rows[0].needs] {
		return nil
	}
	services, err := d.services(ctx, f, f.rows[0].needs)
	if err != nil {
		return err
	}
	for _, s := range services {
		sel := braces(strings.Join(s.match, ","))
		fill := func(q string) string {
			return strings.ReplaceAll(strings.ReplaceAll(q, "%s", sel), "$r", s.rng)
		}
		found := d.foundOf(s, f, nil)
		for _, r := range f.rows {
			if d.names[r.needs] {
				found.Metrics = append(found.Metrics, Metric{Name: r.name, Role: r.role, Unit: r.unit, Query: fill(r.query), Errors: fill(r.errors), Requests: fill(r.requests)})
			}
		}
		d.found, d.rates = append(d.found, found), append(d.rates, s.rate)
	}
	return nil
}

// merged gives each service once, the busiest first. What a later family adds
// under a name that is taken is left out.
func (d *discovery) merged() []Found {
	at := map[string]int{}
	var out []Found
	var rates []float64
	for i, f := range d.found {
		j, ok := at[f.Service]
		if !ok {
			at[f.Service] = len(out)
			out, rates = append(out, f), append(rates, d.rates[i])
			continue
		}
		have := map[string]bool{}
		for _, m := range out[j].Metrics {
			have[m.Name] = true
		}
		added := false
		for _, m := range f.Metrics {
			if !have[m.Name] {
				out[j].Metrics, added = append(out[j].Metrics, m), true
			}
		}
		if added {
			out[j].Family += ", " + f.Family
		}
	}
	order := make([]int, len(out))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(rates[b], rates[a]), cmp.Compare(out[a].Service, out[b].Service))
	})
	sorted := make([]Found, len(out))
	for i, j := range order {
		sorted[i] = out[j]
	}
	return sorted
}

func braces(match string) string {
	if match == "" {
		return ""
	}
	return "{" + match + "}"
}

func firstSet(labels map[string]string, names []string) (name, value string) {
	for _, n := range names {
		if v := labels[n]; v != "" {
			return n, v
		}
	}
	return "", ""
}

func unique(names []string) []string {
	seen := map[string]bool{}
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool {
		was := seen[n]
		seen[n] = true
		return was
	})
}
