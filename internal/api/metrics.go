package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/debriefhq/debrief"
)

// metrics are debrief's own numbers, in a registry of their own.
type metrics struct {
	registry *prometheus.Registry
	events   *prometheus.CounterVec
	leftOut  *prometheus.CounterVec
	looks    *prometheus.CounterVec
	blind    prometheus.Counter
	steps    *prometheus.HistogramVec
	failures *prometheus.CounterVec
	requests *prometheus.HistogramVec
}

func newMetrics(a *API) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		events: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "debrief_events_total", Help: "Requests that told of something, by source and what became of them.",
		}, []string{"source", "outcome"}),
		leftOut: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "debrief_left_out_total", Help: "Parts of requests that told of nothing debrief reads, such as spans of other things, by source.",
		}, []string{"source"}),
		looks: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "debrief_looks_total", Help: "Looks taken, by the word they came to.",
		}, []string{"word"}),
		blind: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "debrief_blind_checks_total", Help: "Looks that could not see something they should have seen.",
		}),
		steps: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "debrief_step_seconds", Help: "How long steps of the loop took, by kind.", Buckets: []float64{.001, .005, .025, .1, .5, 2, 10, 60},
		}, []string{"kind"}),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "debrief_step_failures_total", Help: "Steps of the loop that failed and are tried again, by kind.",
		}, []string{"kind"}),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "debrief_http_request_seconds", Help: "How long requests took, by route, method and class of status.", Buckets: []float64{.001, .005, .02, .1, .5, 2, 10},
		}, []string{"route", "method", "status"}),
	}
	m.registry.MustRegister(m.events, m.leftOut, m.looks, m.blind, m.steps, m.failures, m.requests, queue{a},
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError, MaxRequestsInFlight: 3})
}

func (m *metrics) event(source, outcome string) { m.events.WithLabelValues(source, outcome).Inc() }

func (m *metrics) left(source string, n int) {
	if n > 0 {
		m.leftOut.WithLabelValues(source).Add(float64(n))
	}
}

// outcomeOf is an error's label.
func outcomeOf(err error) string {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return "unfinished"
	}
	return string(debrief.KindOf(err))
}

// Step and Looked make the API the loop's observer.
func (a *API) Step(kind string, took time.Duration, err error) {
	a.metrics.steps.WithLabelValues(kind).Observe(took.Seconds())
	if err != nil {
		a.metrics.failures.WithLabelValues(kind).Inc()
	}
}

// Looked counts a look that was taken.
func (a *API) Looked(word debrief.Word, blind bool) {
	a.metrics.looks.WithLabelValues(string(word)).Inc()
	if blind {
		a.metrics.blind.Inc()
	}
}

// queue asks the store how much waits, when somebody scrapes.
type queue struct{ a *API }

var queueDesc = prometheus.NewDesc("debrief_inbox_open", "Accepted events that wait to be recorded, by source.", []string{"source"}, nil)

func (q queue) Describe(ch chan<- *prometheus.Desc) { ch <- queueDesc }

func (q queue) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	counts, err := q.a.store.SourceCounts(ctx)
	if err != nil {
		ch <- prometheus.NewInvalidMetric(queueDesc, err)
		return
	}
	for _, c := range counts {
		ch <- prometheus.MustNewConstMetric(queueDesc, prometheus.GaugeValue, float64(c.Open), c.Source)
	}
}

// measure times requests. The route is the pattern that matched, so that ids
// do not become labels.
func (m *metrics) measure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		rec := &recorder{ResponseWriter: w}
		next.ServeHTTP(rec, r)
		route := r.Pattern
		if route == "" || route == "/" {
			route = "other"
		}
		m.requests.WithLabelValues(route, methodOf(r.Method), rec.class()).Observe(time.Since(began).Seconds())
	})
}

func methodOf(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPatch, http.MethodPut, http.MethodDelete, http.MethodOptions:
		return method
	}
	return "other" // a stranger's own method must not become a label
}

// recorder remembers the status. Unwrap lets deadlines and flushing through.
type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// Flush is asked for by live pages, which look for it directly.
func (r *recorder) Flush() { _ = http.NewResponseController(r.ResponseWriter).Flush() }

func (r *recorder) class() string {
	if r.status == 0 {
		return "2xx"
	}
	return strconv.Itoa(r.status/100) + "xx"
}
