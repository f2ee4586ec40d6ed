package judge

import (
	"math"
	"slices"
	"time"
)

// bandLevel is how much of the own past lies within the band.
const bandLevel = 0.95

// plain is the picture without a band: the series from the start of before.
func plain(a *asked) Band {
	s := a.fine.now
	b := Band{Start: a.fine.time(s.b0), Step: a.fine.step, V: a.detail.values(s.b0, s.a1)}
	for i, y := range b.V {
		if y == y {
			b.V[i] = a.detail.unit(s.b0+i, y)
		}
	}
	return b
}

// band adds the range of the own past: how far single points lie from the
// level before, at one moment of every placement (or, without a past, within
// before itself), around this release's level before and the time of day.
func band(a *asked, used []span) Band {
	b := plain(a)
	if len(used) > 0 {
		b.Past = a.f.time(a.f.now.b0).Sub(a.f.time(used[0].b0))
	}
	f, m := &a.fine, a.detail
	var away []float64
	if m == a.m {
		for k, s := range used {
			i := s.a0 + k%(s.a1-s.a0)
			if y := m.values(i, i+1)[0]; y == y {
				away = append(away, y-m.centre(s))
			}
		}
	}
	if len(away) < 20 {
		away = away[:0]
		c := m.centre(f.now)
		for _, y := range m.values(f.now.b0, f.now.b1) {
			if y == y {
				away = append(away, y-c)
			}
		}
	}
	if len(away) < 5 {
		return b
	}
	slices.Sort(away)
	lo, hi := quantileSorted(away, (1-bandLevel)/2), quantileSorted(away, (1+bandLevel)/2)
	c := m.centre(f.now)
	b.Low, b.High = make([]float64, len(b.V)), make([]float64, len(b.V))
	for i := range b.V {
		at := f.now.b0 + i
		b.Low[i], b.High[i] = m.unit(at, c+lo), m.unit(at, c+hi)
		if !finite(b.Low[i]) || !finite(b.High[i]) {
			b.Low[i], b.High[i] = math.NaN(), math.NaN()
		}
	}
	b.Seasonal = m.seasonal()
	b.Weekly = b.Seasonal && time.Duration(f.now.b0)*f.step >= weekShape
	return b
}
