package learn

func pairPrecedes() Pattern {
	return Pattern{
		ID:       "pair-precedes",
		Question: "What would let these two be shipped one after the other?",
		Why:      "Two kinds of change that are harmless alone and not together can often be released apart.",
		Find:     func(r *reading) []candidate { return r.candidates(r.paired()) },
	}
}
