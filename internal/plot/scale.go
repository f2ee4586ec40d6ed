package plot

import (
	"math"
	"strconv"
)

// huge is the largest magnitude drawn; beyond it a value is a gap, so that no
// difference of two values can overflow.
const huge = 1e300

func finite(v float64) bool { return math.Abs(v) <= huge } // false for NaN

// nothing is the largest magnitude that is drawn as zero.
const nothing = 1e-12

// span is the range of values that a picture shows.
type span struct{ lo, hi float64 }

// spanOf finds the range of what is drawn. The line always fits; a band or an
// interval may be cut where it would flatten the line.
func spanOf(line []float64, around ...float64) (span, bool) {
	s := span{math.Inf(1), math.Inf(-1)}
	for _, v := range line {
		if finite(v) {
			s.lo, s.hi = min(s.lo, v), max(s.hi, v)
		}
	}
	known := s.lo <= s.hi
	reach := math.Inf(1)
	if known {
		reach = max(2*(s.hi-s.lo), math.Abs(s.hi)*0.25)
	}
	line0 := s
	for _, v := range around {
		if !finite(v) {
			continue
		}
		if known {
			v = min(max(v, line0.lo-reach), line0.hi+reach)
		}
		s.lo, s.hi = min(s.lo, v), max(s.hi, v)
	}
	if s.lo > s.hi {
		return span{0, 1}, false
	}
	return s.padded(), true
}

// padded leaves air above and below, and begins at zero where zero is near:
// a tenth of a percent more should not look like a cliff.
func (s span) padded() span {
	if max(math.Abs(s.hi), math.Abs(s.lo)) < nothing {
		return span{0, 1} // all zero: a line at the foot of one whole unit, or of one per cent
	}
	d := s.hi - s.lo
	if least := max(math.Abs(s.hi), math.Abs(s.lo)) * 0.04; d <= least || d == 0 {
		d = max(least, nothing)
		mid := s.lo/2 + s.hi/2
		lo0 := s.lo
		s = span{mid - d, mid + d}
		if lo0 >= 0 {
			s.lo = max(s.lo, 0)
		}
		return s
	}
	p := span{s.lo - d*0.08, s.hi + d*0.08}
	if s.lo >= 0 && (s.lo < s.hi*0.4 || p.lo < 0) {
		p.lo = 0
	}
	return p
}

// ticks gives one to three round values inside the range.
func (s span) ticks() []float64 {
	d := s.hi - s.lo
	if !(d > 0) || !finite(d) {
		return nil
	}
	unit := math.Pow(10, math.Floor(math.Log10(d))-1)
	if !(unit > 0) || !finite(unit) {
		return nil
	}
	for range 4 {
		for _, m := range []float64{1, 2, 2.5, 5} {
			step := m * unit
			first, last := math.Ceil(s.lo/step-1e-9), math.Floor(s.hi/step+1e-9)
			if n := last - first + 1; n >= 1 && n <= 3 && last > first {
				return multiples(first, int(n), step)
			}
			if last == first && m == 5 {
				return multiples(first, 1, step)
			}
		}
		unit *= 10
	}
	return nil
}

func multiples(first float64, n int, step float64) []float64 {
	ts := make([]float64, n)
	for i := range ts {
		ts[i] = (first + float64(i)) * step
	}
	return ts
}

// tickLabels writes the values of one axis alike: same suffix, same decimals,
// and never an exponent: what is too large for a prefix gets no label.
func tickLabels(ts []float64) []string {
	top, step := 0.0, math.Inf(1)
	for i, t := range ts {
		top = max(top, math.Abs(t))
		if i > 0 {
			step = min(step, t-ts[i-1])
		}
	}
	if math.IsInf(step, 1) {
		step = top
	}
	div, suffix := 1.0, ""
	switch {
	case top >= 1e18:
		return make([]string, len(ts))
	case top >= 1e15:
		div, suffix = 1e15, " P"
	case top >= 1e12:
		div, suffix = 1e12, " T"
	case top >= 1e9:
		div, suffix = 1e9, " G"
	case top >= 1e6:
		div, suffix = 1e6, " M"
	case top >= 1e4:
		div, suffix = 1e3, " k"
	case top < 1e-8:
		div, suffix = 1e-9, " n"
	case top < 1e-5:
		div, suffix = 1e-6, " µ"
	}
	digits := 0
	for x := step / div; digits < 8 && math.Abs(x-math.Round(x)) > 1e-6*max(math.Abs(x), 1e-9); x *= 10 {
		digits++
	}
	return each(ts, func(t float64) string {
		if t == 0 {
			return "0"
		}
		return strconv.FormatFloat(t/div, 'f', digits, 64) + suffix
	})
}

func each(ts []float64, f func(float64) string) []string {
	out := make([]string, len(ts))
	for i, t := range ts {
		out[i] = f(t)
	}
	return out
}

// axis maps values to pixels; the result never leaves the picture.
type axis struct{ v0, v1, p0, p1 float64 }

func (a axis) at(v float64) float64 {
	d := a.v1 - a.v0
	if d == 0 || !finite(v) {
		return a.p0
	}
	p := a.p0 + (v-a.v0)/d*(a.p1-a.p0)
	return min(max(p, min(a.p0, a.p1)), max(a.p0, a.p1))
}

// appendPx writes a coordinate with at most one decimal.
func appendPx(b []byte, p float64) []byte {
	if !(math.Abs(p) < 1e5) {
		p = 0
	}
	tenths := int64(math.Round(p * 10)) // a third of the time that floats take
	if tenths < 0 {
		b, tenths = append(b, '-'), -tenths
	}
	b = strconv.AppendInt(b, tenths/10, 10)
	if d := tenths % 10; d != 0 {
		b = append(b, '.', byte('0'+d))
	}
	return b
}

func px(p float64) string { return string(appendPx(nil, p)) }
