package judge

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// The second null: the same look after the service's earlier releases. Some
// services show the same bump each time (cold caches, processes that start);
// held against quiet moments that is a change, held against other releases it
// is none.

// enoughReleases is how many earlier releases must have data before they say
// what is usual.
const enoughReleases = 8

// neverCalled is a p that no budget calls anything: what is no change needs no
// second null.
const neverCalled = 0.1

// alone begins what is said where the releases are the only null; it takes the
// place of what a short past says.
const alone = "it ships too often for quiet moments of its own"

// againstReleases says whether a result is usual after a deployment. Where the
// service ships too often for quiet moments side by side, what its releases show
// is all there is to hold it against.
func againstReleases(q *Question, r *Result) {
	if !r.Tell || len(q.Releases) < enoughReleases || !r.Short && r.P > neverCalled {
		return
	}
	now, past := afterReleases(q, r.Shape)
	n := float64(len(past))
	if len(past) < enoughReleases || now != now {
		return
	}
	r.Releases = len(past)
	mid, sd := centred(past)
	sd *= math.Sqrt(1 + 1/n) // of one more
	most := tQuantile(0.025, n-1) * sd
	r.Usual = now > 0 && now <= mid+most || now < 0 && now >= mid-most
	if r.Shape == Spread || r.Shape == Spike { // only large values are unusual
		r.Usual = now <= mid+most
	}
	if !r.Short {
		return
	}
	if r.Shape == Level || r.Shape == Ramp {
		r.Short = false
		r.P = min(1, 2*twoSided((now-mid)/sd, n-1)) // level and later beginnings
		r.Smallest = sizeOf(q, r, (tQuantile(q.Alpha/4, n-1)+0.85)*sd)
		r.Warnings = slices.DeleteFunc(r.Warnings, func(w string) bool { return strings.Contains(w, "held against the time just before only") })
		r.Warnings = append(r.Warnings, fmt.Sprintf("%s: held against its last %d releases alone", alone, len(past)))
	}
	tidy(r)
}

// sizeOf turns a shift on the judged scale into an effect as the result has it.
func sizeOf(q *Question, r *Result, shift float64) float64 {
	if r.Relative {
		return math.Expm1(shift)
	}
	return max(0, byOdds(max(r.Before, 1/float64(max(2, r.N))), shift)-r.Before)
}

// centred is the centre of what releases show and how far they spread around it,
// such that one bad release among eight is not what is usual.
func centred(xs []float64) (mid, sd float64) {
	mid = median(slices.Clone(xs))
	away := make([]float64, len(xs))
	for i, x := range xs {
		away[i] = math.Abs(x - mid)
	}
	slices.Sort(away)
	return mid, max(1e-3, quantileSorted(away, 0.5)/0.6745, quantileSorted(away, 0.75)/1.1503)
}

// afterReleases are a look's statistic of one shape now and after each earlier
// release, where at least half of the points are there; what reaches into the
// time after this release is left out.
func afterReleases(q *Question, shape Shape) (now float64, past []float64) {
	steps, ok := stepwise(*q)
	if !ok {
		return math.NaN(), nil
	}
	s := &steps.Series
	f, ok := frameOf(s.Start, s.Step, points(&steps), &steps)
	if !ok || f.now.a1 <= f.now.a0 {
		return math.NaN(), nil
	}
	f.mark(steps.Past, new(Memory))
	l := newLooking(&steps, &f)
	now = l.at(f.now, shape)
	for _, at := range q.Releases {
		by := q.From.Sub(at)
		if by <= 0 || by > longest {
			continue
		}
		p := f.now.moved(-int((by + f.step/2) / f.step))
		if p.b0 < 0 || p.a1 > f.now.b1 {
			continue
		}
		if v := l.at(p, shape); v == v {
			past = append(past, v)
		}
	}
	return now, past
}

// looking is a series as it is looked at after each release.
type looking struct {
	share bool
	s     Series
	y     []float64 // log, season removed; of a share the logit per point
	b, a  []float64 // scratch
}

func newLooking(q *Question, f *frame) *looking {
	cut := func(xs []float64) []float64 { return xs[min(f.skip, len(xs)):min(f.skip+f.n, len(xs))] }
	l := &looking{share: q.Kind == Share, s: q.Series, y: make([]float64, f.n)}
	l.s.V, l.s.Num, l.s.Den = cut(q.Series.V), cut(q.Series.Num), cut(q.Series.Den)
	eps := 0.0
	if !l.share {
		positive := slices.DeleteFunc(slices.Clone(l.s.V), func(v float64) bool { return !finite(v) || v <= 0 })
		if len(positive) < len(l.s.V) {
			eps = 0.02 * median(positive) // as the judge does where there are zeros
		}
	}
	for i := range l.y {
		if l.y[i] = value(l.share, &l.s, i); !l.share && eps > 0 && finite(l.s.V[i]) && l.s.V[i] >= 0 {
			l.y[i] = math.Log(l.s.V[i] + eps)
		}
	}
	if !l.share {
		for i, v := range profile(l.y, f) {
			l.y[i] -= v
		}
	}
	return l
}

func (l *looking) at(p span, shape Shape) float64 {
	l.b, l.a = present(l.b, l.y[p.b0:p.b1]), present(l.a, l.y[p.a0:p.a1])
	if 2*len(l.b) < max(4, p.b1-p.b0) || 2*len(l.a) < max(2, p.a1-p.a0) {
		return math.NaN()
	}
	if l.share {
		return pooledLogit(&l.s, &l.s, p.a0, p.a1) - pooledLogit(&l.s, &l.s, p.b0, p.b1)
	}
	switch shape {
	case Spike:
		mid, most := median(slices.Clone(l.a)), 0.0
		for _, x := range l.a {
			most = max(most, math.Abs(x-mid))
		}
		return math.Log(most + 1e-3)
	case Spread:
		return math.Log((deviation(l.a, median(slices.Clone(l.a))) + 1e-3) / (deviation(l.b, median(slices.Clone(l.b))) + 1e-3))
	}
	return mean(l.a) - mean(l.b)
}

func mean(xs []float64) float64 {
	sum := 0.0
	for _, x := range xs {
		sum += x
	}
	return sum / float64(len(xs))
}
