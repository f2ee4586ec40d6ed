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
	limit  float64 // from, and what is the same but for rounding
	excess float64
	heavy  float64 // one over the tail's shape: the smaller the heavier
}

// byItself is a member by itself: no more than a common scale for the family, whose tail is
// what counts.
const byItself = 1e6

func newSurprise(values []float64, least, heavy float64) surprise {
	s := surprise{sorted: slices.Clone(values[:len(values)-1])}
	slices.Sort(s.sorted)
	s.fit(least, heavy)
	return s
}

// fit learns the tail from the sorted past.
func (s *surprise) fit(least, heavy float64) {
	s.heavy = heavy
	s.share = s.usualShare()
	s.from = quantileSorted(s.sorted, 1-s.share)
	s.limit = s.from + equal(s.from)
	count, square := 0.0, 0.0
	for i := len(s.sorted) - 1; i >= 0 && s.sorted[i] > s.limit; i-- {
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
}

// equal is how far values lie apart at most that are the same but for rounding:
// the same windows of a past give the same values only to that.
func equal(x float64) float64 { return asGood * (1 + math.Abs(x)) }

func (s *surprise) of(x float64) float64 {
	if x > s.limit {
		return s.beyond(x)
	}
	i, _ := slices.BinarySearch(s.sorted, x-equal(x))
	return -math.Log(max(s.share, 1-float64(i)/float64(len(s.sorted))))
}

func (s *surprise) beyond(x float64) float64 {
	return -math.Log(s.share) + s.heavy*math.Log1p((x-s.from)/s.excess/s.heavy)
}

// usualShare is how much of a past makes its tail.
func (s *surprise) usualShare() float64 { return min(1-tailFrom, beyond/float64(len(s.sorted))) }

// needed is the value at which of reaches y.
func (s *surprise) needed(y float64) float64 {
	return s.from + s.excess*s.heavy*math.Expm1(max(0, y+math.Log(s.share))/s.heavy)
}

// witnesses holds all members against the own past: each by itself, then the most
// surprised of them, so that asking many questions costs no more than it has to.
type witnesses struct {
	alone [members]surprise
	last  [members]float64 // −log p of the release by each alone
	most  surprise
	total float64 // −log p of the release
}

func newWitnesses(values *[members][]float64, side float64) *witnesses {
	n := len(values[0])
	past := n - 1
	f := &witnesses{}
	largest, room := make([]float64, n), make([]float64, members*past)
	order, logs := make([]uint64, n), make([]float64, n)
	share := (&surprise{sorted: room[:past]}).usualShare()
	for i := range logs {
		logs[i] = -math.Log(max(share, 1-float64(i)/float64(past)))
	}
	for k, vs := range values {
		s := &f.alone[k]
		s.sorted = room[k*past : k*past : (k+1)*past]
		inOrder(vs, order)
		for _, o := range order {
			if i := int(o & placeMask); i < past {
				s.sorted = append(s.sorted, vs[i])
			}
		}
		s.fit(leastTail, byItself)
		lower := 0
		for _, o := range order {
			i := int(o & placeMask)
			x := vs[i]
			var y float64
			if x > s.limit {
				y = s.beyond(x)
			} else {
				for least := x - equal(x); lower < past && s.sorted[lower] < least; {
					lower++
				}
				y = logs[lower]
			}
			largest[i] = max(largest[i], y)
			if i == past {
				f.last[k] = y
			}
		}
	}
	f.most = newSurprise(largest, leastBoth, max(2, side/4))
	f.total = f.most.of(largest[past])
	return f
}

// now is −log p of the release by one member alone.
func (f *witnesses) now(k int) float64 { return f.last[k] }

// placeMask are the bits of a value that say its place instead, so that sorting
// numbers sorts places: what is lost is less than what counts as equal.
const placeMask = 1<<12 - 1

// inOrder puts the places of values into order, the place in the lowest bits.
func inOrder(values []float64, order []uint64) {
	for i, v := range values {
		b := math.Float64bits(v)
		if b>>63 != 0 {
			b = ^b
		} else {
			b |= 1 << 63
		}
		order[i] = b&^placeMask | uint64(i)
	}
	slices.Sort(order)
}
