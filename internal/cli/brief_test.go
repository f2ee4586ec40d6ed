package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
)

// briefWorld is a work tree, a server that makes briefs, and a forge.
type briefWorld struct {
	dir    string
	env    map[string]string
	mu     sync.Mutex
	asked  debrief.Upcoming
	brief  debrief.Brief
	server *httptest.Server
	forge  *httptest.Server
	wrote  []string // METHOD path body
	known  string   // the commit that runs
}

func newBriefWorld(t *testing.T) *briefWorld {
	t.Helper()
	w := &briefWorld{dir: t.TempDir(), env: map[string]string{}}
	w.git(t, "init", "-q", "-b", "main")
	w.git(t, "remote", "add", "origin", "https://github.com/acme/shop.git")
	w.commit(t, "start", "README.md")
	w.git(t, "tag", "v1.0.0")
	w.commit(t, "Index invoices", "migrations/0001_invoices.sql")
	w.commit(t, "Show the index", "billing/invoice.go")
	w.brief = debrief.Brief{
		ID: "b1", Service: "shop", Past: 40, Summary: "2 commits in 2 files: migration.",
		Lessons: []debrief.BriefLesson{{Topic: "slow-step", Sentence: "A step took far longer than in staging in 5 of 7 releases that bring a migration (3 of 33 without).", Seen: 5, Of: 7}},
	}
	w.server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		defer w.mu.Unlock()
		switch {
		case r.URL.Path == "/api/v1/briefs":
			_ = json.NewDecoder(r.Body).Decode(&w.asked)
			b := w.brief
			b.Head = w.asked.Head
			_ = json.NewEncoder(rw).Encode(b)
		case r.URL.Path == "/api/v1/deployments/previous" && w.known != "":
			fmt.Fprintf(rw, `{"found": true, "version": "v0.9", "commit": %q}`, w.known)
		case r.URL.Path == "/api/v1/brief-accuracy":
			fmt.Fprint(rw, `{"briefs": 2, "spoke": 1, "foretold": 2, "hits": 1, "happened": 3, "commonest_foretold": 2, "commonest_hits": 1, "waiting": 4, "ranges": 0, "within": 0}`)
		default:
			rw.WriteHeader(http.StatusNotFound)
		}
	}))
	t.Cleanup(w.server.Close)
	w.forge = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		defer w.mu.Unlock()
		body, _ := io.ReadAll(r.Body)
		w.wrote = append(w.wrote, r.Method+" "+r.URL.EscapedPath()+" "+string(body)+" "+r.Header.Get("Authorization")+r.Header.Get("PRIVATE-TOKEN"))
		if r.Method == http.MethodGet {
			fmt.Fprint(rw, "[]")
			return
		}
		rw.WriteHeader(http.StatusCreated)
		fmt.Fprint(rw, "{}")
	}))
	t.Cleanup(w.forge.Close)
	w.env["DEBRIEF_URL"] = w.server.URL
	return w
}

func (w *briefWorld) git(t *testing.T, args ...string) string {
	t.Helper()
	c := exec.Command("git", append([]string{"-C", w.dir, "-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false"}, args...)...)
	c.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func (w *briefWorld) commit(t *testing.T, title, path string) {
	t.Helper()
	full := filepath.Join(w.dir, path)
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(title+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	w.git(t, "add", "-A")
	w.git(t, "commit", "-q", "-m", title)
}

func (w *briefWorld) run(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	e := &Env{
		Args: append([]string{"brief"}, args...), Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Dir: w.dir,
		Getenv: func(k string) string { return w.env[k] }, Now: func() time.Time { return time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC) },
	}
	code = Main(t.Context(), e)
	return code, out.String(), errs.String()
}

func TestBriefTellsWhatGitSees(t *testing.T) {
	t.Parallel()
	w := newBriefWorld(t)
	code, out, errs := w.run(t)
	if code != 0 || errs != "" || !strings.Contains(out, "in 5 of 7 releases") || !strings.Contains(out, "40 past releases") {
		t.Fatalf("%d\n%s\n%s", code, out, errs)
	}
	c := w.asked
	if c.Base != "v1.0.0" || c.Service != "shop" || c.Repository != "acme/shop" || c.Commits != 2 || c.Files != 2 || !slices.Equal(c.Kinds, []string{"migration"}) ||
		c.Environment != "production" || !slices.Equal(c.Titles, []string{"Show the index", "Index invoices"}) || c.Head != w.git(t, "rev-parse", "HEAD") {
		t.Errorf("asked: %+v", c)
	}
	// What runs as the server knows comes before the last tag.
	w.known = w.git(t, "rev-parse", "HEAD~1")
	if code, _, errs := w.run(t, "--json"); code != 0 || errs != "" || w.asked.Base != "v0.9" || w.asked.Commits != 1 {
		t.Errorf("%d, %q, asked: %+v", code, errs, w.asked)
	}
	_, out, _ = w.run(t, "--markdown", "--base", "HEAD~2")
	if !strings.Contains(out, "**What may happen again**\n\n- A step took") || !strings.Contains(out, w.server.URL+"/briefs/b1") {
		t.Errorf("%s", out)
	}
	code, out, _ = w.run(t, "--accuracy")
	if code != 0 || !strings.Contains(out, "1 of 2 things they foretold happened.") || !strings.Contains(out, "four more wait") && !strings.Contains(out, "4 more wait") {
		t.Errorf("%d %s", code, out)
	}
}

// Advice never stops a pipeline.
func TestBriefAlwaysExitsWithZero(t *testing.T) {
	t.Parallel()
	w := newBriefWorld(t)
	w.server.Close()
	code, out, errs := w.run(t)
	if code != 0 || !strings.Contains(errs, "past releases could not be asked: no debrief server answers") || !strings.Contains(out, "migration") {
		t.Errorf("no server: %d\n%s\n%s", code, out, errs)
	}
	if code, out, _ := w.run(t, "--json"); code != 0 || !strings.Contains(out, `"silent": true`) {
		t.Errorf("no server, JSON: %d\n%s", code, out)
	}
	for _, args := range [][]string{{"--base", "nosuch"}, {"--head", "--output=x"}, {"--accuracy"}} {
		if code, _, errs := w.run(t, args...); code != 0 || !strings.Contains(errs, "no brief: ") {
			t.Errorf("%v: %d %s", args, code, errs)
		}
	}
	w.dir = t.TempDir() // no work tree
	if code, _, errs := w.run(t); code != 0 || errs == "" {
		t.Errorf("no work tree: %d %s", code, errs)
	}
	if code, _, _ := w.run(t, "--json", "--markdown"); code != 2 {
		t.Errorf("two forms at once: %d", code)
	}
}

func TestBriefCommentsFromCI(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		env  map[string]string
		want string
	}{
		"GitHub": {map[string]string{"GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "acme/shop", "GITHUB_REF": "refs/pull/12/merge", "GITHUB_TOKEN": "ght"}, "POST /repos/acme/shop/issues/12/comments "},
		"GitLab": {map[string]string{"CI_MERGE_REQUEST_IID": "12", "CI_PROJECT_PATH": "acme/shop", "DEBRIEF_COMMENT_TOKEN": "glt"}, "POST /api/v4/projects/acme%2Fshop/merge_requests/12/notes "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newBriefWorld(t)
			for k, v := range tc.env {
				w.env[k] = v
			}
			w.env["GITHUB_API_URL"], w.env["CI_API_V4_URL"] = w.forge.URL, w.forge.URL+"/api/v4"
			code, _, errs := w.run(t, "--comment")
			if code != 0 || errs != "" || len(w.wrote) != 2 || !strings.HasPrefix(w.wrote[1], tc.want) || !strings.Contains(w.wrote[1], "debrief:brief:shop") || !strings.Contains(w.wrote[1], "5 of 7 releases") {
				t.Fatalf("%d %s\n%q", code, errs, w.wrote)
			}
			if w.asked.Pull != 12 || w.asked.Repository != "acme/shop" || w.asked.Forge != strings.ToLower(name) {
				t.Errorf("asked: %+v", w.asked)
			}
			// Silent where there is nothing to say.
			w.wrote, w.brief = nil, debrief.Brief{ID: "b1", Service: "shop", Summary: "2 commits.", Silent: true, Why: "nothing"}
			if code, _, errs := w.run(t, "--comment"); code != 0 || errs != "" || len(w.wrote) != 1 || !strings.HasPrefix(w.wrote[0], "GET ") {
				t.Errorf("silent: %d %s %q", code, errs, w.wrote)
			}
			// Outside of a pull request it says so, and goes on.
			for k := range tc.env {
				delete(w.env, k)
			}
			if code, out, errs := w.run(t, "--comment"); code != 0 || out == "" || !strings.Contains(errs, "no CI job of a pull or merge request") {
				t.Errorf("outside: %d %s", code, errs)
			}
		})
	}
}
