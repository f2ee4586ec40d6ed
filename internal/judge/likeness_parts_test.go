package judge

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// autoregressive is an AR(2) of n values.
func autoregressive(r *rand.Rand, n int, a, b float64) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = r.NormFloat64()
		if i > 1 {
			x[i] += a*x[i-1] + b*x[i-2]
		}
	}
	return x
}

// TestMemoryIsLearnt: Yule and Walker find the autoregression values were made
// with, and taking it out leaves what went in.
func TestMemoryIsLearnt(t *testing.T) {
	t.Parallel()
	x := autoregressive(rand.New(rand.NewPCG(1, 1)), 20000, 0.5, 0.3)
	phi := memory(x, nil)
	if len(phi) != mostMemory {
		t.Fatalf("%d steps", len(phi))
	}
	for k, want := range []float64{0.5, 0.3, 0, 0, 0, 0, 0, 0} {
		if math.Abs(phi[k]-want) > 0.03 {
			t.Errorf("%d steps back: %.3f, want %.1f", k+1, phi[k], want)
		}
	}
	square := 0.0
	filter(x, phi)
	for _, e := range x[mostMemory:] {
		square += e * e / float64(len(x))
	}
	if math.Abs(square-1) > 0.05 {
		t.Errorf("innovations of variance %.3f, want 1", square)
	}
	for _, few := range [][]float64{nil, make([]float64, 14), make([]float64, 40)} {
		if filter(few, memory(few, nil)); slices.ContainsFunc(few, func(e float64) bool { return e != 0 }) {
			t.Errorf("innovations of a constant: %v", few)
		}
	}
}

// TestDensity: it adds up to one, knows equal values from different ones, and
// forgets exactly what it is told to.
func TestDensity(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(2, 1))
	for _, step := range []float64{0, 0.05, 0.5} { // as fine as they come, then of few different values
		past := make([]float64, 400)
		for i := range past {
			if past[i] = r.NormFloat64() * 0.2; step > 0 {
				past[i] = math.Round(past[i]/step) * step
			}
		}
		d := newDensity(past, len(past), nil, new(Memory))
		sum := 0.0
		for _, p := range d.p {
			sum += p * d.bin
		}
		if math.Abs(sum-1) > 1e-9 {
			t.Errorf("step %g: adds up to %g", step, sum)
		}
		own := make([]int32, 30)
		for i := range own {
			own[i] = d.of(past[i])
		}
		got := make([]float64, len(own))
		d.without(own, got)
		for j, b := range own {
			sum := 0.0
			for _, v := range past[len(own):] {
				if away := int(math.Abs(float64(b - d.of(v)))); away < d.wide.reach {
					sum += d.wide.at[d.wide.reach-1+away]
				}
			}
			if want := sum / (370 * d.bin); math.Abs(got[j]-want) > 1e-9*(1+want) {
				t.Fatalf("step %g, bin %d: %g without its own, want %g", step, b, got[j], want)
			}
		}
	}
}

// TestSurpriseIsUniform: where nothing happened, p is as often below any level
// as that level says, and hardly more often far out.
func TestSurpriseIsUniform(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 1))
	const worlds = 4000
	var below [3]int
	levels := [3]float64{0.5, 0.1, 0.01}
	values := make([]float64, 161)
	for range worlds {
		for i := range values {
			values[i] = r.ExpFloat64()
		}
		s := newSurprise(values, leastTail, byItself)
		p := math.Exp(-s.of(values[len(values)-1]))
		for k, level := range levels {
			if p <= level {
				below[k]++
			}
		}
	}
	for k, level := range levels {
		if got := float64(below[k]) / worlds; math.Abs(got-level) > 3.5*math.Sqrt(level/worlds)+0.2*level {
			t.Errorf("p ≤ %g in %.4f", level, got)
		}
	}
}

// TestEqualButForRounding: values of the past that are the same but for
// rounding are as far out as each other.
func TestEqualButForRounding(t *testing.T) {
	t.Parallel()
	values := make([]float64, 101)
	for i := range values {
		values[i] = float64(i%4) / 3
	}
	s := newSurprise(values, leastTail, byItself)
	for _, x := range []float64{0, 1.0 / 3, 2.0 / 3, 1} {
		want := s.of(x)
		for _, off := range []float64{-1e-13, 1e-13} {
			if got := s.of(x + off); math.Abs(got-want) > 1e-9 {
				t.Errorf("%g: %g, off by %g %g", x, want, off, got)
			}
		}
	}
}

// TestOdds: products far beyond what a float can hold compare and count right.
func TestOdds(t *testing.T) {
	t.Parallel()
	up, down := odds{1, 0}, odds{1, 0}
	for range 100 {
		up.times(1e70)
		down.times(1e-70)
	}
	if got, want := up.log(), 7000*math.Ln10; math.Abs(got-want) > 1e-6*want {
		t.Errorf("log %g, want %g", got, want)
	}
	if !up.more(down) || down.more(up) || up.more(up) {
		t.Error("order")
	}
	// The same product, once by way of a far larger one.
	a, b := odds{1, 0}, odds{1, 0}
	for _, q := range []float64{1e90, 1e90, 1e-90, 1e-50} {
		a.times(q)
	}
	b.times(1e60)
	if a.more(b) || !b.more(a) {
		t.Errorf("1e40 beside 1e60: %v %v", a, b)
	}
}

func BenchmarkDensity(b *testing.B) {
	past := autoregressive(rand.New(rand.NewPCG(1, 1)), 2000, 0.5, 0)
	b.ReportAllocs()
	for b.Loop() {
		newDensity(past, len(past), nil, new(Memory))
	}
}

func BenchmarkMemory(b *testing.B) {
	x := autoregressive(rand.New(rand.NewPCG(1, 1)), 2000, 0.5, 0)
	scratch := make([]float64, len(x))
	b.ReportAllocs()
	for b.Loop() {
		memory(x, scratch)
	}
}

func BenchmarkWitnesses(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	var values [members][]float64
	for k := range values {
		values[k] = autoregressive(r, 161, 0, 0)
	}
	b.ReportAllocs()
	for b.Loop() {
		newWitnesses(&values, 20)
	}
}
