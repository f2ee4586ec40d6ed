package judge

import "bytes"

const (
	mostFields  = 24 // fields of a header that are looked at
	mostFormats = 64
	mostCuts    = 4
)

// What a field of a header can look like.
const (
	fWord    uint8 = iota
	fNumber        // digits and marks, no letters
	fID            // letters and digits
	fTime          // 10:20:30, 2026-03-03, seconds since 1970
	fMonth         // a month's or a day's name, a zone
	fLevel         // INFO
	fDash          // only marks
	fBracket       // [...]
)

// field is a part of a header: bytes from to until. closes: it ends a header
// or a part of one: main:, [main], -, |.
type field struct {
	from, until int32
	kind        uint8
	closes      bool
}

// format is one way lines of this stream begin: the kinds of the fields up to
// the last time or level. Behind those come at most mostCuts parts that each
// end with a mark (host and program: thread] logger -). Which of them are
// header is learnt: those that nearly all kinds of lines have.
type format struct {
	sign  uint64
	votes [mostCuts + 1]int // [k]: kinds of line with at least k parts
	cuts  int               // parts that are header, as decided last
}

// header is what is found before a line's message.
type header struct {
	format int // index of the format, -1: none
	level  level
	timed  bool
	near   bool          // the first part has at most two fields
	bare   bool          // nothing behind the parts that are header
	start  int           // where the message begins when no part is cut
	parts  [mostCuts]int // where it begins when k+1 parts are cut
	n      int           // how many parts there are
}

// found says whether there is any.
func (h header) found() bool { return h.format >= 0 || h.timed || h.level != noLevel }

// readHeader finds the fields that go before the message. It knows how times
// and levels look, and nothing about systems. all: also the parts that are
// known to belong to the message.
func (m *Miner) readHeader(s []byte, all bool) (h header) {
	h.format = -1
	fs := m.fields[:0]
	at := 0
	if len(s) > 3 && s[0] == '<' {
		at, h.level = priority(s)
	}
	said := h.level
	anchor := 0 // fields of the header so far
	sign := uint64(0)
	next := func() bool {
		if len(fs) >= mostFields {
			return false
		}
		f, ok := nextField(s, at)
		if !ok {
			return false
		}
		fs = append(fs, f)
		at = int(f.until)
		return true
	}
	peek := func(i int) bool {
		for len(fs) <= i {
			if !next() {
				return false
			}
		}
		return true
	}
	// The first time or level: before it may stand what looks like a machine
	// wrote it, and one word.
	words := 0
	for i := 0; i < 7 && peek(i); i++ {
		f := fs[i]
		if f.kind == fTime {
			anchor = i + 1
			h.timed = true
			break
		}
		if f.kind == fLevel {
			if i == 0 || words == 0 {
				anchor = i + 1
				h.level = levelWordOf(s[f.from:f.until])
				if i == 0 && !f.closes && !(peek(1) && (fs[1].kind == fTime || fs[1].kind == fBracket || upperWord(s[f.from:f.until]))) {
					anchor = 0
				}
				break
			}
		}
		if f.kind == fWord {
			if words++; words > 1 && (len(fs) == 0 || fs[0].kind == fWord || i > 5) {
				break
			}
		}
		if i == 0 && f.kind == fWord && f.closes {
			break
		}
	}
	if anchor == 0 {
		h.format, h.level = -1, said
		m.fields = fs
		return h
	}
	// More of the same behind it, and the level within four fields.
	for {
		i := anchor
		if !peek(i) {
			break
		}
		f := fs[i]
		if f.kind == fTime || f.kind == fMonth || f.kind == fDash && i+1 < mostFields && f.until-f.from <= 3 || f.kind == fNumber && !f.closes {
			h.timed = h.timed || f.kind == fTime
			anchor++
			continue
		}
		if f.kind == fLevel && h.level == 0 && peek(i+1) {
			h.level = levelWordOf(s[f.from:f.until])
			anchor++
			continue
		}
		far := 0
		for j := i + 1; j < i+5 && peek(j); j++ {
			if fs[j-1].closes && s[fs[j-1].until-1] == ':' {
				break
			}
			k := fs[j]
			if k.kind == fTime && j <= i+3 || k.kind == fLevel && h.level == 0 && k.until-k.from > 1 && (upperWord(s[k.from:k.until]) || k.closes) && peek(j+1) {
				far = j
				break
			}
		}
		if far == 0 || f.closes && f.kind == fWord {
			break
		}
		k := fs[far]
		if k.kind == fLevel {
			h.level = levelWordOf(s[k.from:k.until])
		}
		h.timed = h.timed || k.kind == fTime
		anchor = far + 1
	}
	if said != noLevel {
		h.level = said
	}
	if c := s[0]; h.level == noLevel && h.timed && fs[0].until-fs[0].from == 5 && classes[c]&isUpper != 0 {
		h.level = levelWordOf(s[:1]) // klog
	}
	for i := range anchor {
		sign = (sign ^ uint64(fs[i].kind+1)) * mulA
	}
	h.start = int(fs[anchor-1].until)
	if anchor == 1 && fs[0].kind == fTime && isNumber(s[fs[0].from:fs[0].until]) {
		h.start = 0 // seconds since 1970, or just a number
	}
	// The parts behind it.
	h.format = m.formatOf(sign)
	most := mostCuts
	if h.format >= 0 && m.formats[h.format].cuts >= 0 && !all {
		most = m.formats[h.format].cuts
	}
	last := anchor
	for h.n < most {
		far := 3
		if h.n == 0 {
			far = 4
		}
		found := -1
		for j := last; j < last+far && peek(j); j++ {
			f := fs[j]
			if c := s[f.from]; c == '"' || c == '{' || bytes.IndexByte(s[f.from:f.until], '=') >= 0 && f.kind != fBracket {
				break
			}
			if f.closes {
				found = j
				break
			}
		}
		if found < 0 {
			break
		}
		h.parts[h.n] = int(fs[found].until)
		if h.n == 0 {
			h.near = found <= last+1
		}
		h.n++
		last = found + 1
	}
	m.fields = fs
	return h
}

func (m *Miner) formatOf(sign uint64) int {
	for i := range m.formats {
		if m.formats[i].sign == sign {
			return i
		}
	}
	if len(m.formats) >= mostFormats {
		return -1
	}
	m.formats = append(m.formats, format{sign: sign, cuts: -1})
	return len(m.formats) - 1
}

// cut says how many of a line's parts are header. Until enough kinds of lines
// were seen it believes the first mark if it is near: host program: message.
func (f *format) cut(h *header) int {
	if f.cuts >= 0 {
		return min(h.n, f.cuts)
	}
	if h.near {
		return min(h.n, 1)
	}
	return 0
}

// learn counts one more kind of line and says whether the decision changed.
func (f *format) learn(parts int) bool {
	for k := 0; k <= parts; k++ {
		f.votes[k]++
	}
	return f.decide()
}

func (f *format) decide() (changed bool) {
	if f.votes[0] < 4 {
		changed = f.cuts != -1
		f.cuts = -1
		return changed
	}
	cuts := 0
	for k := 1; k <= mostCuts; k++ {
		if float64(f.votes[k]) < 0.9*float64(f.votes[k-1]) || f.votes[k] < 3 {
			break
		}
		cuts = k
	}
	changed = cuts != f.cuts
	f.cuts = cuts
	return changed
}

// nextField reads the field that begins at or after i.
func nextField(s []byte, i int) (f field, ok bool) {
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
		if classes[c]&isSpace != 0 && depth == 0 || c == '|' {
			break
		}
		if c == '[' {
			depth++
		} else if c == ']' && depth > 0 {
			depth--
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
	digits, colons, dashes, slashes, dots := 0, 0, 0, 0, 0
	for i, c := range w {
		cl := classes[c]
		flags |= cl
		switch {
		case cl&isDigit != 0:
			digits++
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
	switch {
	case flags&isDigit == 0:
		if levelWordOf(w) != 0 {
			return fLevel
		}
		if calendar(w) || len(w) <= 4 && zoneName(w) {
			return fMonth
		}
		return fWord
	case flags&isLetter == 0:
		switch {
		case colons >= 1 && classes[w[0]]&isDigit != 0 && dots <= 1 && digits >= 4 && colons <= 3 && digits <= 24,
			(dashes == 2 || slashes == 2 || dots == 2) && (digits == 8 || digits == 6) && classes[w[0]]&isDigit != 0,
			dashes == 1 && digits == 4 && len(w) == 5,
			(digits == 10 || digits == 13 || digits == 16 || digits == 19) && digits == len(w) && w[0] == '1',
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
