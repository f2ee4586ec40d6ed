package judge

import (
	"math"
	"slices"
)

const (
	tailFrom   = 0.9  // up to here the past's own shares speak; beyond it its tail, carried on exponentially
	beyond     = 24   // of a long past at most so many make the tail
	leastShape = 0.15 // a tail as light as an exponential is not believed of few
	leastTail  = 0.15 // the least mean excess believed of one member, in its own units
	leastBoth  = 1.0  // and of the witnesses's largest: −log p of a uniform p has excess one
)

// surprise is −log p of each value among the past ones (all but the last):
// their share where enough lie beyond, further out a generalised Pareto tail
// (Pickands 1975), whose weight is learnt but never believed to be light.
type surprise struct {
	sorted []float64
	share  float64 // of the past that lies beyond from
	from   float64
	excess float64
	heavy  float64 // one over the tail's shape: the smaller the heavier
}

// byItself is a member by itself: no more than a common scale for the family, whose tail is
// what counts.
const byItself = 1e6

func newSurprise(values []float64, least, heavy float64) surprise {
	s := surprise{sorted: slices.Clone(values[:len(values)-1]), heavy: heavy}
	slices.Sort(s.sorted)
	n := float64(len(s.sorted))
	s.share = min(1-tailFrom, beyond/n)
	s.from = quantileSorted(s.sorted, 1-s.share)
	count, square := 0.0, 0.0
	for i := len(s.sorted) - 1; i >= 0 && s.sorted[i] > s.from; i-- {
		x := s.sorted[i] - s.from
		s.excess += x
		square += x * x
		count++
	}
	if count > 0 {
		s.excess /= count
		square /= count
	}
	if heavy < byItself {
		// By moments, held against a prior as if half as many had been seen.
		shape := leastShape
		if v := square - s.excess*s.excess; v > 0 {
			shape = (count*max(0, (1-s.excess*s.excess/v)/2) + beyond/2*leastShape) / (count + beyond/2)
		}
		s.heavy = min(heavy, 1/max(leastShape, shape))
	}
	s.excess = max(least, s.excess)
	return s
}

func (s *surprise) of(x float64) float64 {
	if x > s.from {
		return -math.Log(s.share) + s.heavy*math.Log1p((x-s.from)/s.excess/s.heavy)
	}
	i, _ := slices.BinarySearch(s.sorted, x)
	return -math.Log(max(s.share, 1-float64(i)/float64(len(s.sorted))))
}

// needed is the value at which of reaches y.
func (s *surprise) needed(y float64) float64 {
	return s.from + s.excess*s.heavy*math.Expm1(max(0, y+math.Log(s.share))/s.heavy)
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
		f.alone[k] = newSurprise(vs, leastTail, byItself)
		f.each[k] = make([]float64, n)
		for i, v := range vs {
			x := f.alone[k].of(v)
			f.each[k][i] = x
			largest[i] = max(largest[i], x)
		}
	}
	f.most = newSurprise(largest, leastBoth, max(2, side/4))
	f.total = f.most.of(largest[n-1])
	return f
}

// now is −log p of the release by one member alone.
func (f *witnesses) now(k int) float64 { return f.each[k][len(f.each[k])-1] }
