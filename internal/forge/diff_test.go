package forge_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/forge"
)

// A diff's paths, sizes and lines, however odd they are called; the work tree
// with what git does not know yet; and nothing that reads like an option.
func TestDiff(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	sh := func(script string) {
		t.Helper()
		cmd := exec.Command("sh", "-ec", script)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.org", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.org", "GIT_CONFIG_GLOBAL=/dev/null")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	sh(`git init -q -b main .
mkdir -p a b
printf 'one\ntwo\n' > a/kept.txt
printf 'gone\n' > a/gone.txt
printf 'moved\nmoved\nmoved\n' > a/old.txt
printf -- '--- not a header\n+++ b/not/one\n' > a/tricky.txt
git add . && git commit -qm first
printf 'one\n2\nthree\n' > a/kept.txt
git rm -q a/gone.txt && git mv a/old.txt b/new.txt
printf 'x\n' > "b/ü b
.txt"
printf '\000\001' > b/binary
printf 'other\n' > a/tricky.txt
git config diff.noprefix true; git config diff.mnemonicPrefix true; git config color.ui always
git add . && git commit -qm second`)
	g := forge.Git{Dir: dir}
	head, err := g.Commit(t.Context(), "HEAD")
	if err != nil {
		t.Fatal(err)
	}
	base, err := g.Commit(t.Context(), "HEAD~1")
	if err != nil {
		t.Fatal(err)
	}
	files, err := g.Diff(t.Context(), base, head)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range files {
		got = append(got, fmt.Sprintf("%q +%d -%d sized=%v read=%v %q", f.Path, f.Added, f.Deleted, f.Sized, f.Read, f.Lines))
	}
	want := []string{
		`"a/gone.txt" +0 -1 sized=true read=true ["gone"]`,
		`"a/kept.txt" +2 -1 sized=true read=true ["two" "2" "three"]`,
		`"a/tricky.txt" +1 -2 sized=true read=true ["--- not a header" "+++ b/not/one" "other"]`,
		`"b/binary" +0 -0 sized=false read=false []`,
		`"b/new.txt" +0 -0 sized=true read=false []`,
		`"b/ü b\n.txt" +1 -0 sized=true read=true ["x"]`,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if g.Dirty(t.Context()) {
		t.Error("nothing is changed, and it is dirty")
	}
	if err := os.WriteFile(filepath.Join(dir, "b", "untracked.sql"), []byte("create table x ();\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/etc/passwd", filepath.Join(dir, "b", "link.txt")); err != nil {
		t.Fatal(err)
	}
	tree, err := forge.Git{Dir: filepath.Join(dir, "a")}.Diff(t.Context(), head, "")
	if err != nil || len(tree) != 2 || !g.Dirty(t.Context()) {
		t.Fatal(tree, err)
	}
	if f := tree[1]; f.Path != "b/untracked.sql" || f.Added != 1 || !f.Read || len(f.Lines) != 1 {
		t.Errorf("%+v", f)
	}
	if f := tree[0]; f.Path != "b/link.txt" || f.Read {
		t.Errorf("a link is not followed: %+v", f)
	}
	all, err := g.Tree(t.Context(), head)
	if err != nil || len(all) != 5 {
		t.Errorf("%q %v", all, err)
	}
	if at, err := g.LastTouched(t.Context(), head, "a/"); err != nil || at == "" {
		t.Errorf("%q %v", at, err)
	}
	for _, name := range []string{"", "--output=x", "HEAD..HEAD", "a b", "x:y", "nosuch"} {
		if at, err := g.Commit(t.Context(), name); err == nil && at != "" {
			t.Errorf("%q is the commit %s", name, at)
		}
	}
	if _, err := g.Diff(t.Context(), "--output=x", ""); debrief.KindOf(err) != debrief.Invalid {
		t.Error(err)
	}
}

// Every commit keeps some of its paths, however many there are.
func TestFewerPaths(t *testing.T) {
	t.Parallel()
	changes := make([]debrief.Change, 300)
	for i := range changes {
		for j := range 1 + i%50 {
			changes[i].Paths = append(changes[i].Paths, fmt.Sprintf("d%d/x%d.go", j, i))
		}
	}
	forge.FewerPaths(changes, 1000)
	sum := 0
	for i, c := range changes {
		sum += len(c.Paths)
		if len(c.Paths) == 0 {
			t.Fatalf("change %d has none", i)
		}
	}
	if sum > 1000 {
		t.Errorf("%d paths", sum)
	}
	if forge.FewerPaths(changes, 0); len(changes[7].Paths) != 0 {
		t.Error("none were asked for")
	}
}
