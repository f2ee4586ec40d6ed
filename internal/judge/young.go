package judge

import (
	"fmt"
	"time"
)

// age says how much past there was.
func (a *asked) age(r *Result, past *null) {
	f := &a.f
	r.Relative = a.m.relative()
	long := time.Duration(0)
	if len(past.used) > 0 {
		long = f.time(f.now.b0).Sub(f.time(past.used[0].b0))
		r.Weeks = int(long / week)
	}
	switch {
	case r.Short && r.Weeks == 0:
		r.Warnings = append(r.Warnings, "no earlier weeks yet: held against the time just before only, so only a change beyond twice the margin counts")
	case r.Short:
		r.Warnings = append(r.Warnings, "too few quiet moments in its past: held against the time just before only, so only a change beyond twice the margin counts")
	case r.Weeks == 0:
		r.Warnings = append(r.Warnings, young(long))
	}
}

// young says how much past there is where it is not weeks: days of it are much
// to be held against, and placements in seven days never begin seven days ago.
func young(past time.Duration) string {
	number := func(unit time.Duration) int { return int((past + unit/2) / unit) }
	switch {
	case past <= 0:
		return "no earlier weeks yet"
	case past >= week-day/2:
		return "a week of its own past"
	case past > 36*time.Hour:
		return fmt.Sprintf("only %d days of its own past", number(day))
	case past >= 100*time.Minute:
		return fmt.Sprintf("only %d hours of its own past", number(time.Hour))
	}
	return fmt.Sprintf("only %d minutes of its own past", max(2, number(time.Minute)))
}
