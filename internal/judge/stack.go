package judge

import "strings"

// continues says whether a line belongs to the one before it: empty, indented
// without a time of its own, a frame of a stack trace, or the last line of a
// Python traceback.
func (m *Miner) continues(line string) bool {
	if line == "" {
		return true
	}
	trimmed := strings.TrimLeft(line, " \t")
	if trimmed == "" {
		return true
	}
	if strings.HasPrefix(trimmed, "{\"") {
		return false
	}
	indented := len(trimmed) < len(line)
	if stackLine(trimmed) && (indented || m.trace) {
		return true
	}
	if indented {
		_, timed := LineTime(trimmed, nil)
		return !timed
	}
	if !m.trace {
		return closing(trimmed)
	}
	if _, timed := LineTime(line, nil); timed {
		return false
	}
	// The error a Python traceback ends with, or a Go function in a trace.
	if i := strings.IndexAny(trimmed, ":(["); i > 0 && strings.IndexByte(trimmed[:i], ' ') < 0 {
		return levelWord(trimmed[:i]) == ""
	}
	return closing(trimmed)
}

func closing(s string) bool {
	return s == "}" || s == ")" || s == "]" || strings.HasPrefix(s, "Caused by: ") || strings.HasPrefix(s, "Suppressed: ")
}

// stackLine: Java and JavaScript "at …", Python File "…", Java "... 12 more", Go
// "goroutine 1 [running]:" and "created by".
func stackLine(s string) bool {
	return strings.HasPrefix(s, "at ") || strings.HasPrefix(s, "File \"") || strings.HasPrefix(s, "goroutine ") ||
		strings.HasPrefix(s, "created by ") || strings.HasPrefix(s, "[signal ") || strings.HasPrefix(s, "exit status ") ||
		(strings.HasPrefix(s, "... ") && strings.HasSuffix(s, "more")) || closing(s)
}

func opensTrace(line string) bool {
	return strings.HasPrefix(line, "panic:") || strings.HasPrefix(line, "fatal error:") || strings.HasPrefix(line, "goroutine ") ||
		strings.Contains(line, "Traceback (most recent call last)")
}
