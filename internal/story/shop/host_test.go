package shop

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	late := time.After(20 * time.Second)
	for !ok() {
		select {
		case <-late:
			t.Fatalf("never happened: %s", what)
		case <-tick.C:
		}
	}
}

// A roll-out stops one process and starts another, and no customer notices.
func TestRollOutRefusesNobody(t *testing.T) {
	t.Parallel()
	_, dsn := seeded(t, 1000)
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	log := filepath.Join(t.TempDir(), "shop.log")
	h, err := StartHost(exe, os.Stderr, time.Second, Place{Name: "production", DSN: dsn, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	if err := h.RollOut(t.Context(), "production", "v1.41"); err != nil {
		t.Fatal(err)
	}
	load := &Load{Target: h.URL("production"), Rate: 100, Seed: 1}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { load.Run(ctx); close(ended) }()
	until(t, "requests", func() bool { return load.Counts().Sent > 40 })

	db, err := Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := Migrate(t.Context(), db, dsn, release(t, "v1.42"), io.Discard); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	if err := AskRollOut(t.Context(), h.Control(), "production", "v1.42", &said); err != nil {
		t.Fatal(err)
	}
	if said.String() != "production runs v1.42\n" || strings.TrimSpace(get(t, h.URL("production")+"/version")) != "v1.42" {
		t.Errorf("said %q", said.String())
	}
	then := load.Counts().Sent
	until(t, "requests after", func() bool { return load.Counts().Sent > then+40 })
	stop()
	<-ended
	if c := load.Counts(); c.Failed > 0 {
		t.Errorf("%+v", c)
	}
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`msg="shop started" version=v1.41`, `msg="shop stopped" version=v1.41`, `msg="shop started" version=v1.42`, `msg="order placed"`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the log lacks %s", want)
		}
	}
	if err := AskRollOut(t.Context(), h.Control(), "moon", "v1.42", &said); err == nil || !strings.Contains(err.Error(), `no shop runs in "moon"`) {
		t.Errorf("unknown environment: %v", err)
	}
	if err := h.RollOut(t.Context(), "production", "v9"); err == nil {
		t.Error("a version that does not start was rolled out")
	}
	if v := strings.TrimSpace(get(t, h.URL("production")+"/version")); v != "v1.42" {
		t.Errorf("after a failed roll-out %s runs", v)
	}
}

// Requests are sent when they are due, whether or not earlier ones were
// answered, and waiting for a stuck shop counts as response time.
func TestLoadIsOpen(t *testing.T) {
	t.Parallel()
	var arrived atomic.Int32
	release := make(chan struct{})
	stuck := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		arrived.Add(1)
		<-release
	}))
	defer stuck.Close()
	load := &Load{Target: stuck.URL, Rate: 500, Seed: 7, Flight: 25}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	start := time.Now()
	go func() { load.Run(ctx); close(ended) }()
	until(t, "as many requests as may be under way", func() bool { return arrived.Load() == 25 })
	until(t, "requests given up", func() bool { return load.Counts().GivenUp >= 5 })
	stop()
	close(release)
	<-ended
	// One more may have found a place between the two lines above.
	if c := load.Counts(); c.Sent < 25 || c.Sent > 26 || c.Failed != 0 {
		t.Errorf("%+v", c)
	}
	// The first one was sent at once and answered last of all.
	if took, n := load.Quantile("/", 1, start, time.Time{}); n == 0 || took < 5*time.Second/500 {
		t.Errorf("slowest of %d took %s", n, took)
	}
}
