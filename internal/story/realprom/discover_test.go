package realprom_test

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief/internal/judge"
	"github.com/debriefhq/debrief/internal/measure"
	"github.com/debriefhq/debrief/internal/story/realprom"
)

// exported is what one library or exporter shows: its metrics, with the
// labels of one service. rate is in requests a second.
type exported struct {
	service string
	family  string
	metrics []string // the names that must be found
	series  []oneSeries
}

type oneSeries struct {
	name   string
	labels string // a=b,c=d
	rate   float64
}

// histogramOf are the series of a histogram: three quarters below the first bound.
func histogramOf(name, labels string, bound string, rate float64) []oneSeries {
	return []oneSeries{
		{name + "_bucket", labels + ",le=" + bound, rate * 0.75},
		{name + "_bucket", labels + ",le=+Inf", rate},
		{name + "_count", labels, rate},
		{name + "_sum", labels, rate * 0.1},
	}
}

func all(parts ...[]oneSeries) []oneSeries { return slices.Concat(parts...) }

var exporters = []exported{
	{"otel", "OpenTelemetry HTTP server", []string{"p95", "errors", "traffic", "p95 of /a", "errors of /a", "traffic of /b"}, all(
		histogramOf("http_server_request_duration_seconds", "job=otel,http_route=/a,http_response_status_code=200", "0.1", 3),
		histogramOf("http_server_request_duration_seconds", "job=otel,http_route=/a,http_response_status_code=500", "0.1", 1),
		histogramOf("http_server_request_duration_seconds", "job=otel,http_route=/b,http_response_status_code=200", "0.1", 9),
	)},
	{"otel-old", "OpenTelemetry HTTP server (older names)", []string{"p95", "errors", "traffic", "p95 of /a"}, histogramOf("http_server_duration_milliseconds", "service_name=otel-old,http_route=/a,http_status_code=503", "100", 3)},
	{"java", "Java Micrometer", []string{"p95", "errors", "traffic", "p95 of /a/{id}"}, histogramOf("http_server_requests_seconds", "application=java,uri=/a/{id},status=500", "0.1", 3)},
	{"node", "Node.js prom-client", []string{"p95", "errors", "traffic", "p95 of /a"}, histogramOf("http_request_duration_seconds", "app=node,path=/a,status_code=500", "0.1", 3)},
	{"go", "Go client_golang", []string{"p95", "errors", "traffic", "p95 of checkout"}, histogramOf("http_request_duration_seconds", "job=go,handler=checkout,code=500", "0.1", 3)},
	{"gophers", "Go client_golang", []string{"p95", "errors", "traffic", "p95 of cart", "traffic of cart"}, all( // the status stands on the counter only
		histogramOf("http_request_duration_seconds", "job=gophers,handler=cart", "0.1", 3),
		[]oneSeries{{"http_requests_total", "job=gophers,code=200", 3}, {"http_requests_total", "job=gophers,code=502", 1}},
	)},
	{"fastapi", "Python (FastAPI, Prometheus client)", []string{"p95", "errors", "traffic", "p95 of /a"}, all(
		histogramOf("http_request_duration_seconds", "job=fastapi,handler=/a,method=GET", "0.1", 3),
		[]oneSeries{{"http_requests_total", "job=fastapi,handler=/a,status=2xx", 3}, {"http_requests_total", "job=fastapi,handler=/a,status=5xx", 1}},
	)},
	{"unknown-status", "HTTP request histogram", []string{"p95", "traffic", "p95 of /a"}, histogramOf("http_request_duration_seconds", "job=unknown-status,route=/a", "0.1", 3)},
	{"starlette", "Python Starlette", []string{"p95", "errors", "traffic", "p95 of /a"}, all(
		histogramOf("starlette_request_duration_seconds", "app_name=starlette,path=/a,status_code=500", "0.1", 3),
		[]oneSeries{{"starlette_requests_total", "app_name=starlette,path=/a,status_code=500", 3}},
	)},
	{"flask", "Python Flask", []string{"p95", "errors", "traffic", "p95 of /a"}, histogramOf("flask_http_request_duration_seconds", "job=flask,path=/a,status=500", "0.1", 3)},
	{"django", "Python Django", []string{"p95", "errors", "traffic", "p95 of shop.views.cart"}, all(
		histogramOf("django_http_requests_latency_seconds_by_view_method", "job=django,view=shop.views.cart,method=GET", "0.1", 3),
		[]oneSeries{{"django_http_responses_total_by_status_total", "job=django,status=500", 3}},
	)},
	{"reviews", "Istio", []string{"p95", "errors", "traffic"}, all(
		histogramOf("istio_request_duration_milliseconds", "destination_canonical_service=reviews,reporter=destination,response_code=503", "100", 3),
		[]oneSeries{{"istio_requests_total", "destination_canonical_service=reviews,reporter=destination,response_code=503", 3}, {"istio_requests_total", "destination_canonical_service=reviews,reporter=source,response_code=200", 30}},
	)},
	{"behind-nginx", "nginx ingress", []string{"p95", "errors", "traffic", "p95 of /a"}, all(
		histogramOf("nginx_ingress_controller_request_duration_seconds", "exported_service=behind-nginx,path=/a,status=500", "0.1", 3),
		[]oneSeries{{"nginx_ingress_controller_requests", "exported_service=behind-nginx,path=/a,status=500", 3}},
	)},
	{"upstream", "Envoy", []string{"p95", "errors", "traffic"}, all(
		histogramOf("envoy_cluster_upstream_rq_time", "envoy_cluster_name=upstream", "100", 3),
		[]oneSeries{{"envoy_cluster_upstream_rq_xx", "envoy_cluster_name=upstream,envoy_response_code_class=2", 2}, {"envoy_cluster_upstream_rq_xx", "envoy_cluster_name=upstream,envoy_response_code_class=5", 1}},
	)},
	{"web", "nginx exporter", []string{"traffic", "connections"}, []oneSeries{{"nginx_http_requests_total", "job=web", 3}, {"nginx_connections_active", "job=web", 1}}},
	{"shopdb", "PostgreSQL exporter", []string{"rolled back transactions", "transactions", "rows read", "deadlocks"}, []oneSeries{
		{"pg_stat_database_xact_commit", "datname=shopdb,instance=a", 9},
		{"pg_stat_database_xact_rollback", "datname=shopdb,instance=a", 1},
		{"pg_stat_database_tup_returned", "datname=shopdb,instance=a", 90},
		{"pg_stat_database_deadlocks", "datname=shopdb,instance=a", 0.1},
		{"pg_stat_database_xact_commit", "datname=template1,instance=a", 1},
	}},
}

func TestDiscoverKnowsEveryExporter(t *testing.T) {
	t.Parallel()
	srv := realprom.Start(t)
	end := time.Now().UTC().Truncate(15 * time.Second)
	var history []realprom.Series
	for _, e := range exporters {
		for _, s := range e.series {
			one := realprom.Series{Name: s.name, Labels: map[string]string{}}
			for _, kv := range strings.Split(s.labels, ",") {
				name, value, _ := strings.Cut(kv, "=")
				one.Labels[name] = value
			}
			for i := range 241 {
				one.Samples = append(one.Samples, realprom.Sample{At: end.Add(time.Duration(i-240) * 15 * time.Second), V: s.rate * 15 * float64(i)})
			}
			history = append(history, one)
		}
	}
	if err := srv.Write(t.Context(), history...); err != nil {
		t.Fatal(err)
	}
	p, err := measure.NewPrometheus("main", measure.Options{URL: srv.URL})
	if err != nil {
		t.Fatal(err)
	}
	found, err := p.Discover(t.Context(), end)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range exporters {
		t.Run(e.service, func(t *testing.T) {
			at := slices.IndexFunc(found, func(f measure.Found) bool { return f.Service == e.service })
			if at < 0 {
				t.Fatalf("not found among %d", len(found))
			}
			f := found[at]
			if f.Family != e.family {
				t.Errorf("taken for %q", f.Family)
			}
			var names []string
			for _, m := range f.Metrics {
				names = append(names, m.Name)
				answers(t, p, m, end)
			}
			for _, want := range e.metrics {
				if !slices.Contains(names, want) {
					t.Errorf("no %q among %q", want, names)
				}
			}
		})
	}
	if len(found) != len(exporters) {
		var names []string
		for _, f := range found {
			names = append(names, f.Service)
		}
		t.Errorf("%d services: %q", len(found), names)
	}
}

// answers holds a discovered query to the real thing: it is understood, and
// there is data behind it in every one of the last minutes.
func answers(t *testing.T, p *measure.Prometheus, m measure.Metric, end time.Time) {
	t.Helper()
	w := measure.Window{From: end.Add(-30 * time.Minute), To: end, Step: time.Minute}
	got, err := measure.Fetch(t.Context(), p, m, w)
	if err != nil {
		t.Errorf("%s: %v", m.Name, err)
		return
	}
	have := got.Series.V
	switch {
	case got.Histogram != nil:
		have = measure.QuantileOf(*got.Histogram, m.Quantile)
	case got.Kind == judge.Share:
		have = got.Series.Den
		if last := got.Series.Num[len(have)-2]; !(last > 0) && m.Name != "errors of /b" {
			t.Errorf("%s: no failures are seen, though there are some: %s", m.Name, m.Errors)
		}
	}
	for i, v := range have {
		if math.IsNaN(v) {
			t.Errorf("%s: minute %d of %d has no data: %+v", m.Name, i, len(have), m)
			return
		}
	}
}
