package tell

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// BriefMarker is what a brief's comment begins with: hidden, and found again
// when there is something new to say. A service has one comment of its own.
func BriefMarker(service string) string {
	return "<!-- debrief:brief:" + strings.NewReplacer("--", "", ">", "").Replace(service) + " -->"
}

// BriefQuiet marks a comment that is only worth writing over an earlier one.
const BriefQuiet = "<!-- debrief:quiet -->"

// briefPart is one heading of a brief with its lines; text and Markdown share them.
type briefPart struct {
	title string
	lines []briefLine
}

type briefLine struct {
	lead, rest string // the lead stands out
	url        string // where the lead leads to, below the server
}

func briefParts(b debrief.Brief, loc *time.Location) []briefPart {
	var lessons, usual, taught, expect, suggest, open, similar []briefLine
	for _, l := range b.Lessons {
		url := ""
		if l.LatestID != "" {
			url = "/releases/" + l.LatestID
		}
		lead := l.Sentence
		rest := ""
		if l.Latest != "" {
			rest = "Last: " + Clean(l.Latest) + "."
		}
		if l.Usual {
			usual = append(usual, briefLine{lead: lead})
			continue
		}
		lessons = append(lessons, briefLine{lead: lead, rest: rest, url: url})
	}
	for _, l := range b.Taught {
		rest := Clean(l.Version)
		if !l.At.IsZero() {
			rest = strings.TrimSpace(rest + ", " + l.At.In(loc).Format("2 January 2006"))
		}
		if l.Action != "" {
			rest += "; decided: " + Clean(l.Action)
		}
		taught = append(taught, briefLine{lead: Clean(l.Text), rest: "(" + strings.TrimPrefix(rest, ", ") + ")", url: "/releases/" + l.ReleaseID})
	}
	for _, x := range b.Expect {
		expect = append(expect, briefLine{lead: x.Sentence})
	}
	for _, s := range b.Suggestions {
		suggest = append(suggest, briefLine{lead: s.Do + ":", rest: s.Why + "."})
	}
	for _, a := range b.Open {
		rest := a.Why
		if !a.Due.IsZero() {
			rest += ", due " + a.Due.In(loc).Format("2 January")
		}
		open = append(open, briefLine{lead: Clean(a.Title), rest: "(" + rest + ")"})
	}
	for _, s := range b.Similar {
		name := Clean(s.Version)
		if s.Service != b.Service {
			name = Clean(s.Service) + " " + name
		}
		similar = append(similar, briefLine{
			lead: strings.TrimSpace(name) + ", " + s.At.In(loc).Format("2 January 2006") + ":", rest: s.Outcome + " (alike: " + Clean(strings.Join(s.Why, ", ")) + ")",
			url: "/releases/" + s.ReleaseID,
		})
	}
	var out []briefPart
	for _, p := range []briefPart{
		{"What may happen again", lessons},
		{"What was written down", taught},
		{"What to expect", expect},
		{"Worth a thought", suggest},
		{"Decided and not done yet", open},
		{"Usual here, whatever ships", usual},
		{"Past releases most like it", similar},
	} {
		if len(p.lines) > 0 {
			out = append(out, p)
		}
	}
	return out
}

// BriefSilence is what a brief says that has nothing to say.
func BriefSilence(b debrief.Brief) string {
	return "Past releases teach nothing about this one in particular: " + Clean(b.Why) + "."
}

// BriefRests says how much a brief rests on.
func BriefRests(b debrief.Brief) string {
	s := fmt.Sprintf("Held against %s of %s", Count(b.Past, "past release", "past releases"), Clean(b.Service))
	if b.Sample {
		s += ", which are made up"
	}
	return s + "."
}

// TerminalBrief writes a brief for the terminal.
func TerminalBrief(w TermWriter, b debrief.Brief) error {
	p := newPage(w)
	loc := w.Loc
	if loc == nil {
		loc = time.UTC
	}
	p.para(Clean(b.Summary), "")
	if b.Silent {
		p.line("")
		p.para("", BriefSilence(b))
	}
	for _, part := range briefParts(b, loc) {
		p.head(part.title)
		for _, l := range part.lines {
			for i, text := range wrap(strings.TrimSpace(l.lead+" "+l.rest), max(p.Width-4, 20)) {
				if i == 0 {
					p.line("  · " + text)
				} else {
					p.line("    " + text)
				}
			}
		}
	}
	if !b.Silent {
		p.line("")
		p.line(p.paint(muted, cut(BriefRests(b), p.Width)))
	}
	return p.flush()
}

// BriefMarkdown writes a brief as Markdown; url is where the pages are, or empty.
func BriefMarkdown(b debrief.Brief, url string, loc *time.Location) string {
	if loc == nil {
		loc = time.UTC
	}
	url = strings.TrimRight(url, "/")
	var s strings.Builder
	fmt.Fprintf(&s, "**Before shipping %s.** %s\n", escapeMark(Clean(b.Service)), escapeMark(Clean(b.Summary)))
	if b.Silent {
		s.WriteString("\n" + escapeMark(BriefSilence(b)) + "\n")
	}
	for _, part := range briefParts(b, loc) {
		fmt.Fprintf(&s, "\n**%s**\n\n", part.title)
		for _, l := range part.lines {
			lead := escapeMark(l.lead)
			if url != "" && l.url != "" {
				lead = "[" + lead + "](" + url + l.url + ")"
			}
			s.WriteString(strings.TrimRight("- "+lead+" "+escapeMark(l.rest), " ") + "\n")
		}
	}
	rests := escapeMark(BriefRests(b))
	if url != "" {
		rests += " [The whole brief](" + url + "/briefs/" + b.ID + ")"
	}
	s.WriteString("\n<sub>" + rests + "</sub>\n")
	return s.String()
}

// BriefComment is a brief as a comment on a pull request. Quiet: there is
// nothing to say, so it may only take an earlier comment's place.
func BriefComment(b debrief.Brief, url string, loc *time.Location) (text string, quiet bool) {
	marker := BriefMarker(b.Service) + "\n"
	if !b.Silent {
		return marker + BriefMarkdown(b, url, loc), false
	}
	return marker + BriefQuiet + "\n" + escapeMark(Clean(b.Summary)) + " Past releases have nothing to say about it as it is now.\n", true
}

// escapeMark keeps what came from outside from being read as Markdown or HTML,
// and from calling people by their names.
func escapeMark(s string) string { return markEscapes.Replace(s) }

var markEscapes = strings.NewReplacer(
	"\\", "\\\\", "`", "\\`", "*", "\\*", "_", "\\_", "[", "\\[", "]", "\\]", "<", "&lt;", ">", "&gt;", "#", "\\#", "|", "\\|", "~", "\\~",
	"@", "@\u200b", "://", ":\u200b//", "\n", " ", "\r", " ", "&", "&amp;", "!", "\\!",
)

// BriefAccuracy says how often briefs foretold what happened.
func BriefAccuracy(a debrief.BriefAccuracy) []string {
	if a.Briefs == 0 {
		return []string{"No brief has been held against what happened yet" + waitingBriefs(a) + "."}
	}
	out := []string{fmt.Sprintf("%s of releases that are over%s; %d of them named something.", Count(a.Briefs, "brief", "briefs"), waitingBriefs(a), a.Spoke)}
	out = append(out,
		fmt.Sprintf("%d of %d things they foretold happened%s.", a.Hits, a.Foretold, shareOf(a.Hits, a.Foretold)),
		fmt.Sprintf("%d of %d things that happened they had foretold%s.", a.Hits, a.Happened, shareOf(a.Hits, a.Happened)),
		fmt.Sprintf("Always naming the commonest would have been right %d of %d times%s, and foretold %d of %d things that happened%s.",
			a.CommonestHits, a.CommonestForetold, shareOf(a.CommonestHits, a.CommonestForetold), a.CommonestHits, a.Happened, shareOf(a.CommonestHits, a.Happened)))
	if a.Ranges > 0 {
		out = append(out, fmt.Sprintf("%d of %d numbers lay within the range they named%s; four of five should.", a.Within, a.Ranges, shareOf(a.Within, a.Ranges)))
	}
	return out
}

func waitingBriefs(a debrief.BriefAccuracy) string {
	if a.Waiting == 0 {
		return ""
	}
	return fmt.Sprintf(", %d more wait for theirs", a.Waiting)
}

// shareOf is the percentage behind counts of which there are many.
func shareOf(k, n int) string {
	if n < 20 {
		return ""
	}
	return " (" + Percent(float64(k)/float64(n)) + ")"
}

// BriefBecame says what became of a brief; empty while nobody can know.
func BriefBecame(b debrief.Brief) string {
	o := b.Outcome
	if o == nil {
		return ""
	}
	var s string
	switch n, k := len(o.Foretold), len(o.Hits); {
	case n == 0 && len(o.Happened) == 0:
		s = "It named nothing, and nothing happened"
	case n == 0:
		s = "It named nothing; what happened: " + topics(o.Happened)
	case k == n:
		s = "What it named happened: " + topics(o.Hits)
	default:
		s = fmt.Sprintf("Of %s it named, %d happened", Count(n, "thing", "things"), k)
	}
	if missed := missing(o.Happened, o.Hits); len(o.Foretold) > 0 && len(missed) > 0 {
		s += "; not named: " + topics(missed)
	}
	if o.Ranges > 0 {
		s += fmt.Sprintf("; %d of %s lay within", o.Within, Count(o.Ranges, "number", "numbers"))
	}
	return s + "."
}

func missing(all, some []string) []string {
	var out []string
	for _, x := range all {
		if !slices.Contains(some, x) {
			out = append(out, x)
		}
	}
	return out
}

func topics(list []string) string {
	words := make([]string, len(list))
	for i, t := range list {
		words[i] = strings.ReplaceAll(t, "-", " ")
	}
	return strings.Join(words, ", ")
}

// BriefSaw is what an expected number then was.
func BriefSaw(x debrief.Expectation) string {
	if x.Saw == nil {
		return ""
	}
	s := "It was " + Number(*x.Saw, x.Unit)
	if x.Unit == "s" {
		s = "It was " + Length(time.Duration(*x.Saw*float64(time.Second)))
	}
	if x.Within != nil && !*x.Within {
		return s + ", outside."
	}
	return s + ", within."
}
