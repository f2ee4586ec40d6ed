// Package tell is the voice: it puts what debrief knows into sentences, for
// pages, chat, mail and the terminal. Numbers stand in sentences with their
// unit and interval. A correlation is never called a cause, nobody is named,
// and what is not known is said to be not known. It is pure: values in, text
// out.
package tell

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/debriefhq/debrief"
)

var small = []string{
	"no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
	"eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
}

// Count writes a number of things: "no releases", "one release", "six
// releases", "21 releases".
func Count(n int, one, many string) string {
	if n == 1 {
		return "one " + one
	}
	return numeral(n) + " " + many
}

// Times writes how often: "once", "twice", "212 times".
func Times(n int) string {
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return numeral(n) + " times"
}

func numeral(n int) string {
	if n >= 0 && n < len(small) {
		return small[n]
	}
	return digits(float64(n), 0)
}

// Length writes a length of time in words, roughly: "eighteen minutes", "two
// hours", "24 hours", "three days".
func Length(d time.Duration) string {
	d = d.Abs()
	switch {
	case d < 100*time.Second:
		return Count(round(d, time.Second), "second", "seconds")
	case d == time.Hour:
		return "one hour"
	case d < 100*time.Minute:
		return Count(round(d, time.Minute), "minute", "minutes")
	case d <= 36*time.Hour:
		return Count(round(d, time.Hour), "hour", "hours")
	default:
		return Count(round(d, 24*time.Hour), "day", "days")
	}
}

// After names a look by its distance from the release, shortly: "5 min", "1 h".
func After(d time.Duration) string {
	switch {
	case d < time.Minute || d%time.Minute != 0:
		return strconv.Itoa(round(d, time.Second)) + " s"
	case d < time.Hour || d%time.Hour != 0:
		return strconv.Itoa(round(d, time.Minute)) + " min"
	default:
		return strconv.Itoa(round(d, time.Hour)) + " h"
	}
}

func round(d, unit time.Duration) int { return int((d + unit/2) / unit) }

// Clock writes an instant as people say it beside another one: "14:21" on the
// same day, "Wed 14:21" within a week, else "17 Nov 14:21". A zero beside means
// that the day is known from elsewhere.
func Clock(t, beside time.Time, loc *time.Location) string { return clock(t, beside, loc, false) }

// ClockSeconds is Clock to the second, for what happens within minutes.
func ClockSeconds(t, beside time.Time, loc *time.Location) string { return clock(t, beside, loc, true) }

func clock(t, beside time.Time, loc *time.Location, seconds bool) string {
	if t.IsZero() {
		return unknown
	}
	layout := "15:04"
	if seconds {
		layout = "15:04:05"
	}
	t = in(t, loc)
	if beside.IsZero() {
		return t.Format(layout)
	}
	beside = in(beside, loc)
	switch apart := t.Sub(beside).Abs(); {
	case t.YearDay() == beside.YearDay() && t.Year() == beside.Year():
		return t.Format(layout)
	case apart < 6*24*time.Hour:
		return t.Format("Mon " + layout)
	case t.Year() == beside.Year():
		return t.Format("2 Jan " + layout)
	default:
		return t.Format("2 Jan 2006 " + layout)
	}
}

// Quick reports a story whose looks are so close to its release that minutes
// would hide them.
func Quick(s debrief.Story) bool {
	for _, l := range s.Looks {
		if quick(l) {
			return true
		}
	}
	return false
}

func quick(l debrief.Look) bool { return l.After > 0 && l.After < 2*time.Minute }

// fineStep reports a verdict known to the second or nearly so.
func fineStep(v debrief.Verdict) bool { return v.Trace.Step > 0 && v.Trace.Step <= 5*time.Second }

func in(t time.Time, loc *time.Location) time.Time {
	if loc == nil {
		return t.UTC()
	}
	return t.In(loc)
}

// list joins with commas and an "and".
func list(words []string) string {
	switch n := len(words); n {
	case 0:
		return ""
	case 1:
		return words[0]
	default:
		return strings.Join(words[:n-1], ", ") + " and " + words[n-1]
	}
}

// capital makes the first letter large where the word is a plain one: "p95"
// and "/checkout" stay as they are.
func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	second, _ := utf8.DecodeRuneInString(s[n:])
	if !unicode.IsLower(r) || !unicode.IsLetter(second) && second != ' ' {
		return s
	}
	return string(unicode.ToUpper(r)) + s[n:]
}

// small makes the first letter small unless the word is an acronym or a name.
func lower(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	second, _ := utf8.DecodeRuneInString(s[n:])
	if !unicode.IsUpper(r) || !unicode.IsLower(second) {
		return s
	}
	return string(unicode.ToLower(r)) + s[n:]
}

// sentence makes sure that s ends like one.
func sentence(s string) string {
	s = strings.TrimSpace(s)
	if s == "" || strings.ContainsAny(s[len(s)-1:], ".?!…") {
		return s
	}
	return s + "."
}

// Clean makes foreign text safe to show in one line: no control characters
// (a terminal would obey them), no direction overrides, no line breaks.
func Clean(s string) string {
	bad := func(r rune) bool {
		return unicode.IsControl(r) || r == utf8.RuneError || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
	}
	if strings.IndexFunc(s, bad) < 0 {
		return s
	}
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case bad(r):
			return -1
		}
		return r
	}, s)), " ")
}
