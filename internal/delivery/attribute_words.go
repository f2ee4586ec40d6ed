package delivery

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/debriefhq/debrief"
)

// words says what is held of a subject, and what is asked.
func words(s Subject, a debrief.Attribution) (sentence, question string) {
	holds, asks := "It is held to have come from ", "Did it come from "
	switch s.Kind {
	case debrief.SubjectRollback:
		holds, asks = "The rollback is held to be about ", "What called for the rollback: "
	case debrief.SubjectHotfix:
		holds, asks = "The hotfix is held to have repaired ", "What did the hotfix repair: "
	case debrief.SubjectRevert:
		holds, asks = "The revert is held to be about ", "What called for the revert: "
	}
	switch a.State {
	case debrief.BlameSaid:
		if c, ok := a.Held(); ok {
			return "A person said: " + c.Title + ".", ""
		}
		return "A person said: not a deployment.", ""
	case debrief.BlameNobody:
		return "No change stands out: nothing that changed in the 24 hours before speaks for it.", ""
	case debrief.BlamePicked:
		c := a.Candidates[0]
		return holds + c.Title + why(c) + ".", ""
	}
	list := a.Suspects()
	if s.Kind == debrief.SubjectHotfix && len(list) > 0 && list[0].Kind != debrief.CandidateNone {
		return "Was anything wrong with " + list[0].Title + "? A hotfix replaced it.", "Did this repair " + list[0].Title + "?"
	}
	var titles []string
	none := false
	for _, c := range list {
		if c.Kind == debrief.CandidateNone {
			none = true
		} else if len(titles) < 4 {
			titles = append(titles, c.Title)
		}
	}
	if none {
		titles = append(titles, "no change at all")
	}
	if s.Alert {
		return fmt.Sprintf("%d candidates are too close to tell apart; nobody is asked, for only machines spoke of it.", len(list)), ""
	}
	return fmt.Sprintf("%d candidates are too close to tell apart.", len(list)), asks + orList(titles) + "?"
}

// why is a candidate's two strongest reasons, in words.
func why(c debrief.Candidate) string {
	var best, second debrief.Reasoned
	for _, r := range c.Reasons {
		switch {
		case r.Weight <= 0:
		case r.Weight > best.Weight:
			best, second = r, best
		case r.Weight > second.Weight:
			second = r
		}
	}
	switch {
	case best.Sentence == "":
		return ""
	case second.Sentence == "":
		return ": " + best.Sentence
	}
	return ": " + best.Sentence + ", and " + second.Sentence
}

func orList(list []string) string {
	switch len(list) {
	case 0:
		return "any of these changes"
	case 1:
		return list[0]
	case 2:
		return list[0] + " or " + list[1]
	}
	return strings.Join(list[:len(list)-1], ", ") + " or " + list[len(list)-1]
}

// ago says how long before the impact a change took effect.
func ago(x *Suspect, at time.Time) string {
	switch {
	case x.Full.After(at) && !x.From.After(at):
		return "it was being rolled out when it began"
	case x.From.After(at):
		return "it took effect when it began"
	}
	return "it took effect " + span(at.Sub(latestOf(x.From, x.Full))) + " before"
}

// span is a length of time in words.
func span(d time.Duration) string {
	switch d = d.Abs(); {
	case d < time.Minute:
		return "less than a minute"
	case d < 2*time.Hour:
		return plural(int(d.Round(time.Minute)/time.Minute), "minute")
	case d < 48*time.Hour:
		return plural(int(d.Round(time.Hour)/time.Hour), "hour")
	}
	return plural(int(d.Round(24*time.Hour)/(24*time.Hour)), "day")
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// tokens are the words of a text as people write versions and routes, in lower
// case.
func tokens(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '.' && r != '-' && r != '_' && r != '+'
	})
}

// Words are what tells areas apart in titles, routes, paths and labels: parts of at
// least four letters, in lower case, without those that any incident or change has.
func Words(texts ...string) []string {
	var out []string
	seen := map[string]bool{}
	for _, text := range texts {
		for _, word := range strings.FieldsFunc(split(text), func(r rune) bool { return !unicode.IsLetter(r) }) {
			word = strings.TrimSuffix(strings.ToLower(word), "s")
			if len(word) < 4 || seen[word] || said[word] || len(out) >= mostWords {
				continue
			}
			seen[word] = true
			out = append(out, word)
		}
	}
	return out
}

// mostWords bounds what one release's thousand commits may say.
const mostWords = 400

// split puts a space where a name goes from lower to upper case.
func split(text string) string {
	var b strings.Builder
	lower := false
	for _, r := range text {
		if lower && unicode.IsUpper(r) {
			b.WriteByte(' ')
		}
		lower = unicode.IsLower(r)
		b.WriteRune(r)
	}
	return b.String()
}

// said are words, without a plural's s, that say nothing of an area.
var said = func() map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(`about added adding adds after again alert also back been before branch build bump change changed
		changing check chore clean cleanup code commit common component config configuration core critical deploy deployed deployment does down
		enable enabled disable disabled error every exception feat feature file firing fixed fixe from further general have high hour http https
		improve improved incident index info instance into internal issue json large latency level line link list load lower main make merge
		merged message metric minor minute module more move name need none note null over page part people pkg prod production
		pull rate reduce refactor release removed remove request resolved respond response rest return revert same second server service several
		severity should slow small some spec src staging start state stop support system team test text that their them then there
		these they this threshold ticket time timeout type under unit update updated upgrade used user value vendor version very warning went were
		when where which with without work yaml your`) {
		out[strings.TrimSuffix(w, "s")] = true
	}
	return out
}()
