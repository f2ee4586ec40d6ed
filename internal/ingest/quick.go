package ingest

import (
	"encoding/json"
	"strings"
)

// quickly reads what honest senders send in one pass, several times as fast as
// encoding/json's tokens. Whatever is not plainly right (a mistake, a field
// given twice, too deep) it leaves alone: the slow way then says what is wrong
// and where.
func quickly(body []byte) (any, bool) {
	q := quick{s: string(body)} // its texts are parts of this one
	v, ok := q.value(0)
	if !ok {
		return nil, false
	}
	q.space()
	return v, q.i == len(q.s)
}

type quick struct {
	s string
	i int
}

func (q *quick) space() {
	for q.i < len(q.s) {
		switch q.s[q.i] {
		case ' ', '\t', '\n', '\r':
			q.i++
		default:
			return
		}
	}
}

// next skips blanks and takes c, if that is what comes.
func (q *quick) next(c byte) bool {
	q.space()
	if q.i < len(q.s) && q.s[q.i] == c {
		q.i++
		return true
	}
	return false
}

func (q *quick) value(depth int) (any, bool) {
	q.space()
	if depth > maxDepth || q.i == len(q.s) {
		return nil, false
	}
	switch q.s[q.i] {
	case '{':
		q.i++
		return q.object(depth)
	case '[':
		q.i++
		return q.list(depth)
	case '"':
		return q.text()
	case 't':
		return true, q.word("true")
	case 'f':
		return false, q.word("false")
	case 'n':
		return nil, q.word("null")
	}
	return q.number()
}

func (q *quick) object(depth int) (any, bool) {
	m := map[string]any{}
	if q.next('}') {
		return m, true
	}
	for {
		q.space()
		name, ok := q.text()
		if _, twice := m[name]; !ok || twice || !q.next(':') {
			return nil, false
		}
		if m[name], ok = q.value(depth + 1); !ok {
			return nil, false
		}
		if q.next('}') {
			return m, true
		}
		if !q.next(',') {
			return nil, false
		}
	}
}

func (q *quick) list(depth int) (any, bool) {
	items := []any{}
	if q.next(']') {
		return items, true
	}
	for {
		v, ok := q.value(depth + 1)
		if !ok {
			return nil, false
		}
		items = append(items, v)
		if q.next(']') {
			return items, true
		}
		if !q.next(',') {
			return nil, false
		}
	}
}

// text reads a string. One with escapes or with letters beyond ASCII is
// encoding/json's to read.
func (q *quick) text() (string, bool) {
	if q.i == len(q.s) || q.s[q.i] != '"' {
		return "", false
	}
	from, plain := q.i, true
	for q.i++; q.i < len(q.s); q.i++ {
		switch c := q.s[q.i]; {
		case c == '"':
			q.i++
			if plain {
				return q.s[from+1 : q.i-1], true
			}
			var s string
			err := json.Unmarshal([]byte(q.s[from:q.i]), &s)
			return s, err == nil
		case c == '\\':
			plain = false
			q.i++
		case c < ' ':
			return "", false
		case c >= 0x80:
			plain = false
		}
	}
	return "", false
}

func (q *quick) word(w string) bool {
	if !strings.HasPrefix(q.s[q.i:], w) {
		return false
	}
	q.i += len(w)
	return true
}

// number is -? (0 | 1-9 digits) (. digits)? (e ±? digits)?
func (q *quick) number() (any, bool) {
	from := q.i
	q.one("-")
	if !q.one("0") && q.digits() == 0 {
		return nil, false
	}
	if q.one(".") && q.digits() == 0 {
		return nil, false
	}
	if q.one("eE") {
		q.one("+-")
		if q.digits() == 0 {
			return nil, false
		}
	}
	return json.Number(q.s[from:q.i]), true
}

// one takes one of these characters.
func (q *quick) one(of string) bool {
	if q.i < len(q.s) && strings.IndexByte(of, q.s[q.i]) >= 0 {
		q.i++
		return true
	}
	return false
}

func (q *quick) digits() int {
	from := q.i
	for q.i < len(q.s) && q.s[q.i] >= '0' && q.s[q.i] <= '9' {
		q.i++
	}
	return q.i - from
}
