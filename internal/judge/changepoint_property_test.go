package judge_test

import (
	"encoding/binary"
	"math"
	"slices"
	"testing"

	"github.com/debriefhq/debrief/internal/judge"
)

var slowKinds = []judge.SlowKind{judge.Durations, judge.Counts, judge.Shares, judge.Reals}

func places(changes []judge.Change) []int {
	out := make([]int, len(changes))
	for i, c := range changes {
		out[i] = c.At
	}
	return out
}

// made draws a series of a kind; Reals are measurements read as anything.
func made(seed uint64, kind judge.SlowKind) slow {
	if kind != judge.Reals {
		return makeSlow(rng(seed), kind)
	}
	s := makeSlow(rng(seed), judge.Durations)
	s.Kind = judge.Reals
	return s
}

func TestChangesUnitDoesNotMatter(t *testing.T) {
	t.Parallel()
	for _, kind := range []judge.SlowKind{judge.Durations, judge.Reals} {
		for seed := range uint64(40) {
			s := made(seed, kind).SlowSeries
			if kind == judge.Reals {
				s.V = s.V[:min(len(s.V), 120)]
			}
			want := judge.Changes(s)
			for _, unit := range []float64{1e-6, 60, 1e9} {
				v := slices.Clone(s.V)
				for i := range v {
					v[i] *= unit
				}
				got := judge.Changes(judge.SlowSeries{Kind: kind, V: v})
				if !slices.Equal(places(got), places(want)) {
					t.Fatalf("%s, seed %d: in units %g changes at %v, else %v", kind, seed, unit, places(got), places(want))
				}
				for i, c := range got {
					effect := want[i].Effect
					if kind == judge.Reals {
						effect *= unit
					}
					if math.Abs(c.Effect-effect) > 1e-6*math.Abs(effect) || math.Abs(c.Probability-want[i].Probability) > 1e-6 {
						t.Fatalf("%s, seed %d: in units %g %+v, else %+v", kind, seed, unit, c, want[i])
					}
				}
			}
		}
	}
}

// Read backwards a series changes at the same places. Changes that are barely
// told may come or go, since memory runs one way only.
func TestChangesBackwards(t *testing.T) {
	t.Parallel()
	for _, kind := range slowKinds[:3] {
		total, other := 0, 0
		for seed := range uint64(150) {
			s := made(seed, kind).SlowSeries
			back := judge.SlowSeries{Kind: kind, V: slices.Clone(s.V), N: slices.Clone(s.N)}
			slices.Reverse(back.V)
			slices.Reverse(back.N)
			want, got := places(judge.Changes(s)), places(judge.Changes(back))
			slices.Reverse(got)
			total += max(len(want), len(got))
			for _, w := range want {
				if !slices.ContainsFunc(got, func(g int) bool { return abs(len(s.V)-g-w) <= 1 }) {
					other++
				}
			}
			other += max(0, len(got)-len(want))
		}
		if other*25 > total {
			t.Errorf("%s: %d of %d changes elsewhere when read backwards", kind, other, total)
		}
	}
}

// One point in five missing costs little.
func TestChangesGaps(t *testing.T) {
	t.Parallel()
	for _, kind := range slowKinds[:3] {
		whole, holes, n := 0.0, 0.0, 0.0
		for seed := range uint64(200) {
			s := made(seed, kind)
			if len(s.at) == 0 {
				continue
			}
			n++
			whole += f1(s.at, judge.Changes(s.SlowSeries))
			r := rng(seed + 1000)
			for i := range s.V {
				if r.Float64() < 0.2 {
					s.V[i] = math.NaN()
				}
			}
			holes += f1(s.at, judge.Changes(s.SlowSeries))
		}
		if holes/n < whole/n-0.04 {
			t.Errorf("%s: F1 %.3f whole, %.3f with a fifth missing", kind, whole/n, holes/n)
		}
	}
}

func TestChangesWithoutNoise(t *testing.T) {
	t.Parallel()
	for _, kind := range slowKinds {
		flat := judge.SlowSeries{Kind: kind, V: make([]float64, 100), N: make([]float64, 100)}
		for i := range flat.V {
			flat.V[i], flat.N[i] = 0.25, 40
		}
		if got := judge.Changes(flat); len(got) > 0 {
			t.Errorf("%s: a constant series changes: %+v", kind, got)
		}
		for i := 60; i < 100; i++ {
			flat.V[i] = 0.75
		}
		if kind == judge.Counts {
			for i := range flat.V {
				flat.V[i] *= 40
			}
		}
		got := judge.Changes(flat)
		if len(got) != 1 || got[0].At != 60 || got[0].Probability < 0.99 || got[0].Effect <= 0 {
			t.Errorf("%s: a plain step at 60: %+v", kind, got)
		}
	}
	for _, v := range [][]float64{nil, {1}, make([]float64, 50), {math.NaN(), math.Inf(1), -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}} {
		for _, kind := range slowKinds {
			for _, c := range judge.Changes(judge.SlowSeries{Kind: kind, V: v, N: v}) {
				t.Errorf("%s: %v changes: %+v", kind, v, c)
			}
		}
	}
}

func FuzzChanges(f *testing.F) {
	seed := func(v ...float64) []byte {
		var b []byte
		for _, x := range v {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(x))
		}
		return b
	}
	f.Add(0, seed(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16), uint8(1))
	f.Add(1, seed(math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64, 0, math.NaN(), math.Inf(1)), uint8(8))
	f.Add(2, seed(0, 1, 0.5, 0.5, 1e-300), uint8(20))
	f.Add(3, seed(1e300, 1e300, 1e300, -1e300, 1), uint8(30))
	f.Fuzz(func(t *testing.T, kind int, data []byte, repeat uint8) {
		var once []float64
		for ; len(data) >= 8 && len(once) < 200; data = data[8:] {
			once = append(once, math.Float64frombits(binary.LittleEndian.Uint64(data)))
		}
		var v []float64
		for _, x := range once { // stretches, so that there are levels to find
			for range min(int(repeat)+1, 30) {
				if len(v) < 400 {
					v = append(v, x)
				}
			}
		}
		n := slices.Clone(v)
		slices.Reverse(n)
		s := judge.SlowSeries{Kind: slowKinds[(kind%4+4)%4], V: v, N: n}
		last := 0
		for _, c := range judge.Changes(s) {
			if c.At <= last || c.At >= len(v) || c.Low > c.At || c.High < c.At || c.Low <= 0 || c.High >= len(v) {
				t.Fatalf("%+v out of order in %d points", c, len(v))
			}
			if !(c.Probability >= 0.5 && c.Probability <= 1) {
				t.Fatalf("probability of %+v", c)
			}
			for _, x := range []float64{c.Before, c.After, c.Effect, c.EffectLow, c.EffectHigh} {
				if math.IsNaN(x) || math.IsInf(x, 0) {
					t.Fatalf("no number in %+v", c)
				}
			}
			if !(c.EffectLow <= c.Effect && c.Effect <= c.EffectHigh) {
				t.Fatalf("effect outside its interval: %+v", c)
			}
			last = c.At
		}
	})
}
