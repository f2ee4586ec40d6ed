package measure

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// processStart is what client libraries tell of when a process began.
const processStart = "process_start_time_seconds"

// Labels that tell parts of a service apart: those of a place need two values
// to be worth splitting by, one of a version is worth it with any.
var (
	placeLabels   = []string{"region", "cluster", "availability_zone", "zone", "datacenter"}
	versionLabels = []string{"version", "service_version", "app_version", "app_kubernetes_io_version"}
)

// isNative finds out whether a metric without suffix is a native histogram: a
// summary has the same kind of name.
func (d *discovery) isNative(ctx context.Context, metric string) error {
	if _, known := d.native[metric]; known || !d.names[metric] {
		return nil
	}
	samples, err := d.Instant(ctx, fmt.Sprintf("count(histogram_count(rate(%s[%s])))", metric, promDuration(lately)), d.at)
	if err != nil {
		return err
	}
	d.native[metric] = len(samples) > 0 && samples[0].V > 0
	return nil
}

// rate is how many a second a counter counted, or a native histogram observed.
func (d *discovery) rate(counter, selector, rng string) string {
	r := fmt.Sprintf("rate(%s%s[%s])", counter, selector, rng)
	if d.native[counter] {
		return "histogram_count(" + r + ")"
	}
	return r
}

// boots asks once which services tell when their processes began.
func (d *discovery) boots(ctx context.Context) error {
	d.started = map[string]bool{}
	if !d.names[processStart] {
		return nil
	}
	samples, err := d.Instant(ctx, fmt.Sprintf("count by (%s) (%s)", strings.Join(serviceLabels, ", "), processStart), d.at)
	if err != nil {
		return err
	}
	for _, s := range samples {
		for label, value := range s.Labels {
			d.started[label+"="+strconv.Quote(value)] = true
		}
	}
	return nil
}

// foundOf is a service as it is told.
func (d *discovery) foundOf(s service, f family, metrics []Metric) Found {
	out := Found{Service: s.name, Family: f.name, Metrics: metrics, Splits: s.splits}
	if d.started[s.match[0]] {
		out.Starts = processStart + braces(s.match[0])
	}
	return out
}

// splits asks once for all services of a family which labels tell their parts
// apart.
func (d *discovery) splits(ctx context.Context, f family, counter string) (map[string][]Spread, error) {
	labels := slices.Concat(placeLabels, versionLabels)
	by := unique(slices.Concat(f.service, labels))
	samples, err := d.Instant(ctx, fmt.Sprintf("count by (%s) (%s%s)", strings.Join(by, ", "), counter, braces(f.match)), d.at)
	if err != nil {
		return nil, err
	}
	seen := map[string]map[string]map[string]bool{} // service, label, values
	for _, s := range samples {
		_, name := firstSet(s.Labels, f.service)
		if name == "" {
			continue
		}
		if seen[name] == nil {
			seen[name] = map[string]map[string]bool{}
		}
		for _, l := range labels {
			if v := s.Labels[l]; v != "" {
				if seen[name][l] == nil {
					seen[name][l] = map[string]bool{}
				}
				seen[name][l][v] = true
			}
		}
	}
	out := map[string][]Spread{}
	for name, of := range seen {
		for _, l := range labels {
			if n := len(of[l]); n >= 2 || n == 1 && slices.Contains(versionLabels, l) {
				out[name] = append(out[name], Spread{l, slices.Sorted(maps.Keys(of[l]))})
			}
		}
	}
	return out, nil
}
