package judge

import "bytes"

// continues says whether a line belongs to the one before it: indented without
// a time of its own where lines carry times, a frame of a stack trace, or the
// last line of a Python traceback.
func (m *Miner) continues(line []byte) bool {
	c := line[0]
	if c != ' ' && c != '\t' && !m.trace && c != '}' && c != ')' && c != ']' && c != 'C' && c != 'S' {
		return 2*m.timed > m.lines && exception(line)
	}
	trimmed := bytes.TrimLeft(line, " \t")
	if bytes.HasPrefix(trimmed, []byte(`{"`)) {
		return false
	}
	indented := len(trimmed) < len(line)
	if stackLine(trimmed) && (indented || m.trace) {
		return true
	}
	if indented {
		if m.bare {
			return false // .NET names the category in one line and says what happened in the next
		}
		if !m.trace && 2*m.timed <= m.lines {
			return false
		}
		return !m.readHeader(trimmed, false).timed
	}
	if !m.trace {
		return closing(trimmed) || 2*m.timed > m.lines && exception(line)
	}
	if m.readHeader(line, false).timed {
		return false
	}
	// The error a Python traceback ends with, or a Go function in a trace.
	if i := bytes.IndexAny(trimmed, ":(["); i > 0 && bytes.IndexByte(trimmed[:i], ' ') < 0 {
		return levelWordOf(trimmed[:i]) == noLevel
	}
	return closing(trimmed)
}

func closing(s []byte) bool {
	return len(s) == 1 && (s[0] == '}' || s[0] == ')' || s[0] == ']') || bytes.HasPrefix(s, []byte("Caused by: ")) || bytes.HasPrefix(s, []byte("Suppressed: "))
}

// exception: java.lang.IllegalStateException: closed, builtins.ValueError.
func exception(s []byte) bool {
	end := bytes.IndexAny(s, ": ")
	if end < 0 {
		end = len(s)
	}
	w := s[:end]
	if len(w) < 6 || len(w) > 128 || end < len(s) && s[end] != ':' {
		return false
	}
	return bytes.HasSuffix(w, []byte("Exception")) || bytes.HasSuffix(w, []byte("Error")) && len(w) > 5
}

// stackLine: Java and JavaScript "at …", Python File "…", Java "... 12 more", Go
// "goroutine 1 [running]:" and "created by".
func stackLine(s []byte) bool {
	for _, p := range [...]string{"at ", "File \"", "goroutine ", "created by ", "[signal ", "exit status "} {
		if bytes.HasPrefix(s, []byte(p)) {
			return true
		}
	}
	return bytes.HasPrefix(s, []byte("... ")) && bytes.HasSuffix(s, []byte("more")) || closing(s)
}

func opensTrace(text []byte) bool {
	if len(text) == 0 {
		return false
	}
	switch text[0] {
	case 'p', 'f', 'g', 'T':
		return bytes.HasPrefix(text, []byte("panic:")) || bytes.HasPrefix(text, []byte("fatal error:")) || bytes.HasPrefix(text, []byte("goroutine ")) ||
			bytes.HasPrefix(text, []byte("Traceback (most recent call last)"))
	}
	return false
}
