package cli

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/debriefhq/debrief"
)

// realServer is `debrief serve` as a process, on an empty database.
func realServer(t *testing.T) (url, dir string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	cmd := exec.Command(self, "serve", "--listen", "127.0.0.1:0", "--db", filepath.Join(dir, "debrief.db"))
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), asCLI+"=1", "DEBRIEF_URL=", "DEBRIEF_CONFIG=")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	_, url, ok := strings.Cut(strings.TrimSpace(line), "listens on ")
	if err != nil || !ok {
		t.Fatalf("the server says %q, %v", line, err)
	}
	return url, dir
}

// What the fake server of the other tests stands for: the real one understands
// every command, and a deployment is shown the moment it is over.
func TestAgainstTheRealServer(t *testing.T) {
	t.Parallel()
	url, dir := realServer(t)
	run := func(want int, args ...string) string {
		t.Helper()
		self, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(self, args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), asCLI+"=1", "DEBRIEF_URL="+url, "DEBRIEF_SPOOL="+filepath.Join(dir, "spool"), "SELF="+self, "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir))
		out, err := cmd.Output()
		if got := codeOf(err); got != want {
			var said []byte
			var exit *exec.ExitError
			if asError(err, &exit) {
				said = exit.Stderr
			}
			t.Fatalf("debrief %s: exit code %d, want %d\n%s%s", strings.Join(args, " "), got, want, out, said)
		}
		return string(out)
	}
	story := func() (s debrief.Story) {
		t.Helper()
		if err := json.Unmarshal([]byte(run(0, "show", "latest", "--json")), &s); err != nil {
			t.Fatal(err)
		}
		return s
	}
	deploy := func(want int, version, script string) {
		t.Helper()
		run(want, "deploy", "--service", "shop", "--env", "production", "--version", version, "--", "sh", "-c", script)
	}
	for _, v := range []string{"v1", "v2", "v3"} { // each is there right after, although recorded later
		deploy(0, v, `"$SELF" stage migrate --fact rows=31 -- echo migrating`)
		s := story()
		if s.Release.Version != v || s.Deployments[0].State != debrief.Succeeded || len(s.Deployments[0].Stages) != 1 || s.Deployments[0].Output != "migrating" {
			t.Fatalf("right after %s the latest is %s: %+v", v, s.Release.Version, s.Deployments)
		}
		if st := s.Deployments[0].Stages[0]; st.Name != "migrate" || st.State != debrief.Succeeded || st.Facts["rows"] != "31" {
			t.Errorf("the stage is %+v", st)
		}
	}
	deploy(4, "v4", "exit 4")
	if s := story(); s.Release.Kind != debrief.ReleaseAttempt || *s.Deployments[0].ExitCode != 4 {
		t.Errorf("a failed one is shown as %q", s.Release.Kind)
	}
	run(0, "deploy", "--service", "shop", "--env", "staging", "--version", "v5", "--", "true")
	if s := story(); s.Release.Version != "v4" {
		t.Errorf("staging became the latest release: %s", s.Release.Version)
	}

	key := strings.TrimSpace(run(0, "deploy", "start", "--service", "shop", "--env", "production", "--version", "v6"))
	run(0, "deploy", "stage", "--key", key, "--name", "build", "--finished", "now")
	run(0, "deploy", "finish", "--key", key, "--full-exposure", "now")
	if s := story(); s.Release.Version != "v6" || !s.Release.Live() {
		t.Errorf("in steps: %+v", s.Release)
	}
	for want, args := range map[string][]string{
		"v6": {"releases"}, "shop": {"services"}, "v3": {"search", "v3"}, "too early": {"check", "latest"},
	} {
		if out := run(0, args...); !strings.Contains(out, want) {
			t.Errorf("debrief %s does not say %q:\n%s", strings.Join(args, " "), want, out)
		}
	}
	run(exitMatched, "check", "latest", "--fail-on", "too-early")
	run(1, "answer", "nosuch", "expected")
	if err := os.WriteFile(filepath.Join(dir, "shop.log"), []byte("INFO served in 3 ms\nERROR boom\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	run(0, "follow", "--service", "shop", "--begin", "--once", "shop.log")
	run(0, "follow", "--service", "shop", "--begin", "--once", "shop.log")
	token := strings.TrimSpace(run(0, "token", "create", "ci", "--db", "debrief.db"))
	if list := run(0, "token", "list", "--db", "debrief.db"); !strings.Contains(list, "ci") || strings.Contains(list, token) || !strings.HasPrefix(token, "dbt_") {
		t.Errorf("tokens:\n%s", list)
	}
	run(2, "token", "create", "x", "--scope", "all", "--db", "debrief.db")
	run(0, "token", "revoke", "ci", "--db", "debrief.db")
	run(1, "token", "revoke", "ci", "--db", "debrief.db")
	if files, err := (spool{filepath.Join(dir, "spool")}).list(); err != nil || len(files) != 0 {
		t.Errorf("still owed: %v, %v", files, err)
	}
}
