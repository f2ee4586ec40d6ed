package notice

import (
	"sort"

	"github.com/debriefhq/debrief"
)

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

// errorRateShift: a look's verdict on an error rate is worse or changed.
func errorRateShift() Detector {
	return Detector{
		ID:       "error-rate-shift",
		Question: "What let these errors reach users, and what would have stopped them earlier?",
		Why:      "Requests that fail are work somebody could not do.",
		Find: func(in Input) []debrief.Surprise {
			return shifts(in, func(r debrief.Role) bool { return r == debrief.Errors })
		},
	}
}

// trafficShift: a look's verdict on traffic is worse or changed.
func trafficShift() Detector {
	return Detector{
		ID:       "traffic-shift",
		Question: "What changed in who can or wants to reach the service?",
		Why:      "Fewer requests can mean that something in front of the service broke where its own errors cannot show it.",
		Find: func(in Input) []debrief.Surprise {
			return shifts(in, func(r debrief.Role) bool { return r == debrief.Traffic })
		},
	}
}

func byNumber(looks []debrief.Look) []debrief.Look {
	sort.SliceStable(looks, func(i, j int) bool { return looks[i].Number < looks[j].Number })
	return looks
}
