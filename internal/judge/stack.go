package judge

import "bytes"

// mostJoined bounds how many lines one event takes in only because they carry
// no time; it stays the exception in a stream, too.
const mostJoined = 50

// continues says whether a line belongs to the one before it: a frame of a
// stack trace, what stands indented behind it, the error a Python traceback
// ends with; and where every line carries a time, one that has none.
func (m *Miner) continues(line []byte) bool {
	first := classes[line[0]]
	timed := m.timed > 0 && 2*m.timed > m.lines
	if first&isSpace == 0 && !m.trace {
		switch {
		case closing(line), timed && exception(line):
			return true
		case timed && bytes.HasPrefix(line, []byte("Traceback (")), bytes.HasPrefix(line, []byte("Stack trace:")), bytes.HasPrefix(line, []byte("stack backtrace:")):
			m.trace = true // of the error that was logged
			return true
		case m.timed < 20 || 20*m.timed < 19*m.lines || 4*m.joined > m.timed || m.joinedNow >= mostJoined:
			return false
		case line[0] == '{' || loud(line) || m.readHeader(line, false).found():
			return false
		}
		m.joined++
		m.joinedNow++
		return true
	}
	s := trimLeft(line)
	if s[0] == '{' && len(s) > 1 && s[1] == '"' {
		return false
	}
	indented := len(s) < len(line)
	if stackLine(s) && (indented || m.trace) {
		return true
	}
	if indented {
		if m.bare || !m.trace && !timed {
			return false // .NET names the category in one line and says what happened in the next
		}
		return !m.readHeader(s, false).timed
	}
	if opensTrace(line) || m.readHeader(line, false).timed {
		return false
	}
	if i := bytes.IndexAny(s, ":("); i > 0 && bytes.IndexByte(s[:i], ' ') < 0 {
		switch {
		case m.stack.newestLast && m.stack.nAny > 0 && s[i] == ':' && levelWordOf(s[:i]) == noLevel:
			m.trace = false // the error a Python traceback ends with
			return true
		case s[i] == '(' && s[len(s)-1] == ')' && bytes.IndexByte(s[:i], '.') > 0, exception(s):
			return true // a Go function
		}
	}
	return closing(s) || m.stack.lines == 0 && bytes.Contains(m.stack.example, []byte(" panicked at "))
}

// loud: what programs say with their last breath is an event of its own, even
// if it carries no time.
func loud(line []byte) bool {
	if opensTrace(line) || sounds(line) == errorLevel {
		return true
	}
	for _, p := range [...]string{"Exception in thread", "Killed", "Aborted", "terminate called", "thread '", "Unhandled", "uncaught", "FATAL", "Fatal"} {
		if bytes.HasPrefix(line, []byte(p)) {
			return true
		}
	}
	return false
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
	for _, p := range [...]string{"at ", "File \"", "from ", "goroutine ", "created by ", "[signal ", "exit status ", "note: ", "Stack trace:", "stack backtrace:"} {
		if bytes.HasPrefix(s, []byte(p)) {
			return true
		}
	}
	if len(s) > 2 && s[0] == '#' && classes[s[1]]&isDigit != 0 {
		return true // PHP
	}
	return bytes.HasPrefix(s, []byte("... ")) && bytes.HasSuffix(s, []byte("more")) || closing(s)
}

func opensTrace(text []byte) bool {
	if len(text) == 0 {
		return false
	}
	switch text[0] {
	case 'P':
		return bytes.HasPrefix(text, []byte("PHP Fatal error: "))
	case 'p', 'f', 'g', 'T', 't', 'E', 'U':
		return bytes.HasPrefix(text, []byte("panic:")) || bytes.HasPrefix(text, []byte("fatal error:")) || bytes.HasPrefix(text, []byte("goroutine ")) ||
			bytes.HasPrefix(text, []byte("Traceback (most recent call last)")) || bytes.HasPrefix(text, []byte("thread '")) && bytes.Contains(text, []byte("panicked at")) ||
			bytes.HasPrefix(text, []byte("Exception in thread")) || bytes.HasPrefix(text, []byte("Unhandled exception")) || bytes.HasPrefix(text, []byte("Uncaught "))
	}
	return false
}
