package cli

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/debriefhq/debrief"
)

// keyEnd is how the first and last line of a private key end.
var keyEnd = regexp.MustCompile(`-----(?:BEGIN|END) [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----`)

// maskOutput hides secrets in a tail: those of known shapes, a private key
// of which only a half is there, and the values of variables whose names say
// they are secret.
func maskOutput(s string, environ []string) string {
	s = maskEnviron(s, environ)
	if marks := keyEnd.FindAllStringIndex(s, -1); len(marks) > 0 {
		last := marks[len(marks)-1]
		if strings.HasPrefix(s[last[0]:], "-----BEGIN") {
			s = s[:last[0]] + "***" // printed half
		}
		if first := marks[0]; strings.HasPrefix(s[first[0]:], "-----END") {
			s = "***" + s[first[1]:] // its beginning has scrolled away
		}
	}
	return debrief.Mask(s)
}

// secretVariable is wider than what is a secret by name anywhere.
func secretVariable(name string) bool {
	n := strings.ToUpper(name)
	if n == "PWD" || n == "OLDPWD" {
		return false
	}
	return debrief.SecretName(name) || strings.Contains(n, "PRIVATE") || strings.Contains(n, "WEBHOOK") ||
		strings.HasSuffix(n, "_DSN") || strings.HasSuffix(n, "_PAT")
}

// everyday are values that stand everywhere; hiding them would hide the story.
var everyday = []string{"true", "false", "none", "null", "auto", "always", "never", "enabled", "disabled", "default", "basic", "bearer"}

// shortValue is up to where a value is only hidden as a word of its own.
const shortValue = 8

// maskEnviron hides the values of secret variables, and passwords in variables
// that hold addresses, wherever they stand.
func maskEnviron(s string, environ []string) string {
	var hide []string
	for _, kv := range environ {
		name, value, _ := strings.Cut(kv, "=")
		if secretVariable(name) {
			hide = append(hide, value, strings.TrimSpace(value))
		}
		if u, err := url.Parse(value); err == nil && u.User != nil {
			password, _ := u.User.Password()
			_, written, _ := strings.Cut(u.User.String(), ":")
			hide = append(hide, password, written)
		}
	}
	// The longest first: a short one may be a part of it.
	slices.SortFunc(hide, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	for _, value := range slices.Compact(hide) {
		switch {
		case len(value) < 4 || slices.Contains(everyday, strings.ToLower(value)) || !strings.Contains(s, value):
		case len(value) >= shortValue:
			s = strings.ReplaceAll(s, value, "***")
		default:
			s = maskWord(s, value)
		}
	}
	return s
}

// maskWord hides a word where it is not a part of a longer one.
func maskWord(s, word string) string {
	var b strings.Builder
	for {
		i := strings.Index(s, word)
		if i < 0 {
			return b.String() + s
		}
		end := i + len(word)
		part := i > 0 && wordByte(s[i-1]) && wordByte(word[0]) || end < len(s) && wordByte(s[end]) && wordByte(word[len(word)-1])
		b.WriteString(s[:i])
		if part {
			b.WriteString(word)
		} else {
			b.WriteString("***")
		}
		s = s[end:]
	}
}

func wordByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_'
}

// commandLine is the command as a person would type it, masked.
func commandLine(args, environ []string) string {
	words := make([]string, len(args))
	for i, a := range args {
		before := ""
		if i > 0 {
			before = args[i-1]
		}
		words[i] = shellWord(a, maskArgument(a, before))
	}
	line := clean(strings.ReplaceAll(strings.Join(words, " "), "\n", " "))
	return shortened(debrief.Mask(maskEnviron(line, environ)), 1000)
}

// maskArgument hides what one argument holds, before quotes are put around it:
// after that nobody knows where a value with blanks ends.
func maskArgument(a, before string) string {
	if flag := strings.TrimLeft(before, "-"); flag != before && !strings.Contains(flag, "=") &&
		debrief.SecretName(flag) && !strings.HasPrefix(a, "-") && !strings.HasSuffix(flag, "-stdin") {
		return "***"
	}
	name, _, assigned := strings.Cut(a, "=")
	if assigned && before != "-c" && !strings.ContainsAny(name, " \t\n\"':/") && debrief.SecretName(strings.TrimLeft(name, "-")) {
		return name + "=***"
	}
	return debrief.Mask(a)
}

// shellWord is an argument as a shell needs it written; shown is what stands for it.
func shellWord(a, shown string) string {
	if shown != "***" && !strings.HasSuffix(shown, "=***") && (a == "" || strings.ContainsAny(a, " \t\n'\"\\$&|;<>()*?#~`")) {
		return "'" + strings.ReplaceAll(shown, "'", `'\''`) + "'"
	}
	return shown
}
