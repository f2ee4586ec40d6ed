package judge

import "strings"

// How bad words sound, in any language's logs; the worst word counts.
var badWords = [...]struct {
	bad   float64
	words []string
}{
	{1, []string{"panic", "fatal", "segfault", "segmentation fault", "out of memory", "outofmemory", "oom", "corrupt", "data loss", "lost data", "core dumped", "no space left", "deadlock", "breach", "stack overflow"}},
	{0.8, []string{"exception", "traceback", "unhandled", "uncaught", "crash", "abort", "killed", "refused", "unavailable", "unreachable", "denied", "forbidden", "unauthorized", "expired", "exhausted", "overflow", "down"}},
	{0.6, []string{"timeout", "timed out", "failed", "failure", "fail", "cannot", "could not", "unable", "invalid", "missing", "not found", "reset", "broken", "dropped", "rejected", "error"}},
	{0.3, []string{"retry", "retrying", "slow", "deprecated", "degraded", "warning", "delayed", "lag", "full", "disabled", "skipped"}},
}

// soundsBad is how bad a pattern sounds, 0 to 1: its level first, then its
// words.
func soundsBad(template, level string) float64 {
	by := map[string]float64{"error": 0.6, "warn": 0.35, "": 0.2, "info": 0.1, "debug": 0.05}[level]
	text := strings.ToLower(template)
	for _, b := range badWords {
		for _, w := range b.words {
			if hasWord(text, w) {
				return by + (1-by)*b.bad/2
			}
		}
	}
	return by
}

// hasWord finds w where a word begins.
func hasWord(text, w string) bool {
	for from := 0; ; {
		i := strings.Index(text[from:], w)
		if i < 0 {
			return false
		}
		i += from
		if i == 0 || !isAlpha(text[i-1]) || w == "exception" {
			return true
		}
		from = i + 1
	}
}
