package judge

import (
	"bytes"
	"slices"
)

const (
	mostFrames     = 3   // frames that tell one trace from another
	mostTraceLines = 400 // lines of a trace that are read
)

// tracer collects the stack trace in hand: what was thrown, and where. Line
// numbers, addresses and messages are left out, so that the same fault is the
// same pattern after an unrelated edit.
type tracer struct {
	lines      int
	thrown     []byte // the exception's type; of causes, the last
	own        [mostFrames][]byte
	any        [mostFrames][]byte
	nOwn, nAny int
	newestLast bool   // Python: the frame that threw is the last
	example    []byte // the event and its trace
	message    int    // where the message begins in it
	done       bool   // what else comes belongs to a trace that was counted
}

func (t *tracer) reset() {
	t.lines, t.nOwn, t.nAny, t.newestLast = 0, 0, 0, false
	t.thrown, t.example = t.thrown[:0], t.example[:0]
}

// begin keeps the start of an event, in case a trace follows.
func (t *tracer) begin(line []byte, message int) {
	if t.lines > 0 {
		t.reset()
	}
	t.example = append(t.example[:0], line[:min(len(line), mostExample/2)]...)
	t.message, t.done = min(message, len(t.example)), false
}

// first looks whether an event's own line, or what it says behind its header,
// names what was thrown.
func (t *tracer) first() {
	text := t.example[t.message:]
	if bytes.HasPrefix(text, []byte("Traceback ")) {
		t.newestLast = true
	} else if e := thrown(text); e != nil {
		t.thrown = append(t.thrown[:0], e...)
		if f := stackFrame(text, true); f != nil && ownFrame(text) {
			t.keep(&t.own, &t.nOwn, f) // Ruby names the place first
		}
	} else if bytes.HasPrefix(t.example, []byte("Error: ")) {
		t.thrown = append(t.thrown[:0], "Error"...) // JavaScript's; as a header it is a level
	} else if bytes.HasPrefix(text, []byte("panic: ")) || bytes.HasPrefix(text, []byte("fatal error: ")) {
		t.thrown = append(t.thrown[:0], text[:min(len(text), 80)]...)
	}
}

// line reads one more line of the trace.
func (t *tracer) line(line []byte) {
	if t.lines++; t.done || t.lines > mostTraceLines {
		return
	}
	if t.lines == 1 {
		t.first()
	}
	if room := mostExample - len(t.example); room > 1 {
		t.example = append(append(t.example, '\n'), line[:min(len(line), room-1)]...)
	}
	s := trimLeft(line)
	if bytes.HasPrefix(s, []byte("Traceback ")) {
		t.newestLast = true
		return
	}
	if f := stackFrame(s, len(s) < len(line)); f != nil {
		if f[0] != '/' && f[0] != '.' && ownFrame(s) {
			t.keep(&t.own, &t.nOwn, f)
		}
		t.keep(&t.any, &t.nAny, f)
		return
	}
	for _, p := range [...]string{"Caused by: ", "---> ", "Suppressed: "} {
		s = bytes.TrimPrefix(s, []byte(p))
	}
	if e := thrown(s); e != nil {
		t.thrown = append(t.thrown[:0], e...)
	}
}

// keep remembers the frames nearest to the fault.
func (t *tracer) keep(frames *[mostFrames][]byte, n *int, f []byte) {
	switch {
	case *n < mostFrames:
		frames[*n] = append(frames[*n][:0], f...)
		*n++
	case t.newestLast:
		oldest := frames[0]
		copy(frames[:], frames[1:])
		frames[mostFrames-1] = append(oldest[:0], f...)
	}
}

// signature is what the trace is known by; empty: it was no trace.
func (t *tracer) signature(to []byte) []byte {
	if t.nAny+t.nOwn == 0 {
		return to[:0]
	}
	to = append(to[:0], traceMark...)
	if len(t.thrown) > 0 {
		to = append(to, t.thrown...)
	} else {
		to = append(to, "error"...)
	}
	frames := t.own[:t.nOwn]
	if t.nOwn == 0 {
		frames = t.any[:t.nAny]
	}
	if t.newestLast {
		slices.Reverse(frames)
	}
	for _, f := range frames {
		to = append(append(to, " at "...), f...)
	}
	if t.newestLast {
		slices.Reverse(frames)
	}
	return to
}

// traceMark begins the template of a stack trace.
const traceMark = "trace: "

// endTrace makes the trace in hand a pattern and counts it.
func (m *Miner) endTrace() Ref {
	if m.stack.lines == 0 || m.stack.done {
		return noRef
	}
	m.text = m.stack.signature(m.text)
	ref := noRef
	if len(m.text) > 0 {
		m.tokenize(m.text)
		hash := sumTokens(m.toks)
		var c *cluster
		if at, ok := m.byHash[hash]; ok {
			c = m.root(at)
		} else if m.room() {
			ws := wordsOf(m.text, m.toks)
			fixed(ws)
			c = m.insert(ws)
			c.id, c.format, c.given = idOf(c.hash), -1, errorLevel
			c.example = string(m.stack.example)
			_, before := m.gone[hash]
			m.freshTrace = !before
		} else {
			c = m.other()
		}
		c.counts[errorLevel]++
		c.seen = m.lines
		ref = c.ref
	}
	m.stack.reset()
	return ref
}

// fixed makes a trace's words ones that never vary: another place is another
// fault.
func fixed(ws []word) {
	for i := range ws {
		ws[i].look = isClosed
	}
}

// thrown is the type of an exception that a line begins with, or names before
// a colon: java.io.IOException: reset, ValueError: bad, Uncaught TypeError: x.
func thrown(s []byte) []byte {
	for at, tries := 0, 0; at < len(s) && tries < 12; tries++ {
		if s[at] == '(' {
			at++
		}
		end := at
		for end < len(s) && (classes[s[end]]&(isLetter|isDigit) != 0 || s[end] == '.' || s[end] == '_' || s[end] == '$' || s[end] == '\\' || s[end] == ':' && end+2 < len(s) && s[end+1] == ':') {
			if s[end] == ':' {
				end++
			}
			end++
		}
		w := s[at:end]
		if len(w) >= 5 && len(w) <= 128 && (bytes.HasSuffix(w, []byte("Exception")) || bytes.HasSuffix(w, []byte("Error")) || bytes.HasSuffix(w, []byte("Exit")) || bytes.HasSuffix(w, []byte("Interrupt"))) {
			return w
		}
		// The next word.
		for end < len(s) && classes[s[end]]&isSpace == 0 {
			end++
		}
		at = skipSpace(s, end)
	}
	return nil
}

// stackFrame is the function (or file, where there is none) of a stack frame as
// Java, Kotlin, JavaScript, .NET, Python, Go, Ruby, Rust and PHP write it.
func stackFrame(s []byte, indented bool) []byte {
	switch {
	case bytes.HasPrefix(s, []byte("at ")): // Java, .NET, JavaScript; Rust's file
		f := bytes.TrimPrefix(s[3:], []byte("async "))
		if i := bytes.IndexByte(f, '('); i > 0 {
			f = f[:i]
		}
		if i := bytes.IndexByte(f, '/'); i > 0 && i < 40 && bytes.IndexByte(f[:i], ' ') < 0 && f[0] != '.' && f[0] != '/' && bytes.IndexByte(f[:i], ':') < 0 {
			f = f[i+1:] // java.base/java.lang.Thread.run
		}
		return cutFrame(f)
	case bytes.HasPrefix(s, []byte(`File "`)): // Python
		end := closingQuote(s, 5)
		if end < 0 {
			return nil
		}
		file := s[6:end]
		if i := bytes.LastIndexByte(file, '/'); i >= 0 {
			file = file[i+1:]
		}
		if i := bytes.Index(s[end:], []byte(", in ")); i > 0 {
			return cutFrame(s[end+i+5:])
		}
		return cutFrame(file)
	case len(s) > 3 && s[0] == '#' && classes[s[1]]&isDigit != 0: // PHP
		if i := bytes.Index(s, []byte("): ")); i > 0 {
			s = s[i+3:]
			if j := bytes.IndexByte(s, '('); j > 0 {
				s = s[:j]
			}
			return cutFrame(s)
		}
		return nil
	case classes[s[0]]&isDigit != 0: // Rust: 4: shop::pay::charge
		i := bytes.Index(s, []byte(": "))
		if i < 1 || i > 4 || !isNumber(s[:i]) {
			return nil
		}
		return cutFrame(s[i+2:])
	}
	if i := bytes.Index(s, []byte(":in ")); i > 0 { // Ruby: app/cart.rb:12:in `total'
		f := s[i+4:]
		if f = bytes.TrimLeft(f, "`'\""); len(f) > 0 {
			if j := bytes.IndexAny(f, "'\""); j > 0 {
				f = f[:j]
			}
		}
		return cutFrame(f)
	}
	// Go: shop.(*Cart).Total(0xc000, 0x1)
	if !indented && s[len(s)-1] == ')' && bytes.IndexByte(s, ' ') < 0 || bytes.HasPrefix(s, []byte("created by ")) {
		s = bytes.TrimPrefix(s, []byte("created by "))
		if i := bytes.LastIndexByte(s, '('); i > 0 && bytes.IndexByte(s[:i], '.') > 0 {
			return cutFrame(s[:i])
		}
	}
	return nil
}

// cutFrame takes line numbers and addresses off the end.
func cutFrame(f []byte) []byte {
	if i := bytes.Index(f, []byte(" in goroutine")); i > 0 {
		f = f[:i]
	}
	for len(f) > 0 && (classes[f[len(f)-1]]&(isDigit|isSpace) != 0 || f[len(f)-1] == ':') {
		f = f[:len(f)-1]
	}
	f = f[:min(len(f), 160)]
	if len(f) == 0 {
		return nil
	}
	return f
}

// libraries are where frames lie that are nobody's own: the languages' and
// their package managers'.
var libraries = [...]string{
	"at java.", "at javax.", "at jdk.", "at sun.", "at jakarta.", "at kotlin.", "at kotlinx.", "at scala.", "at org.springframework.", "at org.apache.", "at org.hibernate.", "at io.netty.", "java.base/",
	"at System.", "at Microsoft.", "node_modules", "node:", "(internal/", "site-packages", "dist-packages", "/lib/python", "<frozen ", "/gems/", "/usr/lib/", "/usr/local/",
	": std::", ": core::", ": tokio::", "rust_begin_unwind", "/vendor/",
}

var goLibraries = [...]string{"runtime.", "runtime/", "panic(", "net/http.", "testing.", "reflect.", "sync.", "created by "}

func ownFrame(s []byte) bool {
	for _, l := range goLibraries {
		if bytes.HasPrefix(s, []byte(l)) {
			return false
		}
	}
	for _, l := range libraries {
		if bytes.Contains(s, []byte(l)) {
			return false
		}
	}
	return true
}
