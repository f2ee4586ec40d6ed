package judge

import (
	"math"
	"time"
)

// since is when it began and, where it has, when it passed, at the finest
// resolution there is. Only ways in the effect's own direction count: where a
// fault is over before the look ends, the larger step is the one back.
func (a *asked) since(r *Result, x *finding) {
	f, s := &a.fine, a.fine.now
	r.Since = f.time(s.a0)
	if x.shape == Spread || !r.Short && r.P > neverCalled {
		return
	}
	sign := 0
	switch {
	case x.shift > 0:
		sign = 1
	case x.shift < 0:
		sign = -1
	}
	y := a.detail.values(s.b0, s.a1)
	at, rss, fit := onset(y, f.exposed-s.b0, sign)
	if fit == nil {
		return
	}
	if begin, end, left, ok := passed(y, f.exposed-s.b0, sign); ok && surely(len(y), rss, left) {
		at, rss = begin, left
		r.Until = f.time(s.b0 + end)
	} else if g, ok := a.m.(*gauge); ok && x.shape == Spike {
		_, at := g.peak(a.f.now)
		r.Since = a.f.time(at)
		return
	}
	r.Since = later(f.time(s.b0+at), a.q.Exposed, a.q.From)
	early, better, fit := onset(y, max(1, (s.b1-s.b0)/8), sign)
	if fit != nil && s.b0+early < s.b1-2 && surely(len(y), rss, better) {
		r.Earlier = f.time(s.b0 + early)
	}
}

// surely says whether one fit is clearly better than another: by far more than
// its freedom alone would make it.
func surely(points int, rss, better float64) bool {
	n := float64(points)
	return better >= 0 && n*math.Log((rss+1e-12)/(better+1e-12)) > 12+2*math.Log(n)
}

// later is the beginning, but not the part of its point that lies before the
// exposure.
func later(began, exposed, from time.Time) time.Time {
	if exposed.IsZero() || exposed.After(from) {
		exposed = from
	}
	if began.Before(exposed) {
		return exposed
	}
	return began
}

// passed is the best fit of "level, another level from begin to end, and the
// first level again", the other one in the direction of sign. ok says that
// there is one and that what follows its end really is about as before.
func passed(y []float64, from, sign int) (begin, end int, rss float64, ok bool) {
	small, k := averaged(y)
	z := smooth(small)
	n, from := len(z), from/k
	sum, have := make([]float64, n+1), make([]float64, n+1)
	for i, v := range z {
		sum[i+1], have[i+1] = sum[i], have[i]
		if v == v {
			sum[i+1] += v
			have[i+1]++
		}
	}
	seen := have[n]
	tail := max(3, seen/50) // shorter quiet at the end is a lull, not an end
	if sign == 0 || seen < 12 || from < 1 {
		return 0, 0, 0, false
	}
	mean, yy := sum[n]/seen, 0.0
	for _, v := range z {
		if v == v {
			yy += (v - mean) * (v - mean)
		}
	}
	gain := 0.0
	for b := from; b < n; b++ {
		for e := b + 2; e < n; e++ {
			in := have[e] - have[b]
			if in < 2 || have[n]-have[e] < tail {
				continue
			}
			d := (sum[e]-sum[b])/in - mean
			if d*float64(sign) <= 0 {
				continue
			}
			if g := d * d * in * seen / (seen - in); g > gain {
				gain, begin, end = g, b, e
			}
		}
	}
	if gain == 0 {
		return 0, 0, 0, false
	}
	mid := func(lo, hi int) float64 { return (sum[hi] - sum[lo]) / max(1, have[hi]-have[lo]) }
	before, during, since := mid(0, from), mid(begin, end), mid(end, n)
	if have[from] == 0 || math.Abs(since-before) > math.Abs(during-before)/3 {
		return 0, 0, 0, false
	}
	return begin * k, end * k, max(0, yy-gain), true
}
