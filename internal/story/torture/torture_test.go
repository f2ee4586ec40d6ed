// Package torture kills the server at random moments, over and over, and holds
// it to what it promised: no event whose 202 a client saw is lost, no step's
// effect comes twice, and no message is sent twice. The oracle is the client's
// own append-only log of 202s and the chat receiver's own list, never a table
// of debrief's.
package torture_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
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
	kills := 25
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

type server struct {
	t            *testing.T
	bin, dsn     string
	config, addr string
	cmd          *exec.Cmd
	log          *os.File
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
	text := "looks:\n  after: [200ms, 400ms]\n  before: 1s\n  step: 100ms\n  past: 1m\nnotice:\n  step_at_least: 1s\nchat:\n  webhook: " + chat.srv.URL + "\n"
	if err := os.WriteFile(s.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s.start()
	defer func() { _ = s.cmd.Process.Kill() }()

	c := &client{t: t, addr: s.addr, stop: make(chan struct{}), book: filepath.Join(dir, "accepted.log")}
	var wg sync.WaitGroup
	for i := range 3 {
		wg.Go(func() { c.run(i) })
	}
	for range kills {
		// Killed only after it took something, so that each life does some work.
		had := c.count()
		waitFor(t, "the server to accept more", func() bool { return c.count() >= had+3 })
		time.Sleep(time.Duration(rnd.IntN(60)) * time.Millisecond) // the random moment itself, not a wait for anything
		if err := s.cmd.Process.Signal(syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		_ = s.cmd.Wait()
		s.start()
	}
	close(c.stop)
	wg.Wait()

	accepted := c.accepted()
	t.Logf("%d deployments were answered with 202 over %d lives", len(accepted), kills+1)
	if len(accepted) < kills*3 {
		t.Errorf("only %d were accepted: the test did not test much", len(accepted))
	}
	waitFor(t, "every accepted deployment to be a release, exactly once", func() bool {
		got := s.versions()
		missing, twice := 0, 0
		for _, v := range accepted {
			switch got[v] {
			case 0:
				missing++
			case 1:
			default:
				twice++
			}
		}
		if twice > 0 {
			t.Fatalf("%d accepted deployments became several releases", twice)
		}
		return missing == 0
	})
	waitFor(t, "the outbox to settle", func() bool {
		for _, m := range s.messages() {
			if m.State == "waiting" || m.State == "sending" {
				return false
			}
		}
		return true
	})
	said, twice := chat.said()
	t.Logf("%d messages arrived", said)
	if said == 0 {
		t.Error("no message was sent at all: that none came twice says nothing")
	}
	for _, m := range twice {
		t.Errorf("said twice: %s", m)
	}
}

func (s *server) start() {
	s.t.Helper()
	s.cmd = exec.Command(s.bin, "serve", "--config", s.config, "--listen", s.addr, "--db", s.dsn)
	s.cmd.Env = append(os.Environ(), "DEBRIEF_LOG=warn")
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	waitFor(s.t, "the server to be ready", func() bool {
		res, err := http.Get("http://" + s.addr + "/readyz")
		if err != nil {
			return false
		}
		res.Body.Close()
		return res.StatusCode == http.StatusOK
	})
}

func (s *server) get(path string, out any) bool {
	res, err := http.Get("http://" + s.addr + path)
	if err != nil {
		return false
	}
	defer res.Body.Close()
	return res.StatusCode == http.StatusOK && json.NewDecoder(res.Body).Decode(out) == nil
}

// versions counts the releases by version.
func (s *server) versions() map[string]int {
	out := map[string]int{}
	for before := ""; ; {
		var page struct {
			Releases []struct{ Version string }
			Next     string
		}
		if !s.get("/api/v1/releases?limit=200&environment=production&before="+before, &page) {
			return out
		}
		for _, r := range page.Releases {
			out[r.Version]++
		}
		if before = page.Next; before == "" {
			return out
		}
	}
}

type message struct{ Key, State string }

func (s *server) messages() []message {
	var all struct{ Messages []message }
	if !s.get("/api/v1/messages?limit=1000", &all) {
		return []message{{State: "waiting"}} // not known is not settled
	}
	return all.Messages
}

// client posts deployments and notes each 202 in a file of its own.
type client struct {
	t    *testing.T
	addr string
	stop chan struct{}
	book string
	mu   sync.Mutex
	n    int
}

func (c *client) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n
}

// run posts one deployment after another. What got no answer is posted again
// with the same key and content, as a careful client does.
func (c *client) run(worker int) {
	for i := 0; ; i++ {
		version := fmt.Sprintf("v%d.%d", worker, i)
		service := fmt.Sprintf("shop%d", worker)
		for _, step := range []struct {
			env  string
			took time.Duration
		}{{"staging", time.Second}, {"production", 30 * time.Second}} {
			body := deployment(service, step.env, version, time.Now(), step.took)
			for !c.post(body) {
				select {
				case <-c.stop:
					return
				case <-time.After(5 * time.Millisecond): // the server is being killed
				}
			}
			if step.env == "production" {
				c.note(version)
			}
		}
		select {
		case <-c.stop:
			return
		default:
		}
	}
}

// deployment took so much longer in production than in staging that there is
// something to say about each.
func deployment(service, env, version string, end time.Time, took time.Duration) []byte {
	end = end.Add(-time.Millisecond)
	start := end.Add(-took)
	b, _ := json.Marshal(map[string]any{
		"key": env + "-" + service + "-" + version, "service": service, "environment": env, "version": version, "state": "succeeded",
		"times":  map[string]any{"started_at": start, "finished_at": end},
		"stages": []map[string]any{{"name": "migrate", "state": "succeeded", "started_at": start, "finished_at": end}},
	})
	return b
}

func (c *client) post(body []byte) bool {
	res, err := http.Post("http://"+c.addr+"/api/v1/deployments", "application/json", bytes.NewReader(body))
	if err != nil {
		return false
	}
	answer, _ := io.ReadAll(res.Body)
	res.Body.Close()
	switch {
	case res.StatusCode == http.StatusAccepted, res.StatusCode == http.StatusOK:
		return true
	case res.StatusCode < 500 && res.StatusCode != http.StatusTooManyRequests:
		c.t.Errorf("refused with %d: %s", res.StatusCode, answer)
	}
	return false
}

func (c *client) note(version string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f, err := os.OpenFile(c.book, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		c.t.Error(err)
		return
	}
	defer f.Close()
	fmt.Fprintln(f, version)
	c.n++
}

func (c *client) accepted() []string {
	f, err := os.Open(c.book)
	if err != nil {
		c.t.Fatal(err)
	}
	defer f.Close()
	var out []string
	for s := bufio.NewScanner(f); s.Scan(); {
		out = append(out, s.Text())
	}
	return out
}

// receiver is a chat server that remembers everything said to it.
type receiver struct {
	srv *httptest.Server
	mu  sync.Mutex
	got map[string]int
}

func newReceiver() *receiver {
	r := &receiver{got: map[string]int{}}
	r.srv = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		b, _ := io.ReadAll(q.Body)
		r.mu.Lock()
		r.got[string(b)]++
		r.mu.Unlock()
		fmt.Fprint(w, "ok")
	}))
	return r
}

func (r *receiver) said() (n int, twice []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for text, times := range r.got {
		n += times
		if times > 1 {
			twice = append(twice, text)
		}
	}
	return n, twice
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
