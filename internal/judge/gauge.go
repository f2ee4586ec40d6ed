package judge

import (
	"math"
	"slices"
)

// gauge compares measurements on a log scale (or, where a good part of the
// values is negative, on their own scale), season removed.
type gauge struct {
	y       []float64 // transformed, season removed; NaN is missing
	season  []float64 // what was removed; nil: nothing
	eps     float64   // added before the logarithm
	linear  float64   // > 0: values were divided by this instead
	needB   int       // values a placement must have
	needA   int
	fuzz    float64 // a spread below this is not believed
	bestL   int
	b, a, c []float64  // scratch
	centres []centreAt // of before, at the placements looked at, in order
}

// centreAt is what was found at a placement.
type centreAt struct {
	s      span
	centre float64
}

func newGauge(v []float64, f *frame, season bool, q *Question, m *Memory) (*gauge, []string) {
	g := &gauge{y: m.floats.of(len(v)), fuzz: 1e-3}
	var warnings []string
	negative, zero, seen := 0, 0, 0
	for _, x := range v {
		switch {
		case !finite(x):
			continue
		case x < 0:
			negative++
		case x == 0:
			zero++
		}
		seen++
	}
	switch {
	case negative*20 > seen && q.Kind != Count:
		abs := make([]float64, 0, seen)
		for _, x := range v {
			if finite(x) {
				abs = append(abs, math.Abs(x))
			}
		}
		g.linear = median(abs)
		if g.linear == 0 {
			g.linear = 1
		}
		warnings = append(warnings, "values are often negative: the effect is relative to their usual size")
	case negative > 0:
		warnings = append(warnings, "negative values were left out")
	}
	if zero > 0 {
		positive := make([]float64, 0, seen)
		for _, x := range v {
			if finite(x) && x > 0 {
				positive = append(positive, x)
			}
		}
		g.eps = 0.02 * median(positive)
		if len(positive) == 0 {
			g.eps = 1
		}
	}
	for i, x := range v {
		g.y[i] = g.to(x)
	}
	if season {
		g.season = profile(g.y, f)
		for i := range g.season {
			g.y[i] -= g.season[i]
		}
	}
	b, a := g.count(f.now.b0, f.now.b1), g.count(f.now.a0, f.now.a1)
	g.needB, g.needA = atLeast(b), atLeast(a)
	return g, warnings
}

func (g *gauge) to(x float64) float64 {
	switch {
	case !finite(x):
		return math.NaN()
	case g.linear > 0:
		return x / g.linear
	case x < 0:
		return math.NaN()
	}
	return math.Log(x + g.eps)
}

func (g *gauge) from(y float64) float64 {
	if g.linear > 0 {
		return y * g.linear
	}
	return max(0, math.Exp(y)-g.eps)
}

func (g *gauge) count(lo, hi int) int {
	n := 0
	for _, y := range g.y[lo:hi] {
		if y == y {
			n++
		}
	}
	return n
}

func present(dst, ys []float64) []float64 {
	dst = slices.Grow(dst[:0], len(ys))
	for _, y := range ys {
		if y == y {
			dst = append(dst, y)
		}
	}
	return dst
}

func (g *gauge) tests() []test {
	return []test{{shape: Level}, {shape: Ramp}, {shape: Spread, past: true}, {shape: Spike, oneSided: true, past: true}}
}

// side is the robust centre of one window and the middle it is taken around;
// a negative scale is measured from the window itself.
func (g *gauge) side(xs []float64, scale float64) (centre, mid float64) {
	g.c = append(g.c[:0], xs...)
	mid = median(g.c)
	if scale < 0 {
		scale = max(g.fuzz, spreadAround(xs, mid, g.c))
	}
	return huber(xs, mid, scale), mid
}

// before is the loaded before's centre, middle and spread.
func (g *gauge) before() (centre, mid, scale float64) {
	g.c = append(g.c[:0], g.b...)
	mid = median(g.c)
	scale = max(g.fuzz, spreadAround(g.b, mid, g.c))
	return huber(g.b, mid, scale), mid, scale
}

func deviation(xs []float64, mid float64) float64 {
	sum := 0.0
	for _, x := range xs {
		sum += math.Abs(x - mid)
	}
	return sum / float64(max(1, len(xs)))
}

func (g *gauge) load(s span) bool {
	g.b = present(g.b, g.y[s.b0:s.b1])
	g.a = present(g.a, g.y[s.a0:s.a1])
	return len(g.b) >= g.needB && len(g.a) >= g.needA
}

func (g *gauge) at(s span, out []float64) bool {
	if !g.load(s) {
		return false
	}
	mB, midB, scale := g.before()
	g.centres = append(g.centres, centreAt{s, mB})
	mA, midA := g.side(g.a, scale)
	out[0] = mA - mB
	if len(out) == 1 {
		return true
	}
	out[1], g.bestL = g.ramp(mB, scale)
	out[2], out[3] = math.NaN(), math.NaN()
	if len(g.a) >= 4 && len(g.b) >= 4 {
		out[2] = math.Log((deviation(g.a, midA) + g.fuzz) / (deviation(g.b, midB) + g.fuzz))
		peak := 0.0
		for _, x := range g.a {
			peak = max(peak, math.Abs(x-midA))
		}
		out[3] = math.Log(peak + g.fuzz)
	}
	return true
}

// ramp looks for the suffix of after that lies furthest from before, in units
// that make every suffix equally noisy where noise is white.
func (g *gauge) ramp(mB, scale float64) (stat float64, length int) {
	na, nb := float64(len(g.a)), float64(len(g.b))
	limit := 8 * scale
	least := max(2, len(g.a)/8)
	sum := 0.0
	length = len(g.a)
	for l := 1; l <= len(g.a); l++ {
		sum += max(-limit, min(limit, g.a[len(g.a)-l]-mB))
		if l < least && l < len(g.a) {
			continue
		}
		n := float64(l)
		r := sum / n * math.Sqrt((1/na+1/nb)/(1/n+1/nb))
		if math.Abs(r) > math.Abs(stat)*(1+asGood) {
			stat, length = r, l
		}
	}
	return stat, length
}

func (g *gauge) best() int { return g.bestL }

func (g *gauge) suffix(s span, l int) (float64, bool) {
	if !g.load(s) {
		return 0, false
	}
	mB, _, scale := g.before()
	mA, _ := g.side(g.a[max(0, len(g.a)-l):], scale)
	return mA - mB, true
}

func (g *gauge) noise(s span) (se, df float64) {
	if !g.load(s) {
		return 0, 0
	}
	// After is taken around what fits it, or a change would pass for noise; as
	// that fit takes slow noise along, before alone may be the wilder witness.
	b, a := detrend(g.b, g.c), detrend(g.around(s), g.c)
	spent := 0.0
	if way := g.undone(s, b); way != nil {
		b, spent = detrend(way, g.c), 3
	}
	na, nb := float64(len(g.a)), float64(len(g.b))
	for _, parts := range [][][]float64{{b, a}, {b}} {
		sd, phi, n := autocorrelated(parts...)
		if len(parts) == 1 && n < 20 {
			break
		}
		tau := (1 + phi) / (1 - phi)
		x := max(sd, g.fuzz) * math.Sqrt(min(tau, na)/na+min(tau, nb)/nb)
		if x > se {
			se, df = x, max(1, float64(n)/tau-float64(len(parts))-spent)
		}
	}
	return se, df
}

// clearly is how many times smaller what a fitted way leaves of before has to
// be before the way is called one, and no slow noise.
const clearly = 3

// undone is before less the way it went to another level, where there clearly
// was one and after lies beyond before's middle on the side it came from; else
// nil. A fault that creeps through before is no noise that its repair has to
// exceed. What goes on, or stays where the creep led, is left as it is: that
// began before the release.
func (g *gauge) undone(s span, flat []float64) []float64 {
	if len(g.b) < 20 {
		return nil
	}
	_, _, fit := bend(smooth(g.b), 1, 0)
	if fit == nil {
		return nil
	}
	out, left, all := make([]float64, len(g.b)), 0.0, 0.0
	for i, v := range g.b {
		out[i] = v - fit[i]
		left += out[i] * out[i]
		all += flat[i] * flat[i]
	}
	mB, _, scale := g.before()
	mA, _ := g.side(g.a, scale)
	way := fit[len(fit)-1] - fit[0]
	if all < clearly*left || way*(mA-mB) >= 0 {
		return nil
	}
	return out
}

// around is after less the fitted onset.
func (g *gauge) around(s span) []float64 {
	_, _, fit := onset(g.y[s.b0:s.a1], s.b1-s.b0, 0)
	out := make([]float64, 0, s.a1-s.a0)
	for i := s.a0; i < s.a1; i++ {
		if v := g.y[i]; v == v {
			if fit != nil {
				v -= fit[i-s.b0]
			}
			out = append(out, v)
		}
	}
	return out
}

func (g *gauge) effect(s span, shape Shape, shift float64) float64 {
	if shape == Spread {
		// What the change of spread does to the value nine in ten stay below.
		g.load(s)
		_, mid, _ := g.before()
		shift = 1.2816 * normalMean * (deviation(g.b, mid) + g.fuzz) * math.Expm1(shift)
	}
	if g.linear > 0 {
		return shift
	}
	return math.Expm1(shift)
}

// peak is the signed largest distance from the middle of after.
func (g *gauge) peak(s span) (shift float64, at int) {
	g.load(s)
	_, mid := g.side(g.a, -1)
	at = s.a0
	for i := s.a0; i < s.a1; i++ {
		if d := g.y[i] - mid; math.Abs(d) > math.Abs(shift) {
			shift, at = d, i
		}
	}
	return shift, at
}

func (g *gauge) relative() bool { return true }

func (g *gauge) level(s span, l int) float64 { return g.from(g.middle(s, l)) }

// usual is what the last l points of after would be without a shift by so much.
func (g *gauge) usual(s span, l int, shift float64) float64 { return g.from(g.middle(s, l) - shift) }

func (g *gauge) middle(s span, l int) float64 {
	var xs []float64
	for i := s.a0; i < s.a1; i++ {
		if y := g.y[i]; y == y {
			xs = append(xs, y+g.seasonAt(i))
		}
	}
	xs = xs[max(0, len(xs)-l):]
	m, _ := g.side(xs, -1)
	return m
}

func (g *gauge) seasonAt(i int) float64 {
	if g.season == nil {
		return 0
	}
	return g.season[i]
}

func (g *gauge) values(lo, hi int) []float64 { return slices.Clone(g.y[lo:hi]) }

func (g *gauge) seasonal() bool { return g.season != nil }

func (g *gauge) centre(s span) float64 {
	i, _ := slices.BinarySearchFunc(g.centres, s.b0, func(p centreAt, b0 int) int { return p.s.b0 - b0 })
	if i < len(g.centres) && g.centres[i].s == s {
		return g.centres[i].centre
	}
	g.b = present(g.b, g.y[s.b0:s.b1])
	if len(g.b) == 0 {
		return 0
	}
	m, _ := g.side(g.b, -1)
	return m
}

func (g *gauge) unit(i int, y float64) float64 { return g.from(y + g.seasonAt(i)) }
