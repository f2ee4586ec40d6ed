package debrief

import "strings"

// Says is the kind of line without what every line of a log begins with: its
// time and its level. A kind that is nothing else stays as it is.
func (p LogPattern) Says() string {
	const most = 8 // words a log's own beginning takes
	rest, cut, level := p.Template, p.Template, false
	for range most {
		rest = strings.TrimLeft(rest, " \t")
		word, after, _ := strings.Cut(rest, " ")
		name, value, pair := strings.Cut(word, "=")
		switch plain := strings.Trim(word, `[](){}|:,;"'-`); {
		case pair && logLevel(name) == "" && isLevelKey(name) && logLevel(strings.Trim(value, `"'`)) != "":
			cut, level = after, true
		case pair && level && (name == "msg" || name == "message"):
			text := strings.TrimPrefix(rest, name+"=")
			if quoted, ok := strings.CutPrefix(text, `"`); ok {
				text = strings.Replace(quoted, `"`, "", 1)
			}
			return or(text, p.Template)
		case pair && isTimeKey(name):
		case pair:
			return or(strings.TrimSpace(cut), p.Template)
		case logLevel(plain) != "" && !level && (word != plain || plain == strings.ToUpper(plain)):
			cut, level = after, true
		case word == "" || plain == "" || isTime(plain):
			// A number may be what the line is about: only a whole date or time
			// is dropped before it is known that a level follows.
			if level && !strings.Contains(plain, "<*>") && plain != "" || wholeTime(plain) {
				cut = after
			}
		default:
			return or(strings.TrimSpace(cut), p.Template)
		}
		rest = after
	}
	return or(strings.TrimSpace(cut), p.Template)
}

func or(s, other string) string {
	if strings.TrimSpace(s) == "" {
		return other
	}
	return s
}

func isLevelKey(s string) bool {
	switch strings.ToLower(s) {
	case "level", "lvl", "severity", "loglevel":
		return true
	}
	return false
}

func isTimeKey(s string) bool {
	switch strings.ToLower(s) {
	case "time", "ts", "timestamp", "t", "at", "date":
		return true
	}
	return false
}

func logLevel(s string) string {
	switch l := strings.ToLower(s); l {
	case "emerg", "emergency", "alert", "crit", "critical", "fatal", "panic", "severe", "error", "err", "warn", "warning", "notice", "info", "debug", "trace":
		return l
	}
	return ""
}

func wholeTime(s string) bool {
	digits := 0
	for _, r := range s {
		if r >= '0' && r <= '9' {
			digits++
		}
	}
	return digits >= 6 && isTime(s)
}

// isTime reports a word that is a date or a time of day, or stands for one.
func isTime(s string) bool {
	s = strings.ReplaceAll(s, "<*>", "0")
	digits := 0
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case !strings.ContainsRune("-:/.,+TZ*<>", r):
			return false
		}
	}
	return digits > 0 && strings.ContainsAny(s, "-:/") || s == "0"
}
