package realprom_test

import (
	"log/slog"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/judge"
	"github.com/debriefhq/debrief/internal/loop"
	"github.com/debriefhq/debrief/internal/measure"
	"github.com/debriefhq/debrief/internal/story/realprom"
)

// shopPast is some days of a small shop, by minute: about 300 requests a minute
// more by day than by night, of which one in a hundred fails, and how long they
// took.
func shopPast(end time.Time, minutes int) []realprom.Series {
	r := rand.New(rand.NewPCG(11, 2026))
	at := end.Add(-time.Duration(minutes) * time.Minute)
	names := []string{"0.1", "0.2", "0.4", "0.8", "1.6", "+Inf"}
	upTo := []float64{0.5, 0.8, 0.96, 0.995, 0.999, 1}
	all := make([]realprom.Series, len(names)+2)
	sums := make([]float64, len(all))
	for i := range minutes + 1 {
		now := at.Add(time.Duration(i) * time.Minute)
		day := 1 + 0.3*math.Sin(2*math.Pi*float64(now.Unix()%86400)/86400)
		n := math.Round(300 * day * math.Exp(0.05*r.NormFloat64()))
		bad := 0.0
		for range int(n) {
			if r.Float64() < 0.01 {
				bad++
			}
		}
		values := make([]float64, 0, len(all))
		for _, share := range upTo {
			values = append(values, math.Round(n*math.Min(1, share*math.Exp(0.02*r.NormFloat64()))))
		}
		values[len(names)-1] = n
		for j := len(names) - 2; j >= 0; j-- {
			values[j] = min(values[j], values[j+1])
		}
		for j, v := range append(values, n, bad) {
			sums[j] += v
			all[j].Samples = append(all[j].Samples, realprom.Sample{At: now, V: sums[j]})
		}
	}
	for j, le := range names {
		all[j].Name, all[j].Labels = "took_seconds_bucket", map[string]string{"app": "shop", "le": le}
	}
	all[len(names)].Name, all[len(names)].Labels = "requests_total", map[string]string{"app": "shop"}
	all[len(names)+1].Name, all[len(names)+1].Labels = "errors_total", map[string]string{"app": "shop"}
	return all
}

// A team tries the check on its own Prometheus before it relies on it.
func TestBacktestOnARealPrometheus(t *testing.T) {
	t.Parallel()
	srv := realprom.Start(t)
	end := time.Now().UTC().Truncate(time.Minute)
	if err := srv.Write(t.Context(), shopPast(end, 8*24*60)...); err != nil {
		t.Fatal(err)
	}
	target, err := url.Parse(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	var asked atomic.Int64
	proxy := httputil.NewSingleHostReverseProxy(target)
	counting := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "query_range") {
			asked.Add(1)
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(counting.Close)
	p, err := measure.NewPrometheus("main", measure.Options{URL: counting.URL, Scrape: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	cfg := config.Default()
	cfg.Looks.Past = 5 * 24 * time.Hour
	cfg.Looks.After = []time.Duration{5 * time.Minute, time.Hour}
	cfg.Services = map[string]config.Service{"shop": {Metrics: []config.Metric{
		{Name: "p95", Role: "latency", Unit: "s", Provider: "main", Histogram: `took_seconds{app="shop"}`, Quantile: 0.95},
		{Name: "errors", Role: "errors", Provider: "main", Errors: `sum(rate(errors_total{app="shop"}[2m]))`, Requests: `sum(rate(requests_total{app="shop"}[2m]))`},
		{Name: "requests", Role: "traffic", Unit: "/s", Provider: "main", Query: `sum(rate(requests_total{app="shop"}[2m]))`},
	}}}
	l := loop.New(loop.Options{Config: cfg, Now: func() time.Time { return end }, Log: slog.New(slog.DiscardHandler), Sources: loop.Telemetry{"main": p}})
	real := []judge.Window{{From: end.Add(-30 * time.Hour), To: end.Add(-29 * time.Hour)}}
	b, err := l.Backtest(t.Context(), "shop", loop.BacktestOptions{Days: 2, Releases: 30, Seed: 1, Real: real})
	if err != nil {
		t.Fatal(err)
	}
	if b.Releases < 27 || b.Avoided != 1 || b.False > 2 || len(b.Metrics) != 3 {
		t.Errorf("%d releases, %d real, %d cried wolf, %d metrics", b.Releases, b.Avoided, b.False, len(b.Metrics))
	}
	// Each range once, in as few parts as Prometheus' own bound of points needs;
	// a look each would have been three metrics times two looks times thirty.
	if n := asked.Load(); n == 0 || n > 20 {
		t.Errorf("asked %d times", n)
	}
	for i, most := range []float64{0.6, 0.02, 0.6} {
		m := b.Metrics[i]
		if m.Problem != "" {
			t.Fatalf("%s: %s", m.Metric, m.Problem)
		}
		hour := m.Looks[1]
		if !(hour.Seen > 0 && hour.Seen < most) || 5*hour.Found < 4*hour.Planted || hour.Relative != (i != 1) || hour.Blind() > hour.Taken/2 {
			t.Errorf("%s within the hour: %+v", m.Metric, hour)
		}
		t.Logf("%s: %d false, sees %.3f in five minutes, %.3f in an hour", m.Metric, m.False, m.Looks[0].Seen, hour.Seen)
	}
}
