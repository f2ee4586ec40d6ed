package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
)

// spoolFor is a client of the fake server and an empty spool, with a clock.
func spoolFor(t *testing.T, now *time.Time) (*fakeServer, *courier) {
	t.Helper()
	f := fakeFor(t)
	e := &Env{Dir: t.TempDir(), Getenv: func(k string) string { return map[string]string{"DEBRIEF_URL": f.URL}[k] }}
	c, err := newClient(e)
	if err != nil {
		t.Fatal(err)
	}
	return f, newCourier(c, spool{e.Dir}, func() time.Time { return *now })
}

func keep(t *testing.T, x *courier, base, key string) {
	t.Helper()
	body := fmt.Sprintf(`{"key":%q,"service":"shop","environment":"production","version":"v1"}`, key)
	if err := x.spool.put(&owed{URL: base, Method: "POST", Path: deploymentsPath, Body: []byte(body), Created: debrief.Instant(x.now())}); err != nil {
		t.Fatal(err)
	}
}

// Reports for a server that is not used any more never stop those for the one
// that is.
func TestReportsForElsewhereStopNothing(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 21, 0, 0, 0, time.UTC)
	f, x := spoolFor(t, &now)
	for i := range flushMax + 1 {
		keep(t, x, "http://old.example.org", fmt.Sprint("old", i))
	}
	keep(t, x, f.URL, "mine")
	n, err := flush(context.Background(), x, flushLimits{max: flushMax})
	if err != nil || n.Sent != 1 || n.foreign != flushMax+1 {
		t.Fatalf("%+v, %v", n, err)
	}
	if log := f.log(); !strings.Contains(log, `"key":"mine"`) || strings.Contains(log, "old") {
		t.Errorf("sent:\n%s", log)
	}
	// Said once, and again only when there are more.
	if said := n.elsewhere(x.spool); len(said) != 1 || !strings.Contains(said[0], "201 reports for another address") {
		t.Errorf("said %q", said)
	}
	if said := n.elsewhere(x.spool); len(said) != 0 {
		t.Errorf("said again: %q", said)
	}
	// After a month they are put aside, not lost.
	now = now.Add(foreignLife + time.Hour)
	if n, err = flush(context.Background(), x, flushLimits{max: flushMax}); err != nil || n.Rejected != flushMax+1 {
		t.Fatalf("%+v, %v", n, err)
	}
	aside, err := os.ReadDir(filepath.Join(x.spool.dir, "rejected"))
	if err != nil || len(aside) != flushMax+1 {
		t.Errorf("%d put aside, %v", len(aside), err)
	}
	if left, err := x.spool.list(); err != nil || len(left) != 0 {
		t.Errorf("%d left, %v", len(left), err)
	}
}

// What was remembered of a silent server and of numbered keys is not for ever.
func TestWhatTheSpoolRemembers(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 21, 0, 0, 0, time.UTC)
	f, x := spoolFor(t, &now)
	x.note("k", "k/2")
	x.spool.noteSilent(f.URL, now)
	fresh := newCourier(x.client, x.spool, x.now) // another process
	if a, ok := fresh.attempt("k"); !ok || a.To != "k/2" {
		t.Errorf("%+v, %v", a, ok)
	}
	if _, ok := fresh.attempt("other"); ok {
		t.Error("a key that was never numbered is")
	}
	if !x.spool.silent(f.URL, now) || x.spool.silent("http://other", now) {
		t.Error("silence is of one server")
	}
	now = now.Add(attemptLife + time.Second)
	if _, ok := fresh.attempt("k"); ok || x.spool.silent(f.URL, now) {
		t.Error("remembered for ever")
	}
	if _, err := os.Stat(x.attemptFile("k")); err == nil {
		t.Error("what is too old to count is still there")
	}
	if files, err := x.spool.list(); err != nil || len(files) != 0 {
		t.Errorf("taken for reports: %v, %v", files, err)
	}
}
