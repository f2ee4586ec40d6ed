package judge

import "strings"

// levels are the words for levels as systems write them.
var levels = [...]struct{ word, level string }{
	{"emergency", "error"},
	{"emerg", "error"},
	{"alert", "error"},
	{"critical", "error"},
	{"crit", "error"},
	{"fatal", "error"},
	{"panic", "error"},
	{"severe", "error"},
	{"error", "error"},
	{"err", "error"},
	{"failure", "error"},
	{"warning", "warn"},
	{"warn", "warn"},
	{"notice", "info"},
	{"information", "info"},
	{"info", "info"},
	{"log", "info"},
	{"debug", "debug"},
	{"trace", "debug"},
	{"verbose", "debug"},
	{"fine", "debug"},
	{"finer", "debug"},
	{"finest", "debug"},
}

func levelWord(w string) string {
	if len(w) > 11 {
		return ""
	}
	for _, l := range levels {
		if strings.EqualFold(w, l.word) {
			return l.level
		}
	}
	return ""
}

// levelOf says how bad a line sounds: by the level it names in its first
// words, else by an exception or panic in it. Empty is not known.
func levelOf(line string) string {
	line = head(line, 1024)
	if l := klog(line); l != "" {
		return l
	}
	if len(line) > 2 && line[0] == '<' {
		// A syslog priority: the severity is its last three bits.
		n, i := 0, 1
		for ; i < len(line) && i < 4 && line[i] >= '0' && line[i] <= '9'; i++ {
			n = n*10 + int(line[i]-'0')
		}
		if i > 1 && i < len(line) && line[i] == '>' {
			return [...]string{"error", "error", "error", "error", "warn", "info", "info", "debug"}[n%8]
		}
	}
	rest := line
	for words := 0; words < 12; words++ {
		rest = strings.TrimLeft(rest, " \t\r\n")
		if rest == "" {
			break
		}
		end := strings.IndexAny(rest, " \t\r\n")
		if end < 0 {
			end = len(rest)
		}
		word := rest[:end]
		rest = rest[end:]
		if l := inWord(word, words); l != "" {
			return l
		}
	}
	return sounds(line)
}

// inWord finds a level in ERROR, [error], level=warn, main:ERROR: or, standing
// alone, E. In prose ("no error found") a small word is none.
func inWord(word string, at int) string {
	plain := strings.Trim(word, "[](){}<>|:,;\"'*-")
	if _, v, ok := strings.Cut(plain, "="); ok {
		plain = strings.Trim(v, "\"'")
	}
	if len(plain) == 1 && at >= 1 && at <= 6 && len(word) == 1 {
		switch plain {
		case "E", "F":
			return "error"
		case "W":
			return "warn"
		case "I":
			return "info"
		case "D", "V":
			return "debug"
		}
	}
	for len(plain) > 0 {
		piece, rest := plain, ""
		if i := strings.IndexAny(plain, ":[]().|,;/"); i >= 0 {
			piece, rest = plain[:i], plain[i+1:]
		}
		if l := levelWord(piece); l != "" && (piece == strings.ToUpper(piece) || len(piece) < len(word) || at == 0) {
			return l
		}
		plain = rest
	}
	return ""
}

// klog headers begin with the level's letter and the month and day: E0102 15:04:05.
func klog(line string) string {
	if len(line) < 6 || line[5] != ' ' {
		return ""
	}
	for i := 1; i < 5; i++ {
		if line[i] < '0' || line[i] > '9' {
			return ""
		}
	}
	switch line[0] {
	case 'E', 'F':
		return "error"
	case 'W':
		return "warn"
	case 'I':
		return "info"
	}
	return ""
}

var badSounds = [...]string{"panic:", "fatal error:", "Traceback (most recent call last)", "Unhandled exception", "Uncaught ", "Segmentation fault", "OutOfMemory", "out of memory", "error:", "Error:", "ERROR"}

func sounds(line string) string {
	for _, s := range badSounds {
		if strings.Contains(line, s) {
			return "error"
		}
	}
	// java.lang.IllegalStateException: …
	if i := strings.Index(line, "Exception"); i > 0 {
		c := line[i-1]
		if c >= 'a' && c <= 'z' {
			return "error"
		}
	}
	return ""
}
