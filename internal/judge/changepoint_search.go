package judge

import (
	"math"
	"slices"
)

// family is a kind of data with its noise known: it can say how likely a
// stretch is that keeps one level, the level itself integrated out over its
// prior. All are logarithms, up to a constant that every segmentation shares.
type family interface {
	// row puts the likelihood of [from[i], t) into out[i].
	row(t int, from []int, out []float64)
	one(s, t int) float64
	// level is what [s, t) says of its level: on the family's own scale, the
	// middle and its standard deviation.
	level(s, t int) (middle, sd float64)
}

// The prior. Nobody acts upon a level that holds for less than a week of days,
// and a change may come at any place.
const (
	shortest = 7    // points a level must hold
	near     = 5    // a change is told where it most likely lies within so many points: a week
	faint    = 40   // places e^40 times less likely than the likeliest count for nothing
	tried    = 1500 // places tried; longer series are searched on a coarser grid and refined
)

// search finds the likeliest segmentation: exact dynamic programming over all
// of them (Auger and Lawrence 1989; Jackson et al. 2005).
type search struct {
	f       family
	n       int
	most    int     // places tried
	penalty float64 // what one more change costs
	first   float64 // what the first one costs beside
	from    []int
	best    []float64
	prev    []int
	scores  []float64
}

func newSearch(n int) *search {
	buf := make([]float64, 2*(n+1))
	ints := make([]int, 2*(n+1))
	return &search{n: n, most: tried, first: firstCost, best: buf[:n+1], scores: buf[n+1:], prev: ints[:n+1], from: ints[n+1 : n+1]}
}

// sketch is run at every second place: a quarter of the work, for what is only
// learnt from.
func (s *search) sketch(f family, penalty float64) []int {
	most := s.most
	s.most = min(most, (s.n+1)/2)
	cuts := s.run(f, penalty)
	s.most = most
	return cuts
}

// run gives the first points of all levels but the first.
func (s *search) run(f family, penalty float64) []int {
	s.f, s.penalty = f, penalty
	penalty -= spreadOut
	step := (s.n + s.most - 1) / s.most
	s.from = append(s.from[:0], 0)
	s.best[0], s.prev[0] = penalty, 0
	ready := shortest // the next place that may become a beginning
	for t := shortest; ; t += step {
		if t > s.n-shortest {
			t = s.n
		}
		for ready <= t-shortest {
			s.from = append(s.from, ready)
			ready += step
		}
		f.row(t, s.from, s.scores)
		top, at := math.Inf(-1), 0
		for i, b := range s.from {
			if v := s.best[b] + s.scores[i]; v > top {
				top, at = v, b
			}
		}
		s.best[t], s.prev[t] = top-penalty, at
		if t == s.n {
			break
		}
	}
	var cuts []int
	for t := s.prev[s.n]; t > 0; t = s.prev[t] {
		cuts = append(cuts, t)
	}
	slices.Reverse(cuts)
	return cuts
}

// place is what the data say of one change between its neighbours: how likely
// it is at all, and where.
type place struct {
	at, low, high int
	probability   float64
	likeliest     int
	spread        float64 // by how much all places together are likelier than the likeliest
}

// between weighs every place for one change inside (a, b), and none.
func (s *search) between(a, b int) place {
	lo, hi := a+shortest, b-shortest
	if hi < lo {
		return place{at: (a + b) / 2, low: a, high: b, likeliest: (a + b) / 2}
	}
	w := s.scores[:hi-lo+1]
	top, p := math.Inf(-1), place{}
	for t := lo; t <= hi; t++ {
		w[t-lo] = s.f.one(a, t) + s.f.one(t, b)
		if w[t-lo] > top {
			top, p.likeliest = w[t-lo], t
		}
	}
	sum := 0.0
	for i, x := range w {
		w[i] = 0
		if x > top-faint {
			w[i] = math.Exp(x - top)
			sum += w[i]
		}
	}
	none := s.f.one(a, b) - top + s.penalty
	p.probability, p.spread = 1/(1+math.Exp(none)/sum), math.Log(sum)
	p.at = lo + nearest(w)
	p.low, p.high = lo, hi
	below := 0.0
	for i, x := range w {
		below += x
		if below < 0.05*sum {
			p.low = lo + i + 1
		}
		if below < 0.95*sum {
			p.high = lo + i + 1
		}
	}
	p.low, p.high = min(p.low, p.at), min(max(p.high, p.at), hi)
	return p
}

// nearest is the place that most likely lies near the truth: being off by more
// than near is a miss, by less the smaller the closer.
func nearest(w []float64) int {
	best, at := -1.0, 0
	for i := range w {
		sum := w[i]
		for d := 1; d <= near; d++ {
			k := 1 - float64(d*d*d*d)/((near+1)*(near+1)*(near+1)*(near+1))
			if i >= d {
				sum += k * w[i-d]
			}
			if i+d < len(w) {
				sum += k * w[i+d]
			}
		}
		if sum > best {
			best, at = sum, i
		}
	}
	return at
}

// settle weighs each change given its neighbours and takes the least likely
// one away until all that are left are likely enough.
func (s *search) settle(cuts []int, enough float64) []place {
	cuts = slices.Clone(cuts)
	places := make([]place, len(cuts))
	for i := range cuts {
		places[i] = s.between(s.neighbours(cuts, i))
	}
	for {
		least := -1
		for i, p := range places {
			if p.probability < enough && (least < 0 || p.probability < places[least].probability) {
				least = i
			}
		}
		if least < 0 {
			return places
		}
		cuts, places = slices.Delete(cuts, least, least+1), slices.Delete(places, least, least+1)
		for i := max(0, least-1); i <= least && i < len(cuts); i++ {
			places[i] = s.between(s.neighbours(cuts, i))
		}
	}
}

func (s *search) neighbours(cuts []int, i int) (a, b int) {
	b = s.n
	if i > 0 {
		a = cuts[i-1]
	}
	if i+1 < len(cuts) {
		b = cuts[i+1]
	}
	return a, b
}
