package cli

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/debriefhq/debrief"
)

func runBacktest(t *testing.T, server string, now time.Time, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	e := &Env{Args: append([]string{"backtest"}, args...), Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Dir: t.TempDir(), Now: func() time.Time { return now }}
	e.Getenv = func(name string) string {
		return map[string]string{"DEBRIEF_URL": server, "DEBRIEF_SPOOL": e.Dir + "/spool"}[name]
	}
	return Main(t.Context(), e), stdout.String(), stderr.String()
}

// Measured on the team's metrics, kept by the server, read back from it.
func TestBacktestIsMeasuredAndKept(t *testing.T) {
	t.Parallel()
	server, _ := realServer(t)
	now := time.Now()
	file := replayConfig(t, metricsServer(t, now.Add(time.Hour)))
	flags := []string{"--config", file, "--service", "shop", "--days", "3", "--releases", "20"}
	code, out, errs := runBacktest(t, server, now, flags...)
	if code != 0 {
		t.Fatalf("exit %d: %s", code, errs)
	}
	for _, want := range []string{"At this traffic you will see +", " % p95 within the hour.", "made-up releases would have cried wolf", "p95 ", "sees in 5 min", "24 h"} {
		if !strings.Contains(strings.ReplaceAll(out, "\n", " "), want) {
			t.Errorf("lacks %q:\n%s", want, out)
		}
	}
	if lines := strings.Split(out, "\n"); len(lines) > 24 {
		t.Errorf("%d lines: more than one screen\n%s", len(lines), out)
	} else {
		for _, l := range lines {
			if utf8.RuneCountInString(l) > 80 {
				t.Errorf("wider than 80 columns: %q", l)
			}
		}
	}
	if !strings.Contains(errs, "kept for "+server+"/services/shop") || !strings.Contains(errs, "planting changes") {
		t.Errorf("stderr: %s", errs)
	}
	get := func(path string) string {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != 200 {
			t.Fatalf("%s: %s %v %s", path, res.Status, err, b)
		}
		return string(b)
	}
	if page := get("/services/shop"); !strings.Contains(page, "At this traffic you will see") {
		t.Errorf("the page does not show it:\n%s", page)
	}
	code, out, errs = runBacktest(t, server, now, append(flags, "--json", "--keep=false")...)
	var here, kept debrief.Backtest
	if err := json.Unmarshal([]byte(out), &here); code != 0 || err != nil || strings.Contains(errs, "kept") {
		t.Fatalf("exit %d, %v: %s", code, err, errs)
	}
	if err := json.Unmarshal([]byte(get("/api/v1/services/shop/backtest")), &kept); err != nil {
		t.Fatal(err)
	}
	if kept.Releases != here.Releases || kept.Metrics[0].Looks[1].Seen != here.Metrics[0].Looks[1].Seen || here.Metrics[0].Looks[1].Seen <= 0 {
		t.Errorf("kept %+v\nhere %+v", kept, here)
	}
}

// Without a server it is measured all the same, and says what it does not know.
func TestBacktestWithoutAServer(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 10, 9, 12, 0, 0, 0, time.UTC)
	file := replayConfig(t, metricsServer(t, now))
	code, out, errs := runBacktest(t, "http://127.0.0.1:1", now, "--config", file, "--days", "2", "--releases", "10")
	if code != 0 || !strings.Contains(out, "cried wolf") || !strings.Contains(errs, "real deployments are not known") || strings.Contains(errs, "kept") {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
	for want, args := range map[string][]string{
		"--days: 0 is not":          {"--config", file, "--days", "0"},
		"--releases: 5 is not":      {"--config", file, "--releases", "5"},
		"is not configured":         {"--config", file, "--service", "cart"},
		"debrief init --prometheus": {},
	} {
		if code, _, errs := runBacktest(t, "http://127.0.0.1:1", now, args...); code != 2 || !strings.Contains(errs, want) {
			t.Errorf("%v: exit %d, %s", args, code, errs)
		}
	}
	dead := replayConfig(t, "http://127.0.0.1:1")
	if code, out, errs := runBacktest(t, "http://127.0.0.1:1", now, "--config", dead); code != 1 || out != "" || !strings.Contains(errs, "main") {
		t.Errorf("a provider that is down: exit %d, %s%s", code, out, errs)
	}
}
