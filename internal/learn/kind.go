package learn

func kindPrecedes() Pattern {
	return Pattern{
		ID:       "kind-precedes",
		Question: "What would make such changes safe to ship?",
		Why:      "What went along with trouble before is where a look beforehand, or another way to roll out, is worth most.",
		Find:     func(r *reading) []candidate { return r.candidates(r.precedes(ofKind)) },
	}
}
