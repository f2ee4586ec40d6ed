package plot

import "strings"

// Part is what one component adds to a difference: a bar from the middle line,
// to the left where it takes away, and its interval over it. Max is the largest
// value of all parts that stand under one another.
type Part struct {
	Title     string
	Adds      float64
	Low, High float64
	Max       float64
	Tone      Tone
}

// SVG draws the part. It stretches to the room it is given.
func (p Part) SVG() string {
	s := &svg{}
	s.open("bar part", 100, 20, 0, p.Title)
	s.raw(` preserveAspectRatio="none"`)
	s.head(p.Title, "")
	at := func(v float64) float64 {
		if !finite(v) || !finite(p.Max) || p.Max <= 0 {
			return 50
		}
		return 50 + 48*max(-1, min(v/p.Max, 1))
	}
	s.line("grid", 50, 0, 50, 20)
	if p.Adds != 0 && finite(p.Adds) {
		s.line(strings.TrimSpace("took "+string(p.Tone)), 50, 10, at(p.Adds), 10)
	}
	if finite(p.Low) && finite(p.High) && p.Low < p.High {
		s.line("usual", at(p.Low), 10, at(p.High), 10)
	}
	return s.close()
}
