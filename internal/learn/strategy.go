package learn

func strategyPrecedes() Pattern {
	return Pattern{
		ID:       "strategy-precedes",
		Question: "What would it take to let changes reach a few users first?",
		Why:      "How a change reaches its users decides how many of them meet its faults.",
		Find:     func(r *reading) []candidate { return r.candidates(r.precedes(ofStrategy)) },
	}
}
