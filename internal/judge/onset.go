package judge

import "math"

// mostOnset bounds the search: longer windows are averaged down first.
const mostOnset = 400

// onset says where a series begins to leave its earlier level: the least
// squares fit of "level, then a straight way to another level" over all
// beginnings at or after from and all lengths of the way; a step is a way of
// no length and is kept unless a longer one fits clearly better (BIC). rss is
// what the fit leaves over; fitted is nil where there is nothing to fit. sign
// says which ways count: +1 only those up, −1 only those down, 0 both.
func onset(y []float64, from, sign int) (at int, rss float64, fitted []float64) {
	small, k := averaged(y)
	if k <= 1 {
		return bend(smooth(y), from, sign)
	}
	at, rss, fit := bend(smooth(small), min(from/k, len(small)-1), sign)
	if fit == nil {
		return from, 0, nil
	}
	fitted = make([]float64, len(y))
	for i := range fitted {
		fitted[i] = fit[min(i/k, len(fit)-1)]
	}
	return max(from, at*k), rss, fitted
}

// averaged is a long series by means of k points each; k is 1 where it is short.
func averaged(y []float64) (small []float64, k int) {
	k = (len(y) + mostOnset - 1) / mostOnset
	if k <= 1 {
		return y, 1
	}
	small = make([]float64, len(y)/k)
	for i := range small {
		small[i] = math.NaN()
		sum, n := 0.0, 0.0
		for _, v := range y[i*k : (i+1)*k] {
			if v == v {
				sum += v
				n++
			}
		}
		if n > 0 {
			small[i] = sum / n
		}
	}
	return small, k
}

// smooth is a running median of three over what is there: single outliers go,
// steps and ramps stay where they are.
func smooth(y []float64) []float64 {
	out := make([]float64, len(y))
	copy(out, y)
	a, b := -1, -1 // the last two places that hold a value
	for i, v := range y {
		if v != v {
			continue
		}
		if a >= 0 {
			lo, mid, hi := y[a], y[b], v
			out[b] = max(min(lo, mid), min(max(lo, mid), hi))
		}
		a, b = b, i
	}
	return out
}

func bend(y []float64, from, sign int) (at int, rss float64, fitted []float64) {
	n := len(y)
	// Running sums over what is there: count, i, i², y, iy.
	type sums struct{ c, i, ii, y, iy float64 }
	run := make([]sums, n+1)
	centre, seen := 0.0, 0.0
	for _, v := range y {
		if v == v {
			centre += v
			seen++
		}
	}
	if seen < 4 || from >= n {
		return from, 0, nil
	}
	centre /= seen
	yy := 0.0
	for i, v := range y {
		run[i+1] = run[i]
		if v == v {
			v -= centre
			t := float64(i)
			s := &run[i+1]
			s.c++
			s.i += t
			s.ii += t * t
			s.y += v
			s.iy += t * v
			yy += v * v
		}
	}
	// The way from τ takes w points; point i stands at (i−τ+½)/w of it.
	fit := func(tau, w int) (rss, slope float64) {
		end := min(n, tau+w)
		in, out := run[end], run[tau]
		c, i, ii, sy, iy := in.c-out.c, in.i-out.i, in.ii-out.ii, in.y-out.y, in.iy-out.iy
		rest := run[n]
		tail, tailY := rest.c-in.c, rest.y-in.y
		var x, xx, xy float64
		if w > 0 {
			b := 1 / float64(w)
			a := (0.5 - float64(tau)) * b
			x = a*c + b*i
			xx = a*a*c + 2*a*b*i + b*b*ii
			xy = a*sy + b*iy
		}
		x, xx, xy = x+tail, xx+tail, xy+tailY
		sxx := xx - x*x/seen
		if sxx <= 1e-12 {
			return yy, 0
		}
		if slope = xy / sxx; slope*float64(sign) < 0 {
			return math.Inf(1), slope
		}
		return yy - xy*xy/sxx, slope
	}
	bestStep, bestWay := math.Inf(1), math.Inf(1)
	step, way, length := from, from, 0
	each := make([]float64, n) // the best at each beginning, ways charged for their extra freedom
	charge := math.Exp(math.Log(seen) / seen)
	for tau := max(from, 1); tau < n; tau++ {
		r, _ := fit(tau, 0)
		each[tau] = r
		if r < bestStep {
			bestStep, step = r, tau
		}
		for w := 2; ; w = max(w+1, w*5/4) {
			w = min(w, n-tau)
			if w < 2 {
				break
			}
			r, _ := fit(tau, w)
			each[tau] = min(each[tau], r*charge)
			if r < bestWay {
				bestWay, way, length = r, tau, w
			}
			if w >= n-tau {
				break
			}
		}
	}
	floor := 1e-9*yy + 1e-300
	at, rss = step, max(bestStep, 0)
	if !math.IsInf(bestWay, 1) && seen*math.Log((bestStep+floor)/(bestWay+floor)) > math.Log(seen) {
		at, rss = way, max(bestWay, 0)
	} else {
		length = 0
	}
	if math.IsInf(rss, 1) {
		return from, 0, nil
	}
	_, slope := fit(at, length)
	fitted = make([]float64, n)
	mean := 0.0
	for i := range fitted {
		if i >= at {
			fitted[i] = slope
			if length > 0 {
				fitted[i] = slope * min(1, (float64(i-at)+0.5)/float64(length))
			}
		}
		if v := y[i]; v == v {
			mean += (v - fitted[i]) / seen
		}
	}
	for i := range fitted {
		fitted[i] += mean
	}
	return middle(each, max(from, 1), seen, floor), rss, fitted
}

// middle is the median beginning, each weighed by its likelihood: less thrown
// about by noise than the likeliest one. Half the points count, because
// neighbours are alike.
func middle(rss []float64, from int, seen, floor float64) int {
	least := math.Inf(1)
	for _, r := range rss[from:] {
		least = min(least, max(r, 0))
	}
	weight := func(r float64) float64 { return math.Pow((least+floor)/(max(r, 0)+floor), seen/4) }
	all := 0.0
	for _, r := range rss[from:] {
		all += weight(r)
	}
	sum := 0.0
	for i, r := range rss[from:] {
		if sum += weight(r); sum >= all/2 {
			return from + i
		}
	}
	return from
}
