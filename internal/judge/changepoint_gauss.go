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
	headX, headY, headZ []float64
	tailX, tailY, tailZ []float64
	present             []int
	logs                []float64 // ½·log of what the level's prior costs, by points present
}

// newGauss takes y (NaN is missing), the noise's standard deviation (of the
// stationary series) and memory, and the prior's spread.
func newGauss(y []float64, sd, phi, spread float64) *gauss {
	n := len(y)
	buf := make([]float64, 7*(n+1))
	cut := func(i int) []float64 { return buf[i*(n+1) : (i+1)*(n+1)] }
	f := &gauss{
		shrink: sd * sd / (spread * spread), half: 1 / (2 * sd * sd), width: sd,
		headX: cut(0), headY: cut(1), headZ: cut(2), tailX: cut(3), tailY: cut(4), tailZ: cut(5), logs: cut(6), present: make([]int, n+1),
	}
	last, lag := 0.0, 0
	pow := 1.0
	const forget = 1e-3
	for i, v := range y {
		f.tailX[i+1], f.tailY[i+1], f.tailZ[i+1], f.present[i+1] = f.tailX[i], f.tailY[i], f.tailZ[i], f.present[i]
		pow *= phi
		lag++
		if math.IsNaN(v) {
			continue
		}
		p := pow
		if f.present[i] == 0 || p < forget {
			p = 0
		}
		w := 1 / (1 - p*p)
		x, z := 1-p, v-p*last
		f.tailX[i+1] += x * x * w
		f.tailY[i+1] += x * z * w
		f.tailZ[i+1] += z*z*w - math.Log(w)/(2*f.half)
		f.present[i+1]++
		last, pow = v, 1
	}
	// A beginning at s: its first present point alone, the rest whitened.
	next := n
	for s := n; s >= 0; s-- {
		if s < n && !math.IsNaN(y[s]) {
			next = s
		}
		if next == n {
			f.headX[s], f.headY[s], f.headZ[s] = -f.tailX[n], -f.tailY[n], -f.tailZ[n]
			continue
		}
		f.headX[s] = 1 - f.tailX[next+1]
		f.headY[s] = y[next] - f.tailY[next+1]
		f.headZ[s] = y[next]*y[next] - f.tailZ[next+1]
	}
	each := (1 - phi) / (1 + phi)
	for m := range f.logs {
		f.logs[m] = 0.5 * math.Log((1+float64(max(0, m-1))*each+f.shrink)/f.shrink)
	}
	f.logs[0] = 0
	return f
}

func (f *gauss) one(s, t int) float64 {
	m := f.present[t] - f.present[s]
	if m == 0 {
		return 0
	}
	y := f.headY[s] + f.tailY[t]
	return f.half*(y*y/(f.headX[s]+f.tailX[t]+f.shrink)-f.headZ[s]-f.tailZ[t]) - f.logs[m]
}

func (f *gauss) row(t int, from []int, out []float64) {
	tx, ty, tz, m := f.tailX[t]+f.shrink, f.tailY[t], f.tailZ[t], f.present[t]
	if m == 0 {
		for i := range from {
			out[i] = 0
		}
		return
	}
	for i, s := range from {
		k := m - f.present[s]
		if k == 0 {
			out[i] = 0
			continue
		}
		y := f.headY[s] + ty
		out[i] = f.half*(y*y/(f.headX[s]+tx)-f.headZ[s]-tz) - f.logs[k]
	}
}

func (f *gauss) level(s, t int) (middle, sd float64) {
	if f.present[t] == f.present[s] {
		return 0, math.Sqrt(1 / (2 * f.half * f.shrink))
	}
	x := f.headX[s] + f.tailX[t] + f.shrink
	return (f.headY[s] + f.tailY[t]) / x, f.width / math.Sqrt(x)
}
