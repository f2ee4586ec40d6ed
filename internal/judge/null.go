package judge

import (
	"math"
	"slices"
)

const (
	mostPlaces = 2000 // placements looked at: more add time but no knowledge
	fewPlaces  = 28   // where they only say how wide the interval is
	enoughPast = 8    // placements side by side from which the past speaks for itself
	mostDF     = 8    // tails never lighter than Student's t with this many; see lightest
)

// lightest is the lightest tail believed of a mean over n points: with many
// placements the scale has seen most of the tail itself, but a mean over few
// points keeps the tails of the points.
func lightest(side float64, n int) float64 { return max(mostDF, min(30, side/8, float64(n))) }

// places are the moments of the own past at which the same comparison can be
// placed: a stride of a quarter of after (or a sixteenth of the whole, where
// that is longer: closer ones know nothing new), all before the release's own
// windows, none touching a deployment or incident. Nothing is left out for
// what its values are.
func places(f *frame, most int) []span {
	last := f.now.b0 - (f.now.a1 - f.now.b0) // b0 of the latest placement
	if last < 0 {
		return nil
	}
	stride := max(1, (f.now.a1-f.now.a0)/4, (f.now.a1-f.now.b0)/16, (last+most)/most)
	out := make([]span, 0, last/stride+1)
	for b0 := last; b0 >= 0; b0 -= stride {
		if s := f.now.moved(b0 - f.now.b0); f.clean(s) {
			out = append(out, s)
		}
	}
	slices.Reverse(out)
	return out
}

// null is what the tests gave at the placements that had data.
type null struct {
	used   []span
	values [][]float64 // per test
	side   float64     // placements that fit side by side
	era    int         // index into used where the latest era begins
}

// nullOf asks the first tests at the candidates.
func nullOf(m machine, f *frame, candidates []span, tests int) null {
	n := null{values: make([][]float64, tests)}
	out := make([]float64, tests)
	n.used = make([]span, 0, len(candidates))
	for i := range n.values {
		n.values[i] = make([]float64, 0, len(candidates))
	}
	end := 0
	for _, s := range candidates {
		if !m.at(s, out) {
			continue
		}
		n.used = append(n.used, s)
		for i, v := range out {
			n.values[i] = append(n.values[i], v)
		}
		if s.b0 >= end {
			n.side++
			end = s.a1
		}
	}
	begin := 0 // the point after the last deployment or incident before "before"
	for i := f.now.b0 - 1; i >= 0; i-- {
		if f.dirty[i+1] != f.dirty[i] {
			begin = i + 1
			break
		}
	}
	n.era, _ = slices.BinarySearchFunc(n.used, begin, func(s span, b int) int { return s.b0 - b })
	return n
}

// sinceEra forgets what was before the latest era.
func (n *null) sinceEra() {
	n.side *= float64(len(n.used)-n.era) / float64(max(1, len(n.used)))
	n.used = n.used[n.era:]
	for i, v := range n.values {
		n.values[i] = v[n.era:]
	}
	n.era = 0
}

// scale is a null distribution boiled down: where it lies, how wide it is, on
// how many degrees of freedom.
type scale struct {
	sorted   []float64
	mid, sd  float64
	df       float64
	side     float64
	oneSided bool
}

// fewPast placements side by side are too few to let quantiles speak alone:
// a past that is mostly asleep would look far too calm.
const fewPast = 20

// measured takes the widest of what the middle half, 80, 90 and 98 % of the
// placements say, each only where some placements stand beyond it: heavy
// tails widen the scale instead of being dropped.
func measured(values []float64, side float64, oneSided bool) scale {
	sc := scale{side: side, oneSided: oneSided}
	sc.sorted = make([]float64, 0, len(values))
	for _, v := range values {
		if v == v {
			sc.sorted = append(sc.sorted, v)
		}
	}
	slices.Sort(sc.sorted)
	if len(sc.sorted) == 0 {
		return sc
	}
	sc.mid = quantileSorted(sc.sorted, 0.5)
	away := make([]float64, 0, len(sc.sorted))
	for _, v := range sc.sorted {
		switch {
		case !oneSided:
			away = append(away, math.Abs(v-sc.mid))
		case v >= sc.mid:
			away = append(away, v-sc.mid)
		}
	}
	slices.Sort(away)
	for _, r := range [...]struct{ p, z float64 }{{0.5, 0.6745}, {0.8, 1.2816}, {0.9, 1.6449}, {0.98, 2.3263}} {
		beyond := side * (1 - r.p)
		if oneSided {
			beyond /= 2
		}
		if r.p == 0.5 || beyond >= 1.5 {
			sc.sd = max(sc.sd, quantileSorted(away, r.p)/r.z)
		}
	}
	if side < fewPast && len(away) > 0 {
		square := 0.0
		for _, d := range away {
			square += d * d / float64(len(away))
		}
		sc.sd = max(sc.sd, math.Sqrt(square))
	}
	return sc
}

// p of a value under the null: the share of placements as far out, where
// enough of them are; else Student's t.
func (sc *scale) p(v float64) float64 {
	if v != v || sc.sd <= 0 || sc.df <= 0 {
		return 1
	}
	z := (v - sc.mid) / sc.sd
	byT := twoSided(z, sc.df)
	if sc.oneSided {
		byT = upper(z, sc.df)
	}
	if sc.side < enoughPast {
		return byT
	}
	beyond := 0
	if sc.oneSided {
		i, _ := slices.BinarySearch(sc.sorted, v-equal(v))
		beyond = len(sc.sorted) - i
	} else {
		d := math.Abs(v - sc.mid)
		d -= equal(d)
		for _, x := range sc.sorted {
			if math.Abs(x-sc.mid) >= d {
				beyond++
			}
		}
	}
	share := float64(beyond) / float64(len(sc.sorted))
	if share*sc.side >= 3 {
		return max(share, 1e-9)
	}
	return min(byT, 3/sc.side)
}

// within are the lower and upper bounds of what the null calls usual: its own
// quantiles where many placements stand behind them, never narrower than its
// scale says.
func (sc *scale) within(level float64) (lo, hi float64) {
	half := sc.sd * tQuantile((1-level)/2, max(1, sc.df))
	lo, hi = sc.mid-half, sc.mid+half
	if sc.side >= 40 {
		lo, hi = quantileSorted(sc.sorted, (1-level)/2), quantileSorted(sc.sorted, (1+level)/2)
	}
	return lo, hi
}

// blend holds the placements' scale against what the window itself says about
// its noise: with few placements the window leads, with many the past does.
func (sc *scale) blend(se, df float64, points int) {
	prior := min(4, df)
	if sc.side < enoughPast {
		prior = min(mostDF, df)
	}
	past := max(0, sc.side-1)
	if len(sc.sorted) == 0 {
		past = 0
	}
	if past+prior <= 0 {
		return
	}
	sc.sd = math.Sqrt((past*sc.sd*sc.sd + prior*se*se) / (past + prior))
	sc.df = max(1, min(lightest(sc.side, points), past+prior))
}
