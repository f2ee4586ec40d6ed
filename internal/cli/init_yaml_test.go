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

// What tells parts of a service apart is suggested, and only suggested: whether
// releases go part by part, the team knows.
func TestInitSuggestsControls(t *testing.T) {
	t.Parallel()
	text := writeYAML(initOptions{prometheus: "http://prometheus:9090"}, []foundService{{Found: measure.Found{
		Service: "shop", Family: "test", Metrics: []measure.Metric{{Name: "p95", Role: "latency", Unit: "s", Query: "q"}},
		Splits: []measure.Spread{{Label: "region", Values: []string{"ap", "eu", "sa", "us"}}, {Label: "version", Values: []string{"1.42\n"}}},
		Starts: `process_start_time_seconds{app="shop"}`,
	}}}, false)
	for _, want := range []string{"# seen: region ap, eu, sa and others. Where", "#     control: {label: region}", "# seen: version 1.42. Where", "control: {label: version}"} {
		if !strings.Contains(text, want) {
			t.Errorf("lacks %q:\n%s", want, text)
		}
	}
	cfg, err := config.Load("debrief.yaml", func(string) string { return "" }, func(string) ([]byte, error) { return []byte(text), nil })
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if s := cfg.Services["shop"]; s.Restarts.Query != `process_start_time_seconds{app="shop"}` || s.Metrics[0].Control != (config.Control{}) {
		t.Errorf("%+v", s)
	}
	// With the hint taken out of its comment it is a configuration.
	text = strings.Replace(text, "        query: q\n", "        query: q\n        control: {label: region}\n", 1)
	if cfg, err = config.Load("debrief.yaml", func(string) string { return "" }, func(string) ([]byte, error) { return []byte(text), nil }); err != nil || cfg.Services["shop"].Metrics[0].Control.Label != "region" {
		t.Errorf("%v\n%s", err, text)
	}
}
