package plot

import (
	"math"
	"time"
)

// point is a value at an index of the grid; a value that is not finite is a gap.
type point struct{ i, v float64 }

// thin keeps at most about n points of vs: of every bucket the lowest and the
// highest in the order they came, so that no spike is lost.
func thin(vs []float64, n int) []point {
	if n < 2 {
		n = 2
	}
	out := make([]point, 0, min(len(vs), n)+1)
	if len(vs) <= n {
		for i, v := range vs {
			out = append(out, point{float64(i), v})
		}
		return out
	}
	k := (2*len(vs) + n - 1) / n // points per bucket, two kept of each
	for at := 0; at < len(vs); at += k {
		lo, hi := -1, -1
		for i := at; i < min(at+k, len(vs)); i++ {
			if !finite(vs[i]) {
				continue
			}
			if lo < 0 || vs[i] < vs[lo] {
				lo = i
			}
			if hi < 0 || vs[i] > vs[hi] {
				hi = i
			}
		}
		switch {
		case lo < 0:
			out = append(out, point{float64(at), math.NaN()})
		case lo == hi:
			out = append(out, point{float64(lo), vs[lo]})
		default:
			a, b := min(lo, hi), max(lo, hi)
			out = append(out, point{float64(a), vs[a]}, point{float64(b), vs[b]})
		}
	}
	return out
}

// Means averages vs over at most n buckets of equal length and says how many
// grid points each holds. A bucket without any value is NaN. It is what tables
// and read-outs show of a long series.
func Means(vs []float64, n int) (means []float64, each int) {
	if len(vs) == 0 || n < 1 {
		return nil, 1
	}
	each = (len(vs) + n - 1) / n
	for at := 0; at < len(vs); at += each {
		sum, count := 0.0, 0
		for _, v := range vs[at:min(at+each, len(vs))] {
			if finite(v) {
				count++
				sum += (v - sum) / float64(count) // running mean: cannot overflow
			}
		}
		if count == 0 {
			sum = math.NaN()
		}
		means = append(means, sum)
	}
	return means, each
}

// grid is the time axis of a series in seconds since its start, so that no
// duration can overflow.
type grid struct {
	start time.Time
	step  float64
}

func gridOf(start time.Time, step time.Duration) grid {
	if step <= 0 {
		step = time.Minute
	}
	return grid{start, step.Seconds()}
}

func (g grid) seconds(t time.Time) float64 { return t.Sub(g.start).Seconds() }

// middle is where a value is drawn: it covers its whole step.
func (g grid) middle(i float64) float64 { return (i + 0.5) * g.step }
