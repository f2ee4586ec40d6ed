package tell

import (
	"sort"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// Word is a verdict's word as people read it.
func Word(w debrief.Word) string {
	switch w {
	case debrief.Pending:
		return "too early"
	case debrief.Steady:
		return "as usual"
	default:
		return string(w)
	}
}

// Look says in one line what one look saw: "one hour after: p95 of /checkout
// 38 % up (31 to 46 %) since 14:21; one new kind of error".
func Look(l debrief.Look, loc *time.Location) string {
	name := Length(l.After) + " after: "
	if l.State != debrief.LookDone {
		if l.Due.IsZero() {
			return name + "too early"
		}
		return name + "too early, due " + clock(l.Due, l.From, loc, quick(l))
	}
	parts := shortFindings(l, 3, true, loc)
	if l.CutShort != "" {
		parts = append(parts, "closed early, when "+Clean(l.CutShort)+" went live")
	}
	return name + strings.Join(parts, "; ")
}

// shortFindings are a look's findings as clauses, most important first; never
// empty.
func shortFindings(l debrief.Look, most int, intervals bool, loc *time.Location) []string {
	var parts []string
	found := notable(l)
	for i, v := range found {
		if i == most {
			parts = append(parts, numeral(len(found)-most)+" more")
			break
		}
		parts = append(parts, clause(v, l.From, intervals, loc))
	}
	if s := logClause(l.Logs); s != "" {
		parts = append(parts, s)
	}
	if len(parts) > 0 {
		return parts
	}
	if l.Word == debrief.CannotTell {
		return []string{cannot(l, loc)}
	}
	return []string{Word(l.Word)}
}

func clause(v debrief.Verdict, beside time.Time, interval bool, loc *time.Location) string {
	if !interval {
		v.Low, v.High = 0, 0
	}
	return Clean(v.Metric) + " " + Effect(v) + since(v, beside, loc)
}

// cannot says that a look cannot tell, of what, and why.
func cannot(l debrief.Look, loc *time.Location) string {
	metric, reason := lookReason(l, loc)
	if metric == "" {
		return "cannot tell: " + reason
	}
	return "cannot tell for " + metric + ": " + reason
}

// lookReason is why a look cannot tell, and of which metric: the one that
// matters most. Where a provider failed, no metric: it is not about one.
func lookReason(l debrief.Look, loc *time.Location) (metric, reason string) {
	deciding := withoutParts(l.Verdicts)
	for _, role := range roles {
		for _, v := range deciding {
			if v.Word != debrief.CannotTell || v.Role != role {
				continue
			}
			if blind := Unreachables(l.Blind); v.Reason == debrief.ProviderFailed && len(blind) > 0 {
				return "", blind[0]
			}
			return Clean(v.Metric), whyIn(l, v, loc)
		}
	}
	return "", plainReason(l)
}

// withoutParts are the verdicts of the whole service, where one of them cannot
// tell: a part's not telling decided nothing.
func withoutParts(vs []debrief.Verdict) []debrief.Verdict {
	var whole []debrief.Verdict
	blind := false
	for _, v := range vs {
		if !v.Part {
			whole = append(whole, v)
			blind = blind || v.Word == debrief.CannotTell
		}
	}
	if !blind {
		return vs
	}
	return whole
}

func plainReason(l debrief.Look) string {
	if blind := Unreachables(l.Blind); len(blind) > 0 {
		return blind[0]
	}
	if l.Reason == debrief.NoReason && len(l.Verdicts) == 0 {
		return Reason(debrief.NothingToLookAt)
	}
	return Reason(l.Reason)
}

// roles in the order in which people are told of them.
var roles = [...]debrief.Role{debrief.Latency, debrief.Errors, debrief.Traffic, debrief.Other}

func roleRank(r debrief.Role) int {
	for i, role := range roles {
		if role == r {
			return i
		}
	}
	return len(roles)
}

func wordRank(w debrief.Word) int {
	switch w {
	case debrief.Worse:
		return 0
	case debrief.Changed:
		return 1
	case debrief.Better:
		return 2
	}
	return 3
}

// notable are the metrics that differ: worse first, then changed, then better;
// within that by role, size and name.
func notable(l debrief.Look) []debrief.Verdict {
	var vs []debrief.Verdict
	for _, v := range l.Verdicts {
		if wordRank(v.Word) < 3 && !v.Usual {
			vs = append(vs, v)
		}
	}
	sort.SliceStable(vs, func(i, j int) bool {
		a, b := vs[i], vs[j]
		if x, y := wordRank(a.Word), wordRank(b.Word); x != y {
			return x < y
		}
		if x, y := roleRank(a.Role), roleRank(b.Role); x != y {
			return x < y
		}
		if x, y := size(a), size(b); x != y {
			return x > y
		}
		return a.Metric < b.Metric
	})
	return vs
}

func size(v debrief.Verdict) float64 {
	switch {
	case !finite(v.Effect):
		return 0
	case v.Effect < 0:
		return -v.Effect
	}
	return v.Effect
}

// newErrors are the new kinds of error lines.
func newErrors(f debrief.LogFindings) []debrief.LogPattern {
	var ps []debrief.LogPattern
	for _, p := range f.Patterns {
		if p.New && (p.Level == "error" || p.Level == "fatal" || p.Level == "") {
			ps = append(ps, p)
		}
	}
	return ps
}

func logClause(f debrief.LogFindings) string {
	if n := len(newErrors(f)); n > 0 {
		return Count(n, "new kind of error", "new kinds of error")
	}
	if f.Word == debrief.Worse {
		return "more errors in the logs"
	}
	return ""
}

// current is the latest look that is done; nil: none is.
func current(s debrief.Story) *debrief.Look {
	var last *debrief.Look
	for i := range s.Looks {
		if l := &s.Looks[i]; l.State == debrief.LookDone && (last == nil || l.Number > last.Number) {
			last = l
		}
	}
	return last
}

// next is the first look still planned; nil: none is.
func next(s debrief.Story) *debrief.Look {
	var first *debrief.Look
	for i := range s.Looks {
		if l := &s.Looks[i]; l.State != debrief.LookDone && (first == nil || l.Number < first.Number) {
			first = l
		}
	}
	return first
}

// passed are the metrics an earlier look called worse and the current one does
// not.
func passed(s debrief.Story, now *debrief.Look) []debrief.Verdict {
	bad := map[string]bool{}
	for _, v := range now.Verdicts {
		// A metric that can no longer be told has not been seen to recover.
		bad[v.Metric] = v.Word == debrief.Worse || v.Word == debrief.CannotTell
	}
	var vs []debrief.Verdict
	for _, l := range s.Looks {
		if l.State != debrief.LookDone || l.Number >= now.Number {
			continue
		}
		for _, v := range notable(l) {
			if _, judged := bad[v.Metric]; v.Word == debrief.Worse && judged && !bad[v.Metric] {
				bad[v.Metric] = true // once
				vs = append(vs, v)
			}
		}
	}
	return vs
}
