package tell

import (
	"sort"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// ChatLook is what one finished look says in chat (Slack's mrkdwn), and
// whether it has something to say at all: something differs, and that was not
// said at the look before. The daily line covers the rest, so silence is never
// ambiguous.
func ChatLook(s debrief.Story, l debrief.Look, url string, loc *time.Location) (text string, say bool) {
	// Told as of this look: later ones are not known yet, even when the
	// message is written late.
	upTo := s
	upTo.Looks = nil
	var before *debrief.Look
	for _, x := range s.Looks {
		if x.Number < l.Number {
			upTo.Looks = append(upTo.Looks, x)
			if x.State == debrief.LookDone {
				before = &x
			}
		}
	}
	upTo.Looks = append(upTo.Looks, l)

	bold, rest := Lead(upTo, loc)
	var b strings.Builder
	b.WriteString("*" + mrkdwn(title(s)+place(s)+", "+Length(l.After)+" after") + ": " + mrkdwn(lower(strings.TrimSuffix(bold, "."))) + ".*")
	if rest != "" {
		b.WriteString(" " + mrkdwn(rest))
	}
	if n := unanswered(s); n > 0 {
		b.WriteString("\n" + capital(Count(n, "surprise", "surprises")) + " to answer.")
	}
	if url != "" {
		b.WriteString(" <" + linkTarget(url) + "|See the release>")
	}
	return b.String(), l.State == debrief.LookDone && differs(upTo, l, before)
}

// place says where a release went, for those who read without the page around it.
func place(s debrief.Story) string {
	if env := Clean(s.Release.Environment); env != "" {
		return " in " + env
	}
	return ""
}

func title(s debrief.Story) string {
	name := s.ServiceName
	if name == "" {
		name = s.Release.Service
	}
	return strings.TrimSpace(Clean(name) + " " + Clean(s.Release.Version))
}

func unanswered(s debrief.Story) int {
	n := 0
	for _, x := range s.Surprises {
		if !x.Note && x.Answer == debrief.Unanswered {
			n++
		}
	}
	return n
}

// differs reports whether look l holds something the look before did not.
func differs(s debrief.Story, l debrief.Look, before *debrief.Look) bool {
	var was debrief.Look
	if before != nil {
		was = *before
	}
	if now := gist(l); now != gist(was) && (now != "" || before != nil) {
		return true
	}
	for _, x := range worthTelling(s) {
		if before == nil || x.At.After(before.Closed) && !before.Closed.IsZero() {
			return true
		}
	}
	return false
}

// gist is a look's message without its numbers: what must differ to be worth
// saying again.
func gist(l debrief.Look) string {
	var words []string
	for _, v := range notable(l) {
		words = append(words, v.Metric+"="+string(v.Word))
	}
	for _, p := range newErrors(l.Logs) {
		words = append(words, "log="+p.ID)
	}
	if len(l.Blind) > 0 {
		words = append(words, "blind") // the errors' own words may differ each time
	}
	sort.Strings(words)
	return strings.Join(words, "\n")
}

// mrkdwn escapes what Slack would read as markup: the three characters it
// documents, and the ones that would start bold, code or strike-through.
func mrkdwn(s string) string { return mrkdwnEscapes.Replace(s) }

var mrkdwnEscapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "*", "∗", "`", "'", "~", "∼")

// linkTarget keeps a URL from ending its own link.
func linkTarget(url string) string {
	return strings.NewReplacer("|", "%7C", ">", "%3E", "<", "%3C", " ", "%20", "\n", "", "\r", "").Replace(url)
}
