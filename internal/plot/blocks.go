package plot

import (
	"math"
	"strings"
)

// Blocks is a series as one line of text, in at most cells columns:
// ▁▂▃▄▅▆▇█, and a space where nothing was measured. A bar stands where the
// point release begins (0 or less, or beyond the end: no bar), in a column of
// its own. A wobble of a few per cent must not look like an earthquake: the
// scale spans at least a fifth of the level.
func Blocks(vs []float64, cells, release int) string {
	if len(vs) == 0 || cells <= 0 {
		return ""
	}
	cells = min(cells, len(vs))
	means := make([]float64, cells)
	lo, hi := math.Inf(1), math.Inf(-1)
	for i := range means {
		from := i * len(vs) / cells
		means[i] = mean(vs[from:max((i+1)*len(vs)/cells, from+1)])
		if finite(means[i]) {
			lo, hi = min(lo, means[i]), max(hi, means[i])
		}
	}
	lo, hi = atLeastAFifth(lo, hi)
	mark := -1
	if release > 0 && release < len(vs) {
		mark = release * cells / len(vs)
	}
	runes := []rune("▁▂▃▄▅▆▇█")
	var b strings.Builder
	for i, m := range means {
		if i == mark {
			b.WriteRune('│')
		}
		switch {
		case !finite(m):
			b.WriteByte(' ')
		case !(hi-lo > math.Abs(hi)*1e-9) || !finite(hi-lo):
			b.WriteRune(runes[2]) // nothing moves: a flat line
		default:
			b.WriteRune(runes[min(max(int((m-lo)/(hi-lo)*8), 0), 7)])
		}
	}
	return b.String()
}

// atLeastAFifth widens a scale to a fifth of its level.
func atLeastAFifth(lo, hi float64) (float64, float64) {
	if least := max(math.Abs(hi), math.Abs(lo)) / 5; finite(least) && hi-lo < least {
		return (lo + hi - least) / 2, (lo + hi + least) / 2
	}
	return lo, hi
}

func mean(vs []float64) float64 {
	m, _ := Means(vs, 1)
	if len(m) == 0 {
		return math.NaN()
	}
	return m[0]
}
