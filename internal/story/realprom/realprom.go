// Package realprom runs a real Prometheus for tests: on a free port, in a
// temporary folder, scraping what it is told to, and open to history written
// into it. Nothing but tests uses it.
package realprom

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// Target is something to scrape.
type Target struct {
	Job     string
	Address string // host:port; its /metrics is read
	Path    string // other than /metrics
	Every   time.Duration
	Labels  map[string]string
}

// Server is a running Prometheus.
type Server struct {
	URL string
	Dir string

	client *http.Client
	output *output
}

// Start runs a Prometheus until the test ends. Where none is installed the
// test is skipped, but fails where everything has to be tried: with CI=true
// or DEBRIEF_TEST_ALL=1.
func Start(t testing.TB, targets ...Target) *Server {
	t.Helper()
	program, err := find()
	if err != nil {
		if os.Getenv("CI") == "true" || os.Getenv("DEBRIEF_TEST_ALL") == "1" {
			t.Fatalf("a real Prometheus is needed: %v (apt-get install --no-install-recommends prometheus)", err)
		}
		t.Skipf("no Prometheus on this machine: %v (apt-get install --no-install-recommends prometheus)", err)
	}
	s := &Server{Dir: t.TempDir(), client: &http.Client{Timeout: 30 * time.Second}, output: &output{}}
	t.Cleanup(s.client.CloseIdleConnections)
	config := filepath.Join(s.Dir, "prometheus.yml")
	if err := os.WriteFile(config, []byte(Config(targets...)), 0o600); err != nil {
		t.Fatal(err)
	}
	// The port is free when it is chosen; another program may take it before
	// Prometheus does, so a start that fails is tried again on another one.
	for try := 0; ; try++ {
		err := s.start(t, program, config)
		if err == nil {
			return s
		}
		if try == 2 {
			t.Fatalf("Prometheus does not start: %v\n%s", err, s.output)
		}
	}
}

func find() (string, error) {
	if path, err := exec.LookPath("prometheus"); err == nil {
		return path, nil
	}
	const debian = "/usr/bin/prometheus"
	_, err := os.Stat(debian)
	return debian, err
}

// Config is the configuration Start writes. History may be written up to 60
// days back.
func Config(targets ...Target) string {
	var b strings.Builder
	b.WriteString("storage:\n  tsdb:\n    out_of_order_time_window: 60d\n")
	if len(targets) == 0 {
		return b.String()
	}
	b.WriteString("scrape_configs:\n")
	for _, t := range targets {
		every, path := t.Every, t.Path
		if every == 0 {
			every = time.Second
		}
		if path == "" {
			path = "/metrics"
		}
		fmt.Fprintf(&b, "  - job_name: %q\n    scrape_interval: %s\n    scrape_timeout: %s\n    metrics_path: %q\n    static_configs:\n      - targets: [%q]\n", t.Job, ms(every), ms(every), path, t.Address)
		if len(t.Labels) > 0 {
			b.WriteString("        labels:\n")
			for name, value := range t.Labels {
				fmt.Fprintf(&b, "          %q: %q\n", name, value)
			}
		}
	}
	return b.String()
}

func ms(d time.Duration) string { return fmt.Sprintf("%dms", d.Milliseconds()) }

func (s *Server) start(t testing.TB, program, config string) error {
	port, err := freePort()
	if err != nil {
		return err
	}
	address := fmt.Sprintf("127.0.0.1:%d", port)
	cmd := exec.Command(program,
		"--config.file="+config,
		"--storage.tsdb.path="+filepath.Join(s.Dir, "data"),
		"--storage.tsdb.retention.time=90d",
		"--web.listen-address="+address,
		"--web.enable-remote-write-receiver",
		"--enable-feature=native-histograms",
		"--log.level=warn",
	)
	cmd.Stdout, cmd.Stderr = s.output, s.output
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // how it ended stands in its output
		close(ended)
	}()
	stop := func() {
		_ = cmd.Process.Signal(os.Interrupt) // it may have ended already
		select {
		case <-ended:
		case <-time.After(10 * time.Second):
			_ = cmd.Process.Kill()
			<-ended
		}
	}
	s.URL = "http://" + address
	if err := s.ready(t.Context(), ended); err != nil {
		stop()
		return err
	}
	t.Cleanup(stop)
	return nil
}

// ready waits until queries are answered.
func (s *Server) ready(ctx context.Context, ended <-chan struct{}) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if s.get(ctx, "/-/ready") == nil {
			return nil
		}
		select {
		case <-ended:
			return fmt.Errorf("it ended at once")
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

func (s *Server) get(ctx context.Context, path string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+path, nil)
	if err != nil {
		return err
	}
	return s.do(req)
}

func (s *Server) do(req *http.Request) error {
	res, err := s.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, 4<<10))
	if err == nil && res.StatusCode/100 != 2 {
		err = fmt.Errorf("%s: %s", res.Status, bytes.TrimSpace(text))
	}
	return err
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	port := l.Addr().(*net.TCPAddr).Port
	return port, l.Close()
}

// output keeps what the program says, for the message of a failing test.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.buf.Len() < 1<<20 {
		o.buf.Write(p)
	}
	return len(p), nil
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}
