package api

import (
	"bytes"
	"encoding/json"
)

// split is members for what is right: each value is found by where it ends and
// not read. False: something is wrong, or a field is given twice.
func split(body []byte) ([]member, bool) {
	body = bytes.TrimSpace(body)
	if len(body) == 0 || body[0] != '{' || !json.Valid(body) {
		return nil, false
	}
	return splitValid(body)
}

func splitValid(body []byte) ([]member, bool) {
	ms := make([]member, 0, 16)
	var seen map[string]bool
	for i := blanks(body, 1); body[i] != '}'; i = blanks(body, i) {
		if body[i] == ',' {
			i = blanks(body, i+1)
		}
		end := stringEnd(body, i)
		name := string(body[i+1 : end-1])
		if !plain(name) && json.Unmarshal(body[i:end], &name) != nil {
			return nil, false
		}
		if len(ms) == 16 {
			seen = make(map[string]bool, 64)
			for _, m := range ms {
				seen[m.name] = true
			}
		}
		if seen[name] || seen == nil && has(ms, name) {
			return nil, false
		}
		if seen != nil {
			seen[name] = true
		}
		i = blanks(body, blanks(body, end)+1) // over the colon
		end = valueEnd(body, i)
		ms = append(ms, member{name, body[i:end:end]})
		i = end
	}
	return ms, true
}

// items are the values of a valid list; false where it is none.
func items(list []byte) ([]json.RawMessage, bool) {
	if len(list) == 0 || list[0] != '[' {
		return nil, false
	}
	var out []json.RawMessage
	for i := blanks(list, 1); list[i] != ']'; i = blanks(list, i) {
		if list[i] == ',' {
			i = blanks(list, i+1)
		}
		end := valueEnd(list, i)
		out = append(out, list[i:end:end])
		i = end
	}
	return out, true
}

func has(ms []member, name string) bool {
	for _, m := range ms {
		if m.name == name {
			return true
		}
	}
	return false
}

// blanks is the index of the next thing in valid JSON.
func blanks(body []byte, i int) int {
	for i < len(body) && (body[i] == ' ' || body[i] == '\t' || body[i] == '\n' || body[i] == '\r') {
		i++
	}
	return i
}

// valueEnd is the index after the value at i of valid JSON.
func valueEnd(body []byte, i int) int {
	depth := 0
	for i < len(body) {
		switch body[i] {
		case '"':
			i = stringEnd(body, i)
		case '{', '[':
			depth++
			i++
			continue
		case '}', ']':
			depth--
			i++
		default:
			i++
			if depth > 0 {
				continue
			}
			for i < len(body) && bytes.IndexByte(ends, body[i]) < 0 {
				i++
			}
		}
		if depth <= 0 {
			return i
		}
	}
	return i
}

// ends are what a number or a word is followed by.
var ends = []byte(",}] \t\r\n")
