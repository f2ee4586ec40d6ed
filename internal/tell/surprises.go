package tell

import (
	"strings"

	"github.com/debriefhq/debrief"
)

// mostEvidence is how much of a surprise's evidence a terminal shows; its page
// holds all of it.
const mostEvidence = 3

// surprises tells what waits for an answer, with its evidence and the command
// that answers it, and what was answered already.
func (p *page) surprises(s debrief.Story) {
	if len(s.Surprises) == 0 {
		return
	}
	open := unanswered(s)
	head := capital(Count(len(s.Surprises), "surprise", "surprises"))
	switch {
	case open == 0:
		head += ", all answered"
	case open < len(s.Surprises):
		head += ", " + numeral(open) + " to answer"
	}
	p.head(head)
	var rs [][]cell
	for _, x := range s.Surprises {
		text := sentence(Clean(x.Sentence))
		switch {
		case x.Answer != debrief.Unanswered:
			rs = append(rs, []cell{{text: "✓", code: muted}, {text: text + " (" + string(x.Answer) + ")"}})
			continue
		case x.Note:
			rs = append(rs, []cell{{text: "·", code: muted}, {text: text + " (noted)"}})
			continue
		case x.Question != "":
			text += " " + Clean(x.Question)
		}
		rs = append(rs, []cell{{text: "?"}, {text: text}})
		for i, e := range x.Evidence {
			if i == mostEvidence && len(x.Evidence) > mostEvidence+1 {
				rs = append(rs, []cell{{}, {text: "and " + numeral(len(x.Evidence)-i) + " more on its page", code: muted}})
				break
			}
			rs = append(rs, []cell{{}, {text: Clean(e), code: muted}})
		}
		if x.ID != "" {
			rs = append(rs, []cell{{}, {text: "debrief answer " + Clean(x.ID) + " expected"}})
		}
	}
	p.rows(rs)
	if open > 0 {
		p.para("", "Answers are "+answersList()+".")
	}
}

// answersList writes the answers as the command takes them.
func answersList() string {
	var words []string
	for _, a := range debrief.Answers() {
		words = append(words, strings.ReplaceAll(string(a), " ", "-"))
	}
	return list(words)
}

// sharedWarnings are what holds for several metrics of a look: said once.
func sharedWarnings(vs []debrief.Verdict) []string {
	count := map[string]int{}
	var shared []string
	for _, v := range vs {
		for _, w := range v.Warnings {
			if count[w]++; count[w] == 2 {
				shared = append(shared, w)
			}
		}
	}
	return shared
}

// reachedBlind reports a warning that is a provider's raw error, which the
// look's own words tell better.
func reachedBlind(l debrief.Look, warning string) bool {
	for _, b := range l.Blind {
		if SameFailure(b, warning) {
			return true
		}
	}
	return false
}
