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
	can  func(string) bool // a cheap test that the rule can apply at all
	re   *regexp.Regexp
	with string
}

func apply(rules []maskRule, s string) string {
	for _, r := range rules {
		if r.can(s) {
			s = r.re.ReplaceAllString(s, r.with)
		}
	}
	return s
}

// holds tests for one of these.
func holds(words ...string) func(string) bool {
	return func(s string) bool {
		for _, w := range words {
			if strings.Contains(s, w) {
				return true
			}
		}
		return false
	}
}

// holdsFold does so in any mix of upper and lower case; the words are in lower
// case.
func holdsFold(words ...string) func(string) bool {
	return func(s string) bool {
		for _, w := range words {
			for i := 0; i+len(w) <= len(s); i++ {
				if s[i]|0x20 == w[0] && strings.EqualFold(s[i:i+len(w)], w) {
					return true
				}
			}
		}
		return false
	}
}

// maskRules are ordered: a private key before the words inside it.
var maskRules = []maskRule{
	{holds("PRIVATE KEY"), regexp.MustCompile(`(?s)-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----.*?-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----`), "***"},
	// A password may hold an @ itself: the last one before the host counts.
	{holds("://"), regexp.MustCompile(`(\b[a-zA-Z][a-zA-Z0-9+.-]*://)([^\s/:"']*):([^\s/"']+)@`), "${1}${2}:***@"},
	{holds("hooks.slack.com/", "/webhooks/", "/webhookb2/"), regexp.MustCompile(`(hooks\.slack\.com/(?:services|workflows|triggers)/|discord(?:app)?\.com/api/webhooks/|webhook\.office\.com/webhookb2/)[^\s"'<>]+`), "${1}***"},
	shapes(),
	{holds("eyJ"), regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*`), "***"},
	{holds("curl"), regexp.MustCompile(`(\bcurl\b(?:[^\n|;]|\\\n)*?\s(?:-[A-Za-z]*[uU]\s*|--(?:proxy-)?user[ =])["']?[^\s:"'-][^\s:"']*:)[^\s"']+`), "${1}***"},
}

// maskLast are words that only frame a secret where no name did.
var maskLast = []maskRule{
	{holdsFold("bearer", "basic"), regexp.MustCompile(`(?i)\b(bearer|basic)\s+[A-Za-z0-9+/=_.~-]{8,}`), "${1} ***"},
	{holds("@"), regexp.MustCompile(`\b[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}\b`), "***@***"},
}

// tokens are shapes that give a secret away wherever it stands: how each
// begins, and how it goes on.
var tokens = [][2]string{
	{"gh", `[pousr]_[A-Za-z0-9]{20,}`},
	{"github_pat_", `[A-Za-z0-9_]{20,}`},
	{"glpat-", `[A-Za-z0-9_-]{16,}`}, // forges
	{"xox", `[abeprs]-[A-Za-z0-9-]{10,}`},
	{"xapp-", `[A-Za-z0-9-]{10,}`}, // chat
	{"AKIA", `[A-Z0-9]{16}`},
	{"ASIA", `[A-Z0-9]{16}`},
	{"AIza", `[A-Za-z0-9_-]{30,}`}, // clouds
	{"ya29.", `[A-Za-z0-9_-]{20,}`},
	{"dop_v1_", `[a-f0-9]{32,}`},
	{"sk_", `(?:live|test)_[A-Za-z0-9]{8,}`},
	{"rk_", `(?:live|test)_[A-Za-z0-9]{8,}`}, // payment, shops
	{"whsec_", `[A-Za-z0-9+/=]{16,}`},
	{"shp", `(?:at|ca|pa|ss)_[A-Fa-f0-9]{32}`},
	{"SG.", `[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}`},
	{"sk-", `[A-Za-z0-9_-]{20,}`},
	{"hf_", `[A-Za-z0-9]{20,}`},
	{"npm_", `[A-Za-z0-9]{30,}`},
	{"pypi-", `[A-Za-z0-9_-]{50,}`},
	{"hvs.", `[A-Za-z0-9_-]{20,}`},
	{"hvb.", `[A-Za-z0-9_-]{20,}`},
	{"AGE-SECRET-KEY-1", `[A-Z0-9]{20,}`},
	{"dbt_", `[A-Za-z0-9_-]{20,}`},
}

func shapes() maskRule {
	var begin, all []string
	for _, t := range tokens {
		begin = append(begin, t[0])
		all = append(all, regexp.QuoteMeta(t[0])+t[1])
	}
	return maskRule{holds(begin...), regexp.MustCompile(`\b(?:` + strings.Join(all, "|") + `)`), "***"}
}
