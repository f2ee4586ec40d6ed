package judge

import "bytes"

// Keys under which structured lines say what they say. Of several the first
// in the list counts.
var (
	messageKeys = [...]string{"msg", "message", "event", "log", "short_message", "body", "error", "err"}
	levelKeys   = [...]string{"level", "severity", "lvl", "log.level", "levelname", "loglevel", "severity_text", "priority"}
	errorKeys   = [...]string{"error", "err", "exception", "exc_info", "stack", "stack_trace", "stacktrace"}
)

// rankOf is a key's place in a list, or its length.
func rankOf(list []string, key []byte) int {
	for i, k := range list {
		if len(k) == len(key) && bytes.EqualFold(key, []byte(k)) {
			return i
		}
	}
	return len(list)
}

// said is what a structured line says, collected while its keys go by.
type said struct {
	text, level, err []byte
	rank, levelRank  int
	errRank          int
	quoted           bool // the text may hold escapes
}

func (a *said) take(key, value []byte, quoted bool) {
	if len(value) == 0 {
		return
	}
	if r := rankOf(messageKeys[:], key); r < len(messageKeys) && r < a.rank {
		a.text, a.rank, a.quoted = value, r, quoted
	}
	if r := rankOf(levelKeys[:], key); r < len(levelKeys) && r < a.levelRank {
		a.level, a.levelRank = value, r
	}
	if r := rankOf(errorKeys[:], key); r < len(errorKeys) && r < a.errRank && string(value) != "null" && string(value) != "false" {
		a.err, a.errRank = value, r
	}
}

// message is what a JSON or logfmt line says: its message field, and the
// error beside it. A line that is neither, or has no message, is all message.
func (m *Miner) message(line []byte, buf *[]byte) (text []byte, l level, ok bool) {
	if len(line) == 0 || line[0] != '{' && !pairsAhead(line) {
		return line, noLevel, false
	}
	a := said{rank: len(messageKeys), levelRank: len(levelKeys), errRank: len(errorKeys)}
	if line[0] == '{' {
		eachJSON(line, &a)
	} else {
		eachLogfmt(line, &a)
	}
	if a.text == nil {
		return line, noLevel, false
	}
	a.text, a.err = a.text[:min(len(a.text), mostRead)], a.err[:min(len(a.err), mostRead)]
	l = levelWordOf(a.level)
	if l == noLevel {
		l = numbered(a.level)
	}
	if len(a.err) > 0 && &a.err[0] != &a.text[0] {
		// An error's kind is part of what happened; its stack is not.
		if i := bytes.Index(a.err, []byte(`\n`)); i > 0 {
			a.err = a.err[:i]
		}
	} else {
		a.err = nil
	}
	if a.err == nil && bytes.IndexByte(a.text, '\\') < 0 {
		return a.text, l, true
	}
	*buf = unescape((*buf)[:0], a.text)
	if a.err != nil {
		*buf = append(*buf, " error: "...)
		*buf = unescape(*buf, a.err)
	}
	return *buf, l, true
}

// pairsAhead says whether a line may be logfmt: key=value among its first words.
func pairsAhead(line []byte) bool {
	return line[0] != '[' && bytes.IndexByte(line[:min(len(line), 32)], '=') > 0
}

// objectStart is where a JSON object begins that ends with the text, behind a
// few words at most; -1: nowhere.
func objectStart(text []byte) int {
	if len(text) < 8 || text[len(text)-1] != '}' {
		return -1
	}
	return bytes.Index(text[:min(len(text), 64)], []byte(`{"`))
}

const escape = 0x1b

// colourless appends s without the sequences that colour a terminal.
func colourless(to, s []byte) []byte {
	for i := 0; i < len(s); i++ {
		if s[i] != escape {
			to = append(to, s[i])
			continue
		}
		if i+1 < len(s) && s[i+1] == '[' {
			i += 2
			for i < len(s) && (classes[s[i]]&isDigit != 0 || s[i] == ';' || s[i] == '?') {
				i++
			}
		}
	}
	return to
}

// unescape appends s with JSON's escapes read, white space as a space.
func unescape(to, s []byte) []byte {
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 >= len(s) {
			to = append(to, s[i])
			continue
		}
		i++
		switch s[i] {
		case 'n', 't', 'r', 'b', 'f':
			to = append(to, ' ')
		case 'u':
			to = append(to, '?')
			i = min(i+4, len(s)-1)
		default:
			to = append(to, s[i])
		}
	}
	return to
}

// eachJSON walks the fields of a JSON object, two levels deep for objects like
// ECS's {"log":{"level":…}}. It is forgiving: a cut line still has its first
// fields.
func eachJSON(s []byte, a *said) {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case '"':
			end := closingQuote(s, i)
			if end < 0 {
				return
			}
			key := s[i+1 : end]
			i = end
			j := skipSpace(s, end+1)
			if depth < 1 || depth > 2 || j >= len(s) || s[j] != ':' {
				continue
			}
			j = skipSpace(s, j+1)
			if j >= len(s) {
				return
			}
			switch c := s[j]; {
			case c == '"':
				if end = closingQuote(s, j); end < 0 {
					end = len(s) // cut off
				}
				if depth == 1 || rankOf(messageKeys[:], key) == len(messageKeys) || rankOf(errorKeys[:], key) < len(errorKeys) {
					a.take(key, s[j+1:end], true)
				} else if a.text == nil {
					a.take(key, s[j+1:end], true)
				}
				i = end
			case c == '{' || c == '[':
				i = j - 1
			default:
				end := j
				for end < len(s) && s[end] != ',' && s[end] != '}' && s[end] != ']' && classes[s[end]]&isSpace == 0 {
					end++
				}
				if depth == 1 {
					a.take(key, s[j:end], false)
				}
				i = end - 1
			}
		}
	}
}

func closingQuote(s []byte, open int) int {
	for i := open + 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return -1
}

func skipSpace(s []byte, i int) int {
	for i < len(s) && classes[s[i]]&isSpace != 0 {
		i++
	}
	return i
}

// eachLogfmt walks key=value and key="quoted value"; words between them are
// passed over.
func eachLogfmt(s []byte, a *said) {
	pairs, words := 0, 0
	for i := 0; i < len(s); {
		i = skipSpace(s, i)
		k := i
		for i < len(s) && s[i] != '=' && classes[s[i]]&isSpace == 0 {
			i++
		}
		if i >= len(s) || s[i] != '=' || i == k {
			if i < len(s) && s[i] == '=' {
				i++
			}
			if words++; words > pairs+2 {
				*a = said{}
				return // prose with an equals sign in it
			}
			continue
		}
		pairs++
		key := s[k:i]
		i++
		if i < len(s) && s[i] == '"' {
			end := closingQuote(s, i)
			if end < 0 {
				end = len(s)
			}
			a.take(key, s[i+1:end], true)
			i = min(end+1, len(s))
			continue
		}
		v := i
		for i < len(s) && classes[s[i]]&isSpace == 0 {
			i++
		}
		a.take(key, s[v:i], false)
	}
	if words > pairs {
		*a = said{}
	}
}

// numbered levels are pino's and bunyan's: 10 trace to 60 fatal.
func numbered(v []byte) level {
	if len(v) != 2 || v[1] != '0' {
		return noLevel
	}
	switch v[0] {
	case '5', '6':
		return errorLevel
	case '4':
		return warnLevel
	case '3':
		return infoLevel
	case '1', '2':
		return debugLevel
	}
	return noLevel
}
