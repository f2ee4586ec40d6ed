package judge

import (
	"math"
	"time"
)

// longest is how much past counts: what is older changes nothing.
const longest = 28 * 24 * time.Hour

// span is one placement of the comparison, in grid points: before is [b0,b1)
// and after is [a0,a1).
type span struct{ b0, b1, a0, a1 int }

func (s span) moved(by int) span { return span{s.b0 + by, s.b1 + by, s.a0 + by, s.a1 + by} }

// frame is the part of the grid that counts, in points since start.
type frame struct {
	start time.Time
	step  time.Duration
	skip  int // points of the given series before start
	n     int
	now   span
	// The point in which somebody first met the release, between b1 and a0.
	exposed int
	dirty   []int32 // running count of points inside a Past window
}

// frameOf cuts the grid to what lies within 28 days before To and ends by To.
func frameOf(start time.Time, step time.Duration, n int, q *Question) (frame, bool) {
	if step <= 0 || n <= 0 || !q.To.After(q.From) {
		return frame{}, false
	}
	exposed := q.Exposed
	if exposed.IsZero() || exposed.After(q.From) {
		exposed = q.From
	}
	touched := q.Touched
	if touched.IsZero() || touched.After(exposed) {
		touched = exposed
	}
	first := clamp(ceilDiv(q.To.Add(-longest).Sub(start), step), 0, n)
	last := clamp(floorDiv(q.To.Sub(start), step), 0, n)
	f := frame{start: start.Add(time.Duration(first) * step), step: step, skip: first, n: last - first}
	if f.n <= 0 {
		return f, false
	}
	f.now = span{
		b0: clamp(ceilDiv(touched.Add(-max(q.Before, 0)).Sub(f.start), step), 0, f.n),
		b1: clamp(floorDiv(touched.Sub(f.start), step), 0, f.n),
		a0: clamp(ceilDiv(q.From.Sub(f.start), step), 0, f.n),
		a1: f.n,
	}
	f.now.b0 = min(f.now.b0, f.now.b1)
	f.now.a0 = max(f.now.a0, f.now.b1)
	f.exposed = clamp(floorDiv(exposed.Sub(f.start), step), f.now.b1, f.now.a0)
	return f, true
}

// mark says which points deployments and incidents touched.
func (f *frame) mark(past []Window, m *Memory) {
	f.dirty = m.ints.of(f.n + 1)
	if len(past) == 0 {
		return
	}
	hit := make([]bool, f.n)
	for _, w := range past {
		lo := clamp(floorDiv(w.From.Sub(f.start), f.step), 0, f.n)
		hi := clamp(max(ceilDiv(w.To.Sub(f.start), f.step), floorDiv(w.From.Sub(f.start), f.step)+1), 0, f.n)
		for i := lo; i < hi; i++ {
			hit[i] = true
		}
	}
	for i, h := range hit {
		f.dirty[i+1] = f.dirty[i]
		if h {
			f.dirty[i+1]++
		}
	}
}

func (f *frame) clean(s span) bool { return f.dirty[s.a1] == f.dirty[s.b0] }

func (f *frame) time(i int) time.Time { return f.start.Add(time.Duration(i) * f.step) }

// coarser merges k points into one, aligned so that a merged point begins
// where after does; what does not fill a merged point at either end is lost.
func (f *frame) coarser(k int, q *Question, m *Memory) (frame, int) {
	shift := f.now.a0 % k
	g := frame{start: f.time(shift), step: f.step * time.Duration(k), n: (f.n - shift) / k}
	at := func(i int) int { return clamp((i-shift)/k, 0, g.n) }
	g.now = span{b0: at(f.now.b0 + k - 1), b1: at(f.now.b1), a0: at(f.now.a0), a1: g.n}
	g.now.b0 = min(g.now.b0, g.now.b1)
	g.now.a0 = max(g.now.a0, g.now.b1)
	g.mark(q.Past, m)
	return g, shift
}

func clamp(x, lo, hi int) int { return max(lo, min(x, hi)) }

func floorDiv(d, step time.Duration) int {
	k := d / step
	if d%step < 0 {
		k--
	}
	return int(k)
}

func ceilDiv(d, step time.Duration) int {
	k := d / step
	if d%step > 0 {
		k++
	}
	return int(k)
}

const mostGaps = 4096 // distances between values that are looked at

// gap is the usual distance between values that are there: 1 on a full grid.
func gap(ok []bool, lo, hi int) int {
	if evenly(ok[lo:hi]) {
		return 1
	}
	var ds []float64
	last := -1
	for i := lo; i < hi; i++ {
		if !ok[i] {
			continue
		}
		if last >= 0 {
			ds = append(ds, float64(i-last))
		}
		last = i
		if len(ds) >= mostGaps {
			break
		}
	}
	if len(ds) < 3 {
		return 0
	}
	return int(median(ds))
}

// evenly says whether most of the values that are there follow at once on
// another: so it nearly always is, and needs no list of distances.
func evenly(ok []bool) bool {
	n, at := 0, 0
	for i := 1; i < len(ok) && n < mostGaps; i++ {
		if ok[i] {
			n++
			if ok[i-1] {
				at++
			}
		}
	}
	return at >= 3 && 2*at > n+1
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
