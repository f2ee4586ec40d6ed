package forge

import (
	"bufio"
	"context"
	"io"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// Tag is a name for a commit, and when it was given: the tagger's date, or the
// commit's where the tag is only a name.
type Tag struct {
	Name   string
	Commit string
	At     time.Time
}

// Tags lists at most 10,000 tags that name a commit, newest first.
func (g Git) Tags(ctx context.Context) ([]Tag, error) {
	args := []string{
		"for-each-ref", "--sort=-refname", "--sort=-creatordate", "--count=10000",
		"--format=%(refname:strip=2)%00%(objecttype)%00%(objectname)%00%(*objecttype)%00%(*objectname)%00%(creatordate:unix)", "refs/tags",
	}
	var tags []Tag
	err := g.run(ctx, args, func(r *bufio.Reader) error {
		for {
			line, err := token(r, '\n')
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return err
			}
			f := strings.Split(line, "\x00")
			if len(f) != 6 {
				continue
			}
			t := Tag{Name: strings.ToValidUTF8(f[0], "\uFFFD"), At: unix(f[5])}
			switch {
			case f[1] == "commit":
				t.Commit = f[2]
			case f[3] == "commit":
				t.Commit = f[4]
			default:
				continue // a tag of a tree, a blob, or of another tag: nothing was released by it
			}
			tags = append(tags, t)
		}
	})
	return tags, err
}

// Tags lists the tags of the repository at dir, newest first.
func Tags(ctx context.Context, dir string) ([]Tag, error) { return Git{Dir: dir}.Tags(ctx) }

// Resolve is the commit that a name (a tag, a branch, HEAD, a commit) stands for.
func (g Git) Resolve(ctx context.Context, name string) (string, error) {
	if name == "" || strings.HasPrefix(name, "-") || strings.ContainsAny(name, "\x00\n ") || len(name) > 300 {
		return "", debrief.Errorf(debrief.Invalid, "", "%q names no commit", name)
	}
	commit, err := g.line(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", name+"^{commit}")
	if err != nil || !commitID.MatchString(commit) {
		return "", debrief.Errorf(debrief.NotFound, "", "there is no commit %q in this clone", name).WithHint("a shallow clone may lack it: fetch more history, for example with fetch-depth: 0 or GIT_DEPTH: 0")
	}
	return commit, nil
}

// TagBefore is the nearest tag before a commit, not on it.
func (g Git) TagBefore(ctx context.Context, commit string) (tag, at string, err error) {
	if !commitID.MatchString(commit) {
		return "", "", debrief.Errorf(debrief.Invalid, "commit", "%q is not a commit id", commit)
	}
	if tag, err = g.line(ctx, "describe", "--tags", "--abbrev=0", commit+"^"); err != nil {
		return "", "", err
	}
	at, err = g.Resolve(ctx, "refs/tags/"+tag)
	return tag, at, err
}
