package config

import (
	"slices"
	"strings"
	"time"
)

// Habits says when the small routines speak.
type Habits struct {
	At   string   `yaml:"at"`   // "09:00", in the team's time zone
	Days []string `yaml:"days"` // mon, tue, … on which the team works
}

var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// Morning is the first morning after a moment on which the team works.
func (h Habits) Morning(after time.Time, loc *time.Location) time.Time {
	return h.from(after.In(loc).AddDate(0, 0, 1), loc)
}

// MorningOf is the morning of a day, or of the next one on which the team works.
func (h Habits) MorningOf(day time.Time, loc *time.Location) time.Time {
	return h.from(day.In(loc), loc)
}

func (h Habits) from(day time.Time, loc *time.Location) time.Time {
	clock, err := time.Parse("15:04", h.At)
	if err != nil {
		clock = time.Date(0, 1, 1, 9, 0, 0, 0, time.UTC) // Validate refuses anything else
	}
	for range 8 {
		if len(h.Days) == 0 || slices.Contains(h.Days, weekdays[day.Weekday()]) {
			break
		}
		day = day.AddDate(0, 0, 1)
	}
	return time.Date(day.Year(), day.Month(), day.Day(), clock.Hour(), clock.Minute(), 0, 0, loc)
}

func (c Config) checkHabits(out *complaints) {
	_, err := time.Parse("15:04", c.Habits.At)
	out.say(err != nil, "habits.at", "for example 09:00", "%q is no time of day", c.Habits.At)
	for _, d := range c.Habits.Days {
		out.say(!slices.Contains(weekdays, d), "habits.days", "days are "+strings.Join(weekdays, ", "), "%q is no day", d)
	}
}
