package measure

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// scanner reads JSON as it comes in, without building what it reads: an
// answer of two million samples passes through one small buffer.
type scanner struct {
	r        io.Reader
	buf      []byte
	pos, end int
	word     []byte // the last string or number; valid until the next one
}

const (
	maxWord  = 1 << 20 // bytes of one string; log lines are the longest
	maxDepth = 100
)

func newScanner(r io.Reader) *scanner {
	return &scanner{r: r, buf: make([]byte, 64<<10), word: make([]byte, 0, 256)}
}

// byte is the next byte, read.
func (s *scanner) byte() (byte, error) {
	if s.pos == s.end {
		if err := s.more(); err != nil {
			return 0, err
		}
	}
	c := s.buf[s.pos]
	s.pos++
	return c, nil
}

// back unreads the byte just read.
func (s *scanner) back() { s.pos-- }

// more fills the buffer. A reader that gives nothing a hundred times is broken.
func (s *scanner) more() error {
	for range 100 {
		n, err := s.r.Read(s.buf)
		if n > 0 {
			s.pos, s.end = 0, n
			return nil
		}
		if err != nil {
			return err
		}
	}
	return io.ErrNoProgress
}

// next is the next byte that is no white space, read.
func (s *scanner) next() (byte, error) {
	for {
		c, err := s.byte()
		if err != nil {
			return 0, broken(err)
		}
		switch c {
		case ' ', '\n', '\t', '\r':
		default:
			return c, nil
		}
	}
}

// peek is the next byte that is no white space, not yet read.
func (s *scanner) peek() (byte, error) {
	c, err := s.next()
	if err != nil {
		return 0, err
	}
	s.back()
	return c, nil
}

func broken(err error) error {
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("it ends too early: %w", io.ErrUnexpectedEOF)
	}
	return err
}

func (s *scanner) expect(want byte) error {
	c, err := s.next()
	if err == nil && c != want {
		err = fmt.Errorf("%q where %q was expected", c, want)
	}
	return err
}

// object calls field with each key, whose value field must read. The key is
// valid until field reads.
func (s *scanner) object(field func(key []byte) error) error {
	if err := s.expect('{'); err != nil {
		return err
	}
	for first := true; ; first = false {
		c, err := s.next()
		if err != nil {
			return err
		}
		switch {
		case c == '}':
			return nil
		case first:
		case c != ',':
			return fmt.Errorf("%q where a comma was expected", c)
		default:
			if c, err = s.next(); err != nil {
				return err
			}
		}
		if c != '"' {
			return fmt.Errorf("%q where a key was expected", c)
		}
		if err := s.rest(); err != nil {
			return err
		}
		if err := s.expect(':'); err != nil {
			return err
		}
		if err := field(s.word); err != nil {
			return err
		}
	}
}

// array calls item before each value, which item must read.
func (s *scanner) array(item func() error) error {
	if err := s.expect('['); err != nil {
		return err
	}
	if c, err := s.peek(); err != nil {
		return err
	} else if c == ']' {
		_, err = s.next()
		return err
	}
	for {
		if err := item(); err != nil {
			return err
		}
		c, err := s.next()
		if err != nil {
			return err
		}
		if c == ']' {
			return nil
		}
		if c != ',' {
			return fmt.Errorf("%q where a comma was expected", c)
		}
	}
}

// text reads a string into word.
func (s *scanner) text() ([]byte, error) {
	if err := s.expect('"'); err != nil {
		return nil, err
	}
	err := s.rest()
	return s.word, err
}

// rest reads a string behind its opening quote. What is longer than maxWord is cut.
func (s *scanner) rest() error {
	s.word = s.word[:0]
	for {
		// What needs no thought is taken in one piece.
		plain := s.buf[s.pos:s.end]
		n := 0
		for n < len(plain) && plain[n] != '"' && plain[n] != '\\' && plain[n] >= ' ' {
			n++
		}
		s.pos += n
		s.word = append(s.word, plain[:min(n, max(maxWord-len(s.word), 0))]...)
		c, err := s.byte()
		if err != nil {
			return broken(err)
		}
		switch {
		case c == '"':
			return nil
		case c == '\\':
			if err := s.escape(); err != nil {
				return err
			}
		case c < ' ':
			return fmt.Errorf("a control character (%#x) in a text", c)
		case len(s.word) < maxWord:
			s.word = append(s.word, c)
		}
	}
}

func (s *scanner) escape() error {
	c, err := s.byte()
	if err != nil {
		return broken(err)
	}
	switch c {
	case '"', '\\', '/':
	case 'b':
		c = '\b'
	case 'f':
		c = '\f'
	case 'n':
		c = '\n'
	case 'r':
		c = '\r'
	case 't':
		c = '\t'
	case 'u':
		return s.unicode()
	default:
		return fmt.Errorf("unknown escape \\%c", c)
	}
	if len(s.word) < maxWord {
		s.word = append(s.word, c)
	}
	return nil
}

func (s *scanner) unicode() error {
	r, err := s.hex()
	if err != nil {
		return err
	}
	if utf16.IsSurrogate(r) {
		return s.surrogate(r)
	}
	s.rune(r)
	return nil
}

// surrogate reads the other half of a character written as two escapes; a half
// alone becomes the replacement character, and what follows is read for itself.
func (s *scanner) surrogate(high rune) error {
	c, err := s.byte()
	if err != nil {
		return broken(err)
	}
	if c != '\\' {
		s.back()
		s.rune(utf8.RuneError)
		return nil
	}
	if c, err = s.byte(); err != nil {
		return broken(err)
	}
	if c != 'u' {
		s.back()
		s.rune(utf8.RuneError)
		return s.escape()
	}
	low, err := s.hex()
	if err != nil {
		return err
	}
	if r := utf16.DecodeRune(high, low); r != utf8.RuneError {
		s.rune(r)
		return nil
	}
	s.rune(utf8.RuneError)
	s.rune(low)
	return nil
}

func (s *scanner) rune(r rune) {
	if len(s.word) < maxWord {
		s.word = utf8.AppendRune(s.word, r)
	}
}

func (s *scanner) hex() (rune, error) {
	var r rune
	for range 4 {
		c, err := s.byte()
		if err != nil {
			return 0, broken(err)
		}
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, fmt.Errorf("%q is no hexadecimal digit", c)
		}
		r = r<<4 | rune(c)
	}
	return r, nil
}

// number reads a number.
func (s *scanner) number() (float64, error) {
	if err := s.literal(); err != nil {
		return 0, err
	}
	return strconv.ParseFloat(string(s.word), 64)
}

// literal reads a number, true, false or null into word.
func (s *scanner) literal() error {
	c, err := s.next()
	if err != nil {
		return err
	}
	s.word = s.word[:0]
	for {
		switch {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '-', c == '+', c == '.':
			if len(s.word) > 64 {
				return fmt.Errorf("a number of more than 64 digits")
			}
			s.word = append(s.word, c)
		default:
			if len(s.word) == 0 {
				return fmt.Errorf("%q where a value was expected", c)
			}
			s.back()
			return nil
		}
		if c, err = s.byte(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// skip reads any value and forgets it.
func (s *scanner) skip() error { return s.skipAt(0) }

func (s *scanner) skipAt(depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("nested deeper than %d", maxDepth)
	}
	c, err := s.peek()
	if err != nil {
		return err
	}
	switch c {
	case '{':
		return s.object(func([]byte) error { return s.skipAt(depth + 1) })
	case '[':
		return s.array(func() error { return s.skipAt(depth + 1) })
	case '"':
		_, err = s.text()
		return err
	}
	return s.literal()
}
