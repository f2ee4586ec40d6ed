package cli

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A debrief from the command line alone, against a real server: written in an
// editor, two writers, one action, a second refused.
func TestWritingFromTheCommandLine(t *testing.T) {
	t.Parallel()
	url, dir := realServer(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	env := append(os.Environ(), asCLI+"=1", "DEBRIEF_URL="+url, "DEBRIEF_SPOOL="+filepath.Join(dir, "spool"), "VISUAL=", "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir))
	run := func(want int, editor string, args ...string) (stdout, stderr string) {
		t.Helper()
		cmd := exec.Command(self, args...)
		cmd.Dir, cmd.Env = dir, append(env, "EDITOR="+editor)
		var out, bad strings.Builder
		cmd.Stdout, cmd.Stderr = &out, &bad
		if got := codeOf(cmd.Run()); got != want {
			t.Fatalf("debrief %s: exit code %d, want %d\n%s%s", strings.Join(args, " "), got, want, &out, &bad)
		}
		return out.String(), bad.String()
	}
	says := func(text string, parts ...string) {
		t.Helper()
		for _, p := range parts {
			if !strings.Contains(text, p) {
				t.Errorf("%q is not said in:\n%s", p, text)
			}
		}
	}
	script := func(name, body string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"+body), 0o755); err != nil {
			t.Fatal(err)
		}
		return path
	}
	run(0, "", "deploy", "--service", "shop", "--env", "production", "--version", "v1", "--manual", "--", "true")
	_, bad := run(2, "", "write", "latest")
	says(bad, "no editor is set")
	out, _ := run(0, "", "write", "latest", "--print")
	says(out, "# shop v1\n", "What keeps this from running by itself?")

	// The editor's own flags are its own; what it saves is kept, and the file goes.
	pen := script("pen", `shift; printf 'Anna forgot the flag.\n' >> "$1"`)
	out, _ = run(0, pen+" --wait", "write", "latest", "--gap", "coordination")
	says(out, "saved: shop v1 (version 2)", "“Anna”", "It still needs its one action: debrief action decide ")
	if left, _ := filepath.Glob(filepath.Join(dir, "debrief-*.md")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	out, _ = run(0, "", "write", "latest", "--print", "--json")
	var at debriefAt
	if err := json.Unmarshal([]byte(out), &at); err != nil {
		t.Fatal(err)
	}
	id := at.Debrief.ID
	if at.Debrief.Gap != "coordination" || !strings.HasSuffix(at.Debrief.Text, "Anna forgot the flag.\n") {
		t.Errorf("%+v", at.Debrief)
	}

	// Somebody else saves while the editor is open: nothing is lost.
	slow := script("slow", `DEBRIEF_URL=`+url+` `+self+` write latest --text other.md >/dev/null; printf 'mine too' >> "$1"`)
	if err := os.WriteFile(filepath.Join(dir, "other.md"), []byte("theirs"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, bad = run(1, slow, "write", id)
	says(bad, "somebody saved version 3", "your text is in ")
	left, _ := filepath.Glob(filepath.Join(dir, "debrief-*.md"))
	if len(left) != 1 {
		t.Fatalf("the text that was not saved: %v", left)
	}
	if b, err := os.ReadFile(left[0]); err != nil || !strings.HasSuffix(string(b), "mine too") {
		t.Errorf("%q %v", b, err)
	}
	_, bad = run(1, pen, "write", id)
	says(bad, "a text that was not saved is there already")
	out, _ = run(0, "", "write", id, "--text", filepath.Base(left[0]))
	says(out, "version 4")
	if err := os.Remove(left[0]); err != nil {
		t.Fatal(err)
	}
	_, bad = run(2, script("broken", "exit 3"), "write", "latest")
	says(bad, "exit status 3; nothing was saved", "your text is in ")

	// Exactly one action.
	_, bad = run(2, "", "write", id, "--finish")
	says(bad, "exactly one action")
	_, bad = run(2, "", "action", "decide", id, "Alert on the queue, so that we know first", "--promise", "joy over 3 over the next 3 releases")
	says(bad, `"joy" is no measure`)
	out, _ = run(0, "", "action", "decide", id, "Alert on the queue, so that we know first", "--owner", "Kim", "--due", "2030-12-04", "--promise", "surprises under 1 over the next 3 releases")
	says(out, "in progress", "owner: Kim", "promised: surprises under 1 over the next 3 releases", "scope: What is in, and what is not?")
	_, bad = run(1, "", "action", "decide", id, "And another")
	says(bad, "its one action already")
	out, _ = run(0, "", "write", id, "--finish")
	says(out, "finished: shop v1")
	out, _ = run(0, "", "action", "--json")
	var page struct {
		Actions []struct {
			ID string `json:"id"`
		} `json:"actions"`
	}
	if err := json.Unmarshal([]byte(out), &page); err != nil || len(page.Actions) != 1 {
		t.Fatal(out, err)
	}
	action := page.Actions[0].ID
	_, bad = run(2, "", "action", "postpone", action, "--to", "2031-01-10")
	says(bad, "what is in the way?")
	_, bad = run(2, "", "action", "postpone", action, "--to", "soon")
	says(bad, `"soon" is not a day`)
	run(0, "", "action", "postpone", action, "--to", "2031-01-10", "--reason", "the cluster moves")
	out, _ = run(0, "", "action", "show", action)
	says(out, "put off once", "the cluster moves")
	out, _ = run(0, "", "action", "done", action)
	says(out, "done, put off once; no releases of 3 that show whether it worked")
	_, bad = run(1, "", "action", "drop", action)
	says(bad, "it is done already")
	out, _ = run(0, "", "action")
	says(out, "Done", "Alert on the queue")

	// What was learned, as a folder for a repository.
	out, _ = run(0, "", "export", "markdown", "learned", "--db", filepath.Join(dir, "debrief.db"))
	says(out, "1 debriefs in ")
	index, err := os.ReadFile(filepath.Join(dir, "learned", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	says(string(index), "## Coordination", "[shop v1](", "One action: Alert on the queue, so that we know first (done, put off once")
}
