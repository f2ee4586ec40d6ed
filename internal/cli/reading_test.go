package cli

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
)

// What was sent a moment ago is waited for until it shows, once, and only
// where it matters.
func TestSettle(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		at      int    // the question that gets the answer
		by      string // the path that gives it
		service string
		age     time.Duration
		asked   int64 // questions about the release, at most
	}{
		{name: "a release", at: 3, by: "/api/v1/releases/d1", asked: 3},
		{name: "a staging deployment", at: 2, by: "/api/v1/deployments/previous", asked: 2},
		{name: "another service", service: "cart", asked: 0},
		{name: "its own service", service: "Shop", at: 1, by: "/api/v1/releases/d1", asked: 1},
		{name: "long ago", age: time.Hour, asked: 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var asked atomic.Int64
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				n := asked.Load()
				if strings.Contains(r.URL.Path, "releases") {
					n = asked.Add(1)
				}
				switch {
				case r.URL.Path != c.by || n < int64(c.at):
					w.WriteHeader(404)
				case strings.Contains(r.URL.Path, "previous"):
					_ = json.NewEncoder(w).Encode(object{"found": true, "id": "d1"})
				default:
					_ = json.NewEncoder(w).Encode(debrief.Story{Deployments: []debrief.Deployment{{Keys: []string{"api/k"}, State: debrief.Succeeded}}})
				}
			}))
			defer s.Close()
			dir := t.TempDir()
			vars := map[string]string{"DEBRIEF_URL": s.URL, "DEBRIEF_SPOOL": dir}
			e := &Env{Dir: dir, Now: time.Now, Stderr: &bytes.Buffer{}, Getenv: func(k string) string { return vars[k] }}
			r, err := newReader(t.Context(), e)
			if err != nil {
				t.Fatal(err)
			}
			f := deployFlags{key: "k", services: []string{"shop"}}
			sent := func(body, answer string) {
				var a recorded
				if err := json.Unmarshal([]byte(answer), &a); err != nil {
					t.Fatal(err)
				}
				noteSent(r.spool, &owed{URL: s.URL, Body: json.RawMessage(body), Created: time.Now().Add(-c.age)}, a, f)
			}
			sent(`{"key":"k","service":"shop","environment":"production","state":"running"}`, `{"deployments":[{"service":"shop","id":"d1"}]}`)
			sent(`{"state":"succeeded"}`, `{"deployments":[]}`)
			r.settle(t.Context(), c.service)
			r.settle(t.Context(), c.service) // what was seen is not waited for again
			if got := asked.Load(); got != c.asked {
				t.Errorf("asked %d times, want %d", got, c.asked)
			}
			_, err = os.Stat(lastSentFile(r.spool))
			if gone := os.IsNotExist(err); gone != (c.asked > 0) {
				t.Errorf("forgotten: %v", gone)
			}
		})
	}
}

func TestPipelineOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		vars map[string]string
		want pipeline
	}{
		{"no CI", nil, pipeline{}},
		{"GitHub", map[string]string{
			"GITHUB_RUN_ID": "77", "GITHUB_RUN_ATTEMPT": "2", "GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "acme/shop",
			"GITHUB_SHA": "0123456789abcdef0123456789abcdef01234567",
		}, pipeline{"github/run/77", "https://github.com/acme/shop/actions/runs/77", 2, "0123456789abcdef0123456789abcdef01234567", "acme/shop"}},
		{"GitLab", map[string]string{
			"CI_PIPELINE_ID": "9", "CI_PROJECT_PATH": "acme/sub/shop", "CI_PIPELINE_URL": "https://gitlab.example.org/acme/sub/shop/-/pipelines/9", "CI_COMMIT_SHA": "abcdef0",
		}, pipeline{"gitlab/pipeline/acme/sub/shop/9", "https://gitlab.example.org/acme/sub/shop/-/pipelines/9", 0, "abcdef0", "acme/sub/shop"}},
		{"Jenkins", map[string]string{
			"JENKINS_URL": "https://ci.example.org/", "BUILD_URL": "https://ci.example.org/job/shop/7/", "GIT_COMMIT": "abcdef0",
		}, pipeline{"jenkins/run/ci.example.org/job/shop/7", "https://ci.example.org/job/shop/7/", 0, "abcdef0", ""}},
		{"nonsense", map[string]string{"GITHUB_RUN_ID": "7 7", "GITHUB_RUN_ATTEMPT": "-3", "GITHUB_SHA": "HEAD", "GITHUB_SERVER_URL": "javascript:1", "GITHUB_REPOSITORY": "x"}, pipeline{Repository: "x"}},
	} {
		if got := pipelineOf(func(k string) string { return c.vars[k] }); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}
