package measure

// family is one exporter or library debrief knows the metrics of: a row of
// data. A service is found by the first of its labels that is set.
type family struct {
	name     string
	latency  string   // histogram, without _bucket
	unit     string   // of its bounds
	requests []string // counters; the first that has a status label is taken, else the first
	service  []string
	route    []string
	status   []string
	failed   string // regular expression over the status
	match    string // fixed matchers
	rows     []row  // questions of their own, for what is no HTTP service
}

// row is one metric written out: %s stands for the matchers, $r for the range.
type row struct{ name, role, unit, query, errors, requests, needs string }

var (
	// What names a service, by how exact it usually is. job comes last: where
	// the scraper sets it, it may be the whole cluster.
	serviceLabels = []string{"service_name", "app_kubernetes_io_name", "app", "application", "app_name", "service", "exported_service", "exported_job", "job"}
	// What names an environment. Where one of its values is production, only
	// those series are looked at.
	environmentLabels = []string{"deployment_environment_name", "deployment_environment", "environment", "env", "stage"}
	failedHTTP        = "5..|5xx"
)

// families are asked in this order; a service keeps the first that fits.
// Several share a metric's name and are told apart by their labels.
var families = []family{
	{
		name: "OpenTelemetry HTTP server", latency: "http_server_request_duration_seconds", unit: "s",
		service: serviceLabels, route: []string{"http_route"}, status: []string{"http_response_status_code"}, failed: failedHTTP,
	},
	{
		name: "OpenTelemetry HTTP server (older names)", latency: "http_server_duration_milliseconds", unit: "ms",
		service: serviceLabels, route: []string{"http_route", "http_target"}, status: []string{"http_status_code"}, failed: failedHTTP,
	},
	{
		name: "Java Micrometer", latency: "http_server_requests_seconds", unit: "s",
		service: serviceLabels, route: []string{"uri"}, status: []string{"status"}, failed: failedHTTP,
	},
	{
		name: "Node.js prom-client", latency: "http_request_duration_seconds", unit: "s",
		requests: []string{"http_request_duration_seconds_count", "http_requests_total"},
		service:  serviceLabels, route: []string{"route", "path", "endpoint"}, status: []string{"status_code"}, failed: failedHTTP,
	},
	{
		name: "Go client_golang", latency: "http_request_duration_seconds", unit: "s",
		requests: []string{"http_request_duration_seconds_count", "http_requests_total", "promhttp_requests_total"},
		service:  serviceLabels, route: []string{"handler", "route", "path", "endpoint"}, status: []string{"code"}, failed: failedHTTP,
	},
	{
		name: "Python (FastAPI, Prometheus client)", latency: "http_request_duration_seconds", unit: "s",
		requests: []string{"http_requests_total", "http_request_duration_seconds_count"},
		service:  serviceLabels, route: []string{"handler", "route", "path", "endpoint"}, status: []string{"status"}, failed: failedHTTP,
	},
	{
		name: "HTTP request histogram", latency: "http_request_duration_seconds", unit: "s",
		service: serviceLabels, route: []string{"handler", "route", "path", "endpoint"},
	},
	{
		name: "Python Starlette", latency: "starlette_request_duration_seconds", unit: "s",
		requests: []string{"starlette_requests_total", "starlette_request_duration_seconds_count"},
		service:  serviceLabels, route: []string{"path"}, status: []string{"status_code"}, failed: failedHTTP,
	},
	{
		name: "Python Flask", latency: "flask_http_request_duration_seconds", unit: "s",
		service: serviceLabels, route: []string{"url_rule", "path", "endpoint"}, status: []string{"status"}, failed: failedHTTP,
	},
	{
		name: "Python Django", latency: "django_http_requests_latency_seconds_by_view_method", unit: "s",
		requests: []string{"django_http_responses_total_by_status_total", "django_http_responses_total_by_status"},
		service:  serviceLabels, route: []string{"view"}, status: []string{"status"}, failed: failedHTTP,
	},
	{
		name: "HTTP request histogram in milliseconds", latency: "http_request_duration_milliseconds", unit: "ms",
		service: serviceLabels, route: []string{"route", "handler", "path", "endpoint"}, status: []string{"status_code", "code", "status"}, failed: failedHTTP,
	},
	{
		name: "Istio", latency: "istio_request_duration_milliseconds", unit: "ms", requests: []string{"istio_requests_total"},
		service: []string{"destination_canonical_service", "destination_service_name", "destination_workload", "destination_app"},
		status:  []string{"response_code"}, failed: "5..", match: `reporter="destination"`,
	},
	{
		name: "nginx ingress", latency: "nginx_ingress_controller_request_duration_seconds", unit: "s", requests: []string{"nginx_ingress_controller_requests"},
		service: []string{"exported_service", "service", "ingress"}, route: []string{"path"}, status: []string{"status"}, failed: "5..",
	},
	{
		name: "Envoy", latency: "envoy_cluster_upstream_rq_time", unit: "ms", requests: []string{"envoy_cluster_upstream_rq_xx"},
		service: []string{"envoy_cluster_name"}, status: []string{"envoy_response_code_class"}, failed: "5",
	},
	{
		name: "nginx exporter", service: []string{"app", "service", "job"},
		rows: []row{
			{name: "traffic", role: "traffic", unit: "/s", query: `sum(rate(nginx_http_requests_total%s[$r]))`, needs: "nginx_http_requests_total"},
			{name: "connections", role: "other", query: `sum(nginx_connections_active%s)`, needs: "nginx_connections_active"},
		},
	},
	{
		name: "PostgreSQL exporter", service: []string{"datname"}, match: `datname!~"template.*|postgres|"`,
		rows: []row{
			{name: "rolled back transactions", role: "errors", unit: "%", errors: `sum(rate(pg_stat_database_xact_rollback%s[$r]))`, requests: `sum(rate(pg_stat_database_xact_commit%s[$r])) + sum(rate(pg_stat_database_xact_rollback%s[$r]))`, needs: "pg_stat_database_xact_commit"},
			{name: "transactions", role: "traffic", unit: "/s", query: `sum(rate(pg_stat_database_xact_commit%s[$r]))`, needs: "pg_stat_database_xact_commit"},
			{name: "rows read", role: "other", unit: "/s", query: `sum(rate(pg_stat_database_tup_returned%s[$r]))`, needs: "pg_stat_database_tup_returned"},
			{name: "deadlocks", role: "other", unit: "/s", query: `sum(rate(pg_stat_database_deadlocks%s[$r]))`, needs: "pg_stat_database_deadlocks"},
		},
	},
}

// quiet are routes that say nothing about users.
const quiet = `.*(/|^)(metrics|health|healthz|ready|readyz|live|livez|ping|actuator.*|favicon.ico)|UNKNOWN|NOT_FOUND|REDIRECTION|none|unmatched|\*\*|/\*\*`
