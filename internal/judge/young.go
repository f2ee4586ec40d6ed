package judge

import (
	"fmt"
	"slices"
	"time"
)

// noWeeks is the warning of a result behind which no whole week stands.
const noWeeks = "no earlier weeks yet"

// young says how much past there is where it is not weeks: days of it are much
// to be held against, and placements in seven days never begin seven days ago.
func young(r *Result) {
	i, past := slices.Index(r.Warnings, noWeeks), r.Band.Past
	if i < 0 || past <= 0 {
		return
	}
	number := func(unit time.Duration) int { return int((past + unit/2) / unit) }
	switch {
	case past >= week-day/2:
		r.Warnings[i] = "a week of its own past"
	case past > 36*time.Hour:
		r.Warnings[i] = fmt.Sprintf("only %d days of its own past", number(day))
	case past >= 100*time.Minute:
		r.Warnings[i] = fmt.Sprintf("only %d hours of its own past", number(time.Hour))
	default:
		r.Warnings[i] = fmt.Sprintf("only %d minutes of its own past", max(2, number(time.Minute)))
	}
}
