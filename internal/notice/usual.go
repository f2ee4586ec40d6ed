package notice

import "github.com/debriefhq/debrief"

// usualShift: a metric is worse or changed, but no more than it is after this
// service's other releases. It is noted, and waits for no answer.
func usualShift() Detector {
	return Detector{
		ID:       "usual-shift",
		Question: "Does every release have to cost its users this?",
		Why:      "What every release brings surprises nobody, and may still be worth taking away.",
		Find: func(in Input) []debrief.Surprise {
			surprising := map[string]bool{}
			for _, s := range shifts(in, func(debrief.Role) bool { return true }) {
				surprising[s.Subject] = true
			}
			var notes []debrief.Surprise
			for _, s := range shifted(in, func(v debrief.Verdict) bool { return v.Usual }) {
				if !surprising[s.Subject] { // another look saw more than is usual
					s.Note = true
					notes = append(notes, s)
				}
			}
			return notes
		},
	}
}
