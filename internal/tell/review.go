package tell

import (
	"slices"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// ReviewTitle is a month as people say it: "October 2026".
func ReviewTitle(r debrief.Review) string {
	if at, err := time.Parse("2006-01", r.Month); err == nil {
		return at.Format("January 2006")
	}
	return Clean(r.Month)
}

// ReviewLead is a review in two sentences: whether something keeps happening,
// and what it was looked for in.
func ReviewLead(r debrief.Review) (bold, rest string) {
	so := ""
	if r.Running {
		so = " so far"
	}
	switch n := len(r.Findings); {
	case r.Releases == 0 && n == 0:
		return "Nothing was released" + so + ".", ""
	case n == 0:
		bold = "Nothing stands out" + so + "."
	case n == 1:
		bold = "One thing is worth a question."
	default:
		bold = capital(numeral(n)) + " things are worth a question."
	}
	rest = capital(Count(r.Releases, "release", "releases")) + so
	switch {
	case r.Releases == 0:
	case r.Failed == 0:
		rest += ", none of them failed"
	case r.Failed == 1:
		rest += ", one of them failed"
	default:
		rest += ", " + numeral(r.Failed) + " of them failed"
	}
	return bold, rest + "."
}

// ReviewAsked says how many questions were put to how much history.
func ReviewAsked(r debrief.Review) string {
	text := capital(Count(r.Tested, "question was", "questions were")) + " put to up to twelve months of history; of what is told, at most one in ten may be chance."
	if r.Tested == 0 {
		text = "There is too little history to test anything."
	}
	if r.More > 0 {
		text += " " + capital(Count(r.More, "more finding is", "more findings are")) + " left out here: acting on these would save most."
	}
	return text
}

// ReviewSaves is what acting on a finding would save, and how that was reckoned.
func ReviewSaves(f debrief.Finding) string {
	if f.Saves < 1 {
		return ""
	}
	return "about " + Length(time.Duration(float64(f.Saves)*float64(time.Second))) + " a month: " + Clean(f.SavesHow)
}

// EvidenceSays names one piece of evidence: "shop, 3 October 14:05".
func EvidenceSays(x debrief.Evidence, names map[string]string, loc *time.Location) string {
	name := names[x.Service]
	if name == "" {
		name = x.Service
	}
	if x.Kind != "release" {
		name += " (" + x.Kind + ")"
	}
	if x.At.IsZero() {
		return Clean(name)
	}
	return Clean(name) + ", " + in(x.At, loc).Format("2 January 15:04")
}

// EvidencePath is where a piece of evidence is shown; empty where it has no page.
func EvidencePath(x debrief.Evidence) string {
	if x.Kind != "release" && x.Kind != "incident" && x.Kind != "debrief" {
		return ""
	}
	return "/" + x.Kind + "s/" + strings.NewReplacer("/", "", "\"", "", " ", "").Replace(x.ID)
}

// ReviewMessage is what is said once after a month, in chat's mrkdwn.
func ReviewMessage(r debrief.Review, url string) string {
	bold, rest := ReviewLead(r)
	var b strings.Builder
	b.WriteString("*" + mrkdwn(ReviewTitle(r)+": "+lower(bold)) + "* " + mrkdwn(rest))
	for _, f := range r.Findings {
		b.WriteString("\n• " + mrkdwn(Clean(f.Sentence)+" "+Clean(f.Question)))
	}
	if url != "" {
		b.WriteString("\n<" + linkTarget(url) + "|See the review>")
	}
	return b.String()
}

// TerminalReview writes a review for a terminal.
func TerminalReview(w TermWriter, r debrief.Review, url string) error {
	p := newPage(w)
	bold, rest := ReviewLead(r)
	title := ReviewTitle(r)
	if r.Service != "" {
		title = Clean(r.Service) + ", " + title
	}
	if r.Sample {
		title += " (sample)"
	}
	if len(r.Findings) == 0 {
		p.para(title+": "+lower(bold), rest)
	} else {
		p.para(title+".", bold+" "+rest)
	}
	for i, f := range r.Findings {
		p.line("")
		p.para(numbered(i)+Clean(f.Sentence), "")
		p.para("", Clean(f.Question))
		for _, x := range [][2]string{{"How sure: ", Clean(f.Sure)}, {"Would save ", ReviewSaves(f)}, {"First said in ", sinceTitle(f.Since)}} {
			if x[1] != "" {
				for _, l := range wrap(x[0]+x[1]+".", p.Width-3) {
					p.line("   " + p.paint(muted, l))
				}
			}
		}
		if i := slices.IndexFunc(f.Evidence, func(x debrief.Evidence) bool { return EvidencePath(x) != "" }); i >= 0 && url != "" {
			p.line("   " + p.paint(muted, "The latest: "+url+EvidencePath(f.Evidence[i])))
		}
	}
	if len(r.Findings) > 0 {
		p.line("")
		p.para("", ReviewAsked(r))
	}
	if len(r.Beside) > 0 {
		p.head("Also worth knowing")
		for _, x := range r.Beside {
			p.para("", Clean(x))
		}
	}
	if len(r.Few) > 0 {
		p.head("Too few to say")
		p.para("", Clean(strings.Join(r.Few, "; "))+".")
	}
	return p.flush()
}

func sinceTitle(month string) string {
	if month == "" {
		return ""
	}
	return ReviewTitle(debrief.Review{Month: month})
}

func numbered(i int) string { return string(rune('1'+i)) + ". " }
