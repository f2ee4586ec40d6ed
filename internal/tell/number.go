package tell

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// unknown stands wherever a number is missing, so that no page or message ever
// shows NaN.
const unknown = "not known"

// Number writes a value with its unit as a person would: two significant
// digits below a hundred, milliseconds or seconds by size, "31 M", "0.21 %".
func Number(x float64, unit string) string {
	if !finite(x) {
		return unknown
	}
	return scaleFor(math.Abs(x), unit).write(x, 0)
}

// Signed is Number with its sign: "+82 ms", "−3 %".
func Signed(x float64, unit string) string {
	if finite(x) && x > 0 {
		return "+" + Number(x, unit)
	}
	return Number(x, unit)
}

// Range writes two values in one scale: "66 to 98 ms". Values that would look
// equal get another digit.
func Range(low, high float64, unit string) string {
	if !finite(low) || !finite(high) {
		return unknown
	}
	s := scaleFor(max(math.Abs(low), math.Abs(high)), unit)
	// A small end is not written finer than the large one can be read.
	finest := decimalsOf(max(math.Abs(low), math.Abs(high))*s.factor) + 1
	for extra := 0; ; extra++ {
		from, to := s.digits(coarse(low*s.factor, finest+extra)/s.factor, extra), s.digits(coarse(high*s.factor, finest+extra)/s.factor, extra)
		if from != to || low == high || extra == 3 {
			return from + " to " + s.label(to)
		}
	}
}

// Percent writes a ratio as a percentage: 0.38 is "38 %".
func Percent(ratio float64) string { return Number(ratio*100, "%") }

// Duration writes a length of time as a clock does, "5:12", "1:05:12"; below a
// minute "58 s", below a second "82 ms".
func Duration(d time.Duration) string {
	sign := ""
	if d < 0 {
		sign = "−"
		if d == math.MinInt64 {
			d++
		}
		d = -d
	}
	if d < time.Minute-time.Second/2 {
		return sign + Number(d.Seconds(), "s")
	}
	return sign + clockLength(d)
}

func clockLength(d time.Duration) string {
	total := int64(d.Round(time.Second) / time.Second)
	h, m, s := total/3600, total/60%60, total%60
	switch {
	case h >= 72:
		return digits(float64(h)/24, 0) + " days"
	case h > 0:
		return strconv.FormatInt(h, 10) + ":" + two(m) + ":" + two(s)
	default:
		return strconv.FormatInt(m, 10) + ":" + two(s)
	}
}

func two(n int64) string {
	if n < 10 {
		return "0" + strconv.FormatInt(n, 10)
	}
	return strconv.FormatInt(n, 10)
}

// scale is how values of one unit and size are written.
type scale struct {
	factor float64
	suffix string // with its space, as it follows the digits
	clock  bool   // value × factor is seconds, written as 5:12
}

func (s scale) digits(x float64, extra int) string {
	v := x * s.factor
	if s.clock {
		sign := ""
		if v < 0 {
			sign = "−"
		}
		if math.Abs(v) < 9e9 {
			return sign + clockLength(time.Duration(math.Abs(v)*float64(time.Second)))
		}
		return digits(v, 0)
	}
	if s.suffix == " %" && math.Abs(v) > 99 && math.Abs(v) < 100 {
		extra = 2 // 99.97 % is not 100 %
	}
	return digits(v, extra)
}

func (s scale) label(text string) string          { return text + s.suffix }
func (s scale) write(x float64, extra int) string { return s.label(s.digits(x, extra)) }

var secondsIn = map[string]float64{"s": 1, "seconds": 1, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}

func scaleFor(size float64, unit string) scale {
	if in, ok := secondsIn[unit]; ok {
		if size == 0 {
			return scale{factor: 1, suffix: " " + unit}
		}
		return secondsScale(size*in, in)
	}
	switch unit {
	case "%":
		return scale{factor: 1, suffix: " %"}
	case "share", "ratio", "fraction":
		return scale{factor: 100, suffix: " %"}
	case "B", "bytes":
		return prefixed(size, 1, "B", " kB", " MB", " GB", " TB")
	}
	if unit == "" {
		return prefixed(size, 1e3, "", "", " M", " G", " T")
	}
	if strings.HasPrefix(unit, "/") {
		return prefixed(size, 1e3, unit, "", " M"+unit, " G"+unit, " T"+unit)
	}
	return prefixed(size, 1e3, unit, "", " M "+unit, " G "+unit, " T "+unit)
}

func secondsScale(seconds, in float64) scale {
	switch {
	case seconds >= 119.5:
		return scale{factor: in, clock: true}
	case seconds >= 0.9995:
		return scale{factor: in, suffix: " s"}
	case seconds >= 0.9995e-3:
		return scale{factor: in * 1e3, suffix: " ms"}
	case seconds >= 0.9995e-6:
		return scale{factor: in * 1e6, suffix: " µs"}
	default:
		return scale{factor: in * 1e9, suffix: " ns"}
	}
}

// prefixed chooses a prefix; values below a million keep their digits unless
// kilo is given.
func prefixed(size, _ float64, unit, kilo, mega, giga, tera string) scale {
	plain := scale{factor: 1}
	if unit != "" {
		plain.suffix = " " + unit
	}
	switch {
	case size >= 0.9995e12:
		return scale{factor: 1e-12, suffix: tera}
	case size >= 0.9995e9:
		return scale{factor: 1e-9, suffix: giga}
	case size >= 0.9995e6:
		return scale{factor: 1e-6, suffix: mega}
	case size >= 0.9995e3 && kilo != "":
		return scale{factor: 1e-3, suffix: kilo}
	}
	return plain
}

// digits writes x with two significant digits (plus extra), never fewer than
// its whole part has; thousands are set apart.
func digits(x float64, extra int) string {
	if !finite(x) {
		return unknown
	}
	a := math.Abs(x)
	if a >= 1e15 || a != 0 && a < 1e-9 {
		return minus(strconv.FormatFloat(x, 'g', 2+extra, 64))
	}
	decimals := extra + decimalsOf(a)
	text := strconv.FormatFloat(x, 'f', decimals, 64)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	if text == "-0" {
		text = "0"
	}
	return minus(thousands(text))
}

// decimalsOf is how many decimals two significant digits need.
func decimalsOf(a float64) int {
	switch {
	case a == 0 || a >= 9.95:
		return 0
	case a >= 1:
		return 1
	default:
		return 1 - int(math.Floor(math.Log10(a)))
	}
}

// coarse rounds x to a number of decimals.
func coarse(x float64, decimals int) float64 {
	by := math.Pow10(min(decimals, 15))
	if r := math.Round(x*by) / by; finite(r) {
		return r
	}
	return x
}

func thousands(text string) string {
	whole, rest, dotted := strings.Cut(text, ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	if len(whole) < 4 {
		return text
	}
	var b strings.Builder
	b.WriteString(sign)
	for i, r := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(r)
	}
	if dotted {
		b.WriteString("." + rest)
	}
	return b.String()
}

func minus(text string) string {
	if strings.HasPrefix(text, "-") {
		return "−" + text[1:]
	}
	return text
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
