package judge

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// wild stands for what varies.
const wild = "<*>"

const (
	mostRead   = 8 << 10 // bytes of a message its template is made of
	mostTokens = 128     // pieces of a message; the rest is one value
	mostPiece  = 64      // bytes of a piece; longer ones are values
)

// What a byte can be. A piece is a run of bytes that are neither space nor a
// mark; what it is made of says whether it is a word or a value.
const (
	isDigit uint8 = 1 << iota
	isLower
	isUpper
	isHigh  // not ASCII
	isPunct // inside a piece: . - _ and others
	isSlash // / \ @
	isMark  // a token of its own: = , ; : ( ) and others
	isSpace
)

const (
	isLetter = isLower | isUpper | isHigh
	isPiece  = isDigit | isLetter | isPunct | isSlash
)

var classes = func() (t [256]uint8) {
	for c := range t {
		switch {
		case c >= '0' && c <= '9':
			t[c] = isDigit
		case c >= 'a' && c <= 'z':
			t[c] = isLower
		case c >= 'A' && c <= 'Z':
			t[c] = isUpper
		case c >= 0x80:
			t[c] = isHigh
		case c <= ' ' || c == 0x7f:
			t[c] = isSpace
		case c == '/' || c == '\\' || c == '@':
			t[c] = isSlash
		default:
			t[c] = isPunct
		}
	}
	for _, c := range "=,;:()[]{}\"<>|&?!`" {
		t[c] = isMark
	}
	return t
}()

// A token's kind.
const (
	aWord uint8 = iota
	aValue
	aMark
)

// token is a piece of the message in hand: bytes from to until of it.
type token struct {
	hash        uint64
	from, until int32
	kind        uint8
	gap         bool // white space before it
	flags       uint8
}

const (
	mulA = 0x9e3779b97f4a7c15
	mulB = 0xd6e8feb86659fd93
	// wildHash is the hash of every value.
	wildHash = 0x5bd1e9955bd1e995
)

func hashBytes(b []byte) uint64 {
	h := uint64(len(b)) * mulA
	for ; len(b) >= 8; b = b[8:] {
		h = bits.RotateLeft64((h^binary.LittleEndian.Uint64(b))*mulB, 29)
	}
	var tail uint64
	for i, c := range b {
		tail |= uint64(c) << (8 * i)
	}
	h = (h ^ tail) * mulB
	return h ^ h>>32
}

// placed is a token's part of its message's hash. A message's hash is the sum
// of these, so that it can be told without some of the tokens, too.
func placed(hash uint64, place int) uint64 {
	hi, lo := bits.Mul64(hash^mulA, (uint64(place)+1)*mulB|1)
	return hi ^ lo
}

// tokens cuts a message into pieces and marks, and turns into values what
// varies by its look: whatever holds a digit, paths, addresses, quoted text,
// what follows an equals sign. Values in a row are one value, because lists
// vary in length.
func (m *Miner) tokenize(s []byte) {
	m.toks = m.toks[:0]
	if len(s) > mostRead {
		s = s[:mostRead]
	}
	gap, filled := false, false // filled: an equals sign waits for its value
	for i := 0; i < len(s); {
		c := s[i]
		cl := classes[c]
		switch {
		case cl&isSpace != 0:
			i++
			gap = true
			continue
		case len(m.toks) >= mostTokens-2:
			m.value(i, len(s), gap)
			return
		case cl&isPiece != 0:
			if (i+2 < len(s) && s[i+2] == ':' || i+1 < len(s) && s[i+1] == ':' || i+4 < len(s) && s[i+4] == ':') && (i == 0 || classes[s[i-1]]&isPiece == 0) {
				if end := hexGroups(s, i); end > 0 {
					m.value(i, end, gap)
					i, gap, filled = end, false, false
					continue
				}
			}
			if c == '\'' {
				if end := quoted(s, i); end > 0 {
					m.quotation(s, i, end, gap)
					i, gap, filled = end, false, false
					continue
				}
			}
			j, flags := i, uint8(0)
			for ; j < len(s); j++ {
				cl := classes[s[j]]
				if cl&isPiece == 0 {
					break
				}
				if s[j] == '.' && j+1 < len(s) && s[j+1] == '.' {
					// Dots that lead to a value end the word.
					if j == i {
						for j < len(s) && s[j] == '.' {
							j++
						}
						flags = isPunct
					}
					break
				}
				flags |= cl
			}
			if filled && gap && m.tightEquals() {
				// user= next=: the value is empty.
				m.value(i, i, false)
			} else if filled && j < len(s) && flags&isLetter != 0 {
				if end := object(s, j); end > 0 {
					m.value(i, end, gap)
					i, gap, filled = end, false, false
					continue
				}
			}
			n := len(m.toks)
			m.piece(s, i, j, flags, gap)
			if filled && len(m.toks) > n {
				m.toks[n].flags |= named
			}
			i, gap, filled = j, false, false
			continue
		}
		// A mark.
		switch c {
		case '"':
			if end := quoted(s, i); end > 0 {
				if method := httpMethod(s[i+1 : end]); method > 0 {
					m.emit(token{hash: hashBytes(s[i+1 : i+1+method]), from: int32(i + 1), until: int32(i + 1 + method), kind: aWord, gap: gap, flags: isUpper})
					m.value(i+2+method, end-1, true)
				} else {
					m.quotation(s, i, end, gap)
				}
				i, gap, filled = end, false, false
				continue
			}
		case '<', '>':
			if bytes.HasPrefix(s[i:], []byte(wild)) {
				m.value(i, i+len(wild), gap)
				i, gap, filled = i+len(wild), false, false
				continue
			}
			if i+1 < len(s) && classes[s[i+1]]&isDigit != 0 {
				i++ // <1 is a value
				continue
			}
		}
		if filled && !gap && c != '=' && c != '>' && c != '[' && c != '{' && c != '(' {
			m.value(i, i, false) // a=,b=
		}
		filled = c == '=' && len(m.toks) > 0 && m.toks[len(m.toks)-1].kind != aMark
		t := token{hash: uint64(c) * mulA, from: int32(i), until: int32(i + 1), kind: aMark, gap: gap}
		if c == ',' || c == ':' || c == ';' || c == '|' || c == '&' {
			t.flags = separates
		}
		m.emit(t)
		i++
		gap = false
	}
	if filled {
		m.value(len(s), len(s), false)
	}
}

func (m *Miner) emit(t token) { m.toks = append(m.toks, t) }

// tightEquals: the last token is an equals sign without a gap before it.
func (m *Miner) tightEquals() bool { return !m.toks[len(m.toks)-1].gap }

// value adds a value, or widens the one before it when only separators stand
// between the two.
func (m *Miner) value(from, until int, gap bool) {
	n := len(m.toks)
	for n > 0 && n > len(m.toks)-3 && m.toks[n-1].flags == separates {
		n--
	}
	if n > 0 && m.toks[n-1].kind == aValue {
		m.toks = m.toks[:n]
		m.toks[n-1].until = int32(until)
		return
	}
	m.emit(token{hash: wildHash, from: int32(from), until: int32(until), kind: aValue, gap: gap})
}

// object is the end of a bracketed value that is tied to its type's name:
// WorkSource{10113}, Rect(0, 0 - 0, 0). 0: it is none.
func object(s []byte, i int) int {
	open := s[i]
	if open != '{' && open != '(' && open != '[' {
		return 0
	}
	depth := 0
	for j := i; j < len(s) && j < i+512; j++ {
		switch s[j] {
		case '{', '(', '[':
			depth++
		case '}', ')', ']':
			if depth--; depth == 0 {
				return j + 1
			}
		}
	}
	return 0
}

// hexGroups is the end of an address in groups of hex digits, FF:F2:9F:16, that
// begins at i; 0: there is none.
func hexGroups(s []byte, i int) int {
	groups, digits := 0, false
	for {
		j := i
		for j < len(s) && j < i+5 && (classes[s[j]]&isDigit != 0 || s[j]|0x20 >= 'a' && s[j]|0x20 <= 'f') {
			digits = digits || classes[s[j]]&isDigit != 0
			j++
		}
		if j > i+4 || j == i && groups == 0 {
			return 0
		}
		groups++
		if j+1 >= len(s) || s[j] != ':' || classes[s[j+1]]&(isDigit|isLetter) == 0 && s[j+1] != ':' {
			if groups < 3 || !digits || j < len(s) && classes[s[j]]&isPiece != 0 {
				return 0
			}
			return j
		}
		i = j + 1
	}
}

// named marks a word behind an equals sign.
const named = isSpace

// separates marks the tokens that may stand inside a list of values.
const separates = 0xff

func (m *Miner) piece(s []byte, from, until int, flags uint8, gap bool) {
	switch {
	case flags&isDigit != 0:
		m.value(from, until, gap)
		return
	case flags&(isLetter|isSlash) == 0:
		// Nothing but dots, dashes or stars.
		t := token{hash: uint64(s[from]) * mulA, from: int32(from), until: int32(until), kind: aMark, gap: gap}
		if s[from] == '-' || s[from] == '.' {
			t.flags = separates
		}
		m.emit(t)
		return
	case until-from > mostPiece, flags&isSlash != 0 && pathLike(s[from:until]):
		m.value(from, until, gap)
		return
	}
	end := until
	for end > from+1 && (until == len(s) || classes[s[until]]&isMark == 0 || s[until] == ')') && (s[end-1] == '.' || s[end-1] == '\'') {
		end--
	}
	w := s[from:end]
	n := len(m.toks)
	switch {
	case flags&isPunct != 0 && until+1 < len(s) && s[until] == ':' && classes[s[until+1]]&isDigit != 0 && located(w, flags):
		m.value(from, end, gap)
		return
	case constantValue(w):
		flags |= named
	case n > 0 && m.toks[n-1].kind == aValue && unit(w):
		m.toks[n-1].until = int32(end)
		return
	case calendar(w) && (n > 0 && m.toks[n-1].kind == aValue || dated(s[until:])):
		m.value(from, end, gap)
		return
	}
	m.emit(token{hash: hashBytes(w), from: int32(from), until: int32(end), kind: aWord, gap: gap, flags: flags})
}

// quotation is text in quotes: one word is a name, more are a value.
func (m *Miner) quotation(s []byte, from, until int, gap bool) {
	flags := uint8(0)
	for _, c := range s[from+1 : until-1] {
		flags |= classes[c]
	}
	if flags&isLetter == 0 || flags&(isDigit|isSlash|isSpace|isMark) != 0 || until-from > mostPiece {
		m.value(from, until, gap)
		return
	}
	m.emit(token{hash: hashBytes(s[from:until]), from: int32(from), until: int32(until), kind: aWord, gap: gap, flags: flags | named})
}

// quoted finds the end of text in quotes that begin at i, or 0.
func quoted(s []byte, i int) int {
	q := s[i]
	if q == '\'' && i > 0 && classes[s[i-1]]&isPiece != 0 {
		return 0 // an apostrophe
	}
	for j := i + 1; j < len(s) && j < i+1024; j++ {
		switch s[j] {
		case '\\':
			j++
		case q:
			if i == 0 && bytes.IndexByte(s[1:j], ' ') > 0 && httpMethod(s[1:j]) == 0 {
				return 0 // what the line says
			}
			if q == '\'' && j+1 < len(s) && classes[s[j+1]]&isPiece != 0 && s[j+1] != '.' {
				continue
			}
			return j + 1
		}
	}
	return 0
}

func httpMethod(s []byte) int {
	i := bytes.IndexByte(s, ' ')
	if i < 3 || i > 7 || i+1 >= len(s) || s[i+1] != '/' {
		return 0
	}
	switch string(s[:i]) {
	case "GET", "POST", "PUT", "HEAD", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT":
		return i
	}
	return 0
}
