package measure

import "context"

// Loki asks a Grafana Loki.
type Loki struct{ *asker }

// Kind is "loki".
func (l *Loki) Kind() string { return "loki" }

// Series asks a metric query over log lines, such as a rate.
func (l *Loki) Series(ctx context.Context, query string, w Window) ([]Labelled, error) {
	return l.matrix(ctx, "/loki/api/v1/query_range", query, w)
}
