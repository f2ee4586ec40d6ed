package api

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/ingest"
)

// maskJSON hides secrets in a JSON text and keeps its structure: only string
// values change, and only those in which debrief.Mask finds something, or whose
// name says that they are a secret. What identifies things (a version, a key)
// stays. Everything else stays byte for byte.
//
// The text must be valid JSON; an invalid one is returned as it is, with
// false, and must not be kept.
func maskJSON(body []byte) ([]byte, bool) { return maskText(body, nil) }

// maskHook is maskJSON for what a forge sends, which names people all over:
// who wrote, pushed, reviewed, pressed the button. Nothing here needs to know,
// so nothing of it is kept. More names fields of this sender's that hold a
// person too.
func maskHook(body []byte, more ...string) ([]byte, bool) {
	return maskText(body, newPeople(more))
}

// MaskHook masks what was asked of a source as if the source had sent it.
func MaskHook(source string, body []byte) ([]byte, bool) {
	src, err := ingest.Lookup(source)
	if err != nil {
		return body, false
	}
	return maskHook(body, src.People...)
}

// maskText masks; with people, these too.
func maskText(body []byte, people *people) ([]byte, bool) {
	if !json.Valid(body) {
		return body, false
	}
	return maskValid(body, people), true
}

// maskValid is maskText for what is known to be valid.
func maskValid(body []byte, people *people) []byte {
	var out []byte // nil until something changes
	copied := 0    // body[:copied] is in out
	name := ""     // of the value that follows
	var names []string
	for i := 0; i < len(body); {
		switch body[i] {
		case '{', '[':
			names = append(names, name)
			people.enter(name)
			i++
		case '}', ']':
			people.leave()
			names = names[:len(names)-1]
			i++
		case ',':
			if len(names) > 0 {
				name = names[len(names)-1] // items of a list are called like the list
			}
			i++
		case '"':
			end := stringEnd(body, i)
			if isName(body, end) {
				name = string(body[i+1 : end-1])
				i = end
				continue
			}
			masked, changed := maskString(name, body[i:end])
			masked, changed = people.hide(name, body[i:end], masked, changed)
			if changed {
				out = append(append(out, body[copied:i]...), masked...)
				copied = end
			}
			i = end
		default:
			i++
		}
	}
	if out == nil {
		return body
	}
	return append(out, body[copied:]...)
}

// stringEnd is the index after the closing quote of the string at i.
func stringEnd(body []byte, i int) int {
	for i++; body[i] != '"'; i++ {
		if body[i] == '\\' {
			i++
		}
	}
	return i + 1
}

// isName reports whether a colon follows.
func isName(body []byte, i int) bool {
	rest := bytes.TrimLeft(body[i:], " \t\r\n")
	return len(rest) > 0 && rest[0] == ':'
}

func maskString(name string, quoted []byte) ([]byte, bool) {
	if identity[name] || len(quoted) < 5 { // less than three characters hide nothing
		return nil, false
	}
	text := string(quoted[1 : len(quoted)-1])
	if strings.IndexByte(text, '\\') >= 0 {
		if json.Unmarshal(quoted, &text) != nil {
			return nil, false
		}
	}
	masked := text
	if debrief.SecretName(name) {
		masked = "***"
	} else if suspect(text) {
		masked = debrief.Mask(text)
	}
	if masked == text {
		return nil, false
	}
	b, err := json.Marshal(masked)
	return b, err == nil
}

// identity names fields that tell things apart: masking them would make two
// into one.
var identity = map[string]bool{
	"key": true, "keys": true, "service": true, "services": true, "environment": true, "target": true, "version": true,
	"commit": true, "rollout": true, "state": true, "ref": true, "sha": true, "tag_name": true, "full_name": true,
	"head_sha": true, "before": true, "after": true, "batch": true, "id": true, "template": true,
}

// suspect is a cheap test that debrief.Mask can find anything at all. Most of a
// webhook is addresses of the forge's own pages, which hold nothing.
func suspect(s string) bool {
	if isMoment(s) {
		return false
	}
	if strings.ContainsAny(s, "@= ") || strings.Contains(s, "eyJ") {
		return true
	}
	rest, web := strings.CutPrefix(s, "https://")
	if web {
		s = rest
	}
	for _, shape := range []string{"AKIA", "ASIA", "AIza", "ya29.", "hvs.", "hvb.", "SG.", "/services/", "/workflows/", "/triggers/", "hook"} {
		if strings.Contains(s, shape) {
			return true
		}
	}
	return strings.IndexByte(s, ':') >= 0 || len(s) >= 12 && strings.ContainsAny(s, "_-")
}

// isMoment reports digits and what stands between them in a time: half of what
// a report says, and no secret's shape.
func isMoment(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9', c == '-', c == ':', c == '.', c == '+', c == 'T', c == 'Z':
		default:
			return false
		}
	}
	return true
}
