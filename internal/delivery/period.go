package delivery

import (
	"slices"
	"time"

	"github.com/debriefhq/debrief"
)

// By is how long the periods are that a metric is told by: the calendar's and
// in the team's time zone, so that a day has 23, 24 or 25 hours.
type By string

const (
	ByDay   By = "day"
	ByWeek  By = "week" // from Monday on
	ByMonth By = "month"
)

// ParseBy reads how metrics are to be told; nothing is by week.
func ParseBy(text string) (By, error) {
	all := []By{ByDay, ByWeek, ByMonth}
	switch {
	case text == "":
		return ByWeek, nil
	case slices.Contains(all, By(text)):
		return By(text), nil
	}
	if err := Refuse(text); err != nil { // --by author
		return "", err
	}
	return "", debrief.Errorf(debrief.Invalid, "by", "%q is no period", text).WithHint("known are: day, week, month")
}

// start is the beginning of the period a moment lies in.
func (b By) start(t time.Time, loc *time.Location) time.Time {
	y, m, d := t.In(loc).Date()
	switch b {
	case ByMonth:
		d = 1
	case ByWeek:
		d -= (int(t.In(loc).Weekday()) + 6) % 7
	}
	return time.Date(y, m, d, 0, 0, 0, 0, loc)
}

// next is the beginning of the period so many periods after the one that begins
// at t.
func (b By) next(t time.Time, n int, loc *time.Location) time.Time {
	y, m, d := t.In(loc).Date()
	switch b {
	case ByMonth:
		return time.Date(y, m+time.Month(n), 1, 0, 0, 0, 0, loc)
	case ByWeek:
		n *= 7
	}
	return time.Date(y, m, d+n, 0, 0, 0, 0, loc)
}

// Window is the last n periods, the current one among them: from is the first
// one's beginning, to the current one's end.
func (b By) Window(now time.Time, n int, loc *time.Location) (from, to time.Time) {
	current := b.start(now, loc)
	return b.next(current, 1-n, loc), b.next(current, 1, loc)
}

// period is one of them.
type period struct {
	from, to time.Time
	current  bool // not over yet
}

// mostPeriods bounds what one answer lists.
const mostPeriods = 400

// periods cuts from..to at the calendar's borders, the oldest first. What is
// before from in the first period, and after to in the last, is left out.
func periods(from, to, now time.Time, b By, loc *time.Location) []period {
	var out []period
	for start := b.start(from, loc); start.Before(to) && len(out) < mostPeriods; {
		end := b.next(start, 1, loc)
		p := period{from: start, to: end, current: !now.Before(start) && now.Before(end)}
		if p.from.Before(from) {
			p.from = from
		}
		if p.to.After(to) {
			p.to = to
		}
		out = append(out, p)
		start = end
	}
	return out
}

// within finds the period a moment lies in; -1: none.
func within(ps []period, t time.Time) int {
	i, found := slices.BinarySearchFunc(ps, t, func(p period, t time.Time) int { return p.from.Compare(t) })
	if !found {
		i--
	}
	if i < 0 || !t.Before(ps[i].to) {
		return -1
	}
	return i
}
