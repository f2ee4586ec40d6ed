package learn

import (
	"time"

	"github.com/debriefhq/debrief"
)

// Month is a calendar month in a team's time zone.
type Month struct {
	From time.Time
	To   time.Time // not included
}

// monthForm is how a month is written.
const monthForm = "2006-01"

// ParseMonth reads "2026-10".
func ParseMonth(text string, loc *time.Location) (Month, error) {
	from, err := time.ParseInLocation(monthForm, text, loc)
	if err != nil || from.Year() < 1970 {
		return Month{}, debrief.Errorf(debrief.Invalid, "month", "%q is no month", clip(text, 40)).WithHint("write it as 2026-10")
	}
	return Month{from, from.AddDate(0, 1, 0)}, nil
}

// MonthOf is the month a moment lies in.
func MonthOf(at time.Time, loc *time.Location) Month {
	at = at.In(loc)
	from := time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, loc)
	return Month{from, from.AddDate(0, 1, 0)}
}

// String writes the month as it is parsed.
func (m Month) String() string { return m.From.Format(monthForm) }

// Title is the month as people say it.
func (m Month) Title() string { return m.From.Format("January 2006") }

// Before is the month n months earlier.
func (m Month) Before(n int) Month {
	from := m.From.AddDate(0, -n, 0)
	return Month{from, from.AddDate(0, 1, 0)}
}

// Has reports whether a moment lies in the month.
func (m Month) Has(at time.Time) bool { return !at.Before(m.From) && at.Before(m.To) }

// Settled is when the month can be looked back on: the day after it, when the
// watch window of its last release is over too.
func (m Month) Settled() time.Time { return m.To.AddDate(0, 0, 1) }

// quarterOf numbers the quarters of a calendar.
func quarterOf(at time.Time) int32 { return int32(at.Year()*4 + int(at.Month()-1)/3) }

func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xc0 == 0x80 {
		n--
	}
	return s[:n] + "…"
}
