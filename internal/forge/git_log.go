package forge

import (
	"bufio"
	"context"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// What one deployment's git facts hold at most. A report has to stay small
// enough to be sent in one piece; the counts go on where the lists end.
const (
	maxCommits     = 5000
	maxPaths       = 500  // of the whole range
	maxChangePaths = 50   // of one commit
	maxReadPaths   = 2000 // of one commit, from which those are picked
	maxListedPaths = 5000 // over all commits
	maxFiles       = 200_000
	maxTitle       = 300
)

// Between tells of the commits that are in to and not in from, newest first,
// without merges, in one pass of git log. An empty from is "not known": then
// there are no commits, since the beginning of time is no range. A from that
// the clone does not have is debrief.NotFound beside the facts that are known.
func (g Git) Between(ctx context.Context, repository, from, to string) (debrief.GitFacts, error) {
	facts := debrief.GitFacts{Repository: repository, To: to}
	if !commitID.MatchString(to) {
		return debrief.GitFacts{}, debrief.Errorf(debrief.Invalid, "commit", "%q is not a commit id", to)
	}
	if from == "" {
		return facts, nil
	}
	if !commitID.MatchString(from) {
		return facts, debrief.Errorf(debrief.Invalid, "previous", "%q is not a commit id", from)
	}
	facts.From = from
	if !g.Has(ctx, from) {
		err := debrief.Errorf(debrief.NotFound, "", "the previous deployment's commit %.10s is not in this clone", from)
		if shallow, e := g.line(ctx, "rev-parse", "--is-shallow-repository"); e == nil && shallow == "true" {
			err = err.WithHint("the clone is shallow; fetch more history, for example with fetch-depth: 0 or GIT_DEPTH: 0")
		}
		return facts, err
	}
	w := rangeReader{facts: &facts, salt: g.Salt, files: map[string]struct{}{}}
	args := []string{
		"log", "-z", "--numstat", "-M", "-l200", "--no-merges", "--no-color", "--no-ext-diff", "--no-textconv",
		"--format=tformat:%x01%H%x00%at%x00%ct%x00%ae%x00%s", "--max-count=" + strconv.Itoa(maxCommits+1),
		"--end-of-options", from + ".." + to,
	}
	err := g.run(ctx, args, w.read)
	if err != nil && len(facts.Commits) > 0 {
		facts.Truncated = true // what was read before the time was up is still true
	}
	w.finish()
	if err == nil && len(facts.Commits) == 0 && from != to {
		facts.Back = g.back(ctx, from, to)
	}
	return facts, err
}

// back is how many commits to lies before from; 0: it does not.
func (g Git) back(ctx context.Context, from, to string) int {
	if _, err := g.line(ctx, "merge-base", "--is-ancestor", to, from); err != nil {
		return 0
	}
	count, err := g.line(ctx, "rev-list", "--count", "--no-merges", "--end-of-options", to+".."+from)
	if err != nil {
		return 0
	}
	n, err := strconv.Atoi(count)
	if err != nil {
		return 0
	}
	return n
}

// rangeReader fills git facts from the output of git log -z --numstat.
type rangeReader struct {
	facts *debrief.GitFacts
	salt  string
	files map[string]struct{}
}

func (w *rangeReader) read(r *bufio.Reader) error {
	for {
		t, err := token(r, 0)
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
		if id, ok := strings.CutPrefix(t, "\x01"); ok {
			if len(w.facts.Commits) == maxCommits {
				w.facts.Truncated = true
				return errEnough
			}
			if err := w.commit(r, id); err != nil {
				return err
			}
			continue
		}
		if err := w.file(r, strings.TrimPrefix(t, "\n")); err != nil {
			return err
		}
	}
}

func (w *rangeReader) commit(r *bufio.Reader, id string) error {
	var f [4]string
	for i := range f {
		var err error
		if f[i], err = token(r, 0); err != nil {
			return unexpectedEnd(err)
		}
	}
	c := debrief.Change{
		ID: debrief.ID("change", w.facts.Repository, id), Repository: w.facts.Repository, Commit: id,
		Title: title(f[3]), PullNumber: pullNumber(f[3]), AuthoredAt: unix(f[0]), Committed: unix(f[1]), Commits: 1,
	}
	c.Bot = debrief.DependencyBot(f[2])
	if w.salt != "" && f[2] != "" {
		c.AuthorHash = debrief.ID("author", w.salt, strings.ToLower(f[2]))
	}
	w.pick()
	w.facts.Commits = append(w.facts.Commits, c)
	return nil
}

// pick leaves those of the last commit's paths that say most.
func (w *rangeReader) pick() {
	if n := len(w.facts.Commits); n > 0 {
		c := &w.facts.Commits[n-1]
		c.Paths = slices.Clip(debrief.SomePaths(c.Paths, maxChangePaths))
	}
}

// file reads one numstat entry: "added TAB deleted TAB path", where a rename
// has an empty path followed by the old and the new one. A binary file has "-".
func (w *rangeReader) file(r *bufio.Reader, t string) error {
	if t == "" || len(w.facts.Commits) == 0 {
		return nil
	}
	parts := strings.SplitN(t, "\t", 3)
	if len(parts) != 3 {
		return nil
	}
	path := parts[2]
	if path == "" {
		if _, err := token(r, 0); err != nil {
			return unexpectedEnd(err)
		}
		var err error
		if path, err = token(r, 0); err != nil {
			return unexpectedEnd(err)
		}
	}
	path = strings.ToValidUTF8(path, "\uFFFD")
	added, _ := strconv.Atoi(parts[0]) // "-" counts as none
	deleted, _ := strconv.Atoi(parts[1])
	c := &w.facts.Commits[len(w.facts.Commits)-1]
	c.Files++
	c.Added += added
	c.Deleted += deleted
	w.facts.Added += added
	w.facts.Deleted += deleted
	if len(c.Paths) < maxReadPaths {
		c.Paths = append(c.Paths, path)
	}
	if len(w.files) < maxFiles {
		w.files[path] = struct{}{}
	}
	return nil
}

// finish sorts the paths, so that the same range always reads the same.
func (w *rangeReader) finish() {
	w.pick()
	FewerPaths(w.facts.Commits, maxListedPaths)
	w.facts.Files = len(w.files)
	paths := make([]string, 0, len(w.files))
	for p := range w.files {
		paths = append(paths, p)
	}
	slices.Sort(paths)
	if len(paths) > maxPaths {
		paths = debrief.SomePaths(paths, maxPaths)
		w.facts.Truncated = true
	}
	if len(paths) > 0 {
		w.facts.Paths = paths
	}
}

// FewerPaths leaves at most so many paths over all changes: of the changes with
// many first, so that every one keeps some by which it can be sorted.
func FewerPaths(changes []debrief.Change, most int) {
	for each := maxChangePaths; ; each /= 2 {
		sum := 0
		for i := range changes {
			changes[i].Paths = debrief.SomePaths(changes[i].Paths, each)
			sum += len(changes[i].Paths)
		}
		if sum <= most || each == 0 {
			return
		}
	}
}

// title is a subject as it may be kept: masked, and of a readable length.
func title(s string) string {
	s = debrief.Mask(strings.ToValidUTF8(s, "\uFFFD"))
	if r := []rune(s); len(r) > maxTitle {
		s = string(r[:maxTitle-1]) + "…"
	}
	return s
}

// Squash merges end in "(#12)" on GitHub; GitLab writes "See merge request
// group/project!12" into the body, which is not read.
var pull = regexp.MustCompile(`\(#(\d{1,9})\)\s*$`)

func pullNumber(subject string) int {
	m := pull.FindStringSubmatch(subject)
	if m == nil {
		return 0
	}
	n, _ := strconv.Atoi(m[1])
	return n
}

func unix(s string) time.Time {
	sec, err := strconv.ParseInt(s, 10, 64)
	if err != nil || sec <= 0 || sec > 253402300799 { // year 9999: JSON ends there
		return time.Time{}
	}
	return time.Unix(sec, 0).UTC()
}

// token reads up to the delimiter. More than 64 KiB is read and dropped, so
// that a monstrous subject costs no memory.
func token(r *bufio.Reader, delim byte) (string, error) {
	var kept []byte
	for {
		chunk, err := r.ReadSlice(delim)
		if room := 64<<10 - len(kept); room > 0 {
			kept = append(kept, chunk[:min(room, len(chunk))]...)
		}
		switch {
		case err == bufio.ErrBufferFull:
			continue
		case err == io.EOF && len(kept) > 0:
			return string(kept), nil
		case err != nil:
			return "", err
		}
		if n := len(kept); n > 0 && kept[n-1] == delim {
			kept = kept[:n-1]
		}
		return string(kept), nil
	}
}

func unexpectedEnd(err error) error {
	if err == io.EOF {
		return debrief.Errorf(debrief.Unavailable, "", "git log ended in the middle of a commit: %w", io.ErrUnexpectedEOF)
	}
	return err
}
