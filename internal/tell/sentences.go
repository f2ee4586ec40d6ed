package tell

import (
	"strings"
	"time"
	"unicode"

	"github.com/debriefhq/debrief"
)

// foundSentences tell of the metrics that differ, the first with its distance
// from the release.
func foundSentences(s debrief.Story, found []debrief.Verdict, loc *time.Location) []string {
	var parts, more []string
	for i, v := range found {
		name := Clean(v.Metric)
		if i >= 3 {
			more = append(more, name)
			continue
		}
		are := isAre(name)
		if !v.Until.IsZero() {
			are = wasWere(name)
		}
		text := name + are + Effect(v) + since(v, s.Release.Started, loc)
		if i == 0 && !v.Since.IsZero() && s.Release.Live() {
			text += ", " + distance(v.Since.Sub(s.Release.FullExposure))
		}
		parts = append(parts, sentence(capital(text)))
	}
	switch n := len(more); {
	case n > 3:
		parts = append(parts, capital(Count(n, "", "more metrics changed too.")))
	case n > 0:
		parts = append(parts, capital(list(more))+" changed too.")
	}
	return parts
}

// usualSentence tells of the first metric that differs as it does after every
// release.
func usualSentence(l debrief.Look) []string {
	var names []string
	var first debrief.Verdict
	for _, v := range l.Verdicts {
		if v.Usual && wordRank(v.Word) < 3 {
			if names = append(names, Clean(v.Metric)); len(names) == 1 {
				first = v
			}
		}
	}
	switch n := len(names); {
	case n == 0:
		return nil
	case n == 1:
		return []string{sentence(capital(names[0]) + isAre(names[0]) + Effect(first) + ", which is usual after a deployment")}
	case n <= 3:
		return []string{capital(list(names)) + " differ as is usual after a deployment."}
	}
	return []string{capital(Count(len(names), "", "metrics differ as is usual after a deployment."))}
}

// distance says how far from the release something began. It says when, and
// never because of what.
func distance(d time.Duration) string {
	switch {
	case d < -time.Minute:
		return Length(d) + " before it was live for everybody"
	case d < time.Minute:
		return "as the release went live"
	default:
		return Length(d) + " after the release"
	}
}

func isAre(name string) string {
	first, _, _ := strings.Cut(name, " ")
	if strings.HasSuffix(first, "s") && strings.IndexFunc(first, func(r rune) bool { return !unicode.IsLower(r) }) < 0 && len(first) > 3 {
		return " are "
	}
	return " is "
}

var roleWords = map[debrief.Role]string{
	debrief.Latency: "response times",
	debrief.Errors:  "errors",
	debrief.Traffic: "traffic",
}

// steadyRoles names what was steady: a role's word where all its metrics that
// could be told were, else the metrics by name.
func steadyRoles(vs []debrief.Verdict) []string {
	var names []string
	for _, role := range roles {
		var steady []string
		mixed := false
		for _, v := range vs {
			switch {
			case v.Role != role:
			case v.Word == debrief.Steady:
				steady = append(steady, Clean(v.Metric))
			case v.Word != debrief.Pending:
				mixed = true
			}
		}
		switch word := roleWords[role]; {
		case len(steady) == 0:
		case word == "" && len(steady) <= 2:
			names = append(names, steady...)
		case word == "":
			names = append(names, Count(len(steady), "", "other metrics"))
		case mixed && len(steady) > 2:
			names = append(names, Count(len(steady), "", "other "+word))
		case mixed:
			names = append(names, steady...)
		default:
			names = append(names, word)
		}
	}
	return names
}

func steadySentence(vs []debrief.Verdict, when string) []string {
	names := steadyRoles(vs)
	if len(names) == 0 {
		return nil
	}
	return []string{capital(list(names)) + areFor(names) + "steady" + when + "."}
}

func areFor(names []string) string {
	if len(names) > 1 || names[0] == roleWords[debrief.Latency] {
		return " are "
	}
	return isAre(names[0])
}

// cannotSentences name what a look cannot tell, each with its reason; metrics
// with one reason share a sentence.
func cannotSentences(l debrief.Look, loc *time.Location) []string {
	names := map[string][]string{}
	var reasons []string
	for _, role := range roles {
		for _, v := range l.Verdicts {
			if v.Word != debrief.CannotTell || v.Role != role && (role != debrief.Other || roleRank(v.Role) < len(roles)) {
				continue
			}
			r := whyIn(l, v, loc)
			if names[r] == nil {
				reasons = append(reasons, r)
			}
			names[r] = append(names[r], Clean(v.Metric))
		}
	}
	var parts []string
	rest := 0
	for i, r := range reasons {
		ns := names[r]
		if i >= 3 {
			rest += len(ns)
			continue
		}
		who := list(ns)
		if len(ns) > 3 {
			who = Count(len(ns), "", "metrics")
		}
		how := " we cannot tell: "
		if i > 0 {
			how = " neither: "
		}
		parts = append(parts, "For "+who+how+r+".")
	}
	if rest > 0 {
		parts = append(parts, "For "+Count(rest, "more metric", "more metrics")+" neither.")
	}
	return parts
}

// LogSentence tells of the logs in one sentence; empty: nothing to tell.
func LogSentence(f debrief.LogFindings, beside time.Time, loc *time.Location) string {
	return logSentence(f, beside, loc, false)
}

func logSentence(f debrief.LogFindings, beside time.Time, loc *time.Location, seconds bool) string {
	ps := newErrors(f)
	switch {
	case len(ps) > 0:
		first, n := ps[0].First, 0
		for _, p := range ps {
			n += p.Count
			if p.First.Before(first) {
				first = p.First
			}
		}
		text := capital(Count(len(ps), "new kind of error", "new kinds of error")) + " in the logs"
		if !first.IsZero() {
			text += " since " + clock(first, beside, loc, seconds)
		}
		return text + ", " + Times(n) + "."
	case f.Word == debrief.CannotTell && f.Reason == debrief.LogsTooNew && !f.Known.IsZero():
		return "For the logs we cannot tell: they are known only since " + Clock(f.Known, beside, loc) + "."
	case f.Word == debrief.CannotTell && f.Reason == debrief.ProviderFailed:
		return "For the logs we cannot tell: they could not be asked."
	case f.Word == debrief.CannotTell:
		return "For the logs we cannot tell: " + Reason(f.Reason) + "."
	case f.Word == debrief.Worse:
		return "More errors in the logs than before."
	case f.Word == debrief.Steady:
		return "No new kind of error in the logs."
	}
	return ""
}

// LogsOf is LogSentence for a look on its story's page: to the second where the
// looks are so close that minutes would hide them.
func LogsOf(s debrief.Story, l debrief.Look, loc *time.Location) string {
	return logSentence(l.Logs, s.Release.FullExposure, loc, Quick(s))
}

// logSentences tell of a look's logs, and of what an earlier look found in them
// where this one could not read them.
func logSentences(s debrief.Story, now *debrief.Look, loc *time.Location) []string {
	var parts []string
	if l := standingLogs(s, now); l != nil {
		text := strings.TrimSuffix(logSentence(l.Logs, s.Release.Started, loc, Quick(s)), ".")
		parts = append(parts, text+", "+Length(l.After)+" after the release.")
	}
	if text := logSentence(now.Logs, s.Release.Started, loc, Quick(s)); text != "" {
		parts = append(parts, text)
	}
	return parts
}

func passedSentence(vs []debrief.Verdict, now *debrief.Look) []string {
	if len(vs) == 0 {
		return nil
	}
	v := vs[0]
	return []string{sentence(capital(Clean(v.Metric) + " was " + Effect(v) + " at an earlier look, and is as usual " + Length(now.After) + " after the release"))}
}

func surpriseSentences(s debrief.Story, most int) []string {
	var parts []string
	for _, x := range worthTelling(s) {
		if len(parts) == most {
			break
		}
		if text := sentence(capital(Clean(x.Sentence))); text != "" {
			parts = append(parts, text)
		}
	}
	return parts
}

// circumstances are what limits the look: overlap, an early end, what could
// not be asked.
func circumstances(l debrief.Look, s debrief.Story, loc *time.Location) []string {
	var parts []string
	if len(l.Run) > 1 {
		parts = append(parts, "The look covers "+Clean(l.Run[0])+" to "+Clean(l.Run[len(l.Run)-1])+" together: which of them it was is not known.")
	}
	if l.CutShort != "" {
		parts = append(parts, "The look ended at "+clock(l.To, s.Release.Started, loc, quick(l))+", when "+Clean(l.CutShort)+" went live.")
	}
	if text := notSeen(l.Blind); text != "" {
		parts = append(parts, text)
	}
	return parts
}

// notSeen names what a look was blind to, the first two in their own words.
func notSeen(blind []string) string {
	var parts []string
	all := Unreachables(blind)
	for i, b := range all {
		if i == 2 && len(all) > 3 {
			parts = append(parts, "and "+numeral(len(all)-i)+" more")
			break
		}
		parts = append(parts, cut(b, 160))
	}
	if len(parts) == 0 {
		return ""
	}
	return sentence("Not seen: " + strings.Join(parts, "; "))
}
