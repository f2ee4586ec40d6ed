package forge

import (
	"bufio"
	"context"
	"io"
	"strings"
	"time"
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
