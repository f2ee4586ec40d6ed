package web

import (
	"context"
	"html/template"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/tell"
)

// row is a release as one line of a list.
type row struct {
	debrief.Release
	Name    string // of the service
	Say     string
	Quiet   bool // as usual: no ink
	Tag     string
	Signs   template.HTML
	Percent int // progress, where something is going on
}

// days are rows grouped by the day they started.
type days []struct {
	Day  time.Time
	Rows []row
}

// names maps service ids to the names people gave them.
func (s *site) names(ctx context.Context) (map[string]string, []debrief.Service, error) {
	services, err := s.Reader.Services(ctx)
	if err != nil {
		return nil, nil, err
	}
	names := make(map[string]string, len(services))
	for _, sv := range services {
		names[sv.ID] = sv.Name
	}
	return names, services, nil
}

func (s *site) rowOf(r debrief.Release, names map[string]string) row {
	v := row{Release: r, Name: orElse(names[r.Service], r.Service), Say: r.Headline}
	switch r.Kind {
	case debrief.ReleaseRollback:
		v.Tag = "rollback"
	case debrief.ReleaseSame:
		v.Tag = "same version again"
	case debrief.ReleaseAttempt:
		v.Tag = "failed attempt"
	}
	if s.lookingAt(r) {
		// What was said when it went out has aged: the wait is said from now.
		clauses := strings.Split(v.Say, "; ")
		for i, c := range clauses {
			if strings.HasPrefix(c, "too early") {
				clauses[i] = s.unsaid(r)
			}
		}
		v.Say = strings.Join(clauses, "; ")
	}
	if v.Say == "" {
		v.Say = s.unsaid(r)
	}
	v.Quiet = r.Open == 0 && (r.Verdict == debrief.Steady || r.Verdict == debrief.Pending || !r.Kind.Checked())
	v.Signs = s.signs(r)
	return v
}

// unsaid is what can be said of a release nobody has looked at yet.
func (s *site) unsaid(r debrief.Release) string {
	switch {
	case r.Kind == debrief.ReleaseRunning:
		return "deploying, " + tell.Length(max(s.Now().Sub(r.Started), 0))
	case r.Kind == debrief.ReleaseAttempt:
		return "did not reach production"
	case r.Kind == debrief.ReleaseSame:
		return "nothing new went out"
	case r.Live():
		return s.firstLook(r)
	}
	return "too early"
}

func (s *site) firstLook(r debrief.Release) string {
	after := s.Config.Looks.After
	if len(after) == 0 {
		return "no looks are configured"
	}
	wait := r.FullExposure.Add(after[0]).Sub(s.Now())
	if wait <= 0 {
		return "too early; the first look is being taken"
	}
	return "too early, first look in " + tell.Length(wait)
}

// signs are the marks of a release's looks.
func (s *site) signs(r debrief.Release) template.HTML {
	if !r.Kind.Checked() {
		return ""
	}
	var b strings.Builder
	for i, w := range r.Looks {
		title := tell.Word(w)
		if i < len(s.Config.Looks.After) {
			title = tell.After(s.Config.Looks.After[i]) + ": " + title
		}
		b.WriteString(string(mark(w, title)))
	}
	return template.HTML(b.String()) //nolint:gosec // marks are ours, titles escaped
}

func (s *site) byDay(rs []debrief.Release, names map[string]string) days {
	var out days
	for _, r := range rs {
		at := r.Started.In(s.Location)
		if n := len(out); n == 0 || daysBetween(at, out[n-1].Day) != 0 {
			out = append(out, struct {
				Day  time.Time
				Rows []row
			}{Day: at})
		}
		d := &out[len(out)-1]
		d.Rows = append(d.Rows, s.rowOf(r, names))
	}
	return out
}

// lookNames heads the marks' column: "5 min, 1 h, 24 h".
func (s *site) lookNames() string {
	var out []string
	for _, d := range s.Config.Looks.After {
		out = append(out, tell.After(d))
	}
	return strings.Join(out, ", ")
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
