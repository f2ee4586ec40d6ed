package judge

import "math"

// line is stretches of a series of any kind, each a level or (where steep) a
// straight way, with a first-order memory. A level may lie anywhere within the
// series' spread, a way rise or fall by as much.
type line struct {
	steep   bool
	half    float64   // 1/(2·variance)
	sd      float64   // of the noise
	ratio   float64   // variance of levels over the noise's
	each    float64   // what a point tells beside its neighbours
	whiten  float64   // sum of log weights
	points  float64   // present
	head    []lineSum // a stretch's first point alone, less the sums up to it
	sums    []lineSum
	present []int
}

// lineSum holds the products of a regression on a constant and the time.
type lineSum struct{ aa, at, tt, ay, ty, yy float64 }

func product(a, t, y, w float64) lineSum {
	return lineSum{a * a * w, a * t * w, t * t * w, a * y * w, t * y * w, y * y * w}
}

func (l lineSum) plus(m *lineSum, sign float64) lineSum {
	return lineSum{l.aa + sign*m.aa, l.at + sign*m.at, l.tt + sign*m.tt, l.ay + sign*m.ay, l.ty + sign*m.ty, l.yy + sign*m.yy}
}

// newLine takes y in units of its spread.
func newLine(y []float64, sd, phi float64, steep bool) *line {
	n := len(y)
	f := &line{
		steep: steep, half: 1 / (2 * sd * sd), sd: sd, ratio: 1 / (sd * sd), each: (1 - phi) / (1 + phi),
		head: make([]lineSum, n+1), sums: make([]lineSum, n+1), present: make([]int, n+1),
	}
	clock := func(i int) float64 { return 2*float64(i)/float64(n) - 1 }
	var last, lastT, memory float64
	for i, v := range y {
		f.sums[i+1], f.present[i+1] = f.sums[i], f.present[i]
		memory *= phi
		if math.IsNaN(v) {
			continue
		}
		w, t := 1/(1-memory*memory), clock(i)
		term := product(1-memory, t-memory*lastT, v-memory*last, w)
		f.sums[i+1] = f.sums[i].plus(&term, 1)
		f.sums[i+1].yy -= math.Log(w) / (2 * f.half)
		f.whiten += math.Log(w)
		f.present[i+1]++
		last, lastT, memory = v, t, 1
	}
	f.points = float64(f.present[n])
	for s, next := n-1, n; s >= 0; s-- {
		if !math.IsNaN(y[s]) {
			next = s
		}
		if next < n {
			f.head[s] = product(1, clock(next), y[next], 1).plus(&f.sums[next+1], -1)
		}
	}
	return f
}

// left is the sum of squares that [s, t) leaves over.
func (f *line) left(s, t int) float64 {
	h, u := &f.head[s], &f.sums[t]
	aa, ay := h.aa+u.aa, h.ay+u.ay
	left := h.yy + u.yy - ay*ay/aa
	if !f.steep {
		return left
	}
	at := h.at + u.at
	tt := h.tt + u.tt - at*at/aa
	if tt > 1e-12 {
		ty := h.ty + u.ty - at*ay/aa
		left -= ty * ty / tt
	}
	return left
}

func (f *line) one(s, t int) float64 {
	m := f.present[t] - f.present[s]
	if m == 0 {
		return 0
	}
	prior := 0.5 * fastLog(1+(1+float64(m-1)*f.each)*f.ratio)
	if f.steep {
		prior *= 2
	}
	return -f.half*f.left(s, t) - prior
}

func (f *line) row(t int, from []int, out []float64) {
	for i, s := range from {
		out[i] = f.one(s, t)
	}
}

func (f *line) level(s, t int) (middle, sd float64) {
	if f.present[t] == f.present[s] {
		return 0, 1
	}
	h, u := &f.head[s], &f.sums[t]
	aa := h.aa + u.aa
	return (h.ay + u.ay) / aa, f.sd / math.Sqrt(aa)
}

// evidence is the logarithm of how likely the whole series is with these
// changes, comparable between memories and between levels and ways; spread is
// the noise they leave.
func (f *line) evidence(cuts []int, n int) (evidence, spread float64) {
	evidence, squares := -f.points*math.Log(f.sd), f.whiten/(2*f.half)
	own := 1.0
	if f.steep {
		own = 2
	}
	free, s := f.points, 0
	for i := 0; i <= len(cuts); i++ {
		t := n
		if i < len(cuts) {
			t = cuts[i]
		}
		if f.present[t] > f.present[s] {
			evidence += f.one(s, t)
			squares += f.left(s, t)
			free -= own
		}
		s = t
	}
	return evidence, math.Sqrt(max(squares, 0) / max(free, f.points/2))
}
