package notice

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// took writes a duration as people say it: 5:12, 0:58, 1:02:03; below ten
// seconds the parts of one count: 3.1 s, 0.5 s.
func took(d time.Duration) string {
	switch x := d.Seconds(); {
	case x >= 0.9995 && x < 9.95:
		return trim(x) + " s"
	case x > 0 && x < 0.9995:
		return strconv.FormatFloat(math.Ceil(x*1000)/1000, 'g', 2, 64) + " s"
	}
	s := int64(d.Round(time.Second) / time.Second)
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

// times writes a ratio: 5.4×, 31×.
func times(ratio float64) string {
	switch {
	case math.IsInf(ratio, 0) || math.IsNaN(ratio):
		return "many ×"
	case ratio < 9.95:
		return strconv.FormatFloat(ratio, 'f', 1, 64) + "×"
	}
	return strconv.FormatFloat(ratio, 'f', 0, 64) + "×"
}

// amount writes a number at a glance: 31 M, 1.2 M, 5,300.
func amount(x float64) string {
	switch abs := math.Abs(x); {
	case abs >= 999.5e9:
		return trim(x/1e12) + " T"
	case abs >= 999.5e6:
		return trim(x/1e9) + " G"
	case abs >= 999.5e3:
		return trim(x/1e6) + " M"
	case x == math.Trunc(x):
		return grouped(int64(x))
	}
	return strconv.FormatFloat(x, 'g', 3, 64)
}

// trim keeps two significant digits below ten and whole numbers above.
func trim(x float64) string {
	if math.Abs(x) < 9.95 {
		return strings.TrimSuffix(strconv.FormatFloat(x, 'f', 1, 64), ".0")
	}
	return strconv.FormatFloat(x, 'f', 0, 64)
}

// grouped writes a whole number in full: 31,000,000.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// clock writes a moment for evidence, always in UTC: the page's own times
// follow the team's zone, evidence stays the same for everybody.
func clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") + " UTC" }

// span writes the time from one moment to another, the day once.
func span(from, to time.Time) string {
	from, to = from.UTC(), to.UTC()
	if from.Format(time.DateOnly) != to.Format(time.DateOnly) {
		return clock(from) + " to " + clock(to)
	}
	return from.Format("2006-01-02 15:04:05") + " to " + to.Format("15:04:05") + " UTC"
}

// stepName is how a sentence calls a step. The few steps everybody has read
// as nouns; others keep the name they were given.
func stepName(name string) string {
	switch strings.ToLower(name) {
	case "migrate", "migration", "migrations", "db-migrate", "db:migrate":
		return "Migration"
	case "build":
		return "The build"
	case "test", "tests":
		return "The test run"
	case "rollout", "roll-out", "roll out", "roll_out":
		return "The rollout"
	case "verify", "verification", "smoke", "smoke-test":
		return "Verification"
	}
	return "Step " + name
}

// plural writes "1 try", "3 tries".
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return grouped(int64(n)) + " " + many
}

// clip shortens at a character's border.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}
