package shop

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Buckets are the response time histogram's: 0.5 ms to 3.3 s, each half as
// wide again as the last.
func Buckets() []float64 { return prometheus.ExponentialBuckets(0.0005, 1.5, 23) }

// metrics are what the shop tells Prometheus, in the words of Go's client
// library's own examples.
type metrics struct {
	registry *prometheus.Registry
	duration *prometheus.HistogramVec
	gaveUp   prometheus.Counter
	fail     func(w http.ResponseWriter, r *http.Request, route string, err error)
}

func newMetrics(version string) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "http_request_duration_seconds", Help: "How long requests took.",
			Buckets: Buckets(), ConstLabels: prometheus.Labels{"version": version},
		}, []string{"route", "code"}),
		gaveUp: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "shop_discounts_given_up_total", Help: "Carts sold at full price because the discount took too long.",
		}),
	}
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "shop_build_info", Help: "The running version.", ConstLabels: prometheus.Labels{"version": version},
	})
	info.Set(1)
	m.registry.MustRegister(m.duration, m.gaveUp, info, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, route := range []string{"/", "/checkout", "/refund"} {
		m.duration.WithLabelValues(route, "200") // there from the first scrape on
		m.duration.WithLabelValues(route, "500")
	}
	return m
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// statusWriter remembers the status a handler answered with.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// route times a handler and answers its error.
func (m *metrics) route(name string, h func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		sw := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		if err := h(sw, r); err != nil {
			m.fail(sw, r, name, err)
		}
		m.duration.WithLabelValues(name, strconv.Itoa(sw.status)).Observe(time.Since(start).Seconds())
	}
}
