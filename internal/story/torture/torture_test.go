// Package torture kills the server at random moments, over and over, and holds
// it to what it promised: no event whose 202 a client saw is lost, no step's
// effect comes twice, and no message is sent twice. The oracle is the client's
// own append-only log of 202s and the chat receiver's own list, never a table
// of debrief's.
package torture_test

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/debriefhq/debrief/internal/store/storetest"
)

func TestKill(t *testing.T) {
	t.Parallel()
	kills := 50
	if n, err := strconv.Atoi(os.Getenv("DEBRIEF_KILLS")); err == nil {
		kills = n
	}
	bin := build(t)
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			dsn := filepath.Join(t.TempDir(), "debrief.db")
			if engine == "postgres" {
				// The database must keep what it acknowledged here: only debrief is killed,
				// but durability is part of the promise.
				dsn = storetest.Cluster(t, "fsync=on").DSN("postgres")
			}
			torture(t, bin, dsn, kills)
		})
	}
}

// build makes the binary under test, once.
func build(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "debrief")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", bin, "github.com/debriefhq/debrief/cmd/debrief").CombinedOutput()
	if err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return bin
}

func torture(t *testing.T, bin, dsn string, kills int) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d, %d kills", seed, kills)
	rnd := rand.New(rand.NewPCG(seed, 1))
	dir := t.TempDir()
	chat := newReceiver()
	defer chat.srv.Close()
	log, err := os.Create(filepath.Join(dir, "server.log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	s := &server{t: t, bin: bin, dsn: dsn, config: filepath.Join(dir, "debrief.yaml"), addr: freeAddress(t), log: log}
	text := "looks:\n  after: [200ms, 400ms]\n  before: 1s\n  step: 100ms\n  past: 1m\nnotice:\n  step_at_least: 1s\nchat:\n  webhook: " + chat.srv.URL + "\nsources:\n  github:\n    secret: \"" + hookSecret + "\"\n"
	if err := os.WriteFile(s.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s.start()
	defer func() { _ = s.cmd.Process.Kill() }()

	c := &client{t: t, addr: s.addr, stop: make(chan struct{}), book: filepath.Join(dir, "accepted.log"), lines: filepath.Join(dir, "lines.log")}
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() { c.run(i) })
	}
	for range kills {
		// Killed only after it took something, so that each life does some work.
		had := c.count()
		waitFor(t, "the server to accept more", func() bool { return c.count() >= had+2 })
		time.Sleep(time.Duration(rnd.IntN(60)) * time.Millisecond) // the random moment itself, not a wait for anything
		if err := s.cmd.Process.Signal(syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		_ = s.cmd.Wait()
		s.start()
	}
	close(c.stop)
	wg.Wait()

	accepted := c.accepted(c.book)
	t.Logf("%d deployments were answered with 202 over %d lives", len(accepted), kills+1)
	if len(accepted) < kills {
		t.Errorf("only %d were accepted: the test did not test much", len(accepted))
	}
	var odd []string // what is not as it must be yet
	defer func() {
		if len(odd) > 0 {
			t.Logf("not as it must be: %q", odd)
		}
	}()
	waitFor(t, "every accepted deployment to be a release, exactly once, with its one surprise", func() bool {
		got, surprises := s.versions()
		odd = nil
		for _, v := range accepted {
			if got[v] > 1 {
				t.Fatalf("%s became %d releases", v, got[v])
			}
			if got[v] != 1 || surprises[v] != 1 {
				odd = append(odd, fmt.Sprintf("%s: %d releases, %d surprises", v, got[v], surprises[v]))
			}
		}
		return len(odd) == 0
	})
	waitFor(t, "the outbox to settle", func() bool {
		for _, m := range s.messages() {
			if m.State == "waiting" || m.State == "sending" {
				return false
			}
		}
		return true
	})
	booked := map[string]int{}
	for _, service := range c.accepted(c.lines) {
		booked[service]++
	}
	var counted map[string]int
	waitFor(t, "every accepted line to be counted", func() bool {
		counted = s.lines()
		for service, n := range booked {
			if counted[service] < n {
				return false
			}
		}
		return true
	})
	for service, n := range counted {
		// One more may have been taken whose answer never arrived before the end.
		if n > booked[service]+1 {
			t.Errorf("%s: %d lines counted, %d sent", service, n, booked[service])
		}
	}
	said, twice := chat.said()
	t.Logf("%d messages arrived", said)
	if said == 0 {
		t.Error("no message was sent at all: that none came twice says nothing")
	}
	for _, m := range twice {
		t.Errorf("said twice: %s", m)
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

// waitFor waits for a condition, not for a time.
func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.Now().Add(2 * time.Minute)
	for !done() {
		if time.Now().After(deadline) {
			t.Fatalf("waited two minutes in vain for %s", strings.TrimSpace(what))
		}
		time.Sleep(5 * time.Millisecond) // between two looks at the condition
	}
}
