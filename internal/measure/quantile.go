package measure

import (
	"math"

	"github.com/debriefhq/debrief/internal/judge"
)

// QuantileOf draws one line through a histogram: a quantile per step, even
// within its bucket. It is for showing; the judge takes the whole distribution.
func QuantileOf(h judge.Histogram, q float64) []float64 {
	out := missing(len(h.Counts))
	for i, row := range h.Counts {
		total := 0.0
		for _, c := range row {
			total += c
		}
		if total <= 0 || len(row) != len(h.Bounds) {
			continue
		}
		rank, below, from := q*total, 0.0, 0.0
		for j, c := range row {
			to := h.Bounds[j]
			if below+c >= rank && c > 0 {
				if math.IsInf(to, 1) {
					out[i] = from // all that is known: slower than the last bound
				} else {
					out[i] = from + (to-from)*(rank-below)/c
				}
				break
			}
			below, from = below+c, to
		}
	}
	return out
}
