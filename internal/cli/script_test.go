package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/debriefhq/debrief"
)

// TestScripts runs testdata/script: each is a session in a shell, against a
// server of its own.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: false,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			f := newFakeServer()
			e.Values["server"] = f
			e.Defer(func() { close(f.stop); f.Server.Close() })
			home := filepath.Join(e.WorkDir, "home")
			for k, v := range map[string]string{
				"HOME": home, "DEBRIEF_URL": f.URL, "TZ": "UTC", "NO_COLOR": "1",
				"GIT_CONFIG_NOSYSTEM": "1", "GIT_CEILING_DIRECTORIES": filepath.Dir(e.WorkDir),
				"GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org", "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.org",
			} {
				e.Setenv(k, v)
			}
			return os.MkdirAll(home, 0o700)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"server": serverCmd, "exits": exitsCmd},
	})
}

// serverCmd steers the fake server of a script:
//
//	server stop | start            the same address again
//	server late N                  a deployment is recorded after N questions
//	server fail STATUS             refuse every report
//	server hang [off]              accept connections, never answer
//	server previous SERVICE FILE   the commit in it ran before
//	server look WORD N             the first look ends so, at the Nth question
//	server log FILE                write down all requests, one a line
//	server events FILE             write down the facts of the past it was sent, one a line
func serverCmd(ts *testscript.TestScript, neg bool, args []string) {
	f := ts.Value("server").(*fakeServer)
	if args[0] == "log" {
		ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(f.log()), 0o600))
		return
	}
	if args[0] == "events" {
		ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(f.told()), 0o600))
		return
	}
	switch args[0] {
	case "stop":
		f.Server.Close()
		return
	case "start":
		f.start(f.Listener.Addr().String())
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	switch args[0] {
	case "late":
		f.late = number(ts, args[1])
	case "fail":
		f.fail = number(ts, args[1])
	case "hang":
		f.hang = len(args) < 2
	case "previous":
		f.previous[args[1]] = strings.TrimSpace(ts.ReadFile(args[2]))
	case "look":
		word, at := debrief.Word(args[1]), number(ts, args[2])
		f.release = func(s *debrief.Story, asked int) {
			l := debrief.Look{Number: 1, State: debrief.LookPlanned, Due: time.Now().Add(time.Minute), After: 5 * time.Minute}
			if asked >= at {
				l.State, l.Word = debrief.LookDone, word
			}
			s.Looks = []debrief.Look{l}
		}
	default:
		ts.Fatalf("server: unknown %q", args[0])
	}
}

// told are the facts of the past, one a line.
func (f *fakeServer) told() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var b strings.Builder
	for _, e := range f.past {
		line, _ := json.Marshal(e)
		b.Write(append(line, '\n'))
	}
	return b.String()
}

func number(ts *testscript.TestScript, s string) int {
	n, err := strconv.Atoi(s)
	ts.Check(err)
	return n
}

// exitsCmd runs a program and wants exactly one exit code: exits 7 debrief …
func exitsCmd(ts *testscript.TestScript, neg bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	var exit interface{ ExitCode() int }
	if asError(err, &exit) {
		code = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if code != number(ts, args[0]) {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}
