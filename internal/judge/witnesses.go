package judge

import (
	"math"
	"slices"
)

const (
	tailFrom  = 0.9  // up to here the past's own shares speak; beyond it its tail, carried on exponentially
	leastTail = 0.15 // the least mean excess believed of one member, in its own units
	leastBoth = 1.0  // and of the witnesses's largest: −log p of a uniform p has excess one
)

// surprise is −log p of each value among the past ones (all but the last):
// their share where enough lie beyond, an exponential tail further out.
type surprise struct {
	sorted []float64
	from   float64
	excess float64
	heavy  float64 // the tail's weight falls as this power: the fewer placements, the heavier it may be
}

func newSurprise(values []float64, side, least float64, alone bool) surprise {
	s := surprise{sorted: slices.Clone(values[:len(values)-1]), heavy: max(2, side/2)}
	if alone {
		s.heavy = 1e6 // the family's tail is what counts
	}
	slices.Sort(s.sorted)
	s.from = quantileSorted(s.sorted, tailFrom)
	n := 0.0
	for i := len(s.sorted) - 1; i >= 0 && s.sorted[i] > s.from; i-- {
		s.excess += s.sorted[i] - s.from
		n++
	}
	if n > 0 {
		s.excess /= n
	}
	// What few placements say of the tail is held against what the middle says
	// of it, for a normal one.
	few := (1 - tailFrom) * side
	bulk := 0.45 * (s.from - quantileSorted(s.sorted, 0.5))
	s.excess = max(least, s.excess, (few*s.excess+2*bulk)/(few+2))
	return s
}

func (s *surprise) of(x float64) float64 {
	if x > s.from {
		return -math.Log(1-tailFrom) + s.heavy*math.Log1p((x-s.from)/s.excess/s.heavy)
	}
	i, _ := slices.BinarySearch(s.sorted, x)
	return -math.Log(max(1-tailFrom, 1-float64(i)/float64(len(s.sorted))))
}

// needed is the value at which of reaches y.
func (s *surprise) needed(y float64) float64 {
	return s.from + s.excess*s.heavy*math.Expm1(max(0, y+math.Log(1-tailFrom))/s.heavy)
}

// witnesses holds all members against the own past: each by itself, then the most
// surprised of them, so that asking many questions costs no more than it has to.
type witnesses struct {
	each  [][]float64 // per member: −log p at every place
	alone []surprise
	most  surprise
	total float64 // −log p of the release
}

func newWitnesses(values [][]float64, side float64) *witnesses {
	n := len(values[0])
	f := &witnesses{each: make([][]float64, len(values)), alone: make([]surprise, len(values))}
	largest := make([]float64, n)
	for k, vs := range values {
		f.alone[k] = newSurprise(vs, side, leastTail, true)
		f.each[k] = make([]float64, n)
		for i, v := range vs {
			x := f.alone[k].of(v)
			f.each[k][i] = x
			largest[i] = max(largest[i], x)
		}
	}
	f.most = newSurprise(largest, side, leastBoth, false)
	f.total = f.most.of(largest[n-1])
	return f
}

// now is −log p of the release by one member alone.
func (f *witnesses) now(k int) float64 { return f.each[k][len(f.each[k])-1] }
