package cli

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/story/realprom"
)

// shopHistory is a day of a shop's OpenTelemetry metrics, read every 15
// seconds; at `slower` its response times shift by half.
func shopHistory(end, slower time.Time) []realprom.Series {
	type kind struct {
		labels map[string]string
		below  []float64 // share of requests below each bound
		rate   float64
	}
	bounds := []string{"0.05", "0.1", "0.25", "0.5", "1", "+Inf"}
	var kinds []kind
	for _, route := range []struct {
		name string
		rate float64
	}{{"/checkout", 4}, {"/cart", 9}, {"/product/{id}", 20}, {"/healthz", 1}} {
		for status, share := range map[string]float64{"200": 0.99, "503": 0.01} {
			for env, part := range map[string]float64{"production": 1, "staging": 0.1} {
				kinds = append(kinds, kind{
					labels: map[string]string{"service_name": "shop", "deployment_environment": env, "http_route": route.name, "http_response_status_code": status},
					below:  []float64{0.5, 0.8, 0.95, 0.99, 0.999, 1}, rate: route.rate * share * part,
				})
			}
		}
	}
	rng := rand.New(rand.NewPCG(1, 2))
	const every = 15 * time.Second
	steps := int(25 * time.Hour / every)
	var out []realprom.Series
	for _, k := range kinds {
		sums := make([]float64, len(bounds))
		series := make([]realprom.Series, len(bounds)+1)
		for j, le := range bounds {
			labels := map[string]string{"le": le}
			for n, v := range k.labels {
				labels[n] = v
			}
			series[j] = realprom.Series{Name: "http_server_request_duration_seconds_bucket", Labels: labels}
		}
		series[len(bounds)] = realprom.Series{Name: "http_server_request_duration_seconds_count", Labels: k.labels}
		for i := range steps {
			at := end.Add(-time.Duration(steps-1-i) * every)
			n := k.rate * every.Seconds() * (0.9 + 0.2*rng.Float64())
			for j := range bounds {
				share := k.below[j]
				if at.After(slower) && j > 0 && j < len(bounds)-1 {
					share = k.below[j-1] // everything takes a bucket longer
				}
				sums[j] += n * share
				series[j].Samples = append(series[j].Samples, realprom.Sample{At: at, V: sums[j]})
			}
			series[len(bounds)].Samples = append(series[len(bounds)].Samples, realprom.Sample{At: at, V: sums[len(bounds)-1]})
		}
		out = append(out, series...)
	}
	return out
}

func runIn(t *testing.T, dir string, now time.Time, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, problems bytes.Buffer
	e := &Env{Args: args, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &problems, Getenv: func(string) string { return "" }, Dir: dir, Now: func() time.Time { return now }}
	code = Main(context.Background(), e)
	return code, out.String(), problems.String()
}

func TestInitFindsTheShopInARealPrometheus(t *testing.T) {
	t.Parallel()
	srv := realprom.Start(t)
	now := time.Now().UTC()
	if err := srv.Write(t.Context(), shopHistory(now, now.Add(-62*time.Minute))...); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	loki := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/loki/api/v1/label/app/values":
			fmt.Fprint(w, `{"status":"success","data":["Shop","other"]}`)
		case "/loki/api/v1/label/env/values":
			fmt.Fprint(w, `{"status":"success","data":["production","staging"]}`)
		default:
			fmt.Fprint(w, `{"status":"success"}`)
		}
	}))
	t.Cleanup(loki.Close)

	code, out, problems := runIn(t, dir, now, "init", "--prometheus", srv.URL, "--dry-run")
	if code != 0 {
		t.Fatalf("dry run: %d\n%s", code, problems)
	}
	for _, want := range []string{"shop · OpenTelemetry HTTP server", "16 queries of 41760 points (80 requests)", "p95 of /checkout: sum by (le) (rate(http_server_request_duration_seconds_bucket{", "Nothing was written"} {
		if !strings.Contains(out, want) {
			t.Errorf("dry run lacks %q:\n%s", want, out)
		}
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 0 {
		t.Fatalf("a dry run wrote %v", entries)
	}

	code, out, problems = runIn(t, dir, now, "init", "--prometheus", srv.URL, "--loki", loki.URL)
	if code != 0 {
		t.Fatalf("init: %d\n%s", code, problems)
	}
	for _, want := range []string{"shop · OpenTelemetry HTTP server", "its 3 busiest routes: /product/{id}, /cart, /checkout", "Wrote debrief.yaml: 1 service.", "Had shop been released at", "Next: debrief serve --config debrief.yaml"} {
		if !strings.Contains(out, want) {
			t.Errorf("lacks %q:\n%s", want, out)
		}
	}
	if !strings.ContainsAny(out, "▁▂▃▄▅▆▇█") {
		t.Errorf("nothing is drawn:\n%s", out)
	}
	p95 := lineWith(out[strings.Index(out, "Had shop"):], "  p95 ")
	if p95 == "" || strings.Contains(p95, "steady") || strings.Contains(p95, "cannot tell") {
		t.Errorf("what became slower is not said: %q", p95)
	}

	path := filepath.Join(dir, "debrief.yaml")
	cfg, err := config.Load(path, func(string) string { return "" }, os.ReadFile)
	if err != nil {
		t.Fatal(err)
	}
	if logs := cfg.Services["shop"].Logs; len(logs) != 1 || logs[0].Provider != "logs" || logs[0].Query != `{app="Shop", env="production"}` {
		t.Errorf("logs: %+v", logs)
	}
	metrics := cfg.Services["shop"].Metrics
	if len(metrics) != 12 { // three, and three for each of three routes
		t.Errorf("%d metrics", len(metrics))
	}
	for _, m := range metrics {
		if all := m.Histogram + m.Query + m.Requests; !strings.Contains(all, `deployment_environment="production"`) {
			t.Errorf("%s asks staging too: %s", m.Name, all)
		}
	}
	dead := httptest.NewServer(http.NotFoundHandler())
	dead.Close()
	code, out, problems = runIn(t, dir, now, "init", "--prometheus", srv.URL, "--loki", dead.URL, "--out", "nologs.yaml")
	if code != 0 || !strings.Contains(out, "Wrote nologs.yaml: 1 service.") || !strings.Contains(problems, "debrief: logs are left out for now: ") || strings.Count(problems, "\n") != 1 {
		t.Errorf("without Loki: %d %s\n%s", code, problems, out)
	}
	cfg, err = config.Load(filepath.Join(dir, "nologs.yaml"), func(string) string { return "" }, os.ReadFile)
	if err != nil || len(cfg.Services["shop"].Metrics) != 12 || len(cfg.Services["shop"].Logs) != 0 || cfg.Providers["logs"].URL != dead.URL {
		t.Errorf("without Loki: %v %+v", err, cfg.Services["shop"].Logs)
	}
	code, _, problems = runIn(t, dir, now, "init", "--prometheus", srv.URL)
	if code != 2 || !strings.Contains(problems, "debrief.yaml exists already (name another file, or add --force)") {
		t.Errorf("overwriting: %d %s", code, problems)
	}
}

func lineWith(text, start string) string {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, start) {
			return strings.TrimSpace(line)
		}
	}
	return ""
}

func TestInitSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	srv := realprom.Start(t)
	code, _, problems := runIn(t, t.TempDir(), time.Now(), "init", "--prometheus", srv.URL)
	if code != 1 || !strings.Contains(problems, "has no service whose metrics debrief understands") {
		t.Errorf("%d %s", code, problems)
	}
	code, _, problems = runIn(t, t.TempDir(), time.Now(), "init")
	if code != 2 || !strings.Contains(problems, "--prometheus: an address is needed (for example") {
		t.Errorf("%d %s", code, problems)
	}
	code, _, problems = runIn(t, t.TempDir(), time.Now(), "init", "--prometheus", "ftp://x")
	if code != 2 || !strings.HasPrefix(problems, "debrief: --prometheus: an address beginning with http") {
		t.Errorf("%d %s", code, problems)
	}
	code, _, problems = runIn(t, t.TempDir(), time.Now(), "init", "--prometheus", "notaurl", "--loki", "http://a:b@x")
	if code != 2 || !strings.Contains(problems, "--loki: credentials") || !strings.Contains(problems, "--prometheus: ") || strings.Contains(problems, "DEBRIEF_PROVIDERS") {
		t.Errorf("two of them: %d %s", code, problems)
	}
}
