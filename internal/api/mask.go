package api

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"

	"github.com/debriefhq/debrief"
)

// maskJSON hides secrets in a JSON text and keeps its structure: only string
// values change, and only those in which debrief.Mask finds something, or whose
// name says that they are a secret. What identifies things (a version, a key)
// stays. Everything else stays byte for byte.
//
// The text must be valid JSON; an invalid one is returned as it is, with
// false, and must not be kept.
func maskJSON(body []byte) ([]byte, bool) { return maskText(body, false) }

// maskHook is maskJSON for what a forge sends, which names people all over:
// who wrote, pushed, reviewed, pressed the button. Nothing here needs to know,
// so nothing of it is kept.
func maskHook(body []byte) ([]byte, bool) { return maskText(body, true) }

func maskText(body []byte, people bool) ([]byte, bool) {
	if !json.Valid(body) {
		return body, false
	}
	var out []byte // nil until something changes
	copied := 0    // body[:copied] is in out
	name := ""     // of the value that follows
	var names []string
	within := 0 // how many objects around speak of a person
	for i := 0; i < len(body); {
		switch body[i] {
		case '{', '[':
			names = append(names, name)
			if person[name] {
				within++
			}
			i++
		case '}', ']':
			if person[names[len(names)-1]] {
				within--
			}
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
			if people {
				if about := within > 0 || person[name]; about && end-i > 2 {
					masked, changed = []byte(`"***"`), true
				} else if signed[name] && bytes.Contains(body[i:end], []byte("-")) {
					masked, changed = maskSigners(masked, body[i:end], changed)
				}
			}
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
		return body, true
	}
	return append(out, body[copied:]...), true
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

// person names fields that hold a person, or a list of them. A repository's
// owner is one where it is nobody's company; its name stands in full_name.
var person = map[string]bool{
	"author": true, "committer": true, "pusher": true, "sender": true, "user": true, "owner": true, "creator": true,
	"actor": true, "triggering_actor": true, "merged_by": true, "assignee": true, "assignees": true,
	"requested_reviewers": true, "reviewer": true, "reviewers": true, "enabled_by": true, "approver": true,
}

// signed names fields whose last lines say who wrote and read a change.
var signed = map[string]bool{"message": true, "body": true, "description": true}

var signers = regexp.MustCompile(`(?mi)^([a-z]+(?:-[a-z]+)*-by):.*$`)

// maskSigners hides who is named in "Co-authored-by: Jane Doe <…>".
func maskSigners(masked, quoted []byte, changed bool) ([]byte, bool) {
	if !changed {
		masked = quoted
	}
	var text string
	if json.Unmarshal(masked, &text) != nil {
		return masked, changed
	}
	short := signers.ReplaceAllString(text, "$1: ***")
	if short == text {
		return masked, changed
	}
	b, err := json.Marshal(short)
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
	if strings.ContainsAny(s, "@= ") || strings.Contains(s, "eyJ") {
		return true
	}
	rest, web := strings.CutPrefix(s, "https://")
	if web {
		s = rest
	}
	for _, shape := range []string{"AKIA", "ASIA", "AIza", "SG.", "/services/", "/workflows/", "/triggers/", "hook"} {
		if strings.Contains(s, shape) {
			return true
		}
	}
	return strings.IndexByte(s, ':') >= 0 || len(s) >= 12 && strings.ContainsAny(s, "_-")
}
