package torture_test

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

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
