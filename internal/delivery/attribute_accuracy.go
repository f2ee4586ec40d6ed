package delivery

import "github.com/debriefhq/debrief"

// Accuracy is how attribution does by what people said of it. An answer is held
// against what stood before it was given.
type Accuracy struct {
	Attributed int      `json:"attributed"`          // subjects there are
	Open       int      `json:"open"`                // of which a person is asked now
	Answered   int      `json:"answered"`            // of which a person answered
	Asked      int      `json:"asked"`               // of those, a person had been asked
	Held       int      `json:"held"`                // of those, something was held: a candidate, or that there is none
	Right      int      `json:"right"`               // of those held, it was what the person said
	First      int      `json:"first"`               // of all answered, the likeliest was what the person said
	Learned    bool     `json:"learned"`             // the weights were moved by corrections
	LearnFrom  int      `json:"learn_from"`          // how many corrections it takes
	Weights    []Reason `json:"weights"`             // as they are used
	Moved      []Reason `json:"moved,omitempty"`     // the defaults of those that were moved
	AskedRate  float64  `json:"asked_rate"`          // of all subjects, those a person is or was asked about
	Top1       *float64 `json:"top1,omitempty"`      // of the answered that were held, the right ones; none: no such answer yet
	Likeliest  *float64 `json:"likeliest,omitempty"` // of all answered, those where the likeliest was right
}

// Accurate measures answers, and says with which weights.
func Accurate(list []Answered, attributed, open int) Accuracy {
	a := Accuracy{Attributed: attributed, Open: open, Answered: len(list), LearnFrom: LearnFrom, Weights: Reasons()}
	for _, c := range list {
		if len(c.Then.Candidates) == 0 {
			continue
		}
		right := c.Then.Candidates[0].ID == c.Answer
		if right {
			a.First++
		}
		if c.Then.State == debrief.BlameAsked {
			a.Asked++
			continue
		}
		a.Held++
		if right {
			a.Right++
		}
	}
	if attributed > 0 {
		a.AskedRate = float64(open+a.Asked) / float64(attributed)
	}
	a.Top1, a.Likeliest = rate(a.Right, a.Held), rate(a.First, a.Answered)
	for i, w := range Learn(list) {
		if a.Weights[i].Weight != w {
			a.Learned = true
			a.Moved = append(a.Moved, a.Weights[i])
			a.Weights[i].Weight = w
		}
	}
	return a
}

func rate(n, of int) *float64 {
	if of == 0 {
		return nil
	}
	r := float64(n) / float64(of)
	return &r
}
