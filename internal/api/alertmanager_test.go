package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/ingest"
	"github.com/debriefhq/debrief/internal/store"
)

// A real Alertmanager sends what was posted to it, firing and then resolved,
// and debrief reads from it what was posted.
func TestARealAlertmanager(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("prometheus-alertmanager")
	if err != nil {
		if program, err = exec.LookPath("alertmanager"); err != nil {
			if os.Getenv("DEBRIEF_TEST_ALL") != "" {
				t.Fatal("there is no Alertmanager: make deps installs it")
			}
			t.Skip("there is no Alertmanager")
		}
	}
	h := open(t, withAlertmanager)
	h.clock.Set(time.Now().UTC().Add(time.Minute)) // it sends the time it really is
	hall := httptest.NewServer(h.api.Public())
	t.Cleanup(hall.Close)
	dir := t.TempDir()
	config := fmt.Sprintf(`
route: {receiver: debrief, group_wait: 10ms, group_interval: 50ms, repeat_interval: 1h}
receivers:
  - name: debrief
    webhook_configs:
      - url: %s/hooks/alertmanager
        send_resolved: true
        http_config: {authorization: {credentials: %s}}
`, hall.URL, secret)
	if err := os.WriteFile(filepath.Join(dir, "alertmanager.yml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	address := freeAddress(t)
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, program, "--config.file="+filepath.Join(dir, "alertmanager.yml"), "--storage.path="+dir,
		"--web.listen-address="+address, "--cluster.listen-address=")
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = cmd.Wait()
		if t.Failed() {
			t.Log(log.String())
		}
	})
	api := "http://" + address
	until(t, "it is ready", func() bool {
		res, err := http.Get(api + "/-/ready")
		if err != nil {
			return false
		}
		res.Body.Close()
		return res.StatusCode == 200
	})
	began := time.Now().UTC().Add(-2 * time.Minute).Truncate(time.Millisecond)
	post := func(ends time.Time) {
		t.Helper()
		a := map[string]any{
			"labels":      map[string]string{"alertname": "HighErrorRate", "service": "shop", "severity": "page", "environment": "production"},
			"annotations": map[string]string{"summary": "5 % of checkouts fail"}, "startsAt": began, "generatorURL": "http://prometheus.internal:9090/graph",
		}
		if !ends.IsZero() {
			a["endsAt"] = ends
		}
		body, err := json.Marshal([]any{a})
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.Post(api+"/api/v2/alerts", "application/json", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if res.StatusCode != 200 {
			t.Fatal(res.Status)
		}
	}
	post(time.Time{})
	first := told(t, h, 1)
	if first.Service != "shop" || first.Environment != "production" || first.Severity != "page" || first.Title != "HighErrorRate: 5 % of checkouts fail" ||
		!first.Detected.Equal(began) || !first.Restored.IsZero() || !first.Alert || first.Acknowledges || first.URL != "http://prometheus.internal:9090/graph" {
		t.Errorf("firing: %+v", first)
	}
	ended := time.Now().UTC().Truncate(time.Millisecond)
	post(ended)
	last := told(t, h, 2)
	if !last.Restored.Equal(ended) || len(last.Keys) != 1 || last.Keys[0] != first.Keys[0] {
		t.Errorf("resolved: %+v, was %v", last, first.Keys)
	}
}

// told waits for the n-th delivery and reads it.
func told(t *testing.T, h *hall, n int) *debrief.IncidentReport {
	t.Helper()
	var list []store.Delivery
	until(t, fmt.Sprintf("delivery %d", n), func() bool {
		var err error
		list, err = h.store.Deliveries(t.Context(), "alertmanager", store.EnvelopeOpen, 10)
		return err == nil && len(list) >= n
	})
	src, err := ingest.Lookup("alertmanager")
	if err != nil {
		t.Fatal(err)
	}
	d := list[len(list)-n] // newest first, and received at one moment of the test's clock
	for _, x := range list {
		if x.ID > d.ID {
			d = x
		}
	}
	events, err := src.Parse(ingest.Request{Header: d.Header, Body: []byte(d.Body), Received: d.Received, Key: d.Key})
	if err != nil || len(events) != 1 {
		t.Fatalf("%v %+v: %s", err, events, d.Body)
	}
	return events[0].Incident
}

func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(30 * time.Second)
	for !done() {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
