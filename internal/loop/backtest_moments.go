package loop

import (
	"math/rand/v2"
	"time"

	"github.com/debriefhq/debrief/internal/judge"
)

// madeUp spreads n moments over a span, one in each equal part at a place
// chance picks, and keeps them and their first look away from what really
// happened. A part without a quiet place has none.
func madeUp(r *rand.Rand, from, to time.Time, n int, before, after time.Duration, real []judge.Window) []time.Time {
	const tries = 50
	var out []time.Time
	part := to.Sub(from) / time.Duration(max(n, 1))
	if part <= 0 {
		return nil
	}
	for i := range n {
		start := from.Add(time.Duration(i) * part)
		for range tries {
			at := start.Add(time.Duration(r.Int64N(int64(part)))).Truncate(time.Second)
			if !touched(real, at.Add(-before), at.Add(after)) {
				out = append(out, at)
				break
			}
		}
	}
	return out
}

// touched says whether anything real lies within a span.
func touched(real []judge.Window, from, to time.Time) bool {
	for _, w := range real {
		if !w.To.Before(from) && w.From.Before(to) {
			return true
		}
	}
	return false
}

// reaches is when a question's data begin.
func reaches(q *judge.Question) (time.Time, bool) {
	start, step := q.Series.Start, q.Series.Step
	if h := q.Histogram; h != nil {
		for i, row := range h.Counts {
			if row != nil {
				return h.Start.Add(time.Duration(i) * h.Step), true
			}
		}
		return time.Time{}, false
	}
	vs := q.Series.V
	if q.Kind == judge.Share {
		vs = q.Series.Den
	}
	for i, v := range vs {
		if v == v {
			return start.Add(time.Duration(i) * step), true
		}
	}
	return time.Time{}, false
}
