package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/debriefhq/debrief/internal/loop"
)

// metricsServer answers query_range with one series that doubles at bad.
func metricsServer(t *testing.T, bad time.Time) string {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		if strings.HasSuffix(r.URL.Path, "/query") { // is it there at all?
			fmt.Fprint(w, `{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"1"]}]}}`)
			return
		}
		from, _ := strconv.ParseFloat(r.Form.Get("start"), 64)
		to, _ := strconv.ParseFloat(r.Form.Get("end"), 64)
		step, err := strconv.ParseFloat(r.Form.Get("step"), 64)
		if err != nil {
			d, _ := time.ParseDuration(r.Form.Get("step"))
			step = d.Seconds()
		}
		var values []string
		for at := from; at <= to && step > 0; at += step {
			v := 100 + 6*math.Sin(at*12.9898)*math.Cos(at*78.233)
			if at >= float64(bad.Unix()) {
				v *= 2
			}
			values = append(values, fmt.Sprintf(`[%f,"%g"]`, at, v))
		}
		fmt.Fprintf(w, `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[%s]}]}}`, strings.Join(values, ","))
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

func replayConfig(t *testing.T, url string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "debrief.yaml")
	text := "providers:\n  main: {kind: prometheus, url: " + url + "}\nlooks: {past: 7d}\nservices:\n  shop:\n    metrics:\n      - {name: p95, role: latency, unit: ms, provider: main, query: p95}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func runReplay(t *testing.T, now time.Time, stdin string, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	e := &Env{Args: append([]string{"replay"}, args...), Stdin: strings.NewReader(stdin), Stdout: &stdout, Stderr: &stderr, Getenv: func(string) string { return "" }, Dir: t.TempDir(), Now: func() time.Time { return now }}
	return Main(t.Context(), e), stdout.String(), stderr.String()
}

func TestReplayFindsTheDeploymentThatMadeItSlower(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 10, 9, 12, 0, 0, 0, time.UTC)
	bad := time.Date(2026, 10, 6, 14, 3, 0, 0, time.UTC)
	file := replayConfig(t, metricsServer(t, bad))
	moments := "v1 2026-10-05T09:00:00Z\nv2 2026-10-06T14:03:00Z\n# a comment\nv3 2026-10-07T10:00:00Z\n"
	code, out, errs := runReplay(t, now, moments, "--config", file, "--stdin")
	if code != 0 {
		t.Fatalf("exit %d: %s", code, errs)
	}
	for _, want := range []string{"shop: three past deployments, judged", "\n  05 Oct 09:00  v1  ●●●  as usual\n", "\n  06 Oct 14:03  v2  ◆◆◆  p95 ", "\n  07 Oct 10:00  v3  ●●●  as usual\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("lacks %q:\n%s", want, out)
		}
	}
	for line := range strings.Lines(out) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 80 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	if code, out, errs = runReplay(t, now, moments, "--config", file, "--stdin", "--details"); code != 0 || !strings.Contains(out, "06 Oct 14:03 v2\n  ◆  five minutes after: p95 ") {
		t.Errorf("exit %d %s: each look:\n%s", code, errs, out)
	}

	code, out, errs = runReplay(t, now, moments, "--config", file, "--stdin", "--json")
	var all []loop.Replayed
	if err := json.Unmarshal([]byte(out), &all); code != 0 || err != nil {
		t.Fatalf("exit %d, %v: %s", code, err, errs)
	}
	for _, r := range all {
		for _, k := range r.Looks {
			if (k.Word == "worse") != (r.Version == "v2") {
				t.Errorf("%s, look %d: %s", r.Version, k.Number, k.Word)
			}
		}
	}
}

func TestReplayReadsTheTagsOfAWorkTree(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 10, 9, 12, 0, 0, 0, time.UTC)
	file := replayConfig(t, metricsServer(t, now))
	repo := t.TempDir()
	for _, args := range [][]string{{"init", "-q"}, {"commit", "-q", "--allow-empty", "-m", "one"}, {"tag", "v1.0"}} {
		c := exec.Command("git", append([]string{"-C", repo, "-c", "user.name=x", "-c", "user.email=x@example.org"}, args...)...)
		c.Env = append(os.Environ(), "GIT_COMMITTER_DATE=2026-10-06T14:03:00Z", "GIT_AUTHOR_DATE=2026-10-06T14:03:00Z")
		if b, err := c.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v %s", args, err, b)
		}
	}
	code, out, errs := runReplay(t, now, "", "--config", file, "--repo", repo)
	if code != 0 || !strings.Contains(out, "06 Oct 14:03  v1.0") {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
}

func TestReplaySaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 10, 9, 12, 0, 0, 0, time.UTC)
	file := replayConfig(t, "http://127.0.0.1:1")
	for stdin, want := range map[string]string{
		"":                           "holds no deployment",
		"v1 yesterday":               "line 1",
		"v1 2026-10-01\nv2":          "line 1",
		"v1 2027-01-01T00:00:00Z":    "future",
		"v1 2026-10-01T00:00:00Z\nx": "line 2",
		"v1 2026":                    "line 1",
		"v1 1791100800000":           "line 1", // milliseconds
		"v1 NaN":                     "line 1",
		"v1 1893456000":              "future",
	} {
		code, _, errs := runReplay(t, now, stdin, "--config", file, "--stdin")
		if code != 2 || !strings.Contains(errs, want) {
			t.Errorf("%q: exit %d, %s", stdin, code, errs)
		}
	}
	if code, _, errs := runReplay(t, now, "v1 2026-10-01T00:00:00Z", "--stdin"); code != 2 || !strings.Contains(errs, "debrief init") {
		t.Errorf("without a configuration: exit %d, %s", code, errs)
	}
	if code, _, errs := runReplay(t, now, "v1 2026-10-01T00:00:00Z", "--stdin", "--config", file, "--service", "nope"); code != 2 || !strings.Contains(errs, "shop") {
		t.Errorf("an unknown service: exit %d, %s", code, errs)
	}
}

func TestReplayReadsUnixSeconds(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 10, 9, 12, 0, 0, 0, time.UTC)
	got, err := readMoments(strings.NewReader("v1 1791295380\nv2 1791295380.5\n"), now)
	at := time.Date(2026, 10, 6, 14, 3, 0, 0, time.UTC)
	if err != nil || len(got) != 2 || !got[1].At.Equal(at) || !got[0].At.Equal(at.Add(time.Second/2)) {
		t.Errorf("%v %v", got, err)
	}
}

// A provider that is down, or takes its time, is told of at once: with its
// address, and nothing is printed as if it had been judged.
func TestReplaySaysThatMetricsDoNotAnswer(t *testing.T) {
	t.Parallel()
	now := time.Now()
	dead := httptest.NewServer(http.NotFoundHandler())
	dead.Close()
	done := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-done:
		}
	}))
	t.Cleanup(slow.Close)
	t.Cleanup(func() { close(done) })
	for _, url := range []string{dead.URL, slow.URL} {
		begun := time.Now()
		code, out, errs := runReplay(t, now, fmt.Sprintf("v1 %d\n", now.Add(-48*time.Hour).Unix()), "--config", replayConfig(t, url), "--stdin")
		if code != 1 || out != "" || !strings.Contains(errs, "main") || !strings.Contains(errs, strings.TrimPrefix(url, "http://")) {
			t.Errorf("%s: exit %d: %q %s", url, code, out, errs)
		}
		if took := time.Since(begun); took > 3*patience {
			t.Errorf("that took %s", took)
		}
	}
}

// The built-in probe has no past before debrief's first day.
func TestReplayAsksMetricsOnly(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 10, 9, 12, 0, 0, 0, time.UTC)
	file := replayConfig(t, metricsServer(t, now))
	add := func(text string) {
		b, err := os.ReadFile(file)
		if err == nil {
			err = os.WriteFile(file, append(b, text...), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	add("    probes: [{url: 'http://127.0.0.1:1/'}]\n  cart:\n    probes: [{url: 'http://127.0.0.1:1/'}]\n")
	moment := "v1 2026-10-06T14:03:00Z"
	if code, out, errs := runReplay(t, now, moment, "--config", file, "--stdin", "--service", "shop"); code != 0 || !strings.Contains(out, "●●●") {
		t.Errorf("beside a probe: exit %d: %s%s", code, out, errs)
	}
	if code, _, errs := runReplay(t, now, moment, "--config", file, "--stdin", "--service", "cart"); code != 2 || !strings.Contains(errs, "services.cart.metrics") {
		t.Errorf("probes alone: exit %d: %s", code, errs)
	}
}

// What init has written is read where nothing else is named.
func TestReplayReadsTheConfigurationBesideIt(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 10, 9, 12, 0, 0, 0, time.UTC)
	file := replayConfig(t, metricsServer(t, now))
	var stdout, stderr bytes.Buffer
	e := &Env{Args: []string{"replay", "--stdin"}, Stdin: strings.NewReader("v1 2026-10-06T14:03:00Z"), Stdout: &stdout, Stderr: &stderr, Getenv: func(string) string { return "" }, Dir: filepath.Dir(file), Now: func() time.Time { return now }}
	if code := Main(t.Context(), e); code != 0 || !strings.Contains(stdout.String(), "06 Oct 14:03") || stderr.String() != "debrief: using ./debrief.yaml\n" {
		t.Errorf("exit %d: %s%s", code, &stdout, &stderr)
	}
}
