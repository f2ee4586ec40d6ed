package learn

import (
	"fmt"
	"slices"

	"github.com/debriefhq/debrief"
)

// What acting on a finding would save is reckoned in seconds a month, so that
// findings can be put in an order. It is a reckoning, not a promise, and each
// finding says how it was made.

// A surprise or an alarm costs whoever looks at it this long. It is an
// assumption, told with every finding that rests on it.
const lookingAt debrief.Seconds = 5 * 60

// unknownFailure is reckoned for a failure where too few are known to have
// lasted any time.
const unknownFailure debrief.Seconds = 3600

// costs are what things cost in this history.
type costs struct {
	failure debrief.Seconds
	known   bool
}

// costsIn takes the median time to restore of what failed.
func costsIn(rows []row) costs {
	var took []float64
	for i := range rows {
		if rows[i].restore > 0 {
			took = append(took, float64(rows[i].restore))
		}
	}
	if len(took) < Few {
		return costs{unknownFailure, false}
	}
	slices.Sort(took)
	return costs{debrief.Seconds(median(took)), true}
}

// of reckons so many fewer failures (or surprises) a month.
func (c costs) of(failures bool, fewer float64) (debrief.Seconds, string) {
	if !failures {
		return debrief.Seconds(fewer) * lookingAt, fmt.Sprintf("%s fewer surprises a month, %s to look at each", tenths(fewer), length(float64(lookingAt)))
	}
	each := "the median time to restore, " + length(float64(c.failure)) + ", each"
	if !c.known {
		each = "an hour each (too few are known to have been restored)"
	}
	return debrief.Seconds(fewer) * c.failure, fmt.Sprintf("%s fewer failures a month, %s", tenths(fewer), each)
}

func tenths(x float64) string {
	if x >= 10 {
		return number(int64(x + 0.5))
	}
	return fmt.Sprintf("%.1f", x)
}
