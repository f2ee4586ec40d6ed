package web

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/tell"
)

type todayView struct {
	Heading    string
	Bold, Rest string
	Empty      bool // nothing real was ever recorded
	SampleOnly bool
	Looking    []row
	Days       days
	LookNames  string
	More       bool
	Surprises  []debrief.Surprise
	Names      map[string]string
	Configured bool // something can be measured
	Hooks      bool // a secret for GitHub's events is configured
}

const todayRows = 30

// today is the page of the morning: what happened since yesterday, worst first
// in words, then the list, then what waits for an answer.
func (s *site) today(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	now := s.Now().In(s.Location)
	names, _, err := s.names(ctx)
	if err != nil {
		return err
	}
	real := false
	rs, next, err := s.Reader.Releases(ctx, store.Filter{Sample: &real, Limit: todayRows})
	if err != nil {
		return err
	}
	v := todayView{
		Heading: now.Format("Monday, 2 January"), LookNames: s.lookNames(), More: next != "", Names: names,
	}
	for _, c := range s.Config.Services {
		v.Configured = v.Configured || len(c.Metrics)+len(c.Probes) > 0
	}
	if len(rs) == 0 {
		samples, _, err := s.Reader.Releases(ctx, store.Filter{Limit: 1})
		if err != nil {
			return err
		}
		v.Empty, v.SampleOnly = true, len(samples) > 0
		hooks := s.Config.Sources["github"]
		v.Hooks = hooks.Secret != "" || hooks.SecretFile != ""
		return s.show(w, r, "today", view{Title: "Today", Nav: "today", Body: v})
	}
	var recent, listed []debrief.Release
	for _, rel := range rs {
		if len(v.Looking) < 6 && s.lookingAt(rel) {
			v.Looking = append(v.Looking, s.progress(r, rel, names))
			continue
		}
		if daysBetween(rel.Started.In(s.Location), now) <= 1 {
			recent = append(recent, rel)
		}
		listed = append(listed, rel)
	}
	if len(recent) > 0 {
		listed = recent
	} else if len(listed) > 8 {
		listed, v.More = listed[:8], true
	}
	v.More = v.More || len(listed)+len(v.Looking) < len(rs)
	v.Days = s.byDay(listed, names)
	v.Bold, v.Rest = s.lead(recent, rs, len(v.Looking), names)
	all, err := s.Reader.OpenSurprises(ctx, 6)
	if err != nil {
		return err
	}
	v.Surprises = all
	return s.show(w, r, "today", view{Title: "Today", Nav: "today", Body: v})
}

// lookingAt reports whether a release is on its way or awaits its first look.
func (s *site) lookingAt(r debrief.Release) bool {
	if r.Kind == debrief.ReleaseRunning {
		return true
	}
	return r.Kind.Checked() && r.Verdict == debrief.Pending && r.Live() && len(r.Looks) > 0 && r.Looks[0] == debrief.Pending &&
		s.Now().Sub(r.FullExposure) < 24*time.Hour
}

// progress adds how far a release has come: towards its usual length while it
// is deployed, towards the first look once it is live.
func (s *site) progress(r *http.Request, rel debrief.Release, names map[string]string) row {
	v := s.rowOf(rel, names)
	done, whole := time.Duration(0), time.Duration(0)
	if rel.Kind == debrief.ReleaseRunning {
		v.Say, done = s.unsaid(rel), s.Now().Sub(rel.Started)
		if story, err := s.Reader.Story(r.Context(), rel.ID); err == nil { // without it: no bar, nothing else
			if whole = usualWork(story.Recent); whole > 0 {
				v.Say += ", usually " + tell.Length(whole)
			}
		}
	} else if after := s.Config.Looks.After; len(after) > 0 {
		done, whole = s.Now().Sub(rel.FullExposure), after[0]
	}
	if whole > 0 {
		v.Percent = int(min(max(done*100/whole, 1), 99))
	}
	return v
}

// lead is the page's first sentence: the worst of it in words anybody
// understands, then the rest counted.
func (s *site) lead(recent, all []debrief.Release, looking int, names map[string]string) (bold, rest string) {
	if len(recent) == 0 {
		if looking > 0 {
			return "Looking.", "What went out is being looked at; nothing else was released since yesterday."
		}
		last := all[0]
		return "Quiet since yesterday.", "The last release was " + title(last, names) + ", " + tell.Clock(last.Started, s.Now(), s.Location) + "."
	}
	summary := "Since yesterday " + tell.Summary(recent) + "."
	var worse []debrief.Release
	out := 0
	for _, r := range recent {
		if r.Kind.Checked() {
			out++
		}
		if r.Verdict == debrief.Worse {
			worse = append(worse, r)
		}
	}
	switch {
	case len(worse) > 0:
		bold = title(worse[0], names) + ": " + orElse(firstClause(worse[0].Headline), "worse") + "."
	case out == 0 && looking > 0:
		bold = "Looking."
	case out == 0:
		bold = "Nothing new went out."
	case noneWithout(recent, debrief.Steady):
		bold = "All as usual."
	case noneWithout(recent, debrief.CannotTell):
		bold = "Cannot tell."
	case cannotTell(recent):
		bold = "Nothing is known to have got worse."
	default:
		bold = "Nothing got worse."
	}
	return bold, summary
}

func cannotTell(rs []debrief.Release) bool {
	return slices.ContainsFunc(rs, func(r debrief.Release) bool { return r.Verdict == debrief.CannotTell })
}

func noneWithout(rs []debrief.Release, w debrief.Word) bool {
	for _, r := range rs {
		if r.Kind.Checked() && r.Verdict != w {
			return false
		}
	}
	return true
}

func title(r debrief.Release, names map[string]string) string {
	return strings.TrimSpace(orElse(names[r.Service], r.Service) + " " + r.Version)
}

func firstClause(s string) string {
	clause, _, _ := strings.Cut(s, ";")
	return strings.TrimRight(clause, ".")
}
