package debrief

import (
	"slices"
	"strings"
)

// SecretName reports whether what has this name (a variable, a flag, a field, a
// header) is a secret: DB_PASS, apiKey, client-secret, Set-Cookie.
func SecretName(name string) bool {
	n := strings.Map(func(r rune) rune {
		switch {
		case r == '-' || r == '.':
			return '_'
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return r
	}, name)
	for _, word := range secretWords {
		if strings.Contains(n, word) {
			return true
		}
	}
	switch {
	case strings.HasSuffix(n, "_key"):
		before := strings.TrimSuffix(n, "_key")
		return !slices.Contains(openKeys, before[strings.LastIndexByte(before, '_')+1:])
	case strings.HasSuffix(n, "pass"):
		return !strings.HasSuffix(n, "bypass") && !strings.HasSuffix(n, "compass")
	}
	return strings.HasSuffix(n, "pwd") || strings.HasSuffix(n, "_pass_file")
}

var (
	secretWords = []string{
		"password", "passwd", "passphrase", "secret", "token", "credential", "authorization", "cookie",
		"apikey", "api_key", "accesskey", "access_key", "privatekey", "private_key",
	}
	// openKeys are what comes before _key in names of keys that open nothing.
	openKeys = []string{"primary", "foreign", "public", "unique", "duplicate", "sort", "partition", "cache", "routing", "idempotency", "host", "object"}
	// noSecret are words that follow a name in prose ("passwd: permission
	// denied", "token: invalid") or say that there is none.
	noSecret = []string{
		"permission", "authentication", "authorization", "denied", "required", "invalid", "missing", "expired", "incorrect", "wrong", "rejected",
		"must", "cannot", "could", "failed", "error", "unknown", "unexpected", "empty", "not", "no", "is", "was", "are", "to", "the", "and", "for", "flag", "from",
		"none", "null", "nil", "<nil>", "true", "false", "undefined", "unset",
	}
	// schemes begin an Authorization header; what follows is the secret.
	schemes = []string{"bearer", "basic", "digest", "token", "negotiate", "apikey", "aws4-hmac-sha256", "***"}
)

// maskNamed hides the values of what is named a secret: NAME=value,
// "name": "value", --name value, and whole Cookie and Authorization headers.
func maskNamed(s string) string {
	var out strings.Builder
	done, line := 0, 0 // what is in out; where the line begins
	for i := 0; i < len(s); i++ {
		from, to := -1, 0
		switch s[i] {
		case '\n':
			line = i + 1
		case '=', ':':
			from, to = namedValue(s, i, line)
		case ' ', '\t':
			from, to = flagValue(s, i, line)
		}
		if from < done || from >= to {
			continue
		}
		out.WriteString(s[done:from])
		out.WriteString("***")
		done, i = to, to-1
	}
	if done == 0 {
		return s
	}
	out.WriteString(s[done:])
	return out.String()
}

// namedValue is what to hide behind the separator at i; from < 0: nothing.
func namedValue(s string, i, line int) (from, to int) {
	end := len(strings.TrimRight(s[line:i], " \t")) + line
	if end > line && isQuote(s[end-1]) {
		end = len(strings.TrimRight(s[line:end-1], `\`)) + line
	}
	start := end
	for start > line && isName(s[start-1]) {
		start--
	}
	name := strings.ToLower(strings.TrimLeft(s[start:end], "-."))
	if name == "" || !SecretName(name) {
		return -1, 0
	}
	var before byte
	if start > line {
		before = s[start-1]
	}
	colon := s[i] == ':'
	// /etc/passwd: … is a file, PASS: … a test's result.
	if colon && (before == '/' || name == "pass") {
		return -1, 0
	}
	from = i + 1
	for from < len(s) && (s[from] == '=' || s[from] == '>') { // := and =>
		from++
	}
	from += blanks(s[from:])
	if (name == "pwd" || name == "oldpwd") && from < len(s) && s[from] == '/' {
		return -1, 0 // where a shell stands
	}
	header := colon && (strings.HasSuffix(name, "cookie") || strings.HasSuffix(name, "authorization") && isScheme(s[from:]))
	return value(s, from, line, start, before, header)
}

// flagValue is what to hide behind the blank at i, where a secret's flag ends.
func flagValue(s string, i, line int) (from, to int) {
	start := strings.LastIndexAny(s[line:i], " \t\"'`(") + 1 + line
	name := strings.TrimLeft(s[start:i], "-")
	if len(name) == i-start || strings.ContainsAny(name, "=:") || !SecretName(name) ||
		strings.HasSuffix(name, "-stdin") || strings.HasSuffix(name, "-file") {
		return -1, 0
	}
	from = i + blanks(s[i:])
	if from < len(s) && s[from] == '-' {
		return -1, 0 // the next flag
	}
	return value(s, from, line, start, 0, false)
}

// value tells how far the value at from goes. before is what stands before its
// name; a header goes on to the end of its line.
func value(s string, from, line, name int, before byte, header bool) (int, int) {
	end := len(s)
	if i := strings.IndexByte(s[from:], '\n'); i >= 0 {
		end = from + i
	}
	rest := s[from:end]
	if q := strings.TrimLeft(rest, `\`); !header && q != "" && isQuote(q[0]) {
		escape := len(rest) - len(q)
		from += escape + 1
		for i := from; i < end; i++ {
			if n := backslashes(s[from:i]); s[i] == q[0] && n <= escape {
				return from, i - n
			}
		}
		return from, end
	}
	stop := end
	if !header {
		if i := strings.IndexAny(rest, " \t\r"); i >= 0 {
			stop = from + i
		}
		if before == '?' || before == '&' { // a URL's query
			if i := strings.IndexByte(s[from:stop], '&'); i >= 0 {
				stop = from + i
			}
		}
	}
	// Inside a quoted text the value ends with it.
	for _, q := range []byte{'"', '\''} {
		if strings.Count(s[line:name], string(q))%2 == 1 {
			if i := strings.IndexByte(s[from:stop], q); i >= 0 {
				stop = len(strings.TrimRight(s[from:from+i], `\`)) + from
			}
		}
	}
	text := s[from:stop]
	if len(text) < 3 || !header && slices.Contains(noSecret, strings.ToLower(strings.TrimRight(text, ".,;:!)"))) {
		return -1, 0
	}
	return from, stop
}

func isScheme(s string) bool {
	word, _, ok := strings.Cut(s, " ")
	return ok && slices.Contains(schemes, strings.ToLower(word))
}

func isName(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-' || c == '.'
}

func isQuote(c byte) bool { return c == '"' || c == '\'' || c == '`' }

func blanks(s string) int { return len(s) - len(strings.TrimLeft(s, " \t")) }

func backslashes(s string) int { return len(s) - len(strings.TrimRight(s, `\`)) }
