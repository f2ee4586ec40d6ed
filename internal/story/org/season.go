package org

import (
	"slices"
	"sort"
	"time"
)

// seasons are how much is released on each day, as the sum up to it.
type seasons struct {
	start time.Time
	sum   []float64 // up to and with day i
}

// quietEnd is how long before the end the last planned release goes out: what
// follows from it is over by then.
const quietEnd = 4

func newSeasons(start, end time.Time) seasons {
	s := seasons{start: start}
	total := 0.0
	for day := start; day.Before(end.AddDate(0, 0, -quietEnd)); day = day.AddDate(0, 0, 1) {
		total += dayWeight(day) * (1 + 0.1*day.Sub(start).Hours()/(24*365)) // they grow
		s.sum = append(s.sum, total)
	}
	return s
}

// dayWeight: seldom on Fridays, hardly ever on weekends, half as often in the
// summer, next to nothing while December is frozen.
func dayWeight(day time.Time) float64 {
	w := [...]float64{0.02, 0.95, 1.1, 1.05, 1, 0.55, 0.03}[day.Weekday()]
	switch month, of := day.Month(), day.Day(); {
	case Frozen(day):
		return w * 0.04
	case month == time.August, month == time.July && of > 15:
		return w * 0.55
	}
	return w
}

// Frozen reports the days of the December freeze: nothing that can wait ships.
func Frozen(day time.Time) bool {
	return day.Month() == time.December && day.Day() >= 15 || day.Month() == time.January && day.Day() == 1
}

// hourWeight is when on a working day releases go out, by the hour in UTC.
var hourWeight = [24]float64{7: 0.3, 8: 1, 9: 1.6, 10: 1.9, 11: 1.5, 12: 0.7, 13: 1.2, 14: 1.6, 15: 1.4, 16: 1, 17: 0.5, 18: 0.2, 19: 0.1, 20: 0.06, 21: 0.03}

// moments draws n moments of release, in order.
func (s seasons) moments(d *dice, n int) []time.Time {
	out := make([]time.Time, n)
	for i := range out {
		x := d.Float64() * s.sum[len(s.sum)-1]
		day := sort.SearchFloat64s(s.sum, x)
		at := s.start.AddDate(0, 0, day)
		out[i] = at.Add(time.Duration(d.weighted(hourWeight[:]))*time.Hour + time.Duration(d.IntN(3600))*time.Second)
	}
	slices.SortFunc(out, time.Time.Compare)
	return out
}

// quarter numbers the quarters since year 0: strata within which nothing but
// what is planted goes together.
func quarter(at time.Time) int { return at.Year()*4 + int(at.Month()-1)/3 }
