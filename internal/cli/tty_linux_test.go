package cli

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// noTerminal skips where a developer's machine has no terminals to give, and
// fails where skipping would hide something.
func noTerminal(t *testing.T, err error) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("a terminal is needed: %v", err)
	}
	t.Skipf("no terminals here: %v", err)
}

// terminalPair is a terminal: what a person types goes into the first, and
// programs run on the second.
func terminalPair(t *testing.T) (person, tty *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		noTerminal(t, err)
	}
	t.Cleanup(func() { person.Close() })
	if err := unix.IoctlSetPointerInt(int(person.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(person.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if tty, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0); err != nil {
		noTerminal(t, err)
	}
	t.Cleanup(func() { tty.Close() })
	return person, tty
}

// Ctrl-C goes to everything on the terminal: the command gets it once, not a
// second time from debrief.
func TestCtrlC(t *testing.T) {
	t.Parallel()
	f := fakeFor(t)
	person, tty := terminalPair(t)
	cmd := cliProcess(t, f, deployArgs(`n=0; trap 'n=$((n+1)); echo int $n' INT; echo ready; until [ -e stop ]; do sleep 0.02; done; exit $n`)...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = tty, tty, tty
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 0}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	screen := bufio.NewReader(person)
	until := func(want string) {
		for {
			line, err := screen.ReadString('\n')
			if strings.Contains(line, want) {
				return
			}
			if err != nil {
				t.Fatalf("%q was not shown: %v", want, err)
			}
		}
	}
	until("ready")
	if _, err := person.Write([]byte{3}); err != nil {
		t.Fatal(err)
	}
	until("int 1")
	// A second signal would be there by now: debrief passes on before it does anything else.
	if err := os.WriteFile(cmd.Dir+"/stop", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	go func() { // the terminal must be read, or its writers wait
		_, _ = screen.WriteTo(discard{})
	}()
	if got := codeOf(cmd.Wait()); got != 1 {
		t.Errorf("the command got %d signals", got)
	}
	if log := f.log(); !strings.Contains(log, `"state":"aborted"`) {
		t.Errorf("not recorded as aborted:\n%s", log)
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
