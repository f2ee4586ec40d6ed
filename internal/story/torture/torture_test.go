// Package torture kills the server at random moments, over and over, and holds
// it to what it promised: no event whose 202 a client saw is lost, no step's
// effect comes twice, and no message is sent twice. The oracle is the client's
// own append-only log of 202s and the chat receiver's own list, never a table
// of debrief's.
package torture_test

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
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

	"github.com/debriefhq/debrief/internal/store"
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

// lines reads how many lines the server counted for each service: there is no
// page that says so, so it is read from the database.
func (s *server) lines() map[string]int {
	st, err := store.Open(s.t.Context(), s.dsn, store.Options{Now: time.Now, NewID: storetest.IDs()})
	if err != nil {
		s.t.Fatal(err)
	}
	defer st.Close()
	out := map[string]int{}
	for i := range writers {
		service := fmt.Sprintf("shop%d", i)
		_, ps, err := st.LogPatterns(s.t.Context(), service, time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
		if err != nil {
			s.t.Fatal(err)
		}
		for _, p := range ps {
			for _, n := range p.Bins {
				out[service] += n
			}
		}
	}
	return out
}

// writers is how many clients write at once.
const writers = 3

func (s *server) get(path string, out any) bool {
	res, err := http.Get("http://" + s.addr + path)
	if err != nil {
		return false
	}
	defer res.Body.Close()
	return res.StatusCode == http.StatusOK && json.NewDecoder(res.Body).Decode(out) == nil
}

// versions counts the releases by version, and their surprises.
func (s *server) versions() (out, surprises map[string]int) {
	out, surprises = map[string]int{}, map[string]int{}
	for before := ""; ; {
		var page struct {
			Releases []struct {
				Version   string
				Surprises int
			}
			Next string
		}
		if !s.get("/api/v1/releases?limit=200&environment=production&before="+before, &page) {
			return out, surprises
		}
		for _, r := range page.Releases {
			out[r.Version]++
			surprises[r.Version] += r.Surprises
		}
		if before = page.Next; before == "" {
			return out, surprises
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
	t     *testing.T
	addr  string
	stop  chan struct{}
	book  string // versions
	lines string // services, one for each line of log
	mu    sync.Mutex
	n     int
}

func (c *client) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n
}

// run posts one deployment after another, each on another way in. What got no
// answer is posted again with the same key and content, as a careful client does.
func (c *client) run(worker int) {
	service := fmt.Sprintf("shop%d", worker)
	for i := 0; ; i++ {
		version := fmt.Sprintf("v%d.%d", worker, i)
		now := time.Now()
		staging := deployment(service, "staging", version, now.Add(-6*time.Second), time.Second)
		production := deployment(service, "production", version, now, 5*time.Second)
		var steps []request
		switch i % 4 {
		case 0: // one by one
			steps = []request{c.api("POST", "", staging), c.api("POST", "", production)}
		case 1: // both at once
			steps = []request{c.api("POST", "/batch", map[string]any{"deployments": []any{staging, production}})}
		case 2: // begun, then finished
			begun, rest := halves(production)
			steps = []request{c.api("POST", "", staging), c.api("POST", "", begun), c.api("PATCH", "/"+production["key"].(string), rest)}
		case 3: // with the forge's word for it, and lines from its log
			steps = []request{c.api("POST", "", staging), c.api("POST", "", production), c.push(service, version), c.logs(service, version)}
		}
		for _, r := range steps {
			for !c.do(r) {
				select {
				case <-c.stop:
					return
				case <-time.After(5 * time.Millisecond): // the server is being killed
				}
			}
			if strings.HasSuffix(r.path, "/logs") {
				c.note(c.lines, service)
			}
		}
		c.note(c.book, version)
		select {
		case <-c.stop:
			return
		default:
		}
	}
}

type request struct {
	method, path string
	header       map[string]string
	body         []byte
}

func (c *client) api(method, path string, body any) request {
	b, err := json.Marshal(body)
	if err != nil {
		c.t.Fatal(err)
	}
	return request{method, "/api/v1/deployments" + path, nil, b}
}

// push is GitHub's webhook for one commit, signed; after
// docs.github.com/webhooks/webhook-events-and-payloads#push.
func (c *client) push(service, version string) request {
	sha := fmt.Sprintf("%x", sha256.Sum256([]byte(service+version)))[:40]
	b, err := json.Marshal(map[string]any{
		"ref": "refs/heads/main", "before": strings.Repeat("0", 40), "after": sha,
		"repository": map[string]any{"full_name": "acme/" + service, "default_branch": "main", "pushed_at": time.Now().Unix()},
		"commits":    []any{map[string]any{"id": sha, "message": "change for " + version, "timestamp": time.Now().Format(time.RFC3339), "added": []string{}, "removed": []string{}, "modified": []string{"a.go"}}},
	})
	if err != nil {
		c.t.Fatal(err)
	}
	mac := hmac.New(sha256.New, []byte(hookSecret))
	mac.Write(b)
	return request{"POST", "/hooks/github", map[string]string{
		"X-GitHub-Event": "push", "X-GitHub-Delivery": service + version, "X-Hub-Signature-256": fmt.Sprintf("sha256=%x", mac.Sum(nil)),
	}, b}
}

const hookSecret = "it's a secret to everybody"

// logs is one batch of a follower: one line of one kind.
func (c *client) logs(service, version string) request {
	now := time.Now().Add(-time.Second).UTC()
	b, err := json.Marshal(map[string]any{"service": service, "batch": service + version, "patterns": []any{map[string]any{
		"id": "k1", "template": "order <*> placed", "level": "info", "example": "order 1 placed",
		"bins": map[string]int{strconv.FormatInt(now.Unix()/10*10, 10): 1}, "first_at": now, "last_at": now,
	}}})
	if err != nil {
		c.t.Fatal(err)
	}
	return request{"POST", "/api/v1/logs", nil, b}
}

// halves splits a report into its beginning and the rest.
func halves(whole map[string]any) (begun, rest map[string]any) {
	begun = map[string]any{
		"key": whole["key"], "service": whole["service"], "environment": whole["environment"], "version": whole["version"],
		"state": "running", "times": map[string]any{"started_at": whole["times"].(map[string]any)["started_at"]},
	}
	return begun, map[string]any{"state": whole["state"], "times": whole["times"], "stages": whole["stages"]}
}

// deployment took so much longer in production than in staging that there is
// something to say about each.
func deployment(service, env, version string, end time.Time, took time.Duration) map[string]any {
	end = end.Add(-time.Millisecond)
	start := end.Add(-took)
	return map[string]any{
		"key": env + "-" + service + "-" + version, "service": service, "environment": env, "version": version, "state": "succeeded",
		"times":  map[string]any{"started_at": start, "finished_at": end},
		"stages": []map[string]any{{"name": "migrate", "state": "succeeded", "started_at": start, "finished_at": end}},
	}
}

func (c *client) do(r request) bool {
	q, err := http.NewRequest(r.method, "http://"+c.addr+r.path, bytes.NewReader(r.body))
	if err != nil {
		c.t.Error(err)
		return true
	}
	q.Header.Set("Content-Type", "application/json")
	for k, v := range r.header {
		q.Header.Set(k, v)
	}
	res, err := http.DefaultClient.Do(q)
	if err != nil {
		return false
	}
	answer, _ := io.ReadAll(res.Body)
	res.Body.Close()
	switch {
	case res.StatusCode == http.StatusAccepted, res.StatusCode == http.StatusOK:
		return true
	case res.StatusCode < 500 && res.StatusCode != http.StatusTooManyRequests:
		c.t.Errorf("%s %s was refused with %d: %s", r.method, r.path, res.StatusCode, answer)
	}
	return false
}

// note appends to one of the client's own books of what was answered with 202.
func (c *client) note(book, what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f, err := os.OpenFile(book, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		c.t.Error(err)
		return
	}
	defer f.Close()
	fmt.Fprintln(f, what)
	c.n++
}

func (c *client) accepted(book string) []string {
	f, err := os.Open(book)
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
