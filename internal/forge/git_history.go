package forge

import (
	"bufio"
	"context"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// History is a part of a repository's history: what can be reached from the
// commits of Tips and not from those of Not.
type History struct {
	Tips  []string
	Not   []string
	Since time.Time // zero: all of it; commits older than that are not followed
	// Format is a --format; what follows each commit are the sizes of its
	// files (--numstat), or only their paths where the clone lacks contents.
	Format string
	// NoSizes reads paths only, which needs no contents of files.
	NoSizes bool
}

// ErrContents: the clone lacks contents of files, as partial clones do.
var ErrContents = debrief.Errorf(debrief.NotFound, "", "this clone lacks contents of files, so the sizes of changes cannot be told")

// Log streams the log of a history to read, children before their parents.
func (g Git) Log(ctx context.Context, h History, read func(io.Reader) error) error {
	commits, err := h.commits()
	if err != nil {
		return err
	}
	args := []string{"log", "-z", "--topo-order", "--no-color", "--no-ext-diff", "--no-textconv", "--no-show-signature", "--date=raw", "--format=" + h.Format}
	if h.NoSizes {
		args = append(args, "--raw", "--no-renames", "--no-abbrev")
	} else {
		args = append(args, "--numstat", "-l200")
	}
	if !h.Since.IsZero() {
		args = append(args, "--since="+strconv.FormatInt(h.Since.Unix(), 10))
	}
	g.Input = strings.NewReader(commits)
	err = g.run(ctx, append(args, "--stdin"), func(r *bufio.Reader) error { return read(r) })
	if err != nil && !h.NoSizes && (strings.Contains(err.Error(), "unable to read") || strings.Contains(err.Error(), "missing blob") || strings.Contains(err.Error(), "lazy fetching disabled") || strings.Contains(err.Error(), "promisor")) {
		return ErrContents
	}
	return err
}

// Sizeless reports a clone without the contents of files (a blobless or
// treeless partial clone): sizes would have to be fetched one by one.
func (g Git) Sizeless(ctx context.Context) bool {
	v, err := g.line(ctx, "config", "--get-regexp", `^(extensions\.partialclone|remote\..*\.partialclonefilter)$`)
	return err == nil && v != ""
}

// Main is the commit at the tip of the main branch: what origin calls so, else
// main, master or trunk, else what is checked out.
func (g Git) Main(ctx context.Context) (commit, name string, err error) {
	if head, err := g.line(ctx, "symbolic-ref", "--short", "refs/remotes/origin/HEAD"); err == nil && head != "" {
		if c, err := g.line(ctx, "rev-parse", "--verify", "--quiet", "refs/remotes/"+head+"^{commit}"); err == nil && c != "" {
			return c, strings.TrimPrefix(head, "origin/"), nil
		}
	}
	for _, b := range []string{"main", "master", "trunk"} {
		if c, err := g.line(ctx, "rev-parse", "--verify", "--quiet", "refs/heads/"+b+"^{commit}"); err == nil && c != "" {
			return c, b, nil
		}
	}
	c, err := g.line(ctx, "rev-parse", "--verify", "HEAD^{commit}")
	return c, "HEAD", err
}

// Committed is when a commit was made.
func (g Git) Committed(ctx context.Context, commit string) (time.Time, error) {
	if !commitID.MatchString(commit) {
		return time.Time{}, debrief.Errorf(debrief.Invalid, "commit", "%q is not a commit id", commit)
	}
	s, err := g.line(ctx, "show", "-s", "--no-show-signature", "--format=%ct", commit)
	return unix(s), err
}

// Parents are the commits a commit was made on.
func (g Git) Parents(ctx context.Context, commit string) ([]string, error) {
	if !commitID.MatchString(commit) {
		return nil, debrief.Errorf(debrief.Invalid, "commit", "%q is not a commit id", commit)
	}
	s, err := g.line(ctx, "show", "-s", "--no-show-signature", "--format=%P", commit)
	return strings.Fields(s), err
}

// Count is how many commits Log would tell of.
func (g Git) Count(ctx context.Context, h History) (int, error) {
	commits, err := h.commits()
	if err != nil {
		return 0, err
	}
	g.Input = strings.NewReader(commits)
	s, err := g.line(ctx, "rev-list", "--count", "--stdin")
	n, _ := strconv.Atoi(s)
	return n, err
}

func (h History) commits() (string, error) {
	var b strings.Builder
	for _, c := range h.Tips {
		if !commitID.MatchString(c) {
			return "", debrief.Errorf(debrief.Invalid, "commit", "%q is not a commit id", c)
		}
		b.WriteString(c + "\n")
	}
	for _, c := range h.Not {
		if commitID.MatchString(c) {
			b.WriteString("^" + c + "\n")
		}
	}
	return b.String(), nil
}

// Folders are the folders of a commit that a prefix of its tags may stand for:
// the one of that name, or a package of that name.
func (g Git) Folders(ctx context.Context, commit, prefix string) []string {
	if !commitID.MatchString(commit) {
		return nil
	}
	name := lastPart(prefix)
	tries := []string{prefix}
	for _, parent := range []string{"packages", "services", "apps", "libs", "modules", "plugins", "crates", "cmd"} {
		tries = append(tries, parent+"/"+name)
	}
	for _, folder := range tries {
		if kind, err := g.line(ctx, "cat-file", "-t", commit+":"+folder); err == nil && kind == "tree" {
			return []string{folder}
		}
	}
	return nil
}
