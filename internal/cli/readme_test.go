package cli

import (
	"bufio"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/story/realprom"
)

// fenced are the blocks of one language below a heading of a Markdown text.
func fenced(text, heading, language string) (blocks []string) {
	_, part, _ := strings.Cut(text, "\n## "+heading+"\n")
	part, _, _ = strings.Cut(part, "\n## ")
	for _, m := range regexp.MustCompile("(?ms)^```"+language+"\n(.*?)^```$").FindAllStringSubmatch(part, -1) {
		blocks = append(blocks, m[1])
	}
	return blocks
}

// reader of the README: a shell in a folder with the built program, a script
// to deploy with, and their service's work tree beside it.
type newcomer struct {
	*testing.T
	dir    string
	env    []string
	server *exec.Cmd
}

// TestReadme does what the README says, line by line, against a real Prometheus.
func TestReadme(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	shell := fenced(text, "Use it", "sh")
	if len(shell) < 3 {
		t.Fatalf("only %d blocks were found", len(shell))
	}
	for _, block := range fenced(text, "Use it", "yaml") {
		cfg, err := config.Load("debrief.yaml", func(string) string { return "" }, func(string) ([]byte, error) { return []byte(block), nil })
		if err != nil || len(cfg.Services) == 0 {
			t.Errorf("%v in\n%s", err, block)
		}
	}
	prom := realprom.Start(t)
	now := time.Now().UTC()
	if err := prom.Write(t.Context(), shopHistory(now, now.Add(-2*time.Hour))...); err != nil {
		t.Fatal(err)
	}
	loki := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/loki/api/v1/label/app/values" {
			fmt.Fprint(w, `{"status":"success","data":["shop"]}`)
			return
		}
		fmt.Fprint(w, `{"status":"success"}`)
	}))
	t.Cleanup(loki.Close)

	n := arrives(t, now)
	said := map[string]string{}
	for _, line := range strings.Split(strings.Join(shell, ""), "\n") {
		line, _, _ = strings.Cut(line, "  #")
		line, _, _ = strings.Cut(line, " # ")
		line = strings.NewReplacer("http://prometheus:9090", prom.URL, "http://loki:3100", loki.URL).Replace(strings.TrimSpace(line))
		words := strings.Fields(line)
		switch {
		case line == "":
		case line == "make build": // the program is here already, where make leaves it
			if m, err := os.ReadFile(filepath.Join("..", "..", "Makefile")); err != nil || !regexp.MustCompile(`(?m)^build:.*\n\t.* -o debrief `).Match(m) {
				t.Errorf("make build does not leave ./debrief: %v", err)
			}
		case words[0] != "./debrief":
			t.Errorf("what to do with %q?", line)
		case words[1] == "serve":
			said["serve"] = n.serve(words[1:])
		default:
			said[words[1]] = n.run(line)
		}
	}
	for command, want := range map[string]string{
		"deploy": `deploying`, "show": `v1\.4\.2`, "init": `Wrote debrief\.yaml: 1 service\.`,
		"backtest": `(?s)made-up\s+releases would have cried\s+wolf.*sees in 5 min`,
		"replay":   `(?m)^  \d\d \w+ \d\d:\d\d  v1\.41  [◆▲■●▨○]{3}  .`, "serve": `using \./debrief\.yaml`,
	} {
		if !regexp.MustCompile(want).MatchString(said[command]) {
			t.Errorf("debrief %s does not say %s:\n%s", command, want, said[command])
		}
	}
}

func arrives(t *testing.T, now time.Time) *newcomer {
	t.Helper()
	n := &newcomer{T: t, dir: filepath.Join(t.TempDir(), "debrief")}
	shop := filepath.Join(filepath.Dir(n.dir), "shop")
	self, err := os.Executable()
	for _, err := range []error{
		err, os.Mkdir(n.dir, 0o700), os.Mkdir(shop, 0o700), os.Symlink(self, filepath.Join(n.dir, "debrief")),
		os.WriteFile(filepath.Join(n.dir, "deploy.sh"), []byte("#!/bin/sh\necho deploying\n"), 0o700),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	n.env = append(os.Environ(), asCLI+"=1", "DEBRIEF_LISTEN=127.0.0.1:0", "DEBRIEF_SPOOL="+filepath.Join(n.dir, "spool"), "GIT_CEILING_DIRECTORIES="+filepath.Dir(n.dir),
		"DEBRIEF_CONFIG=", "DEBRIEF_DB=", "TZ=UTC", "GIT_CONFIG_NOSYSTEM=1", "HOME="+n.dir, "GIT_AUTHOR_NAME=A", "GIT_AUTHOR_EMAIL=a@example.org", "GIT_COMMITTER_NAME=A", "GIT_COMMITTER_EMAIL=a@example.org")
	n.run("git -C ../shop init -q")
	for i, v := range []string{"v1.40", "v1.41"} {
		at := now.Add(time.Duration(i-5) * time.Hour).Format(time.RFC3339)
		n.run(fmt.Sprintf("cd ../shop && GIT_COMMITTER_DATE=%s GIT_AUTHOR_DATE=%[1]s git commit -q --allow-empty -m %s && git tag %[2]s", at, v))
	}
	return n
}

func (n *newcomer) run(line string) string {
	n.Helper()
	cmd := exec.Command("sh", "-c", line)
	cmd.Dir, cmd.Env = n.dir, n.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		n.Errorf("%s: %v\n%s", line, err, out)
	}
	return string(out)
}

// serve is another terminal, in which a server that runs already is stopped
// first; it returns what the server says until it listens.
func (n *newcomer) serve(args []string) (said string) {
	n.Helper()
	if n.server != nil {
		_ = n.server.Process.Signal(syscall.SIGINT)
		if err := n.server.Wait(); err != nil {
			n.Errorf("stopped, the server says %v", err)
		}
	}
	cmd := exec.Command("./debrief", args...)
	cmd.Dir, cmd.Env = n.dir, n.env
	out, in, err := os.Pipe()
	if err != nil {
		n.Fatal(err)
	}
	n.Cleanup(func() { out.Close() })
	cmd.Stdout, cmd.Stderr = in, in
	if err := cmd.Start(); err != nil {
		n.Fatal(err)
	}
	in.Close()
	n.server = cmd
	n.Cleanup(func() {
		_ = cmd.Process.Kill() // where it has not been stopped by then
		_ = cmd.Wait()
	})
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadString('\n')
		said += line
		if _, url, ok := strings.Cut(line, "debrief listens on "); ok {
			n.env = append(n.env, "DEBRIEF_URL="+strings.Fields(url)[0])
			return said
		}
		if err != nil {
			n.Fatalf("debrief %s: %v\n%s", strings.Join(args, " "), err, said)
		}
	}
}
