package measure

import "strings"

// aggregations are PromQL's (and LogQL's) operators that take labels away.
var aggregations = map[string]bool{
	"sum": true, "avg": true, "min": true, "max": true, "count": true, "group": true, "stddev": true, "stdvar": true,
	"quantile": true, "topk": true, "bottomk": true, "count_values": true,
}

// SplitBy makes a query keep a label: each of its aggregations is grouped by it
// too, so that sum(rate(x[1m])) becomes sum by (region) (rate(x[1m])). A query
// that aggregates nothing has the label already, where its series carry it.
func SplitBy(query, label string) string {
	s := &splitting{in: query, label: label}
	s.run(0, len(query))
	return s.out.String()
}

type splitting struct {
	in, label string
	out       strings.Builder
}

// run copies in[i:end], adding the label to every aggregation in it.
func (s *splitting) run(i, end int) {
	for i < end {
		switch c := s.in[i]; {
		case c == '"' || c == '\'' || c == '`':
			j := s.quoted(i, end)
			s.out.WriteString(s.in[i:j])
			i = j
		case isWordByte(c):
			j := i
			for j < end && isWordByte(s.in[j]) {
				j++
			}
			if aggregations[s.in[i:j]] {
				i = s.aggregation(i, j, end)
				continue
			}
			s.out.WriteString(s.in[i:j])
			i = j
		default:
			s.out.WriteByte(c)
			i++
		}
	}
}

// aggregation copies one whose name is in[i:j], and returns what it ends at.
func (s *splitting) aggregation(i, j, end int) int {
	s.out.WriteString(s.in[i:j])
	k := s.blank(j, end)
	if word, list, after, ok := s.clause(k, end); ok {
		s.out.WriteString(" " + s.grouped(word, list))
		return after
	}
	if k >= end || s.in[k] != '(' {
		return j // a metric or label of this name
	}
	closing := s.closing(k, end)
	if closing < 0 {
		return j // no query at all: the provider will say so
	}
	word, list, after, behind := s.clause(s.blank(closing+1, end), end)
	if behind {
		s.out.WriteString(" " + s.grouped(word, list) + " ")
	} else {
		s.out.WriteString(" by (" + s.label + ") ")
		after = closing + 1
	}
	s.out.WriteByte('(')
	s.run(k+1, closing)
	s.out.WriteByte(')')
	return after
}

// clause reads by (…) or without (…) at i.
func (s *splitting) clause(i, end int) (word, list string, after int, ok bool) {
	for _, w := range []string{"by", "without"} {
		if !strings.HasPrefix(s.in[i:end], w) {
			continue
		}
		open := s.blank(i+len(w), end)
		if open < end && s.in[open] == '(' {
			if n := strings.IndexByte(s.in[open:end], ')'); n > 0 {
				return w, s.in[open+1 : open+n], open + n + 1, true
			}
		}
	}
	return "", "", i, false
}

func (s *splitting) grouped(word, list string) string {
	var names []string
	has := false
	for _, n := range strings.Split(list, ",") {
		n = strings.TrimSpace(n)
		has = has || n == s.label
		if n != "" && (word == "by" || n != s.label) {
			names = append(names, n)
		}
	}
	if word == "by" && !has {
		names = append(names, s.label)
	}
	return word + " (" + strings.Join(names, ", ") + ")"
}

func (s *splitting) blank(i, end int) int {
	for i < end && strings.IndexByte(" \t\r\n", s.in[i]) >= 0 {
		i++
	}
	return i
}

// closing is the bracket that closes the one at i; -1 where none does.
func (s *splitting) closing(i, end int) int {
	depth := 0
	for i < end {
		switch c := s.in[i]; c {
		case '"', '\'', '`':
			i = s.quoted(i, end)
			continue
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i
			}
		}
		i++
	}
	return -1
}

// quoted is behind the text that begins at i.
func (s *splitting) quoted(i, end int) int {
	quote := s.in[i]
	for i++; i < end; i++ {
		switch {
		case s.in[i] == '\\' && quote != '`':
			i++
		case s.in[i] == quote:
			return i + 1
		}
	}
	return end
}

func isWordByte(c byte) bool {
	return c == '_' || c == ':' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}
