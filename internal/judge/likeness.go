package judge

import (
	"math"
	"slices"
)

// Likeness asks what after is worth under what the series usually does. All
// its members are logarithms of likelihood ratios or sums of innovations, each
// taken at the release and at many moments of the own past; how unusual the
// release is among them is the answer (witnesses.go).

const (
	mostMoments   = 160 // of the own past: more add time but hardly knowledge
	fewestMoments = 100 // of a short past, so far as they begin at moments of their own
	fewSides      = 4   // fewer windows side by side are no past
	fewMoments    = 20  // fewer say nothing about tails
	mostPoints    = 96  // of after: a longer one is averaged down first
	shiftsASide   = 9
	leastShift    = 0.03 // on the log scale
	mostShift     = 1.2
	innovationCut = 4.0
	wilder        = 1.5 // how much wilder the time since the last deployment has to be to be the past alone
	seasonPays    = 0.8 // the time of day is taken off where it leaves at most this of the spread
)

// The members of the family.
const (
	byShift   = iota // another level, all of after
	byLate           // another level, from a quarter of after on
	byLast           // another level, the last quarter
	byStrange        // values that were rare
	byPulse          // three neighbours at another level
	byPeak           // two neighbours far from before
	byJump           // another level, memory taken out
	byBurst          // up to three neighbours off, memory taken out
	members
)

// likeness is a series made ready: its values that are there, in order,
// without those between before and after.
type likeness struct {
	v      []float64 // level scale
	r      []float64 // season removed
	at     []int32   // the grid point of each
	now    int       // after begins here
	memory *Memory
	gap    int // values that were left out between before and after
	nb, m  int
	places []int // where after begins; the last is the release
	side   float64
	wild   bool // the time since the last deployment or incident alone is the past

	past *density
	bins []int32
	phi  []float64
	e    []float64 // innovations in their usual size
	size float64   // that size

	values   [members][]float64 // per member and place
	shift    [3]float64         // the likeliest shifts of all of after, its later part, its last
	moved    []float64          // per place: the likeliest shift, roughly; 0 where none is likelier
	steps    []float64          // per place: what byJump estimates the shift to be
	jump     float64            // what byJump gains per unit of shift
	peak     float64            // how far two neighbours stand out
	restless float64            // the usual innovation of after, in that of before
	gain     [3]float64         // what they gain
	fits     fits
}

// newLikeness is nil where the past is too short; wild says that it is so
// because only the time since the last deployment or incident is like now.
func newLikeness(g *gauge, f *frame, memory *Memory) (l *likeness, wild bool) {
	s := f.now
	l = &likeness{memory: memory, r: memory.floats.of(s.a1)[:0], at: memory.ints.of(s.a1)[:0]}
	if g.season != nil {
		l.v = memory.floats.of(s.a1)[:0]
	}
	for i := range g.y[:s.a1] {
		if i == s.b1 {
			l.now = len(l.r)
		}
		if y := g.y[i]; y == y {
			if i >= s.b1 && i < s.a0 {
				l.gap++
				continue
			}
			l.r = append(l.r, y)
			if g.season != nil {
				l.v = append(l.v, y+g.season[i])
			}
			l.at = append(l.at, int32(i))
			if i >= s.a0 {
				l.m++
			}
			if i >= s.b0 && i < s.b1 {
				l.nb++
			}
		}
	}
	l.now = len(l.r) - l.m
	if g.season == nil {
		l.v = l.r
	}
	l.shorten()
	if l.m < 2 || l.nb < 3 || l.now < l.nb+l.m {
		return nil, false
	}
	if l.moments(f); len(l.places) <= fewMoments || l.side < fewSides {
		return nil, l.wild
	}
	if g.season == nil || usual(l.r[:l.now]) >= seasonPays*usual(l.v[:l.now]) {
		return l, l.wild
	}
	l.v = l.r
	return l, l.wild
}

func usual(xs []float64) float64 {
	ys := slices.Clone(xs)
	return deviation(xs, median(ys))
}

// shorten averages neighbours where after has very many.
func (l *likeness) shorten() {
	k := (l.m + mostPoints - 1) / mostPoints
	if k = min(k, l.nb/3); k < 2 {
		return
	}
	mean := func(lo int) (v, r float64) {
		for i := lo; i < lo+k; i++ {
			v += l.v[i] / float64(k)
			r += l.r[i] / float64(k)
		}
		return v, r
	}
	w, first := 0, l.now%k
	for lo := first; lo+k <= len(l.v); lo += k {
		v, r := mean(lo) // both, before either is written: they may be one
		l.v[w], l.r[w], l.at[w] = v, r, l.at[lo]
		w++
	}
	l.v, l.r, l.at = l.v[:w], l.r[:w], l.at[:w]
	l.now, l.m, l.nb, l.gap = l.now/k, w-l.now/k, l.nb/k, l.gap/k
}

// moments are the places of the own past: windows of as many values, closed
// enough in time, none touching a deployment or incident, none reaching into
// the release's own windows.
func (l *likeness) moments(f *frame) {
	whole := l.nb + l.gap + l.m
	last := l.now - l.nb - l.m
	first := l.nb + l.gap
	if last < first {
		return
	}
	most := clamp(4*l.now/whole, fewestMoments, clamp(mostMoments*24/l.m, mostMoments, 4*mostMoments))
	stride := max(1, l.m/4, whole/16, (last-first+most)/most)
	longest := 2 * (f.now.a1 - f.now.b0)
	end := math.MinInt
	l.places = make([]int, 0, (last-first)/stride+2)
	for i := first + (last-first)%stride; i <= last; i += stride {
		lo, hi := int(l.at[i-l.gap-l.nb]), int(l.at[i+l.m-1])+1
		if hi-lo > longest || f.dirty[hi] != f.dirty[lo] {
			continue
		}
		l.places = append(l.places, i)
		if i-l.gap-l.nb >= end {
			l.side++
			end = i + l.m
		}
	}
	l.places = append(l.places, l.now)
	l.eraAlone(f)
}

// eraAlone drops moments from before the last deployment or incident where the
// time since then is more than wilder times as wild: that past is no longer
// what the release comes after.
func (l *likeness) eraAlone(f *frame) {
	era := f.now.b0
	for era > 0 && f.dirty[era] == f.dirty[era-1] {
		era--
	}
	if era == 0 || era == f.now.b0 {
		return
	}
	from, _ := slices.BinarySearch(l.at, int32(era))
	if l.wild = l.now-from >= l.nb && usual(l.r[from:l.now]) > wilder*usual(l.r[:from]); !l.wild {
		return
	}
	kept, end := l.places[:0], math.MinInt
	l.side = 0
	for _, i := range l.places {
		if i-l.gap-l.nb < from {
			continue
		}
		kept = append(kept, i)
		if i-l.gap-l.nb >= end && i != l.now {
			l.side++
			end = i + l.m
		}
	}
	l.places = kept
}

// weigh fills in what every member says at every place.
func (l *likeness) weigh() {
	scratch := l.memory.floats.of(l.now)
	n := len(l.places)
	all := l.memory.floats.of((members + 2) * n)
	row := func(k int) []float64 { return all[k*n : (k+1)*n : (k+1)*n] }
	for k := range l.values {
		l.values[k] = row(k)
	}
	l.moved, l.steps = row(members), row(members+1)
	l.past = newDensity(l.v, l.now, scratch, l.memory)
	l.bins = l.past.bins
	l.innovate(scratch)
	x := newWeigher(l)
	for n, i := range l.places {
		x.place(n, i)
		x.whitened(n, i)
	}
	l.restless = x.restless()
}

// innovate takes the memory out.
func (l *likeness) innovate(scratch []float64) {
	mid := median(thinned(scratch, l.r[:l.now]))
	x := l.memory.floats.of(len(l.r))
	for i, v := range l.r {
		x[i] = v - mid
	}
	l.phi, l.e = memory(x[:l.now], scratch), x
	filter(x, l.phi)
	mid, size := within(l.e[len(l.phi):l.now], scratch)
	l.size = max(1e-3, size)
	for i := len(l.phi); i < len(l.e); i++ {
		l.e[i] = (l.e[i] - mid) / l.size
	}
}

// enoughToKnow values tell what is usual as well as all do.
const enoughToKnow = 500

// thinned is every so-many-th of xs, in scratch where it has the room.
func thinned(scratch, xs []float64) []float64 {
	k := 1 + (len(xs)-1)/(2*enoughToKnow)
	scratch = scratch[:0]
	for i := len(xs) % k; i < len(xs); i += k {
		scratch = append(scratch, xs[i])
	}
	return scratch
}

// within is the middle of xs and how far from it two in three lie.
func within(xs, scratch []float64) (mid, size float64) {
	few := thinned(scratch, xs)
	mid = median(few)
	for i, v := range few {
		few[i] = math.Abs(v - mid)
	}
	return mid, kth(few, min(len(few)-1, int(0.68*float64(len(few)))))
}
