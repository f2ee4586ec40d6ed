package realprom_test

import (
	"math"
	"net"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/debriefhq/debrief/internal/judge"
	"github.com/debriefhq/debrief/internal/measure"
	"github.com/debriefhq/debrief/internal/story/realprom"
)

// nativeHistory is a native histogram of response times around 2^-4 s, six
// requests a second: in the last `slow` minutes half as long again. From the
// middle on it has half the resolution, as client libraries do to save room.
func nativeHistory(labels map[string]string, end time.Time, minutes, slow int) realprom.Native {
	out := realprom.Native{Name: "http_server_request_duration_seconds", Labels: labels}
	fine, coarse := map[int]uint64{}, map[int]uint64{}
	sum := 0.0
	for i := range 4*minutes + 1 {
		at := end.Add(-time.Duration(4*minutes-i) * 15 * time.Second)
		for k := range 90 {
			// Spread over an octave and a half, and a little differently each time.
			v := math.Exp2(-4 + 1.5*(float64((k*37+i*11)%90)+0.5)/90 - 0.75)
			if i > 4*(minutes-slow) {
				v *= 1.5
			}
			sum += v
			fine[int(math.Ceil(math.Log2(v)*8))]++
			coarse[int(math.Ceil(math.Log2(v)*4))]++
		}
		s := realprom.NativeSample{At: at, Schema: 3, Sum: sum, Buckets: map[int]uint64{}}
		held := fine
		if i >= 2*minutes {
			s.Schema, held = 2, coarse
		}
		for k, n := range held {
			s.Buckets[k] = n
		}
		out.Samples = append(out.Samples, s)
	}
	return out
}

func TestNativeHistogramIsAWholeDistribution(t *testing.T) {
	t.Parallel()
	srv := realprom.Start(t)
	end := time.Now().UTC().Truncate(time.Minute)
	labels := map[string]string{"service_name": "shop", "http_route": "/checkout", "http_response_status_code": "200"}
	if err := srv.WriteNative(t.Context(), nativeHistory(labels, end, 240, 20)); err != nil {
		t.Fatal(err)
	}
	p, err := measure.NewPrometheus("main", measure.Options{URL: srv.URL})
	if err != nil {
		t.Fatal(err)
	}
	w := measure.Window{From: end.Add(-230 * time.Minute), To: end, Step: time.Minute}
	for _, query := range []string{"http_server_request_duration_seconds", `sum(rate(http_server_request_duration_seconds{service_name="shop"}[2m]))`} {
		got, err := measure.Fetch(t.Context(), p, measure.Metric{Name: "p95", Role: "latency", Histogram: query, Quantile: 0.95}, w)
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		h := got.Histogram
		if len(h.Counts) != 230 || len(h.Bounds) < 6 {
			t.Fatalf("%s: bounds %v, %d steps", query, h.Bounds, len(h.Counts))
		}
		for i, row := range h.Counts {
			n := 0.0
			for _, c := range row {
				n += c
			}
			if math.Abs(n-360) > 40 { // the minute in which the resolution changes is a little off
				t.Errorf("%s: minute %d has %v of 360 requests", query, i, n)
			}
		}
		q := measure.QuantileOf(*h, 0.95)
		if q[60] < 0.08 || q[60] > 0.12 || q[229] < 1.35*q[60] || q[229] > 1.7*q[60] {
			t.Errorf("%s: p95 is %v, then %v", query, q[60], q[229])
		}
		at := end.Add(-20 * time.Minute)
		question := judge.Question{Kind: got.Kind, Good: judge.Lower, Histogram: h, Quantile: 0.95, From: at, Exposed: at, To: end, Before: time.Hour, Margin: 0.1, Coarse: 0.5}
		r := judge.Judge(question)
		if word := judge.Settle([]judge.Result{r}, nil, 0.01)[0].Word; word != judge.Worse || math.Abs(r.Effect-0.5) > 0.2 {
			t.Errorf("%s: %s, %+v", query, word, r)
		}
	}
}

// TestNativeHistogramsOfARealProgram scrapes what client_golang shows.
func TestNativeHistogramsOfARealProgram(t *testing.T) {
	t.Parallel()
	reg := prometheus.NewRegistry()
	h := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "answer_seconds", NativeHistogramBucketFactor: 1.1})
	reg.MustRegister(h)
	app := httptest.NewServer(promhttp.HandlerFor(reg, promhttp.HandlerOpts{}))
	t.Cleanup(app.Close)
	u, err := url.Parse(app.URL)
	if err != nil {
		t.Fatal(err)
	}
	srv := realprom.Start(t, realprom.Target{Job: "app", Address: net.JoinHostPort(u.Hostname(), u.Port()), Every: 100 * time.Millisecond})
	p, err := measure.NewPrometheus("main", measure.Options{URL: srv.URL, Scrape: 250 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	began := time.Now()
	for {
		h.Observe(0.3)
		<-tick.C
		now := time.Now().UTC()
		got, err := p.Histogram(t.Context(), "answer_seconds", measure.Window{From: now.Add(-10 * time.Second), To: now, Step: time.Second})
		if err != nil {
			t.Fatal(err)
		}
		if n := len(got.Bounds); n >= 2 && got.Bounds[0] < 0.3 && got.Bounds[n-1] >= 0.3 && got.Bounds[n-1] < 0.34 {
			return
		}
		if time.Since(began) > 30*time.Second {
			t.Fatalf("after 30 s: %+v", got)
		}
	}
}

// TestDiscoverNativeHistograms: a service that shows native histograms only is
// found with everything a classic one is found with, and with what tells its
// parts apart.
func TestDiscoverNativeHistograms(t *testing.T) {
	t.Parallel()
	srv := realprom.Start(t)
	end := time.Now().UTC().Truncate(time.Minute)
	for _, region := range []string{"eu", "us"} {
		for _, status := range []string{"200", "500"} {
			labels := map[string]string{"service_name": "shop", "http_route": "/checkout", "http_response_status_code": status, "region": region, "version": "1.42"}
			if err := srv.WriteNative(t.Context(), nativeHistory(labels, end, 50, 0)); err != nil {
				t.Fatal(err)
			}
		}
	}
	boot := realprom.Series{Name: "process_start_time_seconds", Labels: map[string]string{"service_name": "shop"}}
	for i := range 10 {
		boot.Samples = append(boot.Samples, realprom.Sample{At: end.Add(time.Duration(i-9) * time.Minute), V: 1})
	}
	if err := srv.Write(t.Context(), boot); err != nil {
		t.Fatal(err)
	}
	p, err := measure.NewPrometheus("main", measure.Options{URL: srv.URL})
	if err != nil {
		t.Fatal(err)
	}
	found, err := p.Discover(t.Context(), end)
	if err != nil || len(found) != 1 {
		t.Fatalf("%+v %v", found, err)
	}
	f := found[0]
	if f.Family != "OpenTelemetry HTTP server" || len(f.Metrics) != 6 || f.Starts != `process_start_time_seconds{service_name="shop"}` {
		t.Errorf("%+v", f)
	}
	if len(f.Splits) != 2 || f.Splits[0].Label != "region" || len(f.Splits[0].Values) != 2 || f.Splits[1].Label != "version" {
		t.Errorf("splits %+v", f.Splits)
	}
	for _, m := range f.Metrics {
		answers(t, p, m, end)
		groups, err := measure.Split(t.Context(), p, m, "region", measure.Window{From: end.Add(-30 * time.Minute), To: end, Step: time.Minute})
		if err != nil || len(groups) != 2 || groups[0].Value != "eu" {
			t.Errorf("%s by region: %d groups, %v", m.Name, len(groups), err)
		}
	}
}
