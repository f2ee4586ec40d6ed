package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// followEnv is an in-process follower's world.
func followEnv(t *testing.T, f *fakeServer, dir string) *Env {
	t.Helper()
	vars := map[string]string{"DEBRIEF_URL": f.URL, "DEBRIEF_SPOOL": filepath.Join(dir, "state", "spool")}
	return &Env{Dir: dir, Now: time.Now, Stdout: io.Discard, Stderr: &bytes.Buffer{}, Getenv: func(k string) string { return vars[k] }}
}

// counted adds up what the server was told, each batch once.
func (f *fakeServer) counted(t *testing.T) map[string]int {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	sums, seen := map[string]int{}, map[string]string{}
	for _, raw := range f.patterns {
		var b struct {
			Service, Batch string
			Patterns       []sentPattern
		}
		if err := json.Unmarshal(raw, &b); err != nil {
			t.Fatal(err)
		}
		if before, ok := seen[b.Batch]; ok {
			if before != string(raw) {
				t.Errorf("batch %s was sent with another content", b.Batch)
			}
			continue
		}
		seen[b.Batch] = string(raw)
		for _, p := range b.Patterns {
			for _, n := range p.Bins {
				sums[p.Template] += n
			}
		}
	}
	return sums
}

func appendTo(t *testing.T, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
}

func TestFollowCountsEachLineOnce(t *testing.T) {
	t.Parallel()
	f, dir := fakeFor(t), t.TempDir()
	log := filepath.Join(dir, "shop.log")
	var lines strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&lines, "2026-03-03T10:00:%02dZ INFO served /checkout in %d ms\n", i%60, i)
	}
	lines.WriteString("2026-03-03T10:01:00Z ERROR payment refused password=hunter2\n\tat Shop.pay(Shop.java:17)\n")
	appendTo(t, log, lines.String())
	flags := followFlags{service: "shop", begin: true, once: true, every: time.Hour}
	for range 2 { // the second run finds nothing new, and sends its last batch again
		if err := follow(t.Context(), followEnv(t, f, dir), flags, log); err != nil {
			t.Fatal(err)
		}
	}
	appendTo(t, log, "2026-03-03T10:02:00Z INFO served /checkout in 7 ms\n2099-01-01T00:00:00Z INFO served /checkout in 8 ms\n")
	if err := follow(t.Context(), followEnv(t, f, dir), flags, log); err != nil {
		t.Fatal(err)
	}
	total, errors := 0, 0
	for template, n := range f.counted(t) {
		total += n
		if strings.Contains(template, "ERROR") || strings.Contains(template, "payment refused") {
			errors += n
		}
	}
	if total != 3003 || errors != 1 {
		t.Errorf("%d lines and %d errors were counted: %v", total, errors, f.counted(t))
	}
	if log := f.log(); strings.Contains(log, "hunter2") || strings.Contains(log, "2099-") {
		t.Error("a secret, or a time that cannot be, was sent")
	}
}

// A server that is down, and a follower that ends meanwhile, lose and repeat nothing.
func TestFollowOutlivesTheServer(t *testing.T) {
	t.Parallel()
	f, dir := fakeFor(t), t.TempDir()
	log := filepath.Join(dir, "shop.log")
	appendTo(t, log, "")
	address := f.Listener.Addr().String()
	run := func(until func() bool) {
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() {
			done <- follow(ctx, followEnv(t, f, dir), followFlags{service: "shop", begin: true, every: 10 * time.Millisecond}, log)
		}()
		waitFor(t, "the follower", until)
		stop()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	sum := func() int {
		n := 0
		for _, c := range f.counted(t) {
			n += c
		}
		return n
	}
	held := func() bool {
		files, _ := filepath.Glob(filepath.Join(dir, "state", "follow", "*.json"))
		if len(files) != 1 {
			return false
		}
		b, _ := os.ReadFile(files[0])
		return bytes.Contains(b, []byte("meanwhile"))
	}
	down := false
	run(func() bool {
		if !down && sum() > 0 {
			down = true
			f.Server.Close()
			appendTo(t, log, "WARN meanwhile\n")
		} else if !down {
			appendTo(t, log, "INFO before\n")
		}
		return down && held() // ended while the batch is on hold
	})
	appendTo(t, log, "INFO later\n")
	f.start(address)
	want := func() int {
		b, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		return bytes.Count(b, []byte("\n"))
	}
	run(func() bool { return sum() == want() })
	if sum() != want() {
		t.Errorf("%d counted of %d", sum(), want())
	}
}

func BenchmarkFollowCounts(b *testing.B) {
	c := newLineCounts(nil)
	batch := benchBatch(400)
	for b.Loop() {
		c.add(batch, time.Now())
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/400, "ns/line")
}
