package measure

import (
	"math"
	"time"

	"github.com/debriefhq/debrief"
)

// chunkPoints keeps a request below the 11,000 points per series that
// Prometheus and Loki answer at most.
const chunkPoints = 10_000

// maxPoints bounds a grid: a year of minutes fits.
const maxPoints = 600_000

// Grid is the window laid on whole steps of the clock: where its first point
// begins and how many whole steps it holds. Every provider answers on it, so
// that series of different providers stand on one grid.
func (w Window) Grid() (start time.Time, points int, err error) {
	if w.Step <= 0 {
		return time.Time{}, 0, debrief.Errorf(debrief.Invalid, "step", "%s is not a resolution", w.Step)
	}
	if w.To.Before(w.From) {
		return time.Time{}, 0, debrief.Errorf(debrief.Invalid, "window", "it ends (%s) before it begins (%s)", w.To.UTC().Format(time.RFC3339), w.From.UTC().Format(time.RFC3339))
	}
	from, to := floor(w.From, w.Step), floor(w.To, w.Step)
	n := int64(to.Sub(from) / w.Step)
	if n > maxPoints {
		return time.Time{}, 0, debrief.Errorf(debrief.TooLarge, "window", "%d points per series are more than %d", n, maxPoints).WithHint("lengthen the step")
	}
	return from, int(n), nil
}

// floor is the last whole step of Unix time at or before t.
func floor(t time.Time, step time.Duration) time.Time {
	ns := t.UnixNano()
	off := ns % int64(step)
	if off < 0 {
		off += int64(step)
	}
	return time.Unix(0, ns-off).UTC()
}

// missing is n values that are not there.
func missing(n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = math.NaN()
	}
	return v
}
