package learn

import (
	"fmt"
	"slices"
	"strings"

	"github.com/debriefhq/debrief"
)

// taught are the lessons in words: those of what is told may happen again, and
// what debriefs of releases near this one wrote down.
func taught(in BriefInput, near nearness, told []debrief.BriefLesson) []debrief.Lesson {
	var out []debrief.Lesson
	seen := map[string]bool{}
	for _, l := range in.Lessons {
		if l.At.After(in.Now) || seen[l.Text] || len(out) == mostTaught || l.Sample != sampled(in) {
			continue
		}
		if l.DebriefID == "" && !slices.ContainsFunc(told, func(t debrief.BriefLesson) bool {
			return t.Topic == l.Topic && slices.Contains(t.Evidence, l.ReleaseID)
		}) {
			continue // a machine's sentence stands only with the lesson it is evidence of
		}
		if l.DebriefID != "" && !akin(in, l) && near.of(l.ReleaseID) < nearEnough {
			continue
		}
		seen[l.Text] = true
		out = append(out, l)
	}
	return out
}

func sampled(in BriefInput) bool { return len(in.Past) > 0 && in.Past[0].Sample }

// akin: the lesson is of the same service and shares something that not every
// other release has: a kind or a module of at most a third of them.
func akin(in BriefInput, l debrief.Lesson) bool {
	if l.Service != in.Change.Service {
		return false
	}
	rare := func(words, mine []string, of func(debrief.ReleaseFacts) []string) bool {
		has := rarity(in.Past, of)
		return slices.ContainsFunc(words, func(w string) bool {
			return slices.Contains(mine, w) && 3*has[w] <= max(len(in.Past), 3)
		})
	}
	return rare(l.Kinds, in.Change.Kinds, func(f debrief.ReleaseFacts) []string { return f.Kinds }) ||
		rare(l.Modules, in.Change.Modules, func(f debrief.ReleaseFacts) []string { return f.Modules })
}

// openActions are those that debriefs of releases near this one decided, or
// that promised to show in releases of its kind, and that are not done.
func openActions(in BriefInput, b debrief.Brief) []debrief.OpenAction {
	var out []debrief.OpenAction
	for _, a := range in.Actions {
		if a.Service != in.Change.Service || a.State == debrief.ActionDone || a.State == debrief.ActionDropped || len(out) == mostTaught {
			continue
		}
		why := ""
		if a.Promise != nil && slices.Contains(in.Change.Kinds, a.Promise.Kind) {
			why = "it is to show in releases that " + kindPhrase(a.Promise.Kind)
		}
		for _, l := range in.Lessons {
			if l.DebriefID == a.DebriefID && a.DebriefID != "" && (akin(in, l) || slices.ContainsFunc(b.Lessons, func(t debrief.BriefLesson) bool { return slices.Contains(t.Evidence, l.ReleaseID) })) {
				why = "decided after " + strings.TrimSpace("a release like it "+l.Version)
			}
		}
		if why != "" {
			out = append(out, debrief.OpenAction{ID: a.ID, Title: a.Title, Due: a.Due, Why: why})
		}
	}
	return out
}

// summary is what the change is, in a sentence.
func summary(in BriefInput) string {
	c := in.Change
	var say []string
	if c.Commits > 0 {
		say = append(say, count(c.Commits, "commit", "commits"))
	}
	files := max(c.Files, len(c.Paths))
	if files > 0 {
		s := count(files, "file", "files")
		if c.Added+c.Deleted > 0 {
			s += fmt.Sprintf(" (+%s −%s lines)", grouped(c.Added), grouped(c.Deleted))
		}
		say = append(say, s)
	}
	if len(say) == 0 {
		say = append(say, "nothing that a file shows")
	}
	out := capitalised(strings.Join(say, " in "))
	if len(c.Kinds) > 0 {
		out += ": " + listed(c.Kinds)
	}
	if n := len(c.Modules); n > 0 {
		shown := c.Modules[:min(n, 4)]
		out += "; in " + listed(shown)
		if n > 4 {
			out += fmt.Sprintf(" and %d more", n-4)
		}
	}
	return out + "."
}
