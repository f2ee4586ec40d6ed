package measure

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"github.com/debriefhq/debrief/internal/judge"
)

// splitter cuts what is read into lines.
type splitter struct {
	max     int
	offset  int64 // of the next byte to read
	whole   int64 // behind the last whole line
	part    []byte
	tooLong bool // the rest of this line is dropped
	lines   []string
	cut     int
	last    time.Time // of the last line that carried a time
}

// split takes one line, or what there is of one, and returns the rest.
func (s *splitter) split(b []byte) (rest []byte) {
	line, rest, ends := bytes.Cut(b, []byte{'\n'})
	s.offset += int64(len(b) - len(rest))
	if room := s.max - len(s.part); len(line) > room {
		s.tooLong = true
		line = line[:room]
	}
	s.part = append(s.part, line...)
	if ends {
		s.finish()
	}
	return rest
}

// finish ends the line in hand. Empty lines are none.
func (s *splitter) finish() {
	text := strings.TrimRight(strings.ToValidUTF8(string(s.part), "�"), "\r")
	if s.tooLong {
		text += "…"
		s.cut++
	}
	if strings.TrimSpace(text) != "" {
		s.lines = append(s.lines, text)
	}
	s.part, s.tooLong, s.whole = s.part[:0], false, s.offset
}

// time is when a line was written: what it says itself; else what the line
// before it said (a stack trace); else now.
func (f *follower) time(text string) time.Time {
	now := f.o.Now().UTC()
	if at, ok := judge.LineTime(text, f.o.Location); ok {
		f.last = inYear(at, now)
	}
	if f.last.IsZero() || f.last.After(now.Add(24*time.Hour)) {
		return now
	}
	return f.last
}

// inYear gives a time without a year the one that brings it nearest to now,
// and not into the future.
func inYear(at, now time.Time) time.Time {
	if at.Year() != 0 {
		return at.UTC()
	}
	at = time.Date(now.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), at.Nanosecond(), at.Location())
	if at.After(now.Add(24 * time.Hour)) {
		at = at.AddDate(-1, 0, 0)
	}
	return at.UTC()
}

// catchUp reads what was renamed away since the position was taken: the file
// it names, then every younger one beside it. Compressed files are not read.
func (f *follower) catchUp(ctx context.Context) error {
	if f.o.From.File == "" {
		return nil
	}
	if info, err := os.Stat(f.o.Path); err == nil && fileID(info) == f.o.From.File {
		return nil
	}
	older := f.rotated()
	at := -1
	for i, r := range older {
		if r.id == f.o.From.File {
			at = i
		}
	}
	if at < 0 {
		return nil
	}
	for i, r := range older[at:] {
		file, err := os.Open(r.path)
		if err != nil {
			continue // renamed or removed again
		}
		info, err := file.Stat()
		if err != nil {
			file.Close()
			continue
		}
		f.take(file, info)
		f.restart(0)
		if i == 0 {
			f.restart(min(f.o.From.Offset, info.Size()))
		}
		if err := f.read(ctx); err != nil {
			return err
		}
		if err := f.flush(true); err != nil {
			return err
		}
		f.close()
	}
	return nil
}

type rotated struct {
	path, id string
	at       time.Time
}

// rotated lists the path's older files, oldest first: shop.log.1,
// shop.log-20261122, shop-2026-11-22.log.
func (f *follower) rotated() []rotated {
	dir, base := filepath.Split(f.o.Path)
	entries, err := os.ReadDir(filepath.Clean(dir + "."))
	if err != nil {
		return nil
	}
	var list []rotated
	for _, e := range entries {
		if !isRotated(e.Name(), base) || !e.Type().IsRegular() {
			continue
		}
		switch filepath.Ext(e.Name()) {
		case ".gz", ".zst", ".bz2", ".xz":
			continue
		}
		if info, err := e.Info(); err == nil {
			list = append(list, rotated{filepath.Join(dir, e.Name()), fileID(info), info.ModTime()})
		}
	}
	sort.Slice(list, func(i, j int) bool { return list[i].at.Before(list[j].at) })
	return list
}

// isRotated says whether a name is what base was renamed to, and not another
// live log beside it: shop-access.log is none of shop.log's.
func isRotated(name, base string) bool {
	if rest, ok := strings.CutPrefix(name, base); ok {
		return len(rest) > 1 && strings.ContainsRune(".-_", rune(rest[0]))
	}
	rest, ok := strings.CutPrefix(name, strings.TrimSuffix(base, filepath.Ext(base)))
	return ok && len(rest) > 1 && strings.ContainsRune(".-_", rune(rest[0])) && rest[1] >= '0' && rest[1] <= '9'
}
