package judge

import "math"

// A density is what values usually are: a histogram of fine bins, smoothed at
// three widths at once, so that a series of few different values is sharp and
// one of many is smooth. Where nothing ever was, a floor stays: no value is
// impossible.
type density struct {
	mid, bin float64 // the usual value, the width of a bin
	low      int     // bins below the middle one
	margin   int     // bins at either end that no value falls into: room to shift values by
	scale    float64 // how far values usually are from the middle
	floor    float64 // of the density per unit
	p        []float64
	n        float64
	wide     kernel    // for a whole past
	near     kernel    // for the time just before
	alike    []float64 // what a value adds to wide so many bins away
	bins     []int32   // each value's
	counts   []int32   // scratch
}

const (
	binShare   = 0.02  // of the usual distance from the middle
	leastBin   = 0.004 // finer differences are none: 0.4 % on the log scale
	furthest   = 6.0   // on the log scale: values beyond ×400 are as far as these
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

// newDensity is that of values up to now, with room for all of them.
func newDensity(values []float64, now int, scratch []float64, m *Memory) *density {
	past := values[:now]
	d := &density{}
	d.mid, d.scale = within(past, scratch)
	d.scale += 1e-3
	d.bin = max(leastBin, binShare*d.scale)
	d.floor = floorShare / d.scale
	d.wide = newKernel(d.bin, [3]float64{0.02 * d.scale, 0.1 * d.scale, 0.5 * d.scale})
	d.near = newKernel(d.bin, [3]float64{0.02 * d.scale, 0.1 * d.scale, 0.3 * d.scale})
	least, most := d.mid, d.mid
	for _, v := range values {
		if v < least {
			least = v
		} else if v > most {
			most = v
		}
	}
	d.margin = int(mostShift/d.bin) + 2
	d.low = d.margin + int(math.Ceil(min(furthest, d.mid-least)/d.bin))
	d.p = m.floats.of(d.low + 1 + int(math.Ceil(min(furthest, most-d.mid)/d.bin)) + d.margin)
	d.n = float64(now)
	d.alike = m.floats.of(len(d.p) - 2*d.margin)
	copy(d.alike, d.wide.at[d.wide.reach-1:])
	d.counts = m.ints.of(len(d.p))
	d.bins = m.ints.of(len(values))
	for i, v := range values {
		d.bins[i] = d.of(v)
	}
	for _, b := range d.bins[:now] {
		d.counts[b]++
	}
	for b, c := range d.counts {
		if c > 0 {
			d.wide.spread(d.p, b, float64(c)/(d.n*d.bin))
		}
	}
	return d
}

// of is a value's bin. What lies halfway between two goes up, though the unit
// of measurement may have moved it by a rounding error.
func (d *density) of(v float64) int32 {
	at := (v-d.mid)/d.bin + float64(d.low) + 0.5 + asGood
	return int32(clamp(int(max(0, min(float64(len(d.p)), at))), d.margin, len(d.p)-1-d.margin))
}

// value is the middle of a bin.
func (d *density) value(b int) float64 { return d.mid + float64(b-d.low)*d.bin }

// without is what the density of the past would be at each of the values own
// if it lacked all of them.
func (d *density) without(own []int32, out []float64) {
	at, out := d.alike, out[:len(own)]
	for j, b := range own {
		sum := at[0]
		for i, c := range own[:j] {
			away := b - c
			away = (away ^ away>>31) - away>>31 // without its sign, and without a branch
			h := at[away]
			out[i] += h
			sum += h
		}
		out[j] = sum
	}
	all, rest := d.n*d.bin, 1/((d.n-float64(len(own)))*d.bin)
	for j, b := range own {
		out[j] = max(0, d.p[b]*all-out[j]) * rest
	}
}
