package learn

import (
	"math"
	"strconv"
	"strings"

	"github.com/debriefhq/debrief"
)

// topicSays is how a lesson tells what may happen again: as what was seen, so
// that "in 3 of 5 releases that …" can follow.
var topicSays = map[string]string{
	debrief.TopicFailed:           "The release hurt and needed a remedy",
	"error-rate-shift":            "The share of failed requests moved",
	"new-error":                   "A kind of error appeared that was never seen before",
	"metric-shift":                "A metric moved",
	"traffic-shift":               "Traffic moved",
	"blind-check":                 "The check could not see",
	"unrecorded-release":          "A version ran that nobody had recorded",
	"slow-step":                   "A step took far longer than in staging",
	"slow-deployment":             "The deployment took far longer than usual",
	"retry":                       "A step had to be tried again",
	"manual-step":                 "A step was done by hand",
	"waiting-longer-than-working": "The deployment waited longer than it worked",
	"unnoticed-alert":             "An alert fired that nobody answered",
	"crowded-rollback":            "It took many people to roll back",
	"merged-not-shipped":          "What was merged was not shipped",
}

// Topic is a topic in words, as a heading has them.
func Topic(topic string) string {
	if topic == debrief.TopicFailed {
		return "failed release"
	}
	return strings.ReplaceAll(topic, "-", " ")
}

func topicSentence(topic string) string {
	if s, ok := topicSays[topic]; ok {
		return s
	}
	return "“" + Topic(topic) + "” was noticed"
}

// kindDoes is what a release of a kind does, after "releases that …".
var kindDoes = map[string]string{
	"migration":            "bring a migration",
	"dependency":           "raise dependencies",
	"configuration":        "change configuration",
	"infrastructure":       "change infrastructure",
	"ci":                   "change the pipeline",
	"flag":                 "touch a flag",
	"api schema":           "change an API's schema",
	"api":                  "change an API's schema",
	"ui":                   "change the interface",
	"generated":            "bring generated code",
	"documentation":        "change documentation only",
	"tests":                "change tests only",
	"large":                "are large",
	"old module":           "touch an old module",
	"module without tests": "touch a module without tests",
	"touched by many":      "touch what many touch",
	"hot spot":             "touch a hot spot",
}

func kindPhrase(kind string) string {
	if s, ok := kindDoes[strings.ToLower(strings.ReplaceAll(kind, "-", " "))]; ok {
		return s
	}
	return "are of the kind “" + kind + "”"
}

// count writes "1 release", "1,200 releases".
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return grouped(n) + " " + many
}

func grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// rough writes a number at a glance: 31 M, 1.2 M, 5,300.
func rough(x float64) string {
	switch abs := math.Abs(x); {
	case abs >= 999.5e6:
		return trimmed(x/1e9) + " G"
	case abs >= 999.5e3:
		return trimmed(x/1e6) + " M"
	case abs >= 9.95:
		return grouped(int(math.Round(x)))
	}
	return trimmed(x)
}

// trimmed keeps two significant digits below ten and whole numbers above.
func trimmed(x float64) string {
	if math.Abs(x) < 9.95 {
		return strings.TrimSuffix(strconv.FormatFloat(x, 'f', 1, 64), ".0")
	}
	return strconv.FormatFloat(x, 'f', 0, 64)
}

// lasts writes a duration in one unit: "42 s", "5 minutes", "1.5 h".
func lasts(seconds float64) string {
	n, unit := inUnit(seconds, seconds)
	return n + " " + unit
}

// between writes a range of durations with its unit once: "4 to 7 minutes".
func between(low, high float64) string {
	a, _ := inUnit(low, high)
	b, unit := inUnit(high, high)
	if a == b {
		return "about " + b + " " + unit
	}
	return a + " to " + b + " " + unit
}

// inUnit writes x in the unit that suits by.
func inUnit(x, by float64) (number, unit string) {
	switch {
	case by < 90:
		return trimmed(x), "s"
	case by < 90*60:
		n := trimmed(x / 60)
		if n == "1" && x == by {
			return n, "minute"
		}
		return n, "minutes"
	case by < 48*3600:
		return trimmed(x / 3600), "h"
	}
	return trimmed(x / 86400), "days"
}

// listed joins words: "a, b and c".
func listed(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

func capitalised(s string) string {
	if s != "" && s[0] >= 'a' && s[0] <= 'z' {
		return strings.ToUpper(s[:1]) + s[1:]
	}
	return s
}
