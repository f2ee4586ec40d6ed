package notice

import "github.com/debriefhq/debrief"

// metricShift: a look's verdict on a metric is worse or changed. Errors and
// traffic have surprises of their own.
func metricShift() Detector {
	return Detector{
		ID:       "metric-shift",
		Question: "What in this release could move this, and what before the release could have shown it?",
		Why:      "A change nobody expected means that nobody quite knows what the release does under real use.",
		Find: func(in Input) []debrief.Surprise {
			return shifts(in, func(r debrief.Role) bool { return r != debrief.Errors && r != debrief.Traffic })
		},
	}
}
