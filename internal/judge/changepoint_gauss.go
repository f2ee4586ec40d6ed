package judge

import "math"

// gauss is measurements with a first-order memory: y = level + e, e[i] =
// phi·e[i−1] + noise. Points are whitened once; a level's first point stands
// by itself. Missing points stretch the memory's lag.
type gauss struct {
	shrink float64 // noise variance over the level's prior variance
	half   float64 // 1/(2·variance)
	width  float64 // noise sd
	// Of a stretch [s, t) the sums are head[s] + tail[t], so that each costs one addition.
	head, tail []gaussSum
	logs       []float64 // ½·log of what the level's prior costs, by points present
}

// gaussSum is of whitened points: weights, weighted values and squares.
type gaussSum struct {
	x, y, z float64
	present int
}

// newGauss takes y (NaN is missing), the noise's standard deviation (of the
// stationary series) and memory, and the prior's spread.
func newGauss(y []float64, sd, phi, spread float64) *gauss {
	n := len(y)
	both := make([]gaussSum, 2*(n+1))
	f := &gauss{
		shrink: sd * sd / (spread * spread), half: 1 / (2 * sd * sd), width: sd,
		head: both[:n+1], tail: both[n+1:], logs: make([]float64, n+1),
	}
	last, pow := 0.0, 0.0
	for i, v := range y {
		now := f.tail[i]
		pow *= phi
		if !math.IsNaN(v) {
			w := 1 / (1 - pow*pow)
			x, z := 1-pow, v-pow*last
			now.x += x * x * w
			now.y += x * z * w
			now.z += z*z*w - fastLog(w)/(2*f.half)
			now.present++
			last, pow = v, 1
		}
		f.tail[i+1] = now
	}
	// A beginning at s: its first present point alone, the rest whitened.
	next := n
	for s := n; s >= 0; s-- {
		if s < n && !math.IsNaN(y[s]) {
			next = s
		}
		f.head[s].present = f.tail[s].present
		if next < n {
			u := &f.tail[next+1]
			f.head[s].x, f.head[s].y, f.head[s].z = 1-u.x, y[next]-u.y, y[next]*y[next]-u.z
		}
	}
	each := (1 - phi) / (1 + phi)
	for m := range f.logs {
		f.logs[m] = 0.5 * fastLog((1+float64(max(0, m-1))*each+f.shrink)/f.shrink)
	}
	f.logs[0] = 0
	return f
}

func (f *gauss) one(s, t int) float64 {
	h, u := &f.head[s], &f.tail[t]
	m := u.present - h.present
	if m == 0 {
		return 0
	}
	y := h.y + u.y
	return f.half*(y*y/(h.x+u.x+f.shrink)-h.z-u.z) - f.logs[m]
}

func (f *gauss) row(t int, from []int, out []float64) {
	u := f.tail[t]
	tx, ty, tz, m := u.x+f.shrink, u.y, u.z, u.present
	out = out[:len(from)]
	for i, s := range from {
		h := &f.head[s]
		k := m - h.present
		if k == 0 {
			out[i] = 0
			continue
		}
		y := h.y + ty
		out[i] = f.half*(y*y/(h.x+tx)-h.z-tz) - f.logs[k]
	}
}

func (f *gauss) level(s, t int) (middle, sd float64) {
	h, u := &f.head[s], &f.tail[t]
	if u.present == h.present {
		return 0, math.Sqrt(1 / (2 * f.half * f.shrink))
	}
	x := h.x + u.x + f.shrink
	return (h.y + u.y) / x, f.width / math.Sqrt(x)
}
