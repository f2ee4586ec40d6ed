package cli

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// cliProcess is debrief as a process of its own, against a server.
func cliProcess(t *testing.T, f *fakeServer, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), asCLI+"=1", "DEBRIEF_URL="+f.URL, "DEBRIEF_SPOOL="+filepath.Join(cmd.Dir, "spool"), "GIT_CEILING_DIRECTORIES="+filepath.Dir(cmd.Dir))
	return cmd
}

func fakeFor(t *testing.T) *fakeServer {
	t.Helper()
	f := newFakeServer()
	t.Cleanup(func() { close(f.stop); f.Server.Close() })
	return f
}

func deployArgs(script string) []string {
	return []string{"deploy", "--key", "k", "--service", "shop", "--env", "production", "--version", "v1", "--", "sh", "-c", script}
}

// started starts the process and returns once the wrapped script said "ready".
func started(t *testing.T, cmd *exec.Cmd) (rest *bufio.Reader) {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	rest = bufio.NewReader(out)
	if line, err := rest.ReadString('\n'); err != nil || line != "ready\n" {
		t.Fatalf("got %q, %v before the script was ready", line, err)
	}
	return rest
}

func codeOf(err error) int {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	return 0
}

func TestSignalsArePassedOn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		script string
		signal syscall.Signal
		code   int
		state  string
	}{
		{"handled", `trap 'echo bye; exit 3' TERM; echo ready; while :; do sleep 0.02; done`, syscall.SIGTERM, 3, `"state":"aborted"`},
		{"handled and well", `trap 'exit 0' INT; echo ready; while :; do sleep 0.02; done`, syscall.SIGINT, 0, `"state":"succeeded"`},
		{"not handled", `echo ready; exec sleep 60`, syscall.SIGTERM, 128 + 15, `"state":"aborted"`},
		{"hang up", `echo ready; exec sleep 60`, syscall.SIGHUP, 128 + 1, `"state":"aborted"`},
		{"user", `trap 'exit 9' USR1; echo ready; while :; do sleep 0.02; done`, syscall.SIGUSR1, 9, `"state":"failed"`},
		{"kills itself", `echo ready; read x; kill -KILL $$`, 0, 128 + 9, `"state":"failed"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := fakeFor(t)
			cmd := cliProcess(t, f, deployArgs(c.script)...)
			in, err := cmd.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			// A group of its own: no terminal that would send the signal as well.
			cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
			rest := started(t, cmd)
			if c.signal != 0 {
				if err := cmd.Process.Signal(c.signal); err != nil {
					t.Fatal(err)
				}
			} else if _, err := io.WriteString(in, "go\n"); err != nil {
				t.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, rest); err != nil {
				t.Fatal(err)
			}
			if got := codeOf(cmd.Wait()); got != c.code {
				t.Errorf("exit code %d, want %d", got, c.code)
			}
			if log := f.log(); !strings.Contains(log, c.state) {
				t.Errorf("%s was not reported:\n%s", c.state, log)
			}
		})
	}
}

// A wrapper that is killed outright has told, or kept, that it started.
func TestKilledWrapper(t *testing.T) {
	t.Parallel()
	for _, down := range []bool{false, true} {
		f := fakeFor(t)
		if down {
			f.Server.Close()
		}
		cmd := cliProcess(t, f, deployArgs(`echo ready; read x`)...)
		if _, err := cmd.StdinPipe(); err != nil {
			t.Fatal(err)
		}
		spool := spool{filepath.Join(cmd.Dir, "spool")}
		rest := started(t, cmd)
		waitFor(t, "the start to be told or kept", func() bool {
			files, err := spool.list()
			return err == nil && len(files) > 0 || strings.Contains(f.log(), `"state":"running"`)
		})
		_ = cmd.Process.Kill()
		_, _ = io.Copy(io.Discard, rest)
		_ = cmd.Wait()
		if !down {
			continue
		}
		f.start(f.Listener.Addr().String())
		again := cliProcess(t, f, "send", spool.dir)
		if out, err := again.CombinedOutput(); err != nil || !strings.Contains(string(out), "1 report sent") {
			t.Errorf("send: %v\n%s", err, out)
		}
		if log := f.log(); !strings.Contains(log, `"key":"k"`) {
			t.Errorf("the start was lost:\n%s", log)
		}
	}
}

func waitFor(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
		time.Sleep(2 * time.Millisecond) // between two looks at the condition
	}
}

// What a script leaves in the background neither holds the deployment up nor
// is cut off: it goes on writing to where it wrote before.
func TestBackgroundGoesOn(t *testing.T) {
	t.Parallel()
	f := fakeFor(t)
	cmd := cliProcess(t, f, deployArgs(`(read x < fifo; echo late line; echo late complaint >&2) & echo ready`)...)
	if err := syscall.Mkfifo(filepath.Join(cmd.Dir, "fifo"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr = w, w
	if err := cmd.Run(); err != nil { // it ends although the background does not
		t.Fatal(err)
	}
	_ = w.Close()
	if err := os.WriteFile(filepath.Join(cmd.Dir, "fifo"), []byte("go\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(out) // ends when the one left behind does
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"ready\n", "late line\n", "late complaint\n"} {
		if !bytes.Contains(all, []byte(want)) {
			t.Errorf("%q is missing in %q", want, all)
		}
	}
}

// A reader that goes away ends the command as it would without debrief, and
// the outcome is still told.
func TestClosedPipe(t *testing.T) {
	t.Parallel()
	f := fakeFor(t)
	cmd := cliProcess(t, f, deployArgs(`echo ready; while echo more; do :; done 2>/dev/null; exit 6`)...)
	out, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout = w
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = w.Close()
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	_ = out.Close()
	if got := codeOf(cmd.Wait()); got != 6 && got != 128+13 {
		t.Errorf("exit code %d, want the command's own", got)
	}
	if log := f.log(); !strings.Contains(log, `"state":"failed"`) {
		t.Errorf("the outcome was not told:\n%s", log)
	}
}
