package org

import "github.com/debriefhq/debrief"

// attribution is what people settled on for an incident. It is the truth,
// worded as an answer: whoever ranks candidates is held to it.
func (sim *simulation) attribution(i *Incident) *debrief.Attribution {
	a := &debrief.Attribution{Subject: i.ID, Service: i.Service, At: i.Began, State: debrief.BlameSaid}
	said := &debrief.Correction{Subject: i.ID, Service: i.Service, Answer: i.Led, At: i.Began}
	if end := i.Ended(); !end.IsZero() {
		said.At = end
	}
	a.Answer, a.Sentence = said, "It came from a release."
	switch i.LedKind {
	case "":
		said.Answer, a.Sentence = debrief.NotADeployment, "It came from no change of ours."
	case "flag":
		a.Sentence = "It came from a flag that was switched."
	}
	return a
}
