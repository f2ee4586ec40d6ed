package ingest

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// clean drops what must not reach a page, a terminal or a database: control
// characters, the marks that reorder text, and invalid UTF-8. Lines are kept
// only where the text may have several.
func clean(s string, lines bool) string {
	if printable(s) {
		return s // nearly always
	}
	s = strings.ToValidUTF8(s, "\uFFFD")
	return strings.Map(func(r rune) rune {
		switch {
		case lines && (r == '\n' || r == '\t'):
			return r
		case !lines && (r == '\n' || r == '\t'):
			return ' '
		case hidden(r):
			return -1
		}
		return r
	}, s)
}

// printable reports plain ASCII without control characters.
func printable(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

// hidden reports a character nobody can see: controls, and the direction
// marks that can make a name read as another one.
func hidden(r rune) bool {
	return unicode.IsControl(r) || r == '\u200e' || r == '\u200f' || r == '\u061c' ||
		r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

// clip shortens s to at most n bytes at a character's border.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	const dots = "…"
	cut := max(n-len(dots), 0)
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + dots
}

// line is foreign text on one line, of at most n bytes.
func line(s string, n int) string { return clip(strings.TrimSpace(clean(s, false)), n) }

// firstLine is the first line of a commit message: its title.
func firstLine(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	return line(s, maxTitle)
}

// webAddress keeps an address only where a browser may safely follow it.
func webAddress(s string) string {
	if !isWebAddress(s) {
		return ""
	}
	return s
}

func isWebAddress(s string) bool {
	rest, ok := strings.CutPrefix(s, "https://")
	if !ok {
		rest, ok = strings.CutPrefix(s, "http://")
	}
	if !ok || rest == "" || len(s) > maxURL || !utf8.ValidString(s) {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		return r == ' ' || r == '"' || r == '<' || r == '>' || r == '\\' || r == '`' || hidden(r)
	})
}

// IsKey reports a key in the form [A-Za-z0-9._:/-]{1,200}.
func IsKey(s string) bool {
	if s == "" || len(s) > maxKey {
		return false
	}
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '.', c == '_', c == ':', c == '/', c == '-':
		default:
			return false
		}
	}
	return true
}

// isCommit reports a full commit hash (SHA-1 or SHA-256).
func isCommit(s string) bool {
	if len(s) != 40 && len(s) != 64 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
			return false
		}
	}
	return true
}
