package debrief

import (
	"regexp"
	"strings"
)

// Mask hides what must not be kept: passwords in URLs, tokens, keys, mail
// addresses. What it hides becomes "***"; the rest stays readable. It is for
// plain text: of JSON, mask the strings and not the whole.
func Mask(s string) string {
	for _, r := range maskRules {
		if r.hint != "" && !strings.Contains(s, r.hint) {
			continue
		}
		s = r.re.ReplaceAllString(s, r.with)
	}
	return s
}

// maskRules are ordered: a private key before the words inside it.
var maskRules = []struct {
	hint string // a cheap test that the rule can apply at all
	re   *regexp.Regexp
	with string
}{
	{"PRIVATE KEY", regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY-----[^"]*?-----END [A-Z ]*PRIVATE KEY-----`), "***"},
	{"://", regexp.MustCompile(`(\b[a-zA-Z][a-zA-Z0-9+.-]*://)([^\s/:@"']*):([^\s/@"']+)@`), "${1}${2}:***@"},
	{"", regexp.MustCompile(`\b(gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}|xox[abprs]-[A-Za-z0-9-]{10,}|AKIA[A-Z0-9]{16}|sk-[A-Za-z0-9_-]{20,}|npm_[A-Za-z0-9]{30,}|dbt_[A-Za-z0-9_-]{20,})`), "***"},
	{"eyJ", regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*`), "***"},
	{"", regexp.MustCompile(`(?i)\b(bearer|basic)\s+[A-Za-z0-9+/=_.~-]{8,}`), "${1} ***"},
	{"", regexp.MustCompile(`(?i)((?:password|passwd|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential|authorization)[A-Za-z0-9_-]*\\?["']?\s*[=:]\s*\\?["']?)([^\s"'\\,;&]{3,})`), "${1}***"},
	{"@", regexp.MustCompile(`\b[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}\b`), "***@***"},
}
