package tell

import (
	"regexp"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// Headline is a release in one line, for lists: the most important things
// joined, "as usual" when it was.
func Headline(s debrief.Story, loc *time.Location) string {
	parts := what(s, loc)
	if s.Release.Kind.Checked() || s.Release.Kind == "" {
		parts = append(parts, checked(s, loc)...)
	} else {
		parts = append(parts, surpriseClauses(s, 2)...)
	}
	if len(parts) == 0 {
		return Clean(string(s.Release.Kind)) // a kind this version does not know
	}
	return strings.Join(parts, "; ")
}

// what says what kind of thing this was, where it was not a plain release.
func what(s debrief.Story, loc *time.Location) []string {
	r := s.Release
	switch r.Kind {
	case debrief.ReleaseAttempt:
		return []string{lower(strings.TrimSuffix(attempt(s).bold, ".")) + attempt(s).where}
	case debrief.ReleaseSame:
		return []string{"same version again"}
	case debrief.ReleaseRunning:
		return []string{"running since " + Clock(r.Started, r.Started, loc)}
	case debrief.ReleaseRollback:
		if r.Version == "" {
			return []string{"rollback"}
		}
		return []string{"rollback to " + Clean(r.Version)}
	}
	if after, ok := rolledBack(s); ok {
		return []string{"rolled back after " + Length(after)}
	}
	return nil
}

// assumed says what stands for a deployment that nobody told of; empty: it was
// told of. Imports of git repositories say so among the facts.
func assumed(s debrief.Story) string {
	for _, d := range s.Deployments {
		if a := d.Facts["assumed"]; a != "" && len(d.Sources) == 1 {
			return Clean(a)
		}
	}
	return ""
}

func checked(s debrief.Story, loc *time.Location) []string {
	if !s.Release.Live() && len(s.Looks) == 0 {
		return []string{"not live yet"}
	}
	now := current(s)
	surprises := surpriseClauses(s, 2)
	if now == nil {
		text := "too early"
		if taken := assumed(s); taken != "" && len(s.Looks) == 0 {
			return append(surprises, "not checked: "+taken) // it went out before anybody looked
		}
		if l := next(s); l != nil && !l.Due.IsZero() {
			text = "too early, first look " + clock(l.Due, s.Release.Started, loc, quick(*l))
		}
		return append(surprises, text)
	}
	var parts []string
	for i, v := range notable(*now) {
		if i == 2 {
			break
		}
		parts = append(parts, clause(v, s.Release.Started, v.Word == debrief.Better, loc))
	}
	for i, h := range standing(s, now) {
		if len(parts)+i == 2 {
			break
		}
		parts = append(parts, clause(h.Verdict, s.Release.Started, false, loc)+" at "+After(h.look.After))
	}
	parts = append(parts, surprises...)
	if c := logClause(now.Logs); c != "" {
		parts = append(parts, c)
	} else if l := standingLogs(s, now); l != nil {
		parts = append(parts, logClause(l.Logs)+" at "+After(l.After))
	}
	if now.Word == debrief.CannotTell && len(notable(*now)) == 0 {
		return append(parts, cannot(*now, loc))
	}
	for i, v := range passed(s, now) {
		if i == 1 {
			break
		}
		parts = append(parts, Clean(v.Metric)+" was "+Effect(without(v))+", now as usual")
	}
	if len(parts) == 0 {
		return []string{"as usual"}
	}
	return parts
}

func without(v debrief.Verdict) debrief.Verdict {
	v.Low, v.High = 0, 0
	return v
}

// surpriseClauses are the surprises' first clauses, without those that only
// repeat a metric or a log pattern told of already.
func surpriseClauses(s debrief.Story, most int) []string {
	var parts []string
	for _, x := range worthTelling(s) {
		if len(parts) == most {
			break
		}
		if text := firstClauses(x.Sentence); text != "" {
			parts = append(parts, lower(text))
		}
	}
	return parts
}

// firstClauses is what of a sentence fits into a list: one clause, or two short
// ones, without what stands in brackets.
func firstClauses(s string) string {
	const fits = 52
	s, _, _ = strings.Cut(Clean(s), ". ")
	s = strings.TrimRight(brackets.ReplaceAllString(s, ""), ". ")
	clauses := strings.SplitN(s, ", ", 3)
	if len(clauses) > 1 && columns(clauses[0]+", "+clauses[1]) <= fits {
		return clauses[0] + ", " + clauses[1]
	}
	return clauses[0]
}

var brackets = regexp.MustCompile(` \([^()]*\)`)

// toldByLooks are the kinds of surprise that repeat, for a person's answer,
// what a look's verdicts, logs and gaps say already.
var toldByLooks = map[string]bool{
	"metric-shift": true, "error-rate-shift": true, "traffic-shift": true, "new-error": true, "blind-check": true,
}

// worthTelling are the surprises that say something the looks do not.
func worthTelling(s debrief.Story) []debrief.Surprise {
	told := map[string]bool{}
	for _, l := range s.Looks {
		for _, v := range l.Verdicts {
			told[v.Metric] = true
		}
		for _, p := range l.Logs.Patterns {
			told[p.ID], told[p.Template] = true, true
		}
	}
	var xs []debrief.Surprise
	for _, x := range s.Surprises {
		if x.Note || x.Answer == debrief.NothingThere || toldByLooks[x.Kind] || x.Subject != "" && told[x.Subject] {
			continue
		}
		xs = append(xs, x)
	}
	return xs
}

// rolledBack reports whether the release that followed went back, and how long
// this one was live.
func rolledBack(s debrief.Story) (time.Duration, bool) {
	if s.Next == nil || s.Next.Kind != debrief.ReleaseRollback || !s.Release.Live() {
		return 0, false
	}
	until := s.Next.FullExposure
	if until.IsZero() {
		until = s.Next.Started
	}
	return until.Sub(s.Release.FullExposure), true
}
