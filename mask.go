package debrief

import (
	"regexp"
	"strings"
)

// Mask hides what must not be kept: passwords in URLs, tokens, keys, cookies,
// values of what is named a secret, mail addresses. What it hides becomes
// "***"; the rest stays readable. It is for plain text: of JSON, mask the
// strings and not the whole.
func Mask(s string) string {
	s = apply(maskRules, s)
	s = maskNamed(s) // after the shapes: what they hid is not looked at again
	return apply(maskLast, s)
}

type maskRule struct {
	hint string // a cheap test that the rule can apply at all
	re   *regexp.Regexp
	with string
}

func apply(rules []maskRule, s string) string {
	for _, r := range rules {
		if r.hint == "" || strings.Contains(s, r.hint) {
			s = r.re.ReplaceAllString(s, r.with)
		}
	}
	return s
}

// maskRules are ordered: a private key before the words inside it.
var maskRules = []maskRule{
	{"PRIVATE KEY", regexp.MustCompile(`(?s)-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----.*?-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----`), "***"},
	// A password may hold an @ itself: the last one before the host counts.
	{"://", regexp.MustCompile(`(\b[a-zA-Z][a-zA-Z0-9+.-]*://)([^\s/:"']*):([^\s/"']+)@`), "${1}${2}:***@"},
	{"/", regexp.MustCompile(`(hooks\.slack\.com/(?:services|workflows|triggers)/|discord(?:app)?\.com/api/webhooks/|webhook\.office\.com/webhookb2/)[^\s"'<>]+`), "${1}***"},
	{"", regexp.MustCompile(`\b(?:` + strings.Join([]string{
		`gh[pousr]_[A-Za-z0-9]{20,}`, `github_pat_[A-Za-z0-9_]{20,}`, `glpat-[A-Za-z0-9_-]{16,}`, // forges
		`xox[abeprs]-[A-Za-z0-9-]{10,}`, `xapp-[A-Za-z0-9-]{10,}`, // chat
		`(?:AKIA|ASIA)[A-Z0-9]{16}`, `AIza[A-Za-z0-9_-]{30,}`, `ya29\.[A-Za-z0-9_-]{20,}`, `dop_v1_[a-f0-9]{32,}`, // clouds
		`[sr]k_(?:live|test)_[A-Za-z0-9]{8,}`, `whsec_[A-Za-z0-9+/=]{16,}`, `shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{32}`, // payment, shops
		`SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}`, `sk-[A-Za-z0-9_-]{20,}`, `hf_[A-Za-z0-9]{20,}`,
		`npm_[A-Za-z0-9]{30,}`, `pypi-[A-Za-z0-9_-]{50,}`, `hv[sb]\.[A-Za-z0-9_-]{20,}`, `AGE-SECRET-KEY-1[A-Z0-9]{20,}`, `dbt_[A-Za-z0-9_-]{20,}`,
	}, "|") + `)`), "***"},
	{"eyJ", regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*`), "***"},
	{"curl", regexp.MustCompile(`(\bcurl\b(?:[^\n|;]|\\\n)*?\s(?:-[A-Za-z]*[uU]\s*|--(?:proxy-)?user[ =])["']?[^\s:"'-][^\s:"']*:)[^\s"']+`), "${1}***"},
}

// maskLast are words that only frame a secret where no name did.
var maskLast = []maskRule{
	{"", regexp.MustCompile(`(?i)\b(bearer|basic)\s+[A-Za-z0-9+/=_.~-]{8,}`), "${1} ***"},
	{"@", regexp.MustCompile(`\b[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}\b`), "***@***"},
}
