package cli

import (
	"fmt"
	"strings"

	"github.com/debriefhq/debrief/internal/measure"
)

// writeYAML is the configuration as a person would have written it.
func writeYAML(o initOptions, services []foundService, logsMissing bool) string {
	var b strings.Builder
	b.WriteString(`# debrief's configuration, written by debrief init. Yours from here on.
# What is left out has a default: docs/configuration.md lists every key.
# Logins do not stand here: set DEBRIEF_PROVIDERS_MAIN_TOKEN, or token_file.

providers:
  main:
    kind: prometheus
`)
	fmt.Fprintf(&b, "    url: %s\n", quoted(o.prometheus))
	if o.loki != "" {
		fmt.Fprintf(&b, "  %s:\n    kind: loki\n    url: %s\n", logsProvider, quoted(o.loki))
		if logsMissing {
			b.WriteString("    # It did not answer when this was written, so no service has logs: below yet.\n")
		}
	}
	b.WriteString("\n# What is looked at after a release of each service.\nservices:\n")
	for _, s := range services {
		fmt.Fprintf(&b, "  %s: # %s\n", quoted(s.Service), comment(s.Family))
		if len(s.none) > 0 {
			fmt.Fprintf(&b, "    # without data, left out: %s\n", comment(strings.Join(s.none, ", ")))
		}
		if len(s.Metrics) > 0 {
			b.WriteString("    metrics:\n")
		}
		for _, m := range s.Metrics {
			writeMetric(&b, m)
		}
		writeSplits(&b, s)
		if s.Starts != "" {
			fmt.Fprintf(&b, "    restarts:\n      provider: %s\n      query: %s\n", mainProvider, quoted(s.Starts))
		}
		if s.logs != "" {
			fmt.Fprintf(&b, "    logs:\n      - provider: %s\n        query: %s\n", logsProvider, quoted(s.logs))
		}
	}
	return b.String()
}

func writeMetric(b *strings.Builder, m measure.Metric) {
	fmt.Fprintf(b, "      - name: %s\n        role: %s\n", quoted(m.Name), m.Role)
	if m.Unit != "" {
		fmt.Fprintf(b, "        unit: %s\n", quoted(m.Unit))
	}
	fmt.Fprintf(b, "        provider: %s\n", mainProvider)
	for _, kv := range [][2]string{{"histogram", m.Histogram}, {"query", m.Query}, {"errors", m.Errors}, {"requests", m.Requests}} {
		if kv[1] != "" {
			fmt.Fprintf(b, "        %s: %s\n", kv[0], quoted(kv[1]))
		}
	}
	if strings.Contains(m.Name, " of ") { // one route: many are too quiet to tell, which must not blind the look
		b.WriteString("        part: true\n")
	}
	if m.Histogram != "" {
		fmt.Fprintf(b, "        quantile: %v\n", m.Quantile)
	}
}

// writeSplits suggests controls where a label tells parts of a service apart.
// It is a comment: only the team knows whether its releases go part by part.
func writeSplits(b *strings.Builder, s foundService) {
	for _, split := range s.Splits {
		values := split.Values
		more := ""
		if len(values) > 3 {
			values, more = values[:3], " and others"
		}
		fmt.Fprintf(b, "    # seen: %s %s%s. Where a release reaches one before the others, hold it against\n    # them: add to a metric\n    #     control: {label: %s}\n",
			split.Label, comment(strings.Join(values, ", ")), more, split.Label)
	}
}

// quoted leaves plain words plain; all else stands in single quotes, in which
// PromQL needs no escapes. What single quotes cannot hold is escaped.
func quoted(s string) string {
	plain := s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-") == ""
	for _, word := range []string{"true", "false", "null", "yes", "no", "on", "off", "y", "n"} {
		plain = plain && !strings.EqualFold(s, word)
	}
	switch {
	case plain && s[0] != '-':
		return s
	case strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f || r > 0x7e }):
		return escaped(s)
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}

// escaped is a double-quoted text: other programs' labels may hold anything.
func escaped(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range strings.ToValidUTF8(s, "�") {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r >= ' ' && r < 0x7f:
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// comment keeps foreign text on one line.
func comment(s string) string { return strings.Join(strings.Fields(clean(s)), " ") }
