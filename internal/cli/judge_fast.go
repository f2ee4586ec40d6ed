package cli

import (
	"math"
	"strconv"

	"github.com/debriefhq/debrief"
)

// fastCase reads a question in one pass, as thousands of numbers should be
// read. It knows the usual form only and says so where a line is anything else
// (an unknown field, an escape, a mistake): then the JSON decoder reads it, and
// words what is wrong.
func fastCase(line []byte, c *seriesCase) bool {
	s := scan{b: line}
	part := func(p *seriesPart) bool {
		return s.object(func(key string) bool {
			if key == "t" {
				return s.numbers(&p.T)
			}
			return s.columns(key, &p.seriesColumns)
		})
	}
	ok := s.object(func(key string) bool {
		switch key {
		case "id":
			return s.text(&c.ID)
		case "metric":
			return s.text(&c.Metric)
		case "kind":
			return s.text(&c.Kind)
		case "step_s":
			return s.number(&c.Step)
		case "release_ts":
			return s.number(&c.Release)
		case "before":
			return part(&c.Before)
		case "after":
			return part(&c.After)
		case "history":
			return s.object(func(key string) bool {
				switch key {
				case "t0":
					return s.number(&c.History.T0)
				case "step_s":
					return s.number(&c.History.Step)
				case "t":
					return s.numbers(&c.History.T)
				}
				return s.columns(key, &c.History.seriesColumns)
			})
		}
		return false
	})
	s.space()
	return ok && s.at == len(line)
}

// scan is a place in a line of JSON.
type scan struct {
	b  []byte
	at int
}

func (s *scan) columns(key string, into *seriesColumns) bool {
	switch key {
	case "v":
		return s.numbers(&into.V)
	case "errors":
		return s.numbers(&into.Errors)
	case "requests":
		return s.numbers(&into.Requests)
	}
	return false
}

func (s *scan) space() {
	for s.at < len(s.b) && (s.b[s.at] == ' ' || s.b[s.at] == '\t' || s.b[s.at] == '\r' || s.b[s.at] == '\n') {
		s.at++
	}
}

// next takes a mark, with the space before it.
func (s *scan) next(mark byte) bool {
	s.space()
	if s.at < len(s.b) && s.b[s.at] == mark {
		s.at++
		return true
	}
	return false
}

// object calls each for every key, with the value next.
func (s *scan) object(each func(key string) bool) bool {
	if !s.next('{') {
		return false
	}
	if s.next('}') {
		return true
	}
	for {
		var key string
		if !s.text(&key) || !s.next(':') || !each(key) {
			return false
		}
		if s.next('}') {
			return true
		}
		if !s.next(',') {
			return false
		}
	}
}

// text reads a plain ASCII string.
func (s *scan) text(into *string) bool {
	if !s.next('"') {
		return false
	}
	for i := s.at; i < len(s.b); i++ {
		switch c := s.b[i]; {
		case c == '"':
			*into = string(s.b[s.at:i])
			s.at = i + 1
			return true
		case c == '\\' || c < 0x20 || c >= 0x80:
			return false
		}
	}
	return false
}

// numbers reads a list whose missing values are null.
func (s *scan) numbers(into *debrief.Numbers) bool {
	if !s.next('[') {
		return false
	}
	commas := 0
	for _, c := range s.b[s.at:] {
		if c == ']' {
			break
		}
		if c == ',' {
			commas++
		}
	}
	out := make(debrief.Numbers, 0, commas+1)
	if s.next(']') {
		*into = out
		return true
	}
	for {
		v := math.NaN()
		if s.space(); s.at+4 <= len(s.b) && string(s.b[s.at:s.at+4]) == "null" {
			s.at += 4
		} else if !s.number(&v) {
			return false
		}
		out = append(out, v)
		if s.next(']') {
			*into = out
			return true
		}
		if !s.next(',') {
			return false
		}
	}
}

// tens are the powers of ten that a float holds exactly.
var tens = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// number reads a number by JSON's grammar. Where its digits and its power of
// ten are both exact, so is their product (Clinger 1990); else strconv rounds.
func (s *scan) number(into *float64) bool {
	s.space()
	from := s.at
	negative := s.at < len(s.b) && s.b[s.at] == '-'
	if negative {
		s.at++
	}
	var mantissa uint64
	digits, power := 0, 0
	take := func() (n int) {
		for ; s.at < len(s.b) && s.b[s.at]-'0' < 10; s.at++ {
			if digits < 18 {
				mantissa = 10*mantissa + uint64(s.b[s.at]-'0')
			}
			digits++
			n++
		}
		return n
	}
	zero := s.at < len(s.b) && s.b[s.at] == '0'
	if n := take(); n == 0 || zero && n > 1 {
		return false
	}
	if s.at < len(s.b) && s.b[s.at] == '.' {
		s.at++
		n := take()
		if n == 0 {
			return false
		}
		power = -n
	}
	exact := digits <= 18
	if s.at < len(s.b) && s.b[s.at]|0x20 == 'e' {
		s.at++
		if s.at < len(s.b) && (s.b[s.at] == '+' || s.b[s.at] == '-') {
			s.at++
		}
		exact = false
		n := s.at
		for s.at < len(s.b) && s.b[s.at]-'0' < 10 {
			s.at++
		}
		if s.at == n {
			return false
		}
	}
	if exact && mantissa < 1<<53 && -power < len(tens) {
		v := float64(mantissa) / tens[-power]
		if negative {
			v = -v
		}
		*into = v
		return true
	}
	v, err := strconv.ParseFloat(string(s.b[from:s.at]), 64)
	*into = v
	return err == nil
}
