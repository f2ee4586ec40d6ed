package delivery

import (
	"slices"
	"strconv"
	"strings"

	"github.com/debriefhq/debrief"
)

// OfIncident is an incident as a subject.
func OfIncident(i debrief.Incident) Subject {
	s := Subject{
		Kind: debrief.SubjectIncident, ID: i.ID, Service: i.Service, Services: slices.Clone(i.Services), At: i.Times.Impact, Until: i.Ended(),
		Names: i.Deployments, Title: i.Title, Alert: i.Alert, NamedBy: "the incident",
	}
	if s.At.IsZero() {
		s.At = i.Began
	}
	// What machines tag their alerts and errors with is not what a person names.
	machine := map[string]bool{}
	for _, f := range i.Said {
		if f.Name == "alert" {
			machine[f.Source] = true
		}
	}
	tagged, by := map[string]bool{}, map[string]string{}
	for _, f := range i.Said {
		if f.Name == "version" {
			tagged[f.Value] = tagged[f.Value] || machine[f.Source]
			by[f.Value] = f.Source
		}
	}
	for _, v := range i.Versions {
		if tagged[v] || i.Alert {
			s.Tagged = append(s.Tagged, v)
		} else {
			s.Versions = append(s.Versions, v)
		}
	}
	for _, label := range []string{"version", "release", "app_version", "service_version"} {
		if v := i.Labels[label]; v != "" && !slices.Contains(s.Tagged, v) {
			s.Tagged = append(s.Tagged, v)
		}
	}
	texts := []string{i.Title}
	for name, v := range i.Labels {
		switch name {
		case "route", "path", "handler", "endpoint", "uri", "url", "module", "component", "operation", "method", "job", "alertname", "rule":
			texts = append(texts, v)
		}
	}
	slices.Sort(texts)
	s.Words = without(Words(texts...), i.Services)
	return s
}

// without leaves out what only names the services.
func without(words, services []string) []string {
	names := Words(services...)
	return slices.DeleteFunc(words, func(w string) bool { return slices.Contains(names, w) })
}

// OfRelease is a release that undid or repaired something, as a subject; ok is
// false for one that did neither. near are the releases of the service around it,
// reverted the one that brought what it reverts, where that is known.
func OfRelease(r debrief.Release, changes []debrief.Change, reverted string, near []debrief.Release) (s Subject, ok bool) {
	s = Subject{ID: r.ID, Service: r.Service, Services: []string{r.Service}, At: r.Started, Until: r.FullExposure}
	switch {
	case r.Kind == debrief.ReleaseRollback:
		s.Kind, s.Undone = debrief.SubjectRollback, Undone(r, near)
	case r.Kind != debrief.ReleaseNew:
		return s, false
	case reverted != "" && reverted != r.ID:
		s.Kind, s.Reverted = debrief.SubjectRevert, reverted
	case r.PreviousID != "" && IsHotfix(r, changes):
		s.Kind, s.Replaced = debrief.SubjectHotfix, r.PreviousID
	default:
		return s, false
	}
	return s, true
}

// Undone are the releases that a rollback took away: those that ran since the
// version it put back was last replaced, the newest first.
func Undone(rollback debrief.Release, near []debrief.Release) []string {
	byID := map[string]debrief.Release{}
	for _, r := range near {
		byID[r.ID] = r
	}
	var out []string
	for id := rollback.PreviousID; id != "" && len(out) < kept; {
		r, known := byID[id]
		if known && r.Version == rollback.Version && r.Version != "" {
			return out
		}
		if slices.Contains(out, id) || !known && len(out) > 0 {
			break
		}
		// A rollback in between brought nothing of its own.
		if r.Kind != debrief.ReleaseRollback {
			out = append(out, id)
		}
		id = r.PreviousID
	}
	return out[:min(len(out), 1)] // what it went back to is not known: only what it replaced is
}

// IsHotfix: the version, a change's title or a branch says so.
func IsHotfix(r debrief.Release, changes []debrief.Change) bool {
	says := func(text string) bool {
		text = strings.ToLower(text)
		for _, w := range []string{"hotfix", "hot-fix", "hot fix"} {
			if at := strings.Index(text, w); at >= 0 && (at == 0 || !isLetter(text[at-1])) {
				return true
			}
		}
		return false
	}
	return says(r.Version) || slices.ContainsFunc(changes, func(c debrief.Change) bool { return says(c.Title) || says(c.Branch) })
}

func isLetter(b byte) bool { return b >= 'a' && b <= 'z' }

// Reverted are the ids of the changes, among earlier ones, that these undo: by
// commit, by number or by title.
func Reverted(changes, earlier []debrief.Change) []string {
	var out []string
	for _, c := range changes {
		what := strings.TrimSpace(c.Reverts)
		if what == "" {
			continue
		}
		for _, e := range earlier {
			if e.ID != c.ID && undoes(what, e) && !slices.Contains(out, e.ID) {
				out = append(out, e.ID)
			}
		}
	}
	return out
}

func undoes(what string, e debrief.Change) bool {
	switch number, isNumber := strings.CutPrefix(what, "#"); {
	case isNumber:
		return e.PullNumber > 0 && number == strconv.Itoa(e.PullNumber)
	case len(what) >= 7 && e.Commit != "" && strings.HasPrefix(strings.ToLower(e.Commit), strings.ToLower(what)):
		return true
	}
	return e.Title != "" && strings.EqualFold(strings.TrimSpace(e.Title), what)
}

// OfDeployed is a release as a suspect, with what its looks saw shift. name is its
// service's. What a release that is only listed lacks may be left out.
func OfDeployed(r debrief.Release, name string, ds []debrief.Deployment, changes []debrief.Change, looks []debrief.Look) (Suspect, []Shift) {
	x := Suspect{Kind: debrief.CandidateRelease, ID: r.ID, Service: r.Service, Title: strings.TrimSpace(name + " " + r.Version), Version: r.Version, From: r.FirstExposure, Full: r.FullExposure}
	if x.From.IsZero() {
		x.From = r.Started
	}
	x.Names = append([]string{r.ID}, r.DeploymentIDs...)
	var texts []string
	for _, d := range ds {
		for _, k := range d.Keys {
			x.Names = append(x.Names, k)
			if own, ok := strings.CutPrefix(k, "api/"); ok {
				x.Names = append(x.Names, own) // as whoever reported it wrote it
			}
		}
		if d.Commit != "" {
			x.Names = append(x.Names, d.Commit)
		}
		if d.Git != nil {
			texts = append(texts, d.Git.Paths...)
		}
	}
	for _, c := range changes {
		texts = append(append(texts, c.Title), c.Paths...)
		if c.Commit != "" {
			x.Names = append(x.Names, c.Commit)
		}
	}
	x.Words = without(Words(texts...), []string{r.Service})
	var shifts []Shift
	for _, l := range looks {
		if l.State == debrief.LookDone && l.Word == debrief.Steady && l.To.After(x.Steady) {
			x.Steady = l.To
		}
		for _, v := range l.Verdicts {
			if (v.Word == debrief.Worse || v.Word == debrief.Changed) && !v.Usual && !v.Since.IsZero() {
				shifts = append(shifts, Shift{Service: r.Service, Release: r.ID, What: v.Metric, Since: v.Since})
			}
		}
		for _, p := range l.Logs.Patterns {
			if p.New && p.Level == "error" && !p.First.IsZero() {
				shifts = append(shifts, Shift{Service: r.Service, Release: r.ID, What: "the logs (a new kind of error)", Since: p.First})
			}
		}
	}
	return x, shifts
}

// OfFlip is a change that took effect by itself as a suspect.
func OfFlip(c debrief.Change, service string) Suspect {
	title := strings.TrimSpace(c.Title)
	if title == "" {
		title = c.ID
	}
	kind := c.Kind
	if kind == "manual" {
		kind = "by hand"
	}
	return Suspect{
		Kind: c.Kind, ID: c.ID, Service: service, Title: kind + ": " + title, Names: []string{c.ID}, From: c.Live,
		Words: without(Words(append([]string{c.Title}, c.Paths...)...), []string{service}),
	}
}
