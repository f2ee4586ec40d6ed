package tell

import (
	"fmt"
	"strings"

	"github.com/debriefhq/debrief"
)

// Blame is what is held of a subject in a few words: "held to have come from
// shop v4", "asked: shop v2 or shop v3"; empty where nothing is to be said.
func Blame(a debrief.Attribution) string {
	switch a.State {
	case debrief.BlamePicked:
		return "held to have come from " + Clean(a.Candidates[0].Title)
	case debrief.BlameSaid:
		if c, ok := a.Held(); ok {
			return "came from " + Clean(c.Title) + ", a person said"
		}
		return "not a deployment, a person said"
	case debrief.BlameNobody:
		return "no change stands out"
	case debrief.BlameAsked:
		var titles []string
		for _, c := range a.Suspects() {
			titles = append(titles, Clean(c.Title))
		}
		if len(titles) > 3 {
			titles = append(titles[:2], fmt.Sprintf("%d more", len(titles)-2))
		}
		word := "asked: "
		if a.Question == "" {
			word = "cannot be told apart: "
		}
		return word + strings.Join(titles[:len(titles)-1], ", ") + " or " + titles[len(titles)-1]
	}
	return ""
}

// Odds is a share in words people can weigh: "about 7 in 10".
func Odds(share float64) string {
	switch {
	case share >= 0.995:
		return "over 99 in 100"
	case share >= 0.95:
		return fmt.Sprintf("about %.0f in 100", share*100)
	case share >= 0.05:
		return fmt.Sprintf("about %.0f in 10", max(share*10, 1))
	case share >= 0.01:
		return fmt.Sprintf("about %.0f in 100", share*100)
	}
	return "under 1 in 100"
}

// TerminalBlame writes one subject with its candidates and why they are.
func TerminalBlame(w TermWriter, title string, a debrief.Attribution) error {
	p := newPage(w)
	p.head(Clean(title))
	p.para(Clean(a.Sentence), Clean(a.Question))
	for _, c := range a.Candidates {
		if c.Share < 0.005 && c.Kind != debrief.CandidateNone {
			continue
		}
		p.line("")
		when := ""
		if !c.At.IsZero() {
			when = ", " + dayOf(c.At, p.Loc) + " " + Clock(c.At, c.At, p.Loc)
		}
		p.line(p.paint(bold, Clean(c.Title)) + p.paint(muted, "  "+Odds(c.Share)+when))
		var rows [][]cell
		for _, r := range c.Reasons {
			rows = append(rows, []cell{{text: fmt.Sprintf("%+.1f", r.Weight), code: muted}, {text: r.Name}, {text: Clean(r.Sentence), code: muted}})
		}
		p.rows(rows)
		if c.Kind != debrief.CandidateNone {
			p.line(p.paint(muted, "id "+c.ID))
		}
	}
	return p.flush()
}

// Accuracy says how often what was held was what people then said; empty where
// nobody answered yet.
func Accuracy(answered, held, right, asked int) string {
	if answered == 0 {
		return ""
	}
	text := "People answered " + Count(answered, "question", "questions") + " of which change it was"
	if asked > 0 {
		text += fmt.Sprintf("; in %d of these debrief had asked", asked)
	}
	if held > 0 {
		text += fmt.Sprintf("; of the %d where it held something, it was what they said in %d", held, right)
	}
	return text + "."
}

// TerminalAsked writes the open questions, one a paragraph.
func TerminalAsked(w TermWriter, list []debrief.Attribution) error {
	p := newPage(w)
	if len(list) == 0 {
		p.para("No question is open.", "")
		return p.flush()
	}
	for i, a := range list {
		if i > 0 {
			p.line("")
		}
		p.para(Clean(a.Question), string(a.Kind)+" of "+Clean(a.Service)+", "+dayOf(a.At, p.Loc)+" "+Clock(a.At, a.At, p.Loc)+".")
		p.line(p.paint(muted, "debrief incident blame "+a.Subject+" …"))
	}
	return p.flush()
}
