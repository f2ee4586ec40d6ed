package learn

import "time"

func hourPrecedes() Pattern {
	return Pattern{
		ID:       "hour-precedes",
		Question: "What is different at that time: load, jobs that run then, who can look?",
		Why:      "The same change can meet another system at another hour.",
		Find:     func(r *reading) []candidate { return r.candidates(r.precedes(ofHour)) },
	}
}

// hoursOf are the times of the week a moment belongs to, in the team's zone:
// the part of the day, the day, and the third of that working day.
func hoursOf(day time.Weekday, hour int) []string {
	third := " before noon"
	switch {
	case hour >= 15:
		third = " from 15:00 on"
	case hour >= 12:
		third = " between 12:00 and 15:00"
	}
	return []string{partOf(hour), "on a " + day.String(), "on a " + day.String() + third}
}

// partOf is the part of the day as people call it.
func partOf(hour int) string {
	switch {
	case hour < 6 || hour >= 22:
		return "at night"
	case hour < 12:
		return "in the morning"
	case hour < 15:
		return "in the early afternoon"
	case hour < 18:
		return "in the late afternoon"
	}
	return "in the evening"
}
