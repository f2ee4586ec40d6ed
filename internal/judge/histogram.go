package judge

import (
	"math"
	"slices"
)

// distribution compares whole histograms: windows are merged bucket by bucket,
// then the asked quantile and the distance between the two distributions are
// taken. The quantile of every step serves season, onset and picture.
type distribution struct {
	*gauge
	sums   []float64 // running counts per bucket, row after row
	bounds []float64
	q      float64
	offset []float64 // running sum of the season removed from each step's quantile
	hb, ha []float64
}

// newDistribution checks the buckets and sums them up; nil where they make no sense.
func newDistribution(bounds []float64, counts [][]float64, q float64) *distribution {
	b := len(bounds)
	if b < 2 || !slices.IsSorted(bounds) || slices.ContainsFunc(bounds, math.IsNaN) || bounds[0] == bounds[b-1] || math.IsInf(bounds[b-2], 1) {
		return nil
	}
	if !(q > 0 && q < 1) {
		q = 0.5
	}
	d := &distribution{bounds: bounds, q: q, sums: make([]float64, (len(counts)+1)*b), hb: make([]float64, b), ha: make([]float64, b)}
	for i, row := range counts {
		from, to := d.sums[i*b:(i+1)*b], d.sums[(i+1)*b:(i+2)*b]
		copy(to, from)
		if !sound(row, b) {
			continue
		}
		for j, c := range row {
			to[j] += c
		}
	}
	return d
}

func sound(row []float64, b int) bool {
	if len(row) != b {
		return false
	}
	total := 0.0
	for _, c := range row {
		if !finite(c) || c < 0 || c > 1e15 {
			return false
		}
		total += c
	}
	return total > 0
}

// steps are the quantiles of each step by itself.
func (d *distribution) steps(n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = d.quantile(d.merged(d.hb, i, i+1))
	}
	return out
}

func (d *distribution) merged(into []float64, lo, hi int) []float64 {
	b := len(d.bounds)
	from, to := d.sums[lo*b:(lo+1)*b], d.sums[hi*b:(hi+1)*b]
	for j := range into {
		into[j] = max(0, to[j]-from[j])
	}
	return into
}

func total(h []float64) float64 {
	sum := 0.0
	for _, c := range h {
		sum += c
	}
	return sum
}

// quantile interpolates within the bucket, as Prometheus does; the open last
// bucket answers with its lower bound. NaN of nothing.
func (d *distribution) quantile(h []float64) float64 {
	all := total(h)
	if all <= 0 {
		return math.NaN()
	}
	rank, seen := d.q*all, 0.0
	for j, c := range h {
		if seen+c < rank || c == 0 {
			seen += c
			continue
		}
		hi := d.bounds[j]
		lo := 0.0
		if j > 0 {
			lo = d.bounds[j-1]
		} else if hi <= 0 {
			lo = hi
		}
		if math.IsInf(hi, 1) {
			return lo
		}
		return lo + (hi-lo)*(rank-seen)/c
	}
	return d.bounds[len(d.bounds)-2]
}

func (d *distribution) tests() []test {
	return []test{{shape: Level}, {shape: Ramp}, {shape: Spread, oneSided: true, past: true}}
}

func (d *distribution) attach(g *gauge) {
	d.gauge = g
	d.offset = make([]float64, len(g.y)+1)
	for i := range g.y {
		d.offset[i+1] = d.offset[i] + g.seasonAt(i)
	}
}

func (d *distribution) usual(lo, hi int) float64 {
	return (d.offset[hi] - d.offset[lo]) / float64(max(1, hi-lo))
}

func (d *distribution) suffix(s span, l int) (float64, bool) {
	if d.count(s.b0, s.b1) < d.needB || d.count(s.a0, s.a1) < d.needA {
		return 0, false
	}
	from := max(s.a0, s.a1-l)
	a, b := d.quantile(d.merged(d.ha, from, s.a1)), d.quantile(d.merged(d.hb, s.b0, s.b1))
	v := d.to(a) - d.usual(from, s.a1) - d.to(b) + d.usual(s.b0, s.b1)
	return v, v == v
}

func (d *distribution) at(s span, out []float64) bool {
	level, ok := d.suffix(s, s.a1-s.a0)
	if !ok {
		return false
	}
	na, nb := s.a1-s.a0, float64(s.b1-s.b0)
	out[0], out[1], d.bestL = level, level, na
	b, a := d.hb, d.ha
	tb, ta := total(b), total(a)
	var cb, ca, gap float64
	for j := range a {
		cb += b[j] / tb
		ca += a[j] / ta
		// Weighted as Anderson and Darling do, so that tails count.
		if mid := (cb + ca) / 2; mid > 0 && mid < 1 {
			gap += (ca - cb) * (ca - cb) / (mid * (1 - mid)) * (a[j]/ta + b[j]/tb) / 2
		}
	}
	out[2] = math.Log(math.Sqrt(gap) + 1e-4)
	for _, l := range [...]int{3 * na / 4, na / 2, na / 4, na / 8} {
		if l < 2 {
			continue
		}
		v, ok := d.suffix(s, l)
		if !ok {
			continue
		}
		v *= math.Sqrt((1/float64(na) + 1/nb) / (1/float64(l) + 1/nb))
		if math.Abs(v) > math.Abs(out[1]) {
			out[1], d.bestL = v, l
		}
	}
	return true
}

func (d *distribution) effect(_ span, _ Shape, shift float64) float64 {
	if d.linear > 0 {
		return shift
	}
	return math.Expm1(shift)
}

func (d *distribution) level(s span, l int) float64 {
	v := d.quantile(d.merged(d.ha, max(s.a0, s.a1-l), s.a1))
	if v != v {
		return 0
	}
	return v
}
