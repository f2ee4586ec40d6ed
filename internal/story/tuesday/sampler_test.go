package tuesday

import (
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/debriefhq/debrief/internal/story/realprom"
)

// sampler remembers what a shop's histogram counted in each second of an
// ordinary minute. Earlier weeks are made of such seconds, drawn again.
type sampler struct {
	seconds []map[string]float64 // by series, as the shop words it
}

// watch reads the shop's own metrics each second until it has n of them.
func (s *street) watch(n int) sampler {
	s.t.Helper()
	var out sampler
	var before map[string]float64
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for len(out.seconds) < n {
		now, err := s.scrape()
		if err != nil {
			s.t.Fatal(err)
		}
		if before != nil {
			grew := map[string]float64{}
			for k, v := range now {
				grew[k] = v - before[k]
			}
			out.seconds = append(out.seconds, grew)
		}
		before = now
		select {
		case <-tick.C:
		case <-s.t.Context().Done():
			s.t.Fatal(s.t.Context().Err())
		}
	}
	return out
}

const duration = "http_request_duration_seconds"

// scrape reads the histogram's counters.
func (s *street) scrape() (map[string]float64, error) {
	res, err := http.Get(s.host.URL("production") + "/metrics")
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	out := map[string]float64{}
	for line := range strings.Lines(string(text)) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok || !strings.HasPrefix(name, duration) || strings.HasPrefix(name, duration+"_sum") {
			continue
		}
		v, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", line, err)
		}
		out[name] = v
	}
	return out, nil
}

// history writes the seconds of earlier days into Prometheus, each window from
// one time to another.
func (s *street) history(p sampler, rng *rand.Rand, windows ...[2]time.Time) {
	s.t.Helper()
	// Counters go on from window to window; a series that never grew is left out.
	total := map[string]float64{}
	for _, second := range p.seconds {
		for k, v := range second {
			total[k] += v
		}
	}
	keys := slices.Sorted(maps.Keys(total))
	keys = slices.DeleteFunc(keys, func(k string) bool { return total[k] == 0 })
	sum := map[string]float64{}
	for _, w := range windows {
		series := make([]realprom.Series, len(keys))
		for i, k := range keys {
			series[i].Name, series[i].Labels = labelled(k)
			series[i].Labels["job"], series[i].Labels["instance"] = s.name, "last weeks"
		}
		for at := w[0]; at.Before(w[1]); at = at.Add(time.Second) {
			second := p.seconds[rng.IntN(len(p.seconds))]
			for i, k := range keys {
				sum[k] += second[k]
				series[i].Samples = append(series[i].Samples, realprom.Sample{At: at, V: sum[k]})
			}
		}
		if err := s.prom.Write(s.t.Context(), series...); err != nil {
			s.t.Fatal(err)
		}
	}
}

// labelled takes name{a="b",c="d"} apart.
func labelled(series string) (name string, labels map[string]string) {
	name, rest, _ := strings.Cut(series, "{")
	labels = map[string]string{}
	for pair := range strings.SplitSeq(strings.TrimSuffix(rest, "}"), ",") {
		if k, v, ok := strings.Cut(pair, "="); ok {
			labels[k] = strings.Trim(v, `"`)
		}
	}
	return name, labels
}

// backfill writes the lines of the last two days into a log before the shop
// appends today's: what it logs on any day, and the errors everybody knows.
func (s *street) backfill(file string, now time.Time, rng *rand.Rand) {
	s.t.Helper()
	var old strings.Builder
	line := func(at time.Time, format string, args ...any) {
		fmt.Fprintf(&old, "time=%s level=%s\n", at.UTC().Format(time.RFC3339Nano), fmt.Sprintf(format, args...))
	}
	line(now.Add(-48*time.Hour), `INFO msg="shop started" version=v1.41`)
	for at := now.Add(-48 * time.Hour); at.Before(now.Add(-time.Minute)); at = at.Add(time.Duration(10+rng.IntN(20)) * time.Second) {
		switch x := rng.Float64(); {
		case x < 0.9:
			line(at, `INFO msg="order placed" order=%d customer=c%d lines=%d total=%d`, at.UnixMicro(), 1+rng.IntN(400), 1+rng.IntN(9), rng.IntN(90000))
		case x < 0.97:
			line(at, `INFO msg="order refunded" order=%d`, at.UnixMicro())
		case x < 0.995:
			line(at, `WARN msg="refund refused" order=%d why="refunded before or never placed"`, at.UnixMicro())
		default:
			line(at, `ERROR msg="request failed" route=/refund err="the payment provider did not answer"`)
		}
	}
	if err := os.WriteFile(file, []byte(old.String()), 0o644); err != nil {
		s.t.Fatal(err)
	}
}
