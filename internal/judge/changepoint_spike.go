package judge

import "math"

// spikes finds single points that belong to no level: a week of holidays, a
// day when everything failed. y is on a scale on which the noise is alike
// everywhere; weight, where not nil, says how much less noise a point has.
type spikes struct {
	y, weight      []float64
	level, scratch []float64
}

func newSpikes(y, weight []float64) *spikes {
	return &spikes{y: y, weight: weight, level: make([]float64, len(y)), scratch: make([]float64, 0, len(y))}
}

// mark gives the points that lie more than limit noises from the median of
// their stretch or, while stretches are not known, of those within reach. The
// noise is at least floor, and measured where there is more.
func (p *spikes) mark(known bool, cuts []int, limit, floor float64, strange []bool) {
	const reach = 7
	if known {
		p.stretches(cuts)
	} else {
		runningMedian(p.y, reach, p.level, make([]float64, 0, 2*reach+2))
	}
	p.scratch = p.scratch[:0]
	for i, y := range p.y {
		if !math.IsNaN(y) {
			p.scratch = append(p.scratch, p.off(i))
		}
	}
	noise := max(floor, normalMAD*median(p.scratch))
	for i := range p.y {
		strange[i] = noise > 0 && p.off(i) > limit*noise
	}
}

// off is how far a point lies from its level, or from a neighbour's: stretches
// may begin a point early or late.
func (p *spikes) off(i int) float64 {
	off := math.Inf(1)
	for j := max(0, i-1); j <= min(i+1, len(p.y)-1); j++ {
		off = min(off, math.Abs(p.y[i]-p.level[j]))
	}
	if p.weight != nil {
		off *= p.weight[i]
	}
	return off
}

func (p *spikes) stretches(cuts []int) {
	from := 0
	for k := 0; k <= len(cuts); k++ {
		to := len(p.y)
		if k < len(cuts) {
			to = cuts[k]
		}
		p.scratch = p.scratch[:0]
		for _, y := range p.y[from:to] {
			if !math.IsNaN(y) {
				p.scratch = append(p.scratch, y)
			}
		}
		middle := median(p.scratch)
		for i := from; i < to; i++ {
			p.level[i] = middle
		}
		from = to
	}
}
