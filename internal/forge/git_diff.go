package forge

import (
	"bufio"
	"context"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/debriefhq/debrief"
)

// DiffFile is one file that differs between two commits, or between a commit
// and the work tree.
type DiffFile struct {
	Path           string
	Added, Deleted int
	Sized          bool     // false: a binary file, or one git does not know yet
	Lines          []string // added or removed; at most some
	Read           bool     // its lines were read
}

// Bounds of what is read of a diff: beyond them paths and sizes go on.
const (
	maxDiffFiles = 100_000
	maxDiffLines = 2000 // of one file
	maxDiffLine  = 500
	maxDiffBytes = 32 << 20 // of all lines
	maxTree      = 500_000
)

// revision is what keeps a name from being read as an option or a range.
func revision(name string) bool {
	return name != "" && len(name) <= 250 && name[0] != '-' && !strings.Contains(name, "..") && !strings.ContainsAny(name, " \t\n\x00:^?*[\\")
}

// Commit is the commit a name stands for: a tag, a branch, HEAD, an id.
func (g Git) Commit(ctx context.Context, name string) (string, error) {
	if !revision(strings.TrimRight(name, "~^0123456789")) {
		return "", debrief.Errorf(debrief.Invalid, "", "%q is no name of a commit", name)
	}
	return g.line(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", name+"^{commit}")
}

// MergeBase is the commit two commits have in common.
func (g Git) MergeBase(ctx context.Context, a, b string) (string, error) {
	if !commitID.MatchString(a) || !commitID.MatchString(b) {
		return "", debrief.Errorf(debrief.Invalid, "", "no commit ids")
	}
	return g.line(ctx, "merge-base", a, b)
}

// Dirty reports a work tree that differs from what is checked out.
func (g Git) Dirty(ctx context.Context) bool {
	line, err := g.line(ctx, "status", "--porcelain", "--untracked-files=normal")
	return err == nil && line != ""
}

// Diff lists what differs between two commits; between the first and the work
// tree where head is empty. Both are ids.
func (g Git) Diff(ctx context.Context, base, head string) ([]DiffFile, error) {
	if !commitID.MatchString(base) || head != "" && !commitID.MatchString(head) {
		return nil, debrief.Errorf(debrief.Invalid, "", "no commit ids")
	}
	args := func(how ...string) []string {
		a := append([]string{"diff"}, how...)
		a = append(a, "-M", "-l200", "--no-color", "--no-ext-diff", "--no-textconv", "--src-prefix=a/", "--dst-prefix=b/", "--end-of-options", base)
		if head != "" {
			a = append(a, head)
		}
		return append(a, "--")
	}
	d := diffReader{at: map[string]int{}}
	if err := g.run(ctx, args("-z", "--numstat"), d.sizes); err != nil {
		return nil, err
	}
	// Without the contents of files, as in partial clones, paths and sizes have
	// to do.
	_ = g.run(ctx, args("-U0"), d.lines)
	if head == "" {
		if err := g.untracked(ctx, &d); err != nil {
			return nil, err
		}
	}
	return d.files, nil
}

type diffReader struct {
	files []DiffFile
	at    map[string]int
	bytes int
}

func (d *diffReader) add(f DiffFile) {
	if _, there := d.at[f.Path]; !there && len(d.files) < maxDiffFiles {
		d.at[f.Path] = len(d.files)
		d.files = append(d.files, f)
	}
}

func (d *diffReader) sizes(r *bufio.Reader) error {
	for {
		t, err := token(r, 0)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		parts := strings.SplitN(t, "\t", 3)
		if len(parts) != 3 {
			continue
		}
		path := parts[2]
		if path == "" { // a rename: the old path, then the new one
			if _, err := token(r, 0); err != nil {
				return unexpectedEnd(err)
			}
			if path, err = token(r, 0); err != nil {
				return unexpectedEnd(err)
			}
		}
		f := DiffFile{Path: strings.ToValidUTF8(path, "\uFFFD"), Sized: parts[0] != "-"}
		f.Added, _ = strconv.Atoi(parts[0])
		f.Deleted, _ = strconv.Atoi(parts[1])
		d.add(f)
	}
}

// lines reads a patch. A file's header ends with the first line that begins
// with "@@": only below it does a plus or a minus stand for a line.
func (d *diffReader) lines(r *bufio.Reader) error {
	var f *DiffFile
	old, header := "", false
	for {
		t, err := token(r, '\n')
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		switch {
		case strings.HasPrefix(t, "diff --git "):
			f, old, header = nil, "", true
		case header && strings.HasPrefix(t, "--- "):
			old = patchPath(t[4:])
		case header && strings.HasPrefix(t, "+++ "):
			path := patchPath(t[4:])
			if path == "" {
				path = old
			}
			if i, ok := d.at[path]; ok {
				f = &d.files[i]
				f.Read = true
			}
		case strings.HasPrefix(t, "@@"):
			header = false
		case !header && f != nil && (t != "" && (t[0] == '+' || t[0] == '-')):
			d.line(f, t[1:])
		}
	}
}

func (d *diffReader) line(f *DiffFile, text string) {
	if len(f.Lines) >= maxDiffLines || d.bytes > maxDiffBytes {
		return
	}
	if len(text) > maxDiffLine {
		text = text[:maxDiffLine]
	}
	d.bytes += len(text)
	f.Lines = append(f.Lines, text)
}

// patchPath reads "b/path", which is quoted where it holds odd letters; empty
// for /dev/null.
func patchPath(s string) string {
	s = strings.TrimSuffix(s, "\t")
	if strings.HasPrefix(s, `"`) {
		if plain, err := strconv.Unquote(s); err == nil {
			s = plain
		}
	}
	if s == "/dev/null" || len(s) < 2 {
		return ""
	}
	return strings.ToValidUTF8(s[2:], "\uFFFD")
}

// untracked adds the files of the work tree that git does not know yet.
func (g Git) untracked(ctx context.Context, d *diffReader) error {
	top, err := g.line(ctx, "rev-parse", "--show-toplevel")
	if err != nil {
		return err
	}
	all := g
	all.Dir = top
	return all.run(ctx, []string{"ls-files", "-z", "--others", "--exclude-standard"}, func(r *bufio.Reader) error {
		return names(r, maxDiffFiles, func(path string) {
			f := DiffFile{Path: strings.ToValidUTF8(path, "\uFFFD")}
			if text, ok := begin(filepath.Join(top, filepath.FromSlash(path))); ok {
				f.Sized, f.Read = true, true
				f.Added = strings.Count(text, "\n")
				for line := range strings.Lines(text) {
					d.line(&f, strings.TrimSuffix(line, "\n"))
				}
			}
			d.add(f)
		})
	})
}

// begin is the beginning of a regular text file.
func begin(path string) (string, bool) {
	if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() {
		return "", false
	}
	f, err := os.Open(path)
	if err != nil {
		return "", false
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, 1<<20))
	return string(text), err == nil && !strings.Contains(string(text), "\x00")
}

// Tree lists the files of a commit.
func (g Git) Tree(ctx context.Context, commit string) (paths []string, err error) {
	if !commitID.MatchString(commit) {
		return nil, debrief.Errorf(debrief.Invalid, "", "%q is no commit id", commit)
	}
	err = g.run(ctx, []string{"ls-tree", "-r", "-z", "--name-only", "--full-tree", commit}, func(r *bufio.Reader) error {
		return names(r, maxTree, func(path string) { paths = append(paths, strings.ToValidUTF8(path, "\uFFFD")) })
	})
	return paths, err
}

// LastTouched is when something below a folder was last changed before a
// commit, by that commit's history; zero: never.
func (g Git) LastTouched(ctx context.Context, commit, folder string) (string, error) {
	if !commitID.MatchString(commit) {
		return "", debrief.Errorf(debrief.Invalid, "", "%q is no commit id", commit)
	}
	return g.line(ctx, "log", "-1", "--no-merges", "--no-show-signature", "--format=%ct", commit, "--", ":(top,literal)"+folder)
}

func names(r *bufio.Reader, most int, each func(string)) error {
	for range most {
		t, err := token(r, 0)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		each(t)
	}
	return errEnough
}
