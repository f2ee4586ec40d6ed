package tell

import (
	"math"
	"time"
)

var bars = []rune("▁▂▃▄▅▆▇█")

// Sparkline draws values in cells columns, with a bar where the release went
// live (at ≤ 0 or beyond the end: no bar). Missing values are blank. It is as
// wide as cells and one more for the bar, whatever the values are.
func Sparkline(values []float64, start time.Time, step time.Duration, at time.Time, cells int) string {
	if len(values) == 0 || cells <= 0 {
		return ""
	}
	cells = min(cells, len(values))
	low, high := math.Inf(1), math.Inf(-1)
	means := make([]float64, cells)
	for i := range means {
		means[i] = mean(values[i*len(values)/cells : max((i+1)*len(values)/cells, i*len(values)/cells+1)])
		if finite(means[i]) {
			low, high = min(low, means[i]), max(high, means[i])
		}
	}
	// A wobble of a few per cent must not look like an earthquake: the scale
	// spans at least a fifth of the level.
	if least := math.Abs(high) / 5; finite(least) && high-low < least {
		low, high = (low+high-least)/2, (low+high+least)/2
	}
	mark := -1
	if step > 0 && !at.IsZero() {
		if i := int(at.Sub(start) / step); i > 0 && i < len(values) {
			mark = i * cells / len(values)
		}
	}
	line := make([]rune, 0, cells+1)
	for i, m := range means {
		if i == mark {
			line = append(line, '│')
		}
		line = append(line, bar(m, low, high))
	}
	return string(line)
}

func bar(x, low, high float64) rune {
	if !finite(x) {
		return ' '
	}
	span := high - low
	if !finite(span) || span <= math.Abs(high)*1e-9 {
		return bars[2] // nothing moves: a flat line
	}
	i := int((x - low) / span * float64(len(bars)))
	return bars[min(max(i, 0), len(bars)-1)]
}
