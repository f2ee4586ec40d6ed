package judge

import "math"

// durations holds what is learnt of a series of measurements besides its
// levels: the pattern by weekday, the outliers, the noise and its memory.
type durations struct {
	y       []float64 // logarithms, NaN where missing
	clean   []float64 // the same without weekday and outliers
	level   []float64
	week    [7]float64
	sd, phi float64
}

// startPhi is the memory assumed until it is known, and what its estimate is
// drawn towards.
const startPhi = 0.3

func durationChanges(raw []float64) []Change {
	n := len(raw)
	if n < 2*shortest {
		return nil
	}
	buf := make([]float64, 4*n)
	d := &durations{y: buf[:n], clean: buf[n : 2*n], level: buf[2*n : 3*n]}
	scratch := buf[3*n : 3*n : 4*n]
	for i, x := range raw {
		d.y[i] = math.NaN()
		if x > 0 && !math.IsInf(x, 0) {
			d.y[i] = math.Log(x)
			scratch = append(scratch, d.y[i])
		}
	}
	if len(scratch) < 2*shortest {
		return nil
	}
	centre := median(scratch)
	for i := range d.y {
		d.y[i] -= centre
	}
	d.begin(scratch)
	s := newSearch(n)
	noise := func() family { return newGauss(d.clean, d.sd, d.phi, math.Sqrt(wide)) }
	d.learn(s, s.run(noise(), s.cost()))
	cuts := s.run(noise(), s.cost())
	if len(cuts) > 0 && wanders(d.clean, s.f, cuts, s.penalty, d.sd, wide) {
		return nil
	}
	out := s.report(cuts, relative)
	for i := range out {
		out[i].Before *= math.Exp(centre)
		out[i].After *= math.Exp(centre)
	}
	return out
}

// begin takes the level from a running median over two weeks, and the rest
// from what is left.
func (d *durations) begin(scratch []float64) {
	const reach = 7
	n := len(d.y)
	runningMedian(d.y, reach, d.level, make([]float64, 0, 2*reach+2))
	for j := range d.week {
		scratch = scratch[:0]
		for i := j; i < n; i += 7 {
			if !math.IsNaN(d.y[i]) {
				scratch = append(scratch, d.y[i]-d.level[i])
			}
		}
		d.week[j] = median(scratch)
	}
	scratch = scratch[:0]
	for i, y := range d.y {
		if !math.IsNaN(y) {
			scratch = append(scratch, math.Abs(y-d.level[i]-d.week[i%7]))
		}
	}
	d.sd = 1.15 * normalMAD * median(scratch)
	if d.sd <= 0 {
		d.sd = 1e-3
	}
	d.phi = startPhi
	d.drawWeek(float64(len(scratch)) / 7 / 1.57)
	d.mark()
}

// drawWeek draws the pattern by weekday towards none, by as much as its
// scatter is what noise alone would give: each rests on so many points.
func (d *durations) drawWeek(points float64) {
	mean, square := 0.0, 0.0
	for _, w := range d.week {
		mean += w / 7
	}
	for _, w := range d.week {
		square += (w - mean) * (w - mean) / 6
	}
	keep := 0.0
	if noise := d.sd * d.sd / points; square > noise {
		keep = 1 - noise/square
	}
	for j := range d.week {
		d.week[j] = keep * (d.week[j] - mean)
	}
}

// mark leaves out what is more likely an outlier (one point in fifty, anywhere
// within a factor of ten) than noise.
func (d *durations) mark() {
	limit := d.sd * math.Sqrt(2*math.Log(0.98*2*math.Log(10)/(0.02*d.sd*math.Sqrt(2*math.Pi))))
	if !(limit > 2.5*d.sd) {
		limit = 2.5 * d.sd
	}
	for i, y := range d.y {
		d.clean[i] = y - d.week[i%7]
		if math.Abs(d.clean[i]-d.level[i]) > limit {
			d.clean[i] = math.NaN()
		}
	}
}

// learn works all of it out anew from what a segmentation leaves over.
func (d *durations) learn(s *search, cuts []int) {
	n := len(d.y)
	edges := append(append([]int{0}, cuts...), n)
	for k := 0; k+1 < len(edges); k++ {
		l, _ := s.f.level(edges[k], edges[k+1])
		for i := edges[k]; i < edges[k+1]; i++ {
			d.level[i] = l
		}
	}
	d.mark()
	var sum, count [7]float64
	for i, c := range d.clean {
		if !math.IsNaN(c) {
			sum[i%7] += d.y[i] - d.level[i]
			count[i%7]++
		}
	}
	points := 0.0
	for j := range sum {
		d.week[j] = 0
		if count[j] > 0 {
			d.week[j] = sum[j] / count[j]
		}
		points += count[j]
	}
	if points < 2*shortest {
		return
	}
	d.drawWeek(points / 7)
	var square, pair, pairs float64
	last := math.NaN()
	for i, c := range d.clean {
		r := math.NaN()
		if !math.IsNaN(c) {
			r = d.y[i] - d.week[i%7] - d.level[i]
			square += r * r
			if !math.IsNaN(last) {
				pair += r * last
				pairs++
			}
		}
		last = r
	}
	const weight = 15
	v := square / points
	if v > 0 && pairs > 0 {
		raw := pair / pairs / v
		raw += (1 + 4*raw) * float64(len(edges)-1) / points // Marriott and Pope, for every level
		d.phi = max(0, min(0.8, (raw*pairs+startPhi*weight)/(pairs+weight)))
	}
	lost := float64(len(edges)-1)*(1+d.phi)/(1-d.phi) + 3
	if sd := math.Sqrt(square / max(points-lost, points/2)); sd > 0 {
		d.sd = sd
	}
	d.mark()
}
