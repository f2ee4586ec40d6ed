package cli

import (
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/measure"
)

func benchBatch(n int) measure.Batch {
	var b measure.Batch
	for i := range n {
		at := time.Date(2026, 3, 3, 10, 0, i%60, 0, time.UTC)
		b.Lines = append(b.Lines, measure.Line{At: at, Text: fmt.Sprintf("INFO served /checkout/%d in %d ms for customer %x", i, i*7, i*31)})
	}
	return b
}

// BenchmarkWrapper compares a command run alone, run by debrief, and run by
// debrief while the server is down: the difference is what a deployment pays.
func BenchmarkWrapper(b *testing.B) {
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	f := newFakeServer()
	b.Cleanup(func() { close(f.stop); f.Server.Close() })
	run := func(b *testing.B, url, program string, args ...string) {
		dir := b.TempDir()
		for b.Loop() {
			cmd := exec.Command(program, args...)
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), asCLI+"=1", "DEBRIEF_URL="+url, "DEBRIEF_SPOOL="+dir)
			if out, err := cmd.CombinedOutput(); err != nil {
				b.Fatalf("%v\n%s", err, out)
			}
		}
	}
	wrapped := []string{"deploy", "--service", "shop", "--env", "production", "--version", "v1", "--no-git", "--", "true"}
	b.Run("alone", func(b *testing.B) { run(b, "", "true") })
	b.Run("recorded", func(b *testing.B) { run(b, f.URL, self, wrapped...) })
	b.Run("down", func(b *testing.B) { run(b, "http://127.0.0.1:1", self, wrapped...) })
}

func TestFitGit(t *testing.T) {
	t.Parallel()
	var g debrief.GitFacts
	for i := range 5000 {
		g.Commits = append(g.Commits, debrief.Change{Commit: fmt.Sprintf("%040x", i), Title: fmt.Sprintf("%0300d", i), Paths: []string{"a", "b"}, Added: i})
	}
	g.Files = 9999
	small := fitGit(g)
	if n := size(small); n > maxGit || n < maxGit/2 || !small.Truncated || small.Files != 9999 || small.Commits[0].Title != g.Commits[0].Title {
		t.Errorf("%d bytes, %d commits", n, len(small.Commits))
	}
	if len(g.Commits[0].Paths) != 2 {
		t.Error("what was given was changed")
	}
	if same := fitGit(debrief.GitFacts{Commits: g.Commits[:3]}); len(same.Commits[0].Paths) != 2 || same.Truncated {
		t.Error("a small report was cut")
	}
}
