package notice

import "github.com/debriefhq/debrief"

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
