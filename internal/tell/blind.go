package tell

import (
	"regexp"
	"strings"
)

// Unreachable says in plain words why a provider could not be asked: from
// "p95: providers.main: 10.0.0.7:9090 did not answer: dial tcp …: connection
// refused" it makes "provider “main” at 10.0.0.7:9090 refuses connections". What it
// does not know it leaves as it is; said twice it says the same.
func Unreachable(text string) string { return UnreachableAs(text, nil) }

// UnreachableAs is Unreachable where it is known what kind a provider is:
// "Prometheus “main” at 10.0.0.7:9090 refuses connections".
func UnreachableAs(text string, kind func(provider string) string) string {
	text = Clean(text)
	m := providerFailed.FindStringSubmatch(text)
	if m == nil {
		return text
	}
	what := "provider"
	if kind != nil {
		if k := kind(m[2]); k != "" {
			what = strings.ToUpper(k[:1]) + k[1:]
		}
	}
	asked, name, rest := m[1], provider(what, m[2]), m[3]
	host, why, known := strings.Cut(rest, " did not answer")
	if !known {
		if host, why, known = strings.Cut(rest, " answered "); known && !strings.Contains(host, " ") {
			if strings.HasPrefix(why, "4") { // about what was asked, not about the provider
				return asked + name + " at " + host + " answered " + why
			}
			status, _, _ := strings.Cut(why, ":")
			return name + " at " + host + " answered " + status
		}
		return asked + name + ": " + rest
	}
	if within, ok := strings.CutPrefix(why, " within "); ok {
		return name + " at " + host + " did not answer within " + within
	}
	means := "did not answer"
	for _, c := range connectionFailures {
		if strings.Contains(why, c.text) {
			means = c.means
			break
		}
	}
	return name + " at " + host + " " + means
}

var providerFailed = regexp.MustCompile(`^((?:.*?: )?)providers\.([\w.-]+): (.*)$`)

// provider names a provider: "Prometheus" where it is called so, else in
// quotation marks.
func provider(what, name string) string {
	switch name {
	case "prometheus", "loki", "mimir", "thanos":
		return strings.ToUpper(name[:1]) + name[1:]
	}
	return what + " “" + name + "”"
}

var connectionFailures = []struct{ text, means string }{
	{"connection refused", "refuses connections"},
	{"no such host", "is not known: its name has no address"},
	{"connection reset", "broke the connection off"},
	{"EOF", "broke the connection off"},
	{"no route to host", "cannot be reached from here"},
	{"network is unreachable", "cannot be reached from here"},
	{"certificate", "shows a certificate that is not trusted here"},
	{"tls:", "does not speak TLS as expected"},
	{"HTTP response to HTTPS", "does not speak HTTPS"},
	{"timeout", "did not answer in time"},
	{"deadline exceeded", "did not answer in time"},
}

// SameFailure reports whether a look's own words say what a metric's raw error
// says.
func SameFailure(blind, raw string) bool {
	a, b := Unreachable(blind), Unreachable(raw)
	if _, after, ok := strings.Cut(a, "“"); ok {
		_, other, _ := strings.Cut(b, "“")
		return after == other
	}
	return a == b || strings.HasSuffix(blind, raw)
}

// Unreachables are what could not be asked, each once: several metrics of one
// provider fail together.
func Unreachables(blind []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, b := range blind {
		if text := strings.TrimRight(Unreachable(b), ". "); text != "" && !seen[text] {
			seen[text] = true
			out = append(out, text)
		}
	}
	return out
}
