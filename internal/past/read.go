package past

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// LogFormat is the --format that Read expects, together with -z, --date=raw
// and --numstat (or --raw --no-renames, where file contents are missing).
const LogFormat = "tformat:%x01%H%x00%P%x00%ad%x00%cd%x00%an%x00%ae%x00%s%x00%b"

// ErrTorn: the log ended in the middle of a commit.
var ErrTorn = errors.New("git log ended in the middle of a commit")

// Read hands every commit of a log to each. The commit is only valid during
// the call. dirs are, by service, the folders whose changes are its own; a
// service without one owns every change.
func Read(in io.Reader, dirs [][]string, each func(*Commit) error) error {
	r := reader{in: bufio.NewReaderSize(in, 256<<10), dirs: dirs}
	var c *Commit
	for {
		t, err := r.token()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		switch {
		case len(t) > 0 && t[0] == 1:
			if c != nil {
				c.Paths = debrief.SomePaths(c.Paths, MaxPaths)
				if err := each(c); err != nil {
					return err
				}
			}
			if c, err = r.commit(t[1:]); err != nil {
				return err
			}
		case c == nil:
		default:
			if err := r.file(c, bytes.TrimPrefix(t, []byte("\n"))); err != nil {
				return err
			}
		}
	}
	if c != nil {
		c.Paths = debrief.SomePaths(c.Paths, MaxPaths)
		return each(c)
	}
	return nil
}

// readPaths is how many paths of one commit are read, from which MaxPaths are
// picked.
const readPaths = 2000

type reader struct {
	in   *bufio.Reader
	kept []byte
	dirs [][]string
}

// maxToken bounds what is kept of one field: a monstrous message costs no memory.
const maxToken = 64 << 10

// token reads up to the next NUL. It is valid until the next call.
func (r *reader) token() ([]byte, error) {
	chunk, err := r.in.ReadSlice(0)
	if err == nil {
		return chunk[:min(len(chunk)-1, maxToken)], nil
	}
	r.kept = r.kept[:0]
	for {
		if room := maxToken - len(r.kept); room > 0 {
			r.kept = append(r.kept, chunk[:min(room, len(chunk))]...)
		}
		switch {
		case err == nil:
			return bytes.TrimSuffix(r.kept, []byte{0}), nil
		case err == io.EOF && len(r.kept) > 0:
			return r.kept, nil
		case err != bufio.ErrBufferFull:
			return nil, err
		}
		chunk, err = r.in.ReadSlice(0)
	}
}

func (r *reader) commit(id []byte) (*Commit, error) {
	c := &Commit{ID: string(id), Touches: make([]bool, len(r.dirs))}
	for i, dirs := range r.dirs {
		c.Touches[i] = len(dirs) == 0
	}
	var f [7]string
	for i := range f {
		t, err := r.token()
		if err != nil {
			return nil, torn(err)
		}
		f[i] = string(t)
	}
	c.Parents = strings.Fields(f[0])
	c.Authored, c.Committed = rawDate(f[1]), rawDate(f[2])
	c.Name, c.Email = f[3], f[4]
	c.Subject = strings.ToValidUTF8(f[5], "\uFFFD")
	c.Body = f[6]
	return c, nil
}

// file reads "added TAB deleted TAB path" (a rename has an empty path followed
// by the old and the new one; a binary file has "-"), or ":modes ids status"
// followed by a path.
func (r *reader) file(c *Commit, t []byte) error {
	if len(t) == 0 {
		return nil
	}
	if t[0] == ':' {
		path, err := r.token()
		if err != nil {
			return torn(err)
		}
		r.path(c, path)
		return nil
	}
	added, rest, ok := bytes.Cut(t, []byte{'\t'})
	deleted, path, ok2 := bytes.Cut(rest, []byte{'\t'})
	if !ok || !ok2 {
		return nil
	}
	c.Sized = true
	c.Added += count(added)
	c.Deleted += count(deleted)
	if len(path) == 0 {
		old, err := r.token()
		if err != nil {
			return torn(err)
		}
		r.touch(c, old)
		if path, err = r.token(); err != nil {
			return torn(err)
		}
	}
	r.path(c, path)
	return nil
}

func (r *reader) path(c *Commit, path []byte) {
	c.Files++
	r.touch(c, path)
	if len(c.Paths) < readPaths {
		c.Paths = append(c.Paths, strings.ToValidUTF8(string(path), "\uFFFD"))
	}
}

func (r *reader) touch(c *Commit, path []byte) {
	for i, dirs := range r.dirs {
		for _, d := range dirs {
			if !c.Touches[i] && len(path) > len(d) && string(path[:len(d)]) == d && path[len(d)] == '/' {
				c.Touches[i] = true
			}
		}
	}
}

func torn(err error) error {
	if err == io.EOF {
		return ErrTorn
	}
	return err
}

// count is a numstat figure; "-" counts as none.
func count(b []byte) int {
	n := 0
	for _, ch := range b {
		if ch < '0' || ch > '9' || n > 1<<31 {
			return 0
		}
		n = n*10 + int(ch-'0')
	}
	return n
}

// rawDate reads "1772532000 +0100".
func rawDate(s string) time.Time {
	seconds, zone, _ := strings.Cut(s, " ")
	sec, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil || sec <= 0 || sec > 253402300799 { // year 9999: JSON ends there
		return time.Time{}
	}
	offset, err := strconv.Atoi(zone)
	if err != nil || offset < -1500 || offset > 1500 {
		offset = 0
	}
	return time.Unix(sec, 0).In(time.FixedZone("", (offset/100*60+offset%100)*60))
}
