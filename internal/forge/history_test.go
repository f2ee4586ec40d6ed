package forge

import (
	"bufio"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/past"
)

// fastRepo makes a repository of n commits in one stream: every tenth is
// merged from a branch, every fiftieth is tagged.
func fastRepo(t testing.TB, n int) Git {
	t.Helper()
	dir := t.TempDir()
	r := &repo{t: t, dir: dir, at: time.Date(2026, 3, 3, 10, 0, 0, 0, time.UTC)}
	r.git("init", "-q", "--bare", "-b", "main")
	cmd := exec.Command("git", "fast-import", "--quiet")
	cmd.Dir = dir
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(in)
	at := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	main, mark := 0, 0
	commit := func(branch, subject string, from, merge, files int) int {
		mark++
		at += 900
		fmt.Fprintf(w, "commit refs/heads/%s\nmark :%d\ncommitter A <a%d@example.org> %d +0000\ndata %d\n%s\n", branch, mark, mark%97, at, len(subject), subject)
		if from > 0 {
			fmt.Fprintf(w, "from :%d\n", from)
		}
		if merge > 0 {
			fmt.Fprintf(w, "merge :%d\n", merge)
		}
		for f := range files {
			text := strings.Repeat(fmt.Sprintf("line of %d\n", mark), 20+mark%60)
			fmt.Fprintf(w, "M 100644 inline dir%d/file%d.go\ndata %d\n%s\n", (mark+f)%40, (mark*7+f)%500, len(text), text)
		}
		return mark
	}
	for mark < n {
		side := 0
		if mark%10 == 5 && main > 0 {
			side = commit("side", fmt.Sprintf("side %d", mark), main, 0, 2)
			main = commit("main", fmt.Sprintf("Merge pull request #%d from acme/x", mark), main, side, 0)
		}
		main = commit("main", fmt.Sprintf("change %d (#%d)", mark, mark), main, 0, 3)
		if mark%50 < 2 {
			fmt.Fprintf(w, "reset refs/tags/v1.%d.0\nfrom :%d\n\n", mark, main)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	_ = in.Close()
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	return Git{Dir: dir, Timeout: time.Minute}
}

// walked reads the whole history as an import does.
func walked(t testing.TB, g Git, each func(seen, open int)) (commits, releases int) {
	t.Helper()
	ctx := t.Context()
	main, _, err := g.Main(ctx)
	if err != nil {
		t.Fatal(err)
	}
	tags, err := g.Tags(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var list []past.Tag
	h := History{Tips: []string{main}, Format: past.LogFormat}
	for _, tag := range tags {
		list = append(list, past.Tag{Name: tag.Name, Commit: tag.Commit, At: tag.At})
		h.Tips = append(h.Tips, tag.Commit)
	}
	known := past.Recognise(list, "acme/shop")
	w := past.NewWalk(known.Services, nil, main, false, past.Sink{
		Change: func(*past.Commit, past.Landing, []*past.Release) error { return nil },
		Done:   func(int, *past.Release) error { releases++; return nil },
	})
	err = g.Log(ctx, h, func(r io.Reader) error {
		return past.Read(r, [][]string{nil}, func(c *past.Commit) error {
			commits++
			err := w.Add(c)
			if each != nil {
				each(commits, w.Open())
			}
			return err
		})
	})
	if err == nil {
		err = w.Finish()
	}
	if err != nil {
		t.Fatal(err)
	}
	return commits, releases
}

// A history twice as long must not need more memory: only its open ends are held.
func TestHistoryIsReadInConstantMemory(t *testing.T) {
	t.Parallel()
	g := fastRepo(t, 6000)
	var first, last uint64
	most := 0
	commits, releases := walked(t, g, func(seen, open int) {
		most = max(most, open)
		if seen == 600 || seen == 5900 {
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			if first == 0 {
				first = m.HeapAlloc
			}
			last = m.HeapAlloc
		}
	})
	if commits < 6000 || releases < 100 || most > 8 {
		t.Errorf("%d commits, %d releases, %d open ends", commits, releases, most)
	}
	if last > first+4<<20 { // other tests run beside this one
		t.Errorf("the heap grew from %d to %d KiB", first>>10, last>>10)
	}
}

// BenchmarkHistory reads 20,000 commits, and says how long that takes against
// git log --raw --numstat over the same commits in the same run.
func BenchmarkHistory(b *testing.B) {
	g := fastRepo(b, 20_000)
	for b.Loop() {
		begun := time.Now()
		err := g.run(b.Context(), []string{"log", "--raw", "--numstat", "main", "--tags"}, func(r *bufio.Reader) error {
			_, err := io.Copy(io.Discard, r)
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
		alone := time.Since(begun)
		begun = time.Now()
		commits, _ := walked(b, g, nil)
		b.ReportMetric(float64(time.Since(begun))/float64(alone), "times-git-log")
		b.ReportMetric(float64(commits), "commits")
	}
}

func TestCloneIsGuarded(t *testing.T) {
	t.Parallel()
	r := newRepo(t)
	r.write("a", strings.Repeat("x", 1000))
	r.commit("first")
	c := Cache{Dir: t.TempDir()}
	for _, bad := range []string{"http://example.org/x", "ext::sh -c true", "git://example.org/x", "-u", "https://-oProxyCommand=x/y", "ssh://-x@h/y", "fd::7", "file\n:///x"} {
		if _, err := c.Get(t.Context(), bad); debrief.KindOf(err) != debrief.Invalid {
			t.Errorf("%q: %v", bad, err)
		}
	}
	g, err := c.Get(t.Context(), "file://"+r.dir)
	if err != nil {
		t.Fatal(err)
	}
	if head, err := g.Head(t.Context()); err != nil || head.Commit == "" {
		t.Errorf("%+v, %v", head, err)
	}
	if hooks, _ := filepath.Glob(filepath.Join(g.Dir, "hooks", "*")); len(hooks) > 0 {
		t.Errorf("hooks: %v", hooks)
	}
	second := r.commit("second")
	if g, err = c.Get(t.Context(), "file://"+r.dir); err != nil || !g.Has(t.Context(), second) {
		t.Errorf("not brought up to date: %v", err)
	}
	small := Cache{Dir: t.TempDir(), MaxSize: 100}
	if _, err := small.Get(t.Context(), "file://"+r.dir); debrief.KindOf(err) != debrief.TooLarge {
		t.Errorf("beyond its size: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(small.Dir, "*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if _, err := c.Get(t.Context(), "file:///nowhere/at/all"); debrief.KindOf(err) != debrief.Unavailable {
		t.Errorf("nowhere: %v", err)
	}
}

func TestSizesNeedContents(t *testing.T) {
	t.Parallel()
	r := newRepo(t)
	r.write("a", "x\n")
	r.commit("first")
	r.git("config", "uploadpack.allowFilter", "true")
	full := Git{Dir: r.dir}
	if full.Sizeless(t.Context()) {
		t.Error("a whole repository has contents")
	}
	part := &repo{t: t, dir: t.TempDir(), at: r.at}
	part.git("clone", "-q", "--bare", "--filter=blob:none", "file://"+r.dir, ".")
	g := Git{Dir: part.dir}
	if !g.Sizeless(t.Context()) {
		t.Error("a partial clone is not told")
	}
	head, err := g.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	files := 0
	err = g.Log(t.Context(), History{Tips: []string{head.Commit}, Format: past.LogFormat, NoSizes: true}, func(in io.Reader) error {
		return past.Read(in, [][]string{nil}, func(c *past.Commit) error { files += c.Files; return nil })
	})
	if err != nil || files != 1 {
		t.Errorf("%d files, %v", files, err)
	}
}
