package learn

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
)

var better = flag.Bool("better", false, "keep the score of testdata/brief where it rose")

const scoreFile = "testdata/brief/score"

// Histories as text files, with what a brief is expected to name then, in
// order. The score is kept beside them and may only rise.
func TestExpectedLessons(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/brief/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no histories", err)
	}
	var sum float64
	asked := 0
	for _, name := range files {
		s, n := expected(t, name)
		sum += s
		asked += n
	}
	score := sum / float64(asked)
	text, err := os.ReadFile(scoreFile)
	if err != nil && !*better {
		t.Fatal(err)
	}
	kept, _ := strconv.ParseFloat(strings.TrimSpace(string(text)), 64)
	t.Logf("score %.4f over %d briefs; kept: %.4f", score, asked, kept)
	switch {
	case score < kept-1e-9:
		t.Errorf("the score fell from %.4f to %.4f", kept, score)
	case score > kept+1e-9 && *better:
		if err := os.WriteFile(scoreFile, fmt.Appendf(nil, "%.6f\n", score-5e-7), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if asked < 9 {
		t.Errorf("only %d were asked for", asked)
	}
}

func expected(t *testing.T, name string) (score float64, asked int) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC)
	var past []debrief.ReleaseFacts // newest first
	for i, line := range strings.Split(string(text), "\n") {
		at = at.Add(30 * time.Hour)
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		what, rest, asks := strings.TrimPrefix(line, "?"), "", strings.HasPrefix(line, "?")
		if asks {
			what, rest, _ = strings.Cut(what, "=")
		} else {
			what, rest, _ = strings.Cut(what, "|")
		}
		f := parseRelease(t, fmt.Sprintf("%s:%d", name, i+1), what, at)
		if !asks {
			for _, topic := range strings.Fields(rest) {
				if topic == debrief.TopicFailed {
					f.Failure = debrief.DidFail
				} else {
					f.Surprises = append(f.Surprises, topic)
				}
			}
			slices.Sort(f.Surprises)
			past = append([]debrief.ReleaseFacts{f}, past...)
			continue
		}
		var got []string
		for _, l := range MakeBrief(BriefInput{Change: upcoming(f), Now: at, Past: past}).Lessons {
			if !l.Usual {
				got = append(got, l.Topic)
			}
		}
		want := strings.Fields(rest)
		if len(want) == 1 && want[0] == "-" {
			want = nil
		}
		s := inOrder(got, want)
		if s < 1 {
			t.Logf("%s:%d: expected %v, named %v (%.2f)", name, i+1, want, got, s)
		}
		score += s
		asked++
	}
	return score, asked
}

func parseRelease(t *testing.T, where, what string, at time.Time) debrief.ReleaseFacts {
	t.Helper()
	parts := strings.Split(what, ";")
	if len(parts) != 3 {
		t.Fatalf("%s: kinds; modules; lines", where)
	}
	n, err := strconv.Atoi(strings.TrimSpace(parts[2]))
	if err != nil {
		t.Fatalf("%s: %v", where, err)
	}
	f := debrief.ReleaseFacts{
		ReleaseID: where, Service: "invoices", Environment: "production", Version: where, Commit: where, Kind: debrief.ReleaseNew,
		Started: at.Add(-time.Minute), At: at, Modules: strings.Fields(parts[1]), Added: n, Files: 1 + n/40, Changes: 1,
	}
	for _, k := range strings.Fields(parts[0]) {
		if k != "code" {
			f.Kinds = append(f.Kinds, k)
		}
	}
	slices.Sort(f.Kinds)
	return f
}

// inOrder is 1 where what was named is what was expected, in that order; each
// one missing or too much, and each in the wrong place, costs its share.
func inOrder(got, want []string) float64 {
	if len(got) == 0 && len(want) == 0 {
		return 1
	}
	// The longest common subsequence counts, over the longer of the two.
	table := make([][]int, len(got)+1)
	for i := range table {
		table[i] = make([]int, len(want)+1)
	}
	for i := range got {
		for j := range want {
			if got[i] == want[j] {
				table[i+1][j+1] = table[i][j] + 1
			} else {
				table[i+1][j+1] = max(table[i][j+1], table[i+1][j])
			}
		}
	}
	return float64(table[len(got)][len(want)]) / float64(max(len(got), len(want)))
}

func TestInOrder(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		got, want []string
		score     float64
	}{
		{nil, nil, 1},
		{[]string{"a"}, nil, 0},
		{nil, []string{"a"}, 0},
		{[]string{"a", "b"}, []string{"a", "b"}, 1},
		{[]string{"b", "a"}, []string{"a", "b"}, 0.5},
		{[]string{"a", "b"}, []string{"a"}, 0.5},
	} {
		if got := inOrder(tc.got, tc.want); got != tc.score {
			t.Errorf("%v, %v: %v", tc.got, tc.want, got)
		}
	}
}
