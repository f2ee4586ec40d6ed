package loop

import (
	"math"
	"slices"
	"time"

	"github.com/debriefhq/debrief/internal/judge"
)

// own gives a question columns of its own, so that changes can be planted into
// them while others read the same series.
func own(q judge.Question) judge.Question {
	q.Series.V, q.Series.Num = slices.Clone(q.Series.V), slices.Clone(q.Series.Num)
	if q.Histogram != nil {
		h := *q.Histogram
		h.Counts = slices.Clone(h.Counts)
		q.Histogram = &h
	}
	return q
}

// plant makes what was measured within a span larger by size (a share of the
// value; of a share of requests a difference), and returns what undoes it.
func plant(q *judge.Question, from, to time.Time, size float64) (undo func()) {
	if h := q.Histogram; h != nil {
		lo, hi := cells(h.Start, h.Step, len(h.Counts), from, to)
		was := slices.Clone(h.Counts[lo:hi])
		for i := lo; i < hi; i++ {
			h.Counts[i] = slower(h.Bounds, h.Counts[i], 1+size)
		}
		return func() { copy(h.Counts[lo:], was) }
	}
	column := q.Series.V
	if q.Kind == judge.Share {
		column = q.Series.Num
	}
	lo, hi := cells(q.Series.Start, q.Series.Step, len(column), from, to)
	was := slices.Clone(column[lo:hi])
	carry := 0.5
	for i := lo; i < hi; i++ {
		v := column[i]
		switch whole := v == math.Trunc(v); {
		case q.Kind == judge.Share:
			column[i] = min(max(count(v+size*q.Series.Den[i], whole, &carry), 0), q.Series.Den[i])
		case q.Kind == judge.Count:
			column[i] = count(v*(1+size), whole, &carry)
		default:
			column[i] = v * (1 + size)
		}
	}
	return func() { copy(column[lo:], was) }
}

// count keeps whole numbers whole: what is cut off is added to the next.
func count(v float64, whole bool, carry *float64) float64 {
	if !whole || v != v {
		return v
	}
	v += *carry
	n := math.Floor(v)
	*carry = v - n
	return n
}

// cells are the grid points that lie within a span.
func cells(start time.Time, step time.Duration, n int, from, to time.Time) (lo, hi int) {
	if step <= 0 {
		return 0, 0
	}
	lo = int((from.Sub(start) + step - 1) / step)
	hi = int(to.Sub(start) / step)
	lo = min(max(lo, 0), n)
	return lo, min(max(hi, lo), n)
}

// slower is a distribution whose every value is larger by a factor, values
// lying evenly within each bucket. Beyond the last finite bound nothing is
// known, and what was there stays there.
func slower(bounds, counts []float64, by float64) []float64 {
	if counts == nil || by <= 0 {
		return counts
	}
	total := 0.0
	upTo := make([]float64, len(counts)+1) // how many lie below each bound
	for i, c := range counts {
		total += c
		upTo[i+1] = total
	}
	below := func(x float64) float64 {
		low := 0.0
		for i, b := range bounds {
			if i >= len(counts) {
				break
			}
			if x <= b {
				if math.IsInf(b, 1) || b <= low {
					return upTo[i]
				}
				return upTo[i] + counts[i]*(x-low)/(b-low)
			}
			low = b
		}
		return total
	}
	out := make([]float64, len(counts))
	last := 0.0
	for i := range counts {
		at := total
		if i < len(bounds) && !math.IsInf(bounds[i], 1) {
			at = max(last, below(bounds[i]/by))
		}
		out[i] = at - last
		last = at
	}
	return out
}
