package judge

import "bytes"

// level says how bad a line sounds.
type level uint8

const (
	noLevel level = iota
	debugLevel
	infoLevel
	warnLevel
	errorLevel
	levels = 5
)

var levelNames = [levels]string{"", "debug", "info", "warn", "error"}

func levelNamed(name string) level {
	for l, n := range levelNames {
		if n == name {
			return level(l)
		}
	}
	return noLevel
}

// levelWords are the words for levels as systems write them; shouted: only in
// capitals, because in prose they mean something else.
var levelWords = [...]struct {
	word    string
	level   level
	shouted bool
}{
	{"emergency", errorLevel, false},
	{"emerg", errorLevel, false},
	{"alert", errorLevel, false},
	{"critical", errorLevel, false},
	{"crit", errorLevel, false},
	{"fatal", errorLevel, false},
	{"panic", errorLevel, true},
	{"severe", errorLevel, false},
	{"error", errorLevel, false},
	{"err", errorLevel, false},
	{"failure", errorLevel, true},
	{"warning", warnLevel, false},
	{"warn", warnLevel, false},
	{"notice", infoLevel, false},
	{"information", infoLevel, false},
	{"info", infoLevel, false},
	{"log", infoLevel, true},
	{"debug", debugLevel, false},
	{"trace", debugLevel, false},
	{"verbose", debugLevel, false},
	{"fine", debugLevel, true},
	{"finer", debugLevel, true},
	{"finest", debugLevel, true},
}

// levelLetters are the letters levels begin with, a bit each.
const levelLetters = 1<<0 | 1<<('c'-'a') | 1<<('d'-'a') | 1<<('e'-'a') | 1<<('f'-'a') | 1<<('i'-'a') | 1<<('l'-'a') | 1<<('n'-'a') | 1<<('p'-'a') | 1<<('s'-'a') | 1<<('t'-'a') | 1<<('v'-'a') | 1<<('w'-'a')

// levelWordOf is the level a field of a header names: ERROR, Info, W.
func levelWordOf(w []byte) level {
	for len(w) > 0 && !isAlpha(w[0]) {
		w = w[1:]
	}
	for len(w) > 0 && !isAlpha(w[len(w)-1]) {
		w = w[:len(w)-1]
	}
	switch {
	case len(w) == 1:
		switch w[0] {
		case 'E', 'F':
			return errorLevel
		case 'W':
			return warnLevel
		case 'I':
			return infoLevel
		case 'D', 'V':
			return debugLevel
		}
		return noLevel
	case len(w) < 3 || len(w) > 11 || levelLetters>>(w[0]|0x20-'a')&1 == 0:
		return noLevel
	}
	for i := range levelWords {
		l := &levelWords[i]
		if len(l.word) == len(w) && l.word[0] == w[0]|0x20 && bytes.EqualFold(w, []byte(l.word)) && (!l.shouted || w[1]&0x20 == 0) {
			return l.level
		}
	}
	return noLevel
}

func isAlpha(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

var badSounds = [...]string{"panic:", "fatal error:", "Traceback (most recent call last)", "Unhandled exception", "Uncaught ", "Segmentation fault", "OutOfMemory", "out of memory", "error:", "Error:", "ERROR"}

// sounds is the level of a message that names none: by an exception or panic
// in it.
func sounds(text []byte) level {
	text = text[:min(len(text), 1024)]
	if f, ok := nextField(text, 0); ok && f.kind == fLevel && int(f.until) < len(text) && (f.closes || f.until > 2 && upperWord(text[:f.until])) {
		return levelWordOf(text[:f.until])
	}
	for _, s := range badSounds {
		if bytes.Contains(text, []byte(s)) {
			return errorLevel
		}
	}
	// java.lang.IllegalStateException: …
	if i := bytes.Index(text, []byte("Exception")); i > 0 && classes[text[i-1]]&isLower != 0 {
		return errorLevel
	}
	return noLevel
}
