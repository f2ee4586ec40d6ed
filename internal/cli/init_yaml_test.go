package cli

import (
	"strings"
	"testing"

	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/measure"
)

// A route that is too quiet to tell must not blind a look: init says so of
// each route, and of nothing else.
func TestInitWritesRoutesAsParts(t *testing.T) {
	t.Parallel()
	text := writeYAML(initOptions{prometheus: "http://prometheus:9090"}, []foundService{{Found: measure.Found{Service: "shop", Family: "test", Metrics: []measure.Metric{
		{Name: "p95", Role: "latency", Unit: "s", Histogram: "h", Quantile: 0.95},
		{Name: "errors of /checkout", Role: "errors", Unit: "%", Errors: "e", Requests: "r"},
	}}}}, true)
	cfg, err := config.Load("debrief.yaml", func(string) string { return "" }, func(string) ([]byte, error) { return []byte(text), nil })
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	ms := cfg.Services["shop"].Metrics
	if len(ms) != 2 || ms[0].Part || !ms[1].Part || strings.Count(text, "part: true") != 1 {
		t.Errorf("%+v\n%s", ms, text)
	}
}
