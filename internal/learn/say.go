package learn

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// subject is a factor in few words: "migration", "module billing of shop".
func (r *reading) subject(f *factor) string {
	x := r.h.features.list[f.feature]
	switch {
	case f.other != none:
		return x.name + " together with " + r.h.features.list[f.other].name
	case x.group == ofModule:
		return x.name + " of " + r.name(r.h.services.names[x.service])
	}
	return x.name
}

// phrase names the releases that have the factor.
func (r *reading) phrase(f *factor) string {
	x := r.h.features.list[f.feature]
	switch {
	case f.other != none:
		return fmt.Sprintf("releases with both %s and %s", x.name, r.h.features.list[f.other].name)
	case x.group == ofKind:
		return "releases of the kind " + x.name
	case x.group == ofStrategy:
		return "releases rolled out " + x.name
	case x.group == ofModule:
		return fmt.Sprintf("releases of %s that touch %s", r.name(r.h.services.names[x.service]), x.name)
	}
	return "releases that went live " + x.name
}

// outcomeWords is what came of a release.
func (r *reading) outcomeWords(outcome int) string {
	if outcome == trouble {
		return "trouble"
	}
	return "the surprise " + surpriseWords(r.h.outcomes.names[outcome])
}

// surpriseWords is a kind of surprise as people read it.
func surpriseWords(kind string) string { return "“" + strings.ReplaceAll(kind, "-", " ") + "”" }

// servicesOf are the services a factor was seen in before trouble.
func (r *reading) servicesOf(f *factor) []string {
	if x := r.h.features.list[f.feature]; x.service != everywhere {
		return []string{r.h.services.names[x.service]}
	}
	return nil
}

// outOf counts; below twenty there is no percentage.
func outOf(k, n int64) string {
	text := fmt.Sprintf("%s of %s", number(k), number(n))
	if n >= 20 {
		text += fmt.Sprintf(" (%s %%)", percent(float64(k)/float64(n)))
	}
	return text
}

func percent(share float64) string {
	if share > 0 && share < 0.0995 {
		return strconv.FormatFloat(math.Round(share*1000)/10, 'f', -1, 64)
	}
	return strconv.Itoa(int(math.Round(share * 100)))
}

func span(x rate) string {
	return fmt.Sprintf("%s to %s %%", percent(x.low), percent(x.high))
}

// about rounds an expected count as far as it is known.
func about(x float64) string {
	if x < 0.5 {
		return "hardly any"
	}
	return "about " + number(int64(math.Round(x)))
}

func number(n int64) string {
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// surely puts a chance into words.
func surely(p float64) string {
	switch {
	case p < 0.0001:
		return "chance alone would show as much less than once in 10,000 times"
	case p < 0.5:
		return fmt.Sprintf("chance alone would show as much once in %s times", number(int64(math.Round(1/p))))
	}
	return "chance alone would show as much"
}

func list(words []string) string {
	switch len(words) {
	case 0:
		return ""
	case 1:
		return words[0]
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// capital makes the first letter large; what begins with a quotation mark stays.
func capital(s string) string {
	first, n := utf8.DecodeRuneInString(s)
	if n == 0 || first == utf8.RuneError {
		return s
	}
	return string(unicode.ToUpper(first)) + s[n:]
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "one " + one
	}
	return number(int64(n)) + " " + many
}

// length writes seconds as people say them.
func length(seconds float64) string {
	switch s := math.Round(seconds); {
	case s < 100:
		return plural(int(s), "second", "seconds")
	case s < 100*60:
		return plural(int(math.Round(s/60)), "minute", "minutes")
	case s < 48*3600:
		return plural(int(math.Round(s/3600)), "hour", "hours")
	default:
		return plural(int(math.Round(s/86400)), "day", "days")
	}
}

// day is a day as people say it beside a month: "2 March", with the year
// where it is another one.
func (r *reading) day(at time.Time) string {
	at = at.In(r.h.loc)
	if at.Year() == r.Month.From.Year() {
		return at.Format("2 January")
	}
	return at.Format("2 January 2006")
}

// uniq sorts and removes what is there twice.
func uniq(ids []string) []string {
	slices.Sort(ids)
	return slices.Compact(ids)
}
