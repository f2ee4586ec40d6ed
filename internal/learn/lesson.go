package learn

import (
	"fmt"
	"slices"
	"strings"

	"github.com/debriefhq/debrief"
)

// LessonInput is what one release may have taught.
type LessonInput struct {
	Facts     debrief.ReleaseFacts
	Titles    []string // of what it brought
	Surprises []debrief.Surprise
	Incidents []debrief.Incident // those it is held to have led to
	Debriefs  []debrief.Debrief  // of the release or of those incidents
	Actions   []debrief.Action   // what they decided
}

const (
	mostLessonText  = 280
	mostLessonWords = 600
)

// Lessons are what a release taught: surprises that a person called
// surprising, that it failed, and what its debriefs wrote down. They are worked
// out anew whenever an answer or an attribution changes; what no longer holds
// is then gone.
func Lessons(in LessonInput) []debrief.Lesson {
	f := in.Facts
	base := debrief.Lesson{
		Service: f.Service, At: f.At, ReleaseID: f.ReleaseID, Version: f.Version, Kinds: f.Kinds, Modules: f.Modules,
		Words: clipped(strings.Join(in.Titles, "; "), mostLessonWords), Sample: f.Sample,
	}
	var out []debrief.Lesson
	for _, s := range in.Surprises {
		if s.Answer != debrief.Surprising || s.Note {
			continue
		}
		l := base
		l.ID, l.Topic, l.Text = debrief.ID("lesson", s.ID), s.Kind, clipped(s.Sentence, mostLessonText)
		out = append(out, l)
	}
	if f.Failure == debrief.DidFail {
		l := base
		l.ID, l.Topic, l.Text = debrief.ID("lesson", debrief.TopicFailed, f.ReleaseID), debrief.TopicFailed, failedText(in)
		out = append(out, l)
	}
	for _, d := range in.Debriefs {
		if d.State != "finished" {
			continue
		}
		l := base
		l.ID, l.DebriefID, l.Topic = debrief.ID("lesson", d.ID), d.ID, string(d.Gap)
		l.Text = debriefText(d)
		if !d.Finished.IsZero() {
			l.At = d.Finished
		}
		if i := slices.IndexFunc(in.Actions, func(a debrief.Action) bool { return a.DebriefID == d.ID }); i >= 0 {
			l.Action = in.Actions[i].Title
		}
		out = append(out, l)
	}
	return out
}

func failedText(in LessonInput) string {
	f := in.Facts
	what := "It hurt and needed a remedy"
	for _, i := range in.Incidents {
		if i.Title != "" {
			what = strings.TrimRight(i.Title, ". ")
			break
		}
	}
	if !f.ImpactAt.IsZero() && f.RestoredAt.After(f.ImpactAt) {
		what += fmt.Sprintf("; restored after %s", lasts(f.RestoredAt.Sub(f.ImpactAt).Seconds()))
	}
	return clipped(what+".", mostLessonText)
}

// debriefText is a debrief's title and what it found: the first words under
// "What made it possible", else the first of its own that are no heading and no
// list (a draft begins with its timeline, which everybody can look up).
func debriefText(d debrief.Debrief) string {
	title := strings.TrimRight(strings.TrimSpace(d.Title), ".")
	found, first, under := "", "", false
	for line := range strings.Lines(d.Text) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "#"):
			under = strings.Contains(strings.ToLower(line), "made it possible")
		case line == "" || strings.HasPrefix(line, "---"):
		case under && found == "":
			found = plainText(line)
		case first == "" && !strings.HasPrefix(line, "- ") && !strings.HasPrefix(line, "* ") && !strings.HasPrefix(line, ">"):
			first = plainText(line)
		}
	}
	if found == "" {
		found = first
	}
	if title != "" && found != "" {
		title += ": "
	}
	return clipped(title+found, mostLessonText)
}

// plainText takes the marks of emphasis and of a list from a line.
func plainText(line string) string {
	return strings.TrimLeft(strings.NewReplacer("**", "", "__", "", "`", "").Replace(line), "-*> ")
}

// LessonText is what a lesson is found by.
func LessonText(l debrief.Lesson) string {
	return strings.Join([]string{l.Text, l.Topic, strings.Join(l.Kinds, " "), strings.Join(l.Modules, " "), l.Words, l.Action}, "\n")
}

// clipped shortens at a word's end.
func clipped(s string, n int) string {
	s = strings.TrimSpace(s)
	if len(s) <= n {
		return s
	}
	s = strings.ToValidUTF8(s[:n], "")
	if i := strings.LastIndexByte(s, ' '); i > n/2 {
		s = s[:i]
	}
	return s + " …"
}
