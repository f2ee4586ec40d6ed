package judge

// stops are the bytes at which a field may end or go deeper.
var stops = func() (t [256]bool) {
	for c := range t {
		t[c] = classes[c]&isSpace != 0 || c == '|' || c == '[' || c == ']' || c == ':'
	}
	return t
}()

// nextField reads the field that begins at or after i.
func nextField(s []byte, i int) (f field, ok bool) {
	tight := i > 0 && i < len(s) && s[i-1] == ':' && classes[s[i]]&isSpace == 0 // INFO:shop.pay:
	for i < len(s) && classes[s[i]]&isSpace != 0 {
		i++
	}
	if i >= len(s) {
		return f, false
	}
	f.from = int32(i)
	switch c := s[i]; {
	case c == '|':
		f.until, f.kind, f.closes = int32(i+1), fDash, true
		return f, true
	case c == '[' || c == '(':
		closing := byte(']')
		if c == '(' {
			closing = ')'
		}
		depth := 0
		for j := i; j < len(s) && j < i+256; j++ {
			if s[j] == c {
				depth++
			} else if s[j] == closing {
				if depth--; depth == 0 {
					inner := s[i+1 : j]
					f.kind = fBracket
					f.closes = c == '['
					for j+1 < len(s) && (s[j+1] == ':' || s[j+1] == ',' || s[j+1] == ']') {
						j++
						f.closes = true
					}
					if j+1 < len(s) && classes[s[j+1]]&isSpace == 0 && s[j+1] != '[' && s[j+1] != '|' && s[j+1] != '"' {
						// [a]b is a word
						f.kind = fWord
						break
					}
					f.until = int32(j + 1)
					switch k := kindOf(trim(inner)); {
					case k == fLevel || k == fTime:
						f.kind = k
						f.closes = k != fTime
					case hasTime(inner):
						f.kind, f.closes = fTime, false
					}
					return f, true
				}
			}
		}
	}
	j := i
	depth := 0
	for ; j < len(s) && j < i+256; j++ {
		c := s[j]
		if !stops[c] {
			continue
		}
		if classes[c]&isSpace != 0 && depth == 0 || c == '|' {
			break
		}
		if c == '[' {
			depth++
		} else if c == ']' && depth > 0 {
			depth--
		}
		if tight && c == ':' && j > i {
			j++
			break
		}
		if c == ':' && j > i && j < i+10 && j+1 < len(s) && classes[s[j+1]]&isLetter != 0 && levelWordOf(s[i:j]) != 0 {
			j++
			break // ERROR:shop.pay:
		}
	}
	f.until = int32(j)
	w := s[i:j]
	f.kind = kindOf(trim(w))
	switch w[len(w)-1] {
	case ':', '|', '>':
		f.closes = true
	case ']':
		f.closes = f.kind != fTime
	}
	if onlyMarks(w) {
		f.kind, f.closes = fDash, true
	}
	if f.kind == fTime && w[len(w)-1] == ':' {
		f.closes = false
	}
	return f, true
}

func isNumber(w []byte) bool {
	for _, c := range w {
		if classes[c]&isDigit == 0 && c != '.' {
			return false
		}
	}
	return true
}

// priority reads a syslog priority, <11>: the severity is its last three bits.
func priority(s []byte) (end int, l level) {
	n, i := 0, 1
	for ; i < len(s) && i < 4 && classes[s[i]]&isDigit != 0; i++ {
		n = n*10 + int(s[i]-'0')
	}
	if i == 1 || i >= len(s) || s[i] != '>' {
		return 0, noLevel
	}
	return i + 1, [...]level{errorLevel, errorLevel, errorLevel, errorLevel, warnLevel, infoLevel, infoLevel, debugLevel}[n%8]
}

func onlyMarks(w []byte) bool {
	if len(w) > 4 {
		return false
	}
	for _, c := range w {
		if c != '-' && c != ':' && c != '|' && c != '>' && c != '=' && c != '*' && c != '.' && c != '~' {
			return false
		}
	}
	return true
}

// trim takes brackets and marks off both ends.
func trim(w []byte) []byte {
	for len(w) > 0 && (classes[w[0]]&(isMark|isSpace) != 0 || w[0] == '\'') {
		w = w[1:]
	}
	for len(w) > 0 && (classes[w[len(w)-1]]&(isMark|isSpace) != 0 || w[len(w)-1] == '\'') {
		w = w[:len(w)-1]
	}
	return w
}

func upperWord(w []byte) bool {
	for _, c := range w {
		if classes[c]&isLower != 0 {
			return false
		}
	}
	return true
}

// hasTime finds a time of day in a bracket: [Sun Dec 04 20:32:37 2005].
func hasTime(w []byte) bool {
	digit := func(i int) bool { return i >= 0 && i < len(w) && classes[w[i]]&isDigit != 0 }
	for i, c := range w[:min(len(w), 64)] {
		if c != ':' || !digit(i-1) || !digit(i+1) || !digit(i+2) || digit(i+3) {
			continue
		}
		from := i - 1
		if digit(from - 1) {
			from--
		}
		if from == 0 || w[from-1] != ':' && !digit(from-1) {
			return true
		}
	}
	return false
}

func kindOf(w []byte) uint8 {
	if len(w) == 0 {
		return fDash
	}
	var flags uint8
	digits := 0
	for _, c := range w {
		cl := classes[c]
		flags |= cl
		digits += int(cl & isDigit)
	}
	if flags == isDigit {
		if w[0] == '1' && (digits == 10 || digits == 13 || digits == 16 || digits == 19) {
			return fTime // since 1970
		}
		return fNumber
	}
	if flags&isDigit == 0 {
		switch {
		case levelWordOf(w) != noLevel:
			return fLevel
		case len(w) <= 4 && (calendar(w) || zoneName(w)):
			return fMonth
		}
		return fWord
	}
	colons, dashes, slashes, dots := 0, 0, 0, 0
	for i, c := range w {
		switch {
		case c == ':':
			if i > 0 && i+1 < len(w) && classes[w[i-1]]&classes[w[i+1]]&isDigit != 0 {
				colons++
			}
		case c == '-':
			dashes++
		case c == '/':
			slashes++
		case c == '.':
			dots++
		}
	}
	if flags&isLetter == 0 {
		switch {
		case colons >= 1 && classes[w[0]]&isDigit != 0 && dots <= 1 && digits >= 4 && colons <= 3 && digits <= 24,
			(dashes == 2 || slashes == 2 || dots == 2) && (digits == 8 || digits == 6) && classes[w[0]]&isDigit != 0,
			dashes == 1 && digits == 4 && len(w) == 5,
			digits >= 10 && dots == 1 && digits+1 == len(w) && w[0] == '1' && len(w) > 11 && w[10] == '.':
			return fTime
		case dashes >= 2 && dots >= 2 && digits >= 14: // 2005-06-03-15.42.50.675872
			return fTime
		}
		return fNumber
	}
	// 2026-03-03T14:00:05Z, 03/Mar/2026:14:00:05, 2026-03-03T14:00:05+02:00
	if colons >= 2 && digits >= 10 && classes[w[0]]&isDigit != 0 && len(w) < 40 {
		return fTime
	}
	if len(w) == 5 && digits == 4 && (w[0] == 'I' || w[0] == 'W' || w[0] == 'E' || w[0] == 'F') {
		return fTime // klog's E0303
	}
	return fID
}

func zoneName(w []byte) bool {
	switch string(w) {
	case "UTC", "GMT", "CET", "CEST", "PST", "PDT", "EST", "EDT", "MST", "CST", "Z", "JST", "IST":
		return true
	}
	return false
}
