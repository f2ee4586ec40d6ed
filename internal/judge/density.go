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
	sums     []int  // scratch of without
}

const (
	binShare   = 0.01  // of the usual distance from the middle
	leastBin   = 0.004 // finer differences are none: 0.4 % on the log scale
	furthest   = 6.0   // on the log scale: values beyond ×400 are as far as these
	mostBins   = 1500
	floorShare = 0.003 // of one value per usual distance
	halfLocal  = 0.5   // what the time just before weighs beside the whole past
	asGood     = 1e-9  // differences this small are rounding errors
)

// kernel is a mean of triangles of the given half widths in bins: at[k+reach−1]
// is its height k bins from the middle. It adds up to one.
type kernel struct {
	at    []float64
	reach int
	half  [3]int
}

func newKernel(bin float64, widths [3]float64) kernel {
	k := kernel{reach: 1}
	for i, w := range widths {
		k.half[i] = max(1, int(math.Round(w/bin)))
		k.reach = max(k.reach, k.half[i])
	}
	k.at = make([]float64, 2*k.reach-1)
	for _, n := range k.half {
		for i := range n {
			h := (1 - float64(i)/float64(n)) / float64(n) / float64(len(k.half))
			k.at[k.reach-1+i] += h
			if i > 0 {
				k.at[k.reach-1-i] += h
			}
		}
	}
	return k
}

// spread adds weight around bin b; what would fall beyond the ends is lost.
func (k *kernel) spread(p []float64, b int, weight float64) {
	lo := b - k.reach + 1
	at := k.at
	if lo < 0 {
		at, lo = at[min(-lo, len(at)):], 0
	}
	p = p[lo:]
	at = at[:min(len(at), len(p))]
	for i, h := range at {
		p[i] += weight * h
	}
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
	d.wide = newKernel(d.bin, [3]float64{0.02 * d.scale, 0.1 * d.scale, 0.5 * d.scale})
	d.near = newKernel(d.bin, [3]float64{0.02 * d.scale, 0.1 * d.scale, 0.3 * d.scale})
	d.p = make([]float64, 2*d.half+1)
	d.n = float64(len(past))
	counts := make([]int32, len(d.p))
	for _, v := range past {
		counts[d.of(v)]++
	}
	for b, c := range counts {
		if c > 0 {
			d.wide.spread(d.p, b, float64(c)/(d.n*d.bin))
		}
	}
	return d
}

// of is a value's bin. What lies halfway between two goes up, though the unit
// of measurement may have moved it by a rounding error.
func (d *density) of(v float64) int32 {
	at := (v-d.mid)/d.bin + float64(d.half) + 0.5 + asGood
	return int32(max(0, min(float64(2*d.half), at)))
}

// without is what the density of the past would be at each of the values own,
// which are in ascending order, if it lacked all of them. What they put there
// themselves is counted triangle by triangle, from sums of the bins in reach.
func (d *density) without(own []int32, out []float64) {
	sums := append(d.sums[:0], 0)
	for _, b := range own {
		sums = append(sums, sums[len(sums)-1]+int(b))
	}
	d.sums = sums
	clear(out)
	for _, n := range d.wide.half {
		weight := 1 / float64(n) / float64(len(d.wide.half))
		slope := weight / float64(n)
		lo, hi := 0, 0
		for j, o := range own {
			b := int(o)
			for int(own[lo]) <= b-n {
				lo++
			}
			for hi < len(own) && int(own[hi]) < b+n {
				hi++
			}
			away := b*(j-lo) - (sums[j] - sums[lo]) + (sums[hi] - sums[j]) - b*(hi-j)
			out[j] += float64(hi-lo)*weight - float64(away)*slope
		}
	}
	all, rest := d.n*d.bin, 1/((d.n-float64(len(own)))*d.bin)
	for j, b := range own {
		out[j] = max(0, d.p[b]*all-out[j]) * rest
	}
}
