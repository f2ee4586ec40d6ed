package notice

import "github.com/debriefhq/debrief"

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
