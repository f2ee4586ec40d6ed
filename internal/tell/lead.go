package tell

import (
	"math"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// Lead is a page's first sentences: bold is the one anybody understands
// ("Slower, and still rising."), rest holds the numbers behind it.
func Lead(s debrief.Story, loc *time.Location) (bold, rest string) {
	switch s.Release.Kind {
	case debrief.ReleaseAttempt:
		return leadAttempt(s)
	case debrief.ReleaseSame:
		return leadSame(s)
	case debrief.ReleaseRunning:
		return leadRunning(s, loc)
	}
	bold, parts := leadChecked(s, loc)
	if s.Release.Kind == debrief.ReleaseRollback {
		to := ""
		if s.Release.Version != "" {
			to = " to " + Clean(s.Release.Version)
		}
		if s.Release.PreviousVersion != "" && s.Release.PreviousVersion != s.Release.Version {
			to += " from " + Clean(s.Release.PreviousVersion)
		}
		return "Rolled back" + to + ".", strings.Join(append([]string{bold}, parts...), " ")
	}
	if after, ok := rolledBack(s); ok {
		bold = "Rolled back after " + Length(after) + ". " + bold
	}
	return bold, strings.Join(parts, " ")
}

func leadChecked(s debrief.Story, loc *time.Location) (bold string, parts []string) {
	now := current(s)
	if now == nil {
		return leadEarly(s, loc)
	}
	found := notable(*now)
	surprises := surpriseSentences(s, 2)
	logs := logSentences(s, now.Logs, loc)
	switch {
	case len(found) > 0:
		bold = boldFor(found, *now)
		parts = append(parts, foundSentences(s, found, loc)...)
		parts = append(parts, steadySentence(now.Verdicts, "")...)
		parts = append(parts, surprises...)
		parts = append(parts, logs...)
		parts = append(parts, cannotSentences(now.Verdicts)...)
	case now.Word == debrief.CannotTell:
		bold = "Cannot tell."
		parts = append(parts, cannotSentences(now.Verdicts)...)
		if len(parts) == 0 {
			parts = append(parts, sentence(capital(lookReason(*now))))
		}
		parts = append(parts, steadySentence(now.Verdicts, "")...)
		parts = append(parts, surprises...)
		parts = append(parts, logs...)
	default:
		bold = "As usual."
		if len(newErrors(now.Logs)) > 0 {
			bold = "New errors in the logs."
			parts, logs = append(parts, logs...), nil
		}
		parts = append(parts, passedSentence(passed(s, now), now)...)
		parts = append(parts, steadySentence(now.Verdicts, " "+reach(*now)+" after the release")...)
		parts = append(parts, surprises...)
		parts = append(parts, logs...)
		parts = append(parts, cannotSentences(now.Verdicts)...)
	}
	return bold, append(parts, circumstances(*now, s, loc)...)
}

// reach is how far after the release a look really saw: less than planned where
// the next release cut it short.
func reach(l debrief.Look) string {
	if l.CutShort != "" && l.To.After(l.From) {
		return Length(l.To.Sub(l.From))
	}
	return Length(l.After)
}

func leadEarly(s debrief.Story, loc *time.Location) (string, []string) {
	parts := surpriseSentences(s, 2)
	switch l := next(s); {
	case l != nil && !l.Due.IsZero():
		parts = append(parts, "The first look is at "+Clock(l.Due, s.Release.Started, loc)+", "+Length(l.After)+" after the release.")
	case !s.Release.Live():
		return "Not live yet.", parts
	default:
		parts = append(parts, "No look has been taken yet.")
	}
	return "Too early.", parts
}

// boldFor joins what differs in at most three plain words, worse first.
func boldFor(found []debrief.Verdict, l debrief.Look) string {
	var phrases []string
	seen := map[string]bool{}
	good, bad := false, false
	for _, v := range found {
		p := phrase(v)
		if seen[p] || len(phrases) == 3 {
			continue
		}
		seen[p] = true
		switch {
		case len(phrases) == 0:
			phrases = append(phrases, capital(p))
		case v.Word == debrief.Better && bad && !good:
			phrases = append(phrases, "but "+p)
		default:
			phrases = append(phrases, "and "+p)
		}
		good, bad = good || v.Word == debrief.Better, bad || v.Word == debrief.Worse
	}
	if len(phrases) == 1 && found[0].Word == debrief.Worse && stillMoving(found[0], l) {
		if found[0].Effect > 0 {
			phrases = append(phrases, "and still rising")
		} else {
			phrases = append(phrases, "and still falling")
		}
	}
	return strings.Join(phrases, ", ") + "."
}

func phrase(v debrief.Verdict) string {
	up := v.Effect > 0
	switch {
	case v.Role == debrief.Latency && v.Word != debrief.Changed:
		return pick(v.Word == debrief.Worse, "slower", "faster")
	case v.Role == debrief.Errors && v.Word != debrief.Changed:
		return pick(v.Word == debrief.Worse, "more errors", "fewer errors")
	case v.Role == debrief.Traffic && v.Word != debrief.Changed:
		return pick(up, "more traffic", "less traffic")
	case v.Role == debrief.Traffic:
		return "traffic changed"
	case v.Role == debrief.Latency:
		return "response times changed"
	case v.Role == debrief.Errors:
		return "errors changed"
	default:
		return Clean(v.Metric) + " " + string(v.Word)
	}
}

func pick(yes bool, a, b string) string {
	if yes {
		return a
	}
	return b
}

// stillMoving reports whether a ramp goes on at the look's end: its last fifth
// (of what came since) lies beyond the fifth before, in the effect's direction.
func stillMoving(v debrief.Verdict, l debrief.Look) bool {
	if v.Shape != "ramp" || !finite(v.Effect) {
		return false
	}
	t := v.Trace
	if t.Step <= 0 || v.Since.IsZero() {
		return true
	}
	from := max(int(v.Since.Sub(t.Start)/t.Step), 0)
	to := len(t.V)
	if !l.To.IsZero() {
		to = min(to, int(l.To.Sub(t.Start)/t.Step))
	}
	fifth := (to - from) / 5
	if fifth < 1 {
		return true
	}
	before, last := mean(t.V[to-2*fifth:to-fifth]), mean(t.V[to-fifth:to])
	return finite(before) && finite(last) && (last-before)*v.Effect > 0
}

func mean(vs []float64) float64 {
	sum, n := 0.0, 0.0
	for _, v := range vs {
		if finite(v) {
			sum, n = sum+v, n+1
		}
	}
	if n == 0 {
		return math.NaN()
	}
	return sum / n
}
