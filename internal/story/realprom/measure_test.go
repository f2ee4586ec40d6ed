package realprom_test

import (
	"context"
	"fmt"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/measure"
	"github.com/debriefhq/debrief/internal/story/realprom"
)

// history writes four weeks of a counter by minute: rate requests a second.
func history(name string, labels map[string]string, end time.Time, minutes int, rate func(i int) float64) realprom.Series {
	s := realprom.Series{Name: name, Labels: labels}
	at, sum := end.Add(-time.Duration(minutes)*time.Minute), 0.0
	for i := range minutes + 1 {
		s.Samples = append(s.Samples, realprom.Sample{At: at.Add(time.Duration(i) * time.Minute), V: sum})
		sum += 60 * rate(i)
	}
	return s
}

func TestFourWeeksOnOneGrid(t *testing.T) {
	t.Parallel()
	srv := realprom.Start(t)
	ctx := t.Context()
	end := time.Now().UTC().Truncate(time.Minute)
	const minutes = 28 * 24 * 60
	// Requests come at 5 a second, and at 9 in the last ten minutes.
	err := srv.Write(ctx, history("requests_total", map[string]string{"app": "shop"}, end, minutes, func(i int) float64 {
		if i >= minutes-10 {
			return 9
		}
		return 5
	}))
	if err != nil {
		t.Fatal(err)
	}
	p, err := measure.NewPrometheus("main", measure.Options{URL: srv.URL})
	if err != nil {
		t.Fatal(err)
	}
	w := measure.Window{From: end.Add(-minutes * time.Minute), To: end, Step: time.Minute}
	got, err := p.Series(ctx, `sum(rate(requests_total{app="shop"}[2m]))`, w)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || len(got[0].Series.V) != minutes {
		t.Fatalf("%d series", len(got))
	}
	v := got[0].Series.V
	for i, x := range v[2 : minutes-10] { // before that a rate has no two minutes to look at
		if !(math.Abs(x-5) < 1e-6) {
			t.Fatalf("minute %d: %v", i+2, x)
		}
	}
	// The change stands in the step in which it happened: none looks ahead.
	if last := v[minutes-1]; math.Abs(last-9) > 1e-6 {
		t.Errorf("last minute: %v", last)
	}
}

func TestHistogramIsWhatWasObserved(t *testing.T) {
	t.Parallel()
	srv := realprom.Start(t)
	ctx := t.Context()
	end := time.Now().UTC().Truncate(time.Minute)
	// Per second: 3 below 0.1, 2 more below 0.5, 1 above it.
	var series []realprom.Series
	for le, rate := range map[string]float64{"0.1": 3, "0.5": 5, "+Inf": 6} {
		series = append(series, history("latency_seconds_bucket", map[string]string{"le": le}, end, 120, func(int) float64 { return rate }))
	}
	if err := srv.Write(ctx, series...); err != nil {
		t.Fatal(err)
	}
	p, err := measure.NewPrometheus("main", measure.Options{URL: srv.URL, Scrape: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	w := measure.Window{From: end.Add(-time.Hour), To: end, Step: time.Minute}
	for _, q := range []string{"latency_seconds", "latency_seconds_bucket{}", "sum by (le) (rate(latency_seconds_bucket[2m]))", "sum by (le) (increase(latency_seconds_bucket[2m]))"} {
		h, err := p.Histogram(ctx, q, w)
		if err != nil {
			t.Fatalf("%s: %v", q, err)
		}
		if fmt.Sprint(h.Bounds) != "[0.1 0.5 +Inf]" || len(h.Counts) != 60 {
			t.Fatalf("%s: bounds %v, %d steps", q, h.Bounds, len(h.Counts))
		}
		for i, row := range h.Counts {
			if len(row) != 3 || math.Abs(row[0]-180) > 1 || math.Abs(row[1]-120) > 1 || math.Abs(row[2]-60) > 1 {
				t.Fatalf("%s: step %d: %v, want [180 120 60]", q, i, row)
			}
		}
	}
}

func TestWhatPrometheusSaysIsTold(t *testing.T) {
	t.Parallel()
	srv := realprom.Start(t)
	p, err := measure.NewPrometheus("main", measure.Options{URL: srv.URL})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	w := measure.Window{From: now.Add(-time.Hour), To: now, Step: time.Minute}
	_, err = p.Series(t.Context(), "sum(rate(x[1m])", w)
	if debrief.KindOf(err) != debrief.Invalid || !strings.Contains(err.Error(), "unclosed left parenthesis") {
		t.Errorf("err = %v", err)
	}
	if got, err := p.Series(t.Context(), "nothing_of_this_name", w); err != nil || len(got) != 0 {
		t.Errorf("%v %v", got, err)
	}
}

func TestScrapesItsTargets(t *testing.T) {
	t.Parallel()
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "answer 42") }))
	t.Cleanup(app.Close)
	u, err := url.Parse(app.URL)
	if err != nil {
		t.Fatal(err)
	}
	srv := realprom.Start(t, realprom.Target{Job: "app", Address: net.JoinHostPort(u.Hostname(), u.Port()), Every: 100 * time.Millisecond, Labels: map[string]string{"env": "production"}})
	p, err := measure.NewPrometheus("main", measure.Options{URL: srv.URL})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		got, err := p.Instant(ctx, `answer{job="app",env="production"}`, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if len(got) == 1 && got[0].V == 42 {
			break
		}
		<-tick.C
	}
	values, err := p.LabelValues(ctx, "env", "answer", measure.Window{From: time.Now().Add(-time.Minute), To: time.Now()})
	if err != nil || len(values) != 1 || values[0] != "production" {
		t.Errorf("%v %v", values, err)
	}
}
