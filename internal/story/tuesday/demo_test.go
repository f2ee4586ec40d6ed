package tuesday

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// demo runs "debrief demo" in a folder of its own and returns what it said.
// Where interrupt is not empty, Ctrl-C is pressed when a line contains it.
func demo(t *testing.T, interrupt string, args ...string) string {
	t.Helper()
	exe, err := program()
	if err != nil {
		t.Fatal(err)
	}
	tmp := t.TempDir()
	cmd := exec.CommandContext(t.Context(), exe, append([]string{"demo", "--listen", "127.0.0.1:0", "--open=false"}, args...)...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + tmp, "TMPDIR=" + tmp}
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	for lines := bufio.NewScanner(out); lines.Scan(); {
		said.WriteString(lines.Text() + "\n")
		if interrupt != "" && strings.Contains(lines.Text(), interrupt) {
			if err := cmd.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, said.String())
	}
	if left, err := os.ReadDir(tmp); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
	return said.String()
}

// Within two minutes a person sees a slow migration and a creep.
func TestDemo(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute and a half")
	}
	began := time.Now()
	said := demo(t, "", "--once")
	t.Logf("took %s\n%s", time.Since(began).Round(time.Second), said)
	for _, want := range []string{
		"a year of made-up history", "debrief deploy --service shop --env production --version v1.42",
		"Already noticed: Migration took", "× staging", "Slower", "Response time of /checkout", "× as long", "new kind of error",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("the demo never said %q", want)
		}
	}
}

// Ctrl-C ends it at once and leaves nothing behind.
func TestDemoInterrupted(t *testing.T) {
	if said := demo(t, "serves", "--rows", "1000"); strings.Contains(said, "v1.42") {
		t.Errorf("it went on: %s", said)
	}
	if said := demo(t, "debrief deploy", "--rows", "1000"); strings.Contains(said, "serves") {
		t.Errorf("it went on: %s", said)
	}
}
