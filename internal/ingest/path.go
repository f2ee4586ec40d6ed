package ingest

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/debriefhq/debrief"
)

// A path says where in a JSON document a value is: data.app.name,
// labels["app.kubernetes.io/name"], commits[0].id, items[].id (each of a
// list). Several, separated by " | ", are tried until one is there; one that
// begins with = is that text itself.
type path []step

// step is a field's name, an item's number (-1: every item).
type step struct {
	name  string
	index int
	list  bool
}

// expression is what stands at a value of a mapping.
type expression []choice

type choice struct {
	path     path
	constant string
	fixed    bool
	text     string // as it was written
}

const maxPathSteps = 20

func parseExpression(s string) (expression, error) {
	if len(s) > maxPath {
		return nil, debrief.Errorf(debrief.Invalid, "", "longer than a path can be")
	}
	if text, ok := strings.CutPrefix(s, "="); ok {
		return expression{{constant: line(text, maxFact), fixed: true, text: s}}, nil
	}
	var e expression
	for part := range strings.SplitSeq(s, " | ") {
		part = strings.TrimSpace(part)
		if text, ok := strings.CutPrefix(part, "="); ok {
			e = append(e, choice{constant: line(text, maxFact), fixed: true, text: part})
			continue
		}
		p, err := parsePath(part)
		if err != nil {
			return nil, err
		}
		e = append(e, choice{path: p, text: part})
	}
	return e, nil
}

func parsePath(s string) (path, error) {
	wrong := func(why string) error {
		return debrief.Errorf(debrief.Invalid, "", "%q is no path: %s", line(s, 100), why).
			WithHint(`for example data.app.name, items[].id, labels["app.io/name"], or =production for a fixed text`)
	}
	var p path
	rest := s
	for rest != "" {
		switch {
		case rest[0] == '[':
			inside, after, ok := strings.Cut(rest[1:], "]")
			if quoted, isText := strings.CutPrefix(rest, `["`); isText {
				inside, after, ok = strings.Cut(quoted, `"]`)
				p = append(p, step{name: inside})
			} else if inside == "" {
				p = append(p, step{index: -1, list: true})
			} else if n, err := strconv.Atoi(inside); err == nil && n >= 0 && n < 1000 {
				p = append(p, step{index: n, list: true})
			} else {
				return nil, wrong("in brackets stand a number, nothing, or a name in quotes")
			}
			if !ok {
				return nil, wrong("a bracket is not closed")
			}
			rest = after
			if rest != "" && rest[0] != '.' && rest[0] != '[' {
				return nil, wrong("after a bracket comes a dot")
			}
			rest = strings.TrimPrefix(rest, ".")
			if rest == "" && strings.HasSuffix(s, ".") {
				return nil, wrong("nothing comes after the last dot")
			}
		default:
			end := strings.IndexAny(rest, ".[")
			if end < 0 {
				end = len(rest)
			}
			name := rest[:end]
			if name == "" || strings.ContainsAny(name, " \t\"'|=") {
				return nil, wrong("a name is empty or holds a space, a quote, | or =")
			}
			p = append(p, step{name: name})
			rest = rest[end:]
			if strings.HasPrefix(rest, ".") {
				if rest = rest[1:]; rest == "" || rest[0] == '.' || rest[0] == '[' {
					return nil, wrong("nothing stands between two dots")
				}
			}
		}
		if len(p) > maxPathSteps {
			return nil, wrong("too many parts")
		}
	}
	if len(p) == 0 {
		return nil, wrong("it is empty")
	}
	return p, nil
}

// lists counts the lists a path runs through.
func (p path) lists() int {
	n := 0
	for _, s := range p {
		if s.list && s.index < 0 {
			n++
		}
	}
	return n
}

// within drops the beginning that leads to each item; ok reports whether the
// path has it.
func (p path) within(each path) (rest path, ok bool) {
	if len(each) == 0 || len(p) < len(each) {
		return p, false
	}
	for i, s := range each {
		if p[i] != s {
			return p, false
		}
	}
	return p[len(each):], true
}

// find gives every value at the path; a path without lists has at most one.
func (p path) find(v any) []any {
	found := []any{v}
	for _, s := range p {
		var next []any
		for _, v := range found {
			switch {
			case s.list:
				items, _ := v.([]any)
				if s.index < 0 {
					next = append(next, items...)
				} else if s.index < len(items) {
					next = append(next, items[s.index])
				}
			default:
				m, _ := v.(map[string]any)
				if item, ok := m[s.name]; ok {
					next = append(next, item)
				}
			}
		}
		found = next
	}
	return found
}

// scalar is a value as text; ok is false for a list or an object.
func scalar(v any) (text string, ok bool) {
	switch x := v.(type) {
	case nil:
		return "", true
	case string:
		return x, true
	case json.Number:
		return x.String(), true
	case bool:
		return strconv.FormatBool(x), true
	}
	return "", false
}
