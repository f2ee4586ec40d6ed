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
	parts = append(parts, backSentence(s)...)
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
	found, before := notable(*now), standing(s, now)
	surprises := surpriseSentences(s, 2)
	logs := logSentences(s, now, loc)
	new := logClause(now.Logs) != "" && len(newErrors(now.Logs)) > 0 || standingLogs(s, now) != nil
	switch {
	case len(found) > 0 || len(before) > 0:
		all := append([]debrief.Verdict{}, found...)
		for _, h := range before {
			all = append(all, h.Verdict)
		}
		bold = boldFor(all, s, *now)
		parts = append(parts, foundSentences(s, found, loc)...)
		parts = append(parts, grewSentence(s, found, now)...)
		parts = append(parts, standingSentences(s, before, loc)...)
		parts = append(parts, steadySentence(now.Verdicts, "")...)
		parts = append(parts, surprises...)
		parts = append(parts, logs...)
		parts = append(parts, cannotSentences(*now, loc)...)
	case now.Word == debrief.CannotTell:
		bold = "Cannot tell."
		if new {
			bold = "New errors in the logs."
			parts, logs = append(parts, logs...), nil
		}
		reasons := cannotSentences(*now, loc)
		if len(reasons) == 0 && len(Unreachables(now.Blind)) == 0 {
			reasons = []string{sentence(capital(plainReason(*now)))}
		}
		parts = append(parts, reasons...)
		parts = append(parts, steadySentence(now.Verdicts, "")...)
		parts = append(parts, surprises...)
		parts = append(parts, logs...)
	default:
		bold = "As usual."
		if new {
			bold = "New errors in the logs."
			parts, logs = append(parts, logs...), nil
		}
		parts = append(parts, passedSentence(passed(s, now), now)...)
		parts = append(parts, usualSentence(*now)...)
		parts = append(parts, steadySentence(now.Verdicts, " "+reach(*now)+" after the release")...)
		parts = append(parts, surprises...)
		parts = append(parts, logs...)
		parts = append(parts, cannotSentences(*now, loc)...)
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
		parts = append(parts, "The first look is at "+clock(l.Due, s.Release.Started, loc, quick(*l))+", "+Length(l.After)+" after the release.")
	case !s.Release.Live():
		return "Not live yet.", parts
	default:
		parts = append(parts, "No look has been taken yet.")
	}
	return "Too early.", parts
}

// boldFor joins what differs in at most three plain words, worse first.
func boldFor(found []debrief.Verdict, s debrief.Story, l debrief.Look) string {
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
	if len(phrases) == 1 && found[0].Word == debrief.Worse && stillMoving(found[0], s, l) {
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

// stillMoving reports whether a change goes on at the look's end. The looks' own
// numbers say so where the look before saw the same change surely smaller; else
// a ramp's last fifth (of what came since) must lie beyond the fifth before, in
// the effect's direction.
func stillMoving(v debrief.Verdict, s debrief.Story, l debrief.Look) bool {
	if !finite(v.Effect) || !judgedIn(v, l) || !v.Until.IsZero() {
		return false
	}
	if grewFrom(v, s, &l) != nil {
		return true
	}
	if v.Shape != "ramp" {
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

func judgedIn(v debrief.Verdict, l debrief.Look) bool {
	for _, x := range l.Verdicts {
		if x.Metric == v.Metric {
			return x.Word == v.Word
		}
	}
	return false
}

// grewFrom is the look before, where it saw the same change and surely smaller:
// the two intervals do not meet.
func grewFrom(v debrief.Verdict, s debrief.Story, l *debrief.Look) *held {
	earlier := doneBefore(s, l)
	if len(earlier) == 0 || !hasInterval(v) {
		return nil
	}
	for _, b := range earlier[0].Verdicts {
		if b.Metric != v.Metric || b.Word != v.Word || b.Relative != v.Relative || !hasInterval(b) {
			continue
		}
		if v.Effect > 0 && b.Effect > 0 && v.Low > b.High || v.Effect < 0 && b.Effect < 0 && v.High < b.Low {
			return &held{b, earlier[0]}
		}
	}
	return nil
}

// grewSentence sets the first finding beside what the look before saw of it.
func grewSentence(s debrief.Story, found []debrief.Verdict, now *debrief.Look) []string {
	if len(found) == 0 {
		return nil
	}
	b := grewFrom(found[0], s, now)
	if b == nil {
		return nil
	}
	return []string{capital(Length(b.look.After)) + " after the release it was " + Effect(without(b.Verdict)) + "."}
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
