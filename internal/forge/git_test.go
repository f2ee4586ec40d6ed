package forge

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/debriefhq/debrief"
)

// repo is a repository in a folder of the test's own.
type repo struct {
	t   testing.TB
	dir string
	at  time.Time
}

func newRepo(t testing.TB) *repo {
	t.Helper()
	r := &repo{t: t, dir: t.TempDir(), at: time.Date(2026, 3, 3, 10, 0, 0, 0, time.UTC)}
	r.git("init", "-q", "-b", "main")
	return r
}

func (r *repo) git(args ...string) string {
	r.t.Helper()
	cmd := exec.Command("git", append([]string{"-c", "commit.gpgsign=false", "-c", "tag.gpgsign=false", "-c", "protocol.file.allow=always"}, args...)...)
	cmd.Dir = r.dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=A", "GIT_AUTHOR_EMAIL=a@example.org",
		"GIT_COMMITTER_NAME=C", "GIT_COMMITTER_EMAIL=c@example.org",
		"GIT_AUTHOR_DATE="+r.at.Format(time.RFC3339), "GIT_COMMITTER_DATE="+r.at.Add(time.Minute).Format(time.RFC3339))
	out, err := cmd.CombinedOutput()
	if err != nil {
		r.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

func (r *repo) write(name, text string) {
	r.t.Helper()
	path := filepath.Join(r.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		r.t.Fatal(err)
	}
}

func (r *repo) commit(subject string) string {
	r.t.Helper()
	r.at = r.at.Add(time.Hour)
	r.git("add", "-A")
	r.git("commit", "-q", "--allow-empty", "-m", subject)
	return r.git("rev-parse", "HEAD")
}

func TestBetween(t *testing.T) {
	t.Parallel()
	r := newRepo(t)
	r.write("a.txt", "one\n")
	first := r.commit("first")
	r.write("a.txt", "one\ntwo\n")
	r.write("sub/odd \t\"näme\n.txt", "x\ny\n")
	second := r.commit("second (#12)")
	r.git("mv", "a.txt", "b.txt")
	third := r.commit("renamed, mail me@example.org")
	r.git("checkout", "-q", "-b", "side", first)
	r.write("bin", "\x00\x01")
	side := r.commit("binary")
	r.git("checkout", "-q", "main")
	r.at = r.at.Add(time.Hour)
	r.git("merge", "-q", "--no-ff", "-m", "merge side", "side")
	empty := r.commit("nothing in it")

	g := Git{Dir: r.dir, Salt: "s"}
	head, err := g.Head(t.Context())
	if err != nil || head.Commit != empty || head.Version != empty[:10] || head.Shallow {
		t.Fatalf("head %+v, %v", head, err)
	}
	facts, err := g.Between(t.Context(), "acme/shop", first, empty)
	if err != nil {
		t.Fatal(err)
	}
	change := func(commit, title string, hour, added int, pull int, paths ...string) debrief.Change {
		at := time.Date(2026, 3, 3, 10+hour, 0, 0, 0, time.UTC)
		return debrief.Change{
			ID: debrief.ID("change", "acme/shop", commit), Repository: "acme/shop", Commit: commit, Title: title, PullNumber: pull,
			AuthoredAt: at, Committed: at.Add(time.Minute), Commits: 1, Files: len(paths), Added: added, Paths: paths,
			AuthorHash: debrief.ID("author", "s", "a@example.org"),
		}
	}
	odd := "sub/odd \t\"näme\n.txt"
	want := debrief.GitFacts{
		Repository: "acme/shop", From: first, To: empty, Files: 4, Added: 3, Paths: []string{"a.txt", "b.txt", "bin", odd},
		Commits: []debrief.Change{
			change(empty, "nothing in it", 6, 0, 0),
			change(side, "binary", 4, 0, 0, "bin"),
			change(third, "renamed, mail ***@***", 3, 0, 0, "b.txt"),
			change(second, "second (#12)", 2, 3, 12, "a.txt", odd),
		},
	}
	if diff := cmp.Diff(want, facts); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}

	g.Salt = ""
	facts, err = g.Between(t.Context(), "acme/shop", first, empty)
	if err != nil || facts.Commits[0].AuthorHash != "" {
		t.Errorf("without a salt there is %q, %v", facts.Commits[0].AuthorHash, err)
	}
	back, err := g.Between(t.Context(), "acme/shop", empty, first)
	if err != nil || len(back.Commits) != 0 {
		t.Errorf("a rollback ships %d commits, %v", len(back.Commits), err)
	}
	if back.Back != 4 {
		t.Errorf("it goes back %d commits, want 4", back.Back)
	}
	if same, err := g.Between(t.Context(), "acme/shop", empty, empty); err != nil || same.Back != 0 {
		t.Errorf("the same commit goes back %d, %v", same.Back, err)
	}
	unknown, err := g.Between(t.Context(), "acme/shop", "", empty)
	if err != nil || unknown.From != "" || len(unknown.Commits) != 0 {
		t.Errorf("an unknown previous commit gives %+v, %v", unknown, err)
	}
	for _, bad := range []string{"--output=x", "HEAD", "abc..def", "ab"} {
		if _, err := g.Between(t.Context(), "", bad, empty); debrief.KindOf(err) != debrief.Invalid {
			t.Errorf("%q as a commit: %v", bad, err)
		}
	}
}

func TestShallowAndMissing(t *testing.T) {
	t.Parallel()
	r := newRepo(t)
	r.write("a", "1\n")
	first := r.commit("first")
	r.write("a", "2\n")
	second := r.commit("second")
	clone := t.TempDir()
	r.git("clone", "-q", "--depth", "1", "file://"+r.dir, clone)
	g := Git{Dir: clone}
	head, err := g.Head(t.Context())
	if err != nil || !head.Shallow || head.Commit != second {
		t.Fatalf("head %+v, %v", head, err)
	}
	facts, err := g.Between(t.Context(), "", first, second)
	if debrief.KindOf(err) != debrief.NotFound || !strings.Contains(err.Error(), "fetch-depth: 0") {
		t.Errorf("a shallow clone says %v", err)
	}
	if facts.From != first || facts.To != second || len(facts.Commits) != 0 {
		t.Errorf("and knows %+v", facts)
	}

	if _, err := (Git{Dir: t.TempDir()}).Head(t.Context()); debrief.KindOf(err) != debrief.NotFound {
		t.Errorf("no work tree: %v", err)
	}
	if _, err := newEmpty(t).Head(t.Context()); debrief.KindOf(err) != debrief.NotFound {
		t.Errorf("no commit yet: %v", err)
	}
	if _, err := (Git{Dir: r.dir, Program: "no-such-git"}).Head(t.Context()); debrief.KindOf(err) != debrief.NotFound {
		t.Errorf("no git: %v", err)
	}
}

func newEmpty(t *testing.T) Git {
	r := newRepo(t)
	return Git{Dir: r.dir}
}

// A git that hangs is stopped, with everything it started.
func TestTimeout(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	slow := filepath.Join(dir, "slow-git")
	if err := os.WriteFile(slow, []byte("#!/bin/sh\necho half\nexec sleep 60\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := (Git{Dir: dir, Program: slow, Timeout: 50 * time.Millisecond}).Head(t.Context())
	if debrief.KindOf(err) != debrief.Unavailable {
		t.Errorf("a hanging git gives %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (Git{Dir: dir}).Head(ctx); err == nil {
		t.Error("a cancelled context gives no error")
	}
}

func TestTags(t *testing.T) {
	t.Parallel()
	r := newRepo(t)
	first := r.commit("first")
	r.git("tag", "v1.0")
	r.at = r.at.Add(30 * time.Minute)
	second := r.commit("second")
	r.git("tag", "-a", "-m", "notes", "v1.1")
	r.git("tag", "a-tree", second+"^{tree}")
	got, err := Tags(t.Context(), r.dir)
	if err != nil {
		t.Fatal(err)
	}
	want := []Tag{
		{Name: "v1.1", Commit: second, At: r.at.Add(time.Minute)},
		{Name: "v1.0", Commit: first, At: time.Date(2026, 3, 3, 11, 1, 0, 0, time.UTC)},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if head, err := (Git{Dir: r.dir}).Head(t.Context()); err != nil || head.Version != "v1.1" {
		t.Errorf("version %q, %v", head.Version, err)
	}
	if _, err := Tags(t.Context(), t.TempDir()); debrief.KindOf(err) != debrief.NotFound {
		t.Errorf("no repository: %v", err)
	}
}

func TestRepositoryName(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"https://github.com/acme/shop.git":            "acme/shop",
		"https://me:secret@gitlab.example.org/a/b/c/": "a/b/c",
		"git@github.com:acme/shop.git":                "acme/shop",
		"ssh://git@example.org:2222/acme/shop":        "acme/shop",
		"/srv/git/shop.git":                           "shop",
		"../shop":                                     "shop",
		"file:///srv/git/shop.git":                    "shop",
		`C:\src\shop`:                                 "shop",
		"":                                            "",
	} {
		if got := RepositoryName(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}

// log makes the output of git log -z --numstat for n commits.
func log(n, files int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "\x01%040x\x001772532000\x001772532060\x00a@example.org\x00change number %d\x00", i+1, i)
		for j := range files {
			if j == 0 {
				b.WriteByte('\n')
			}
			fmt.Fprintf(&b, "%d\t%d\tdir/file%d.go\x00", j, i%7, (i*files+j)%40_000)
		}
	}
	return b.String()
}

func readLog(s string) (debrief.GitFacts, error) {
	facts := debrief.GitFacts{}
	w := rangeReader{facts: &facts, files: map[string]struct{}{}}
	err := w.read(bufio.NewReaderSize(strings.NewReader(s), 64<<10))
	w.finish()
	return facts, err
}

func TestHugeRange(t *testing.T) {
	t.Parallel()
	facts, err := readLog(log(maxCommits+1, 3))
	if err != errEnough || !facts.Truncated || len(facts.Commits) != maxCommits {
		t.Errorf("%d commits, truncated %v, %v", len(facts.Commits), facts.Truncated, err)
	}
	if len(facts.Paths) != maxPaths || facts.Files != 3*maxCommits {
		t.Errorf("%d paths of %d files", len(facts.Paths), facts.Files)
	}
	if s := strings.Repeat("x", 1<<20); true {
		facts, err := readLog("\x01" + strings.Repeat("a", 40) + "\x001\x001\x00\x00" + s + "\x00")
		if err != nil || len([]rune(facts.Commits[0].Title)) != maxTitle {
			t.Errorf("a monstrous subject: %v", err)
		}
	}
	if _, err := readLog("\x01" + strings.Repeat("a", 40) + "\x001"); debrief.KindOf(err) != debrief.Unavailable {
		t.Errorf("a torn end: %v", err)
	}
}

func FuzzLog(f *testing.F) {
	f.Add(log(3, 2))
	f.Add("\x01aa\x001\x002\x00m\x00s\x00\n0\t0\t\x00old\x00new\x00-\t-\tbin\x00")
	f.Add("1\t2\x00\x01\x00\x00\x00\x00\x00")
	f.Fuzz(func(t *testing.T, s string) {
		facts, _ := readLog(s)
		if len(facts.Commits) > maxCommits || len(facts.Paths) > maxPaths {
			t.Errorf("%d commits, %d paths", len(facts.Commits), len(facts.Paths))
		}
	})
}

func BenchmarkLog(b *testing.B) {
	s := log(1000, 5)
	b.SetBytes(int64(len(s)))
	for b.Loop() {
		if _, err := readLog(s); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBetween(b *testing.B) {
	r := newRepo(b)
	first := r.commit("first")
	last := first
	for i := range 20 {
		r.write("a", strings.Repeat("line\n", i))
		last = r.commit("next")
	}
	for b.Loop() {
		if _, err := (Git{Dir: r.dir}).Between(b.Context(), "", first, last); err != nil {
			b.Fatal(err)
		}
	}
}

// What is deployed from a changed work tree is told apart from the commit.
func TestDirtyWorkTree(t *testing.T) {
	t.Parallel()
	r := newRepo(t)
	r.write("a.txt", "one\n")
	commit := r.commit("first")
	version := func() string {
		head, err := Git{Dir: r.dir}.Head(t.Context())
		if err != nil || head.Commit != commit {
			t.Fatalf("%+v, %v", head, err)
		}
		return head.Version
	}
	r.write("built.bin", "not in git: a build's result is no change")
	if v := version(); v != commit[:10] {
		t.Errorf("version %q", v)
	}
	r.git("tag", "v1")
	r.write("a.txt", "two\n")
	if v := version(); v != "v1-dirty" {
		t.Errorf("version %q, want v1-dirty", v)
	}
	r.git("add", "a.txt")
	if v := version(); v != "v1-dirty" {
		t.Errorf("staged: version %q, want v1-dirty", v)
	}
	bare := &repo{t: t, dir: t.TempDir(), at: r.at}
	bare.git("clone", "-q", "--bare", r.dir, ".")
	if head, err := (Git{Dir: bare.dir}).Head(t.Context()); err != nil || head.Version != "v1" {
		t.Errorf("bare: %+v, %v", head, err)
	}
}
