package cli

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
)

// On a terminal the waiting is one line that is drawn again, and that line is
// gone when the answer stands there.
func TestCheckRedrawsOneLine(t *testing.T) {
	t.Parallel()
	f := fakeFor(t)
	if out, err := cliProcess(t, f, deployArgs("true")...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	f.mu.Lock()
	f.release = func(s *debrief.Story, asked int) {
		l := debrief.Look{Number: 1, State: debrief.LookPlanned, Due: time.Now().Add(90 * time.Second), After: 5 * time.Minute}
		if asked >= 4 {
			l.State, l.Word = debrief.LookDone, debrief.Steady
		}
		s.Looks = []debrief.Look{l}
	}
	f.mu.Unlock()
	person, tty := terminalPair(t)
	cmd := cliProcess(t, f, "check", "latest", "--wait", "--poll", "5ms")
	cmd.Stderr = tty // standard output may go to a file meanwhile
	var answer bytes.Buffer
	cmd.Stdout = &answer
	screen := make(chan string)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		var all []byte
		buf := make([]byte, 4096)
		for !bytes.Contains(all, []byte("END")) {
			n, err := person.Read(buf)
			all = append(all, buf[:n]...)
			if err != nil {
				break
			}
		}
		screen <- string(all)
	}()
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if _, err := tty.WriteString("END"); err != nil {
		t.Fatal(err)
	}
	shown := <-screen
	const erase = "\r\x1b[K"
	lines := strings.Split(shown, erase)
	if len(lines) < 4 || lines[0] != "" || lines[len(lines)-1] != "END" {
		t.Fatalf("drawn: %q", shown)
	}
	for _, l := range lines[1 : len(lines)-2] {
		if !strings.HasPrefix(l, "shop v1 is live; waiting for the first look (in 1:") || strings.Contains(l, "\n") {
			t.Errorf("the line is %q", l)
		}
	}
	if lines[len(lines)-2] == "" || !strings.Contains(answer.String(), "v1") {
		t.Errorf("drawn: %q, answered: %q", shown, answer.String())
	}
}
