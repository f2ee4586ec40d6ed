package learn

func modulePrecedes() Pattern {
	return Pattern{
		ID:       "module-precedes",
		Question: "What about this part of the code is hard to see before it runs in production?",
		Why:      "A part of the code that often goes along with trouble asks for tests, or for a look at what depends on it.",
		Find:     func(r *reading) []candidate { return r.candidates(r.precedes(ofModule)) },
	}
}
