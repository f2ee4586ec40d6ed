package judge

import "math"

// A density is what values usually are: a histogram of fine bins, smoothed at
// three widths at once, so that a series of few different values is sharp and
// one of many is smooth. Where nothing ever was, a floor stays: no value is
// impossible.
type density struct {
	mid, bin float64 // the middle bin's value, the width of a bin
	half     int     // bins on either side of the middle one
	scale    float64 // how far values usually are from the middle
	floor    float64 // of the density per unit
	p        []float64
	n        float64
	wide     kernel // for a whole past
	near     kernel // for the time just before
}

const (
	binShare   = 0.01  // of the usual distance from the middle
	leastBin   = 0.004 // finer differences are none: 0.4 % on the log scale
	furthest   = 6.0   // on the log scale: values beyond ×400 are as far as these
	mostBins   = 1500
	floorShare = 0.003 // of one value per usual distance
	halfLocal  = 0.5   // what the time just before weighs beside the whole past
)

// kernel is a mean of three triangles; k[i] is its height i bins from the
// middle. It adds up to one over bins on both sides.
type kernel []float64

func newKernel(bin float64, widths ...float64) kernel {
	longest := 1
	for _, w := range widths {
		longest = max(longest, int(math.Round(w/bin)))
	}
	k := make(kernel, longest)
	for _, w := range widths {
		n := max(1, int(math.Round(w/bin)))
		for i := range n {
			k[i] += (1 - float64(i)/float64(n)) / float64(n) / float64(len(widths))
		}
	}
	return k
}

func newDensity(past, scratch []float64) *density {
	d := &density{}
	scratch = append(scratch[:0], past...)
	d.mid = median(scratch)
	for i, v := range past {
		scratch[i] = math.Abs(v - d.mid)
	}
	d.scale = kth(scratch, min(len(scratch)-1, int(0.68*float64(len(scratch))))) + 1e-3
	d.bin = max(leastBin, binShare*d.scale)
	d.half = int(min(furthest/d.bin, mostBins))
	d.floor = floorShare / d.scale
	d.wide = newKernel(d.bin, 0.02*d.scale, 0.1*d.scale, 0.5*d.scale)
	d.near = newKernel(d.bin, 0.02*d.scale, 0.1*d.scale, 0.3*d.scale)
	d.p = make([]float64, 2*d.half+1)
	d.n = float64(len(past))
	counts := make([]float64, len(d.p))
	for _, v := range past {
		counts[d.of(v)]++
	}
	for b, c := range counts {
		if c > 0 {
			d.spread(d.p, b, c/(d.n*d.bin), d.wide)
		}
	}
	return d
}

// of is a value's bin.
func (d *density) of(v float64) int32 {
	return int32(clamp(int(math.Round((v-d.mid)/d.bin)), -d.half, d.half) + d.half)
}

// spread adds weight around bin b.
func (d *density) spread(p []float64, b int, weight float64, k kernel) {
	p[b] += weight * k[0]
	for i := 1; i < len(k); i++ {
		h := weight * k[i]
		if b+i < len(p) {
			p[b+i] += h
		}
		if b >= i {
			p[b-i] += h
		}
	}
}

// without is the density at bin b of a past that lacks the values own.
func (d *density) without(b int32, own []int32) float64 {
	sum := 0.0
	for _, o := range own {
		i := int(b - o)
		if i < 0 {
			i = -i
		}
		if i < len(d.wide) {
			sum += d.wide[i]
		}
	}
	return max(0, d.p[b]*d.n*d.bin-sum) / ((d.n - float64(len(own))) * d.bin)
}
