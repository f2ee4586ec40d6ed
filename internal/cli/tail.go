package cli

import (
	"bytes"
	"io"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
)

const (
	tailBytes = 64 << 10
	tailLines = 200
	lineBytes = 16 << 10 // of one line; the rest of a longer one is dropped
)

// tail remembers the last lines that went by on several streams. Lines are put
// together per stream, so that two streams never cut each other's words, and a
// secret is never split into halves that no mask recognises.
type tail struct {
	mu    sync.Mutex
	lines []string
	bytes int
}

// stream passes everything on, at once and untouched, and remembers its tail.
func (t *tail) stream(to io.Writer) *stream { return &stream{tail: t, to: to} }

type stream struct {
	tail *tail
	to   io.Writer
	line []byte
	long bool // the line went on after lineBytes

	passed atomic.Int64
}

func (s *stream) Write(p []byte) (int, error) {
	n, err := s.to.Write(p)
	s.passed.Add(int64(n))
	for rest := p[:n]; len(rest) > 0; {
		i := bytes.IndexByte(rest, '\n')
		if i < 0 {
			s.add(rest)
			break
		}
		s.add(rest[:i])
		s.end()
		rest = rest[i+1:]
	}
	return n, err
}

func (s *stream) add(p []byte) {
	// A progress bar redraws its line: only what stands there last is kept.
	if i := bytes.LastIndexByte(p, '\r'); i >= 0 && i < len(p)-1 {
		s.line, s.long, p = s.line[:0], false, p[i+1:]
	} else if n := len(s.line); n > 0 && s.line[n-1] == '\r' && len(p) > 0 {
		s.line, s.long = s.line[:0], false
	}
	room := lineBytes - len(s.line)
	if len(p) > room {
		p, s.long = p[:room], true
	}
	s.line = append(s.line, p...)
}

func (s *stream) end() {
	line := string(s.line)
	if s.long {
		// The cut may go through a secret: leave out the word it went through.
		if i := strings.LastIndexAny(line, " \t\"',;&"); i >= 0 {
			line = line[:i]
		} else {
			line = ""
		}
		line += "…"
	}
	s.line, s.long = s.line[:0], false
	s.tail.keep(line)
}

func (t *tail) keep(line string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lines = append(t.lines, line)
	t.bytes += len(line) + 1
	drop := 0
	for len(t.lines)-drop > tailLines || (t.bytes > tailBytes && len(t.lines)-drop > 1) {
		t.bytes -= len(t.lines[drop]) + 1
		t.lines[drop] = ""
		drop++
	}
	t.lines = t.lines[drop:]
}

// text ends the streams' last lines and returns the tail, masked.
func (t *tail) text(environ []string, streams ...*stream) string {
	for _, s := range streams {
		if len(s.line) > 0 {
			s.end()
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	cleaned := make([]string, len(t.lines)) // only what is kept: most lines pass by
	for i, l := range t.lines {
		cleaned[i] = clean(l)
	}
	text := maskOutput(strings.TrimRight(strings.Join(cleaned, "\n"), "\n"), environ)
	for len(text) > tailBytes { // a mask can be longer than what it hides
		_, text, _ = strings.Cut(text, "\n")
	}
	return text
}

// escapes are what colours and moves the cursor in a terminal; they could also
// stand in the middle of a secret.
var escapes = regexp.MustCompile("\x1b(?:\\[[0-?]*[ -/]*[@-~]|\\][^\x07\x1b]*(?:\x07|\x1b\\\\)?|[@-Z\\\\-_])")

func clean(line string) string {
	if strings.IndexByte(line, 0x1b) >= 0 {
		line = escapes.ReplaceAllString(line, "")
	}
	line = strings.ToValidUTF8(line, "\uFFFD")
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, line)
}
