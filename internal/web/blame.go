package web

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/tell"
)

// blamed is what a release's page says of failures.
type blamed struct {
	Own *blameView // of a rollback, a hotfix or a revert: what it undid or repaired
	Led []ledTo    // what it is held to have led to, or is asked about
}

type ledTo struct {
	Says, Title, Href string
}

// blamed gathers what is attributed to a release, and what a release that undid or
// repaired something is attributed to.
func (s *site) blamed(r *http.Request, story debrief.Story) (blamed, error) {
	rel := story.Release
	var v blamed
	own, found, err := s.Reader.Attribution(r.Context(), rel.ID)
	if err != nil {
		return v, err
	}
	if found {
		v.Own = blameOf(own, "/releases/"+url.PathEscape(rel.ID)+"#blame")
	}
	list, err := s.Reader.Blaming(r.Context(), rel.Service, rel.ID)
	if err != nil {
		return v, err
	}
	for _, a := range list {
		l := ledTo{Says: "Held to have led to", Href: "/releases/" + url.PathEscape(a.Subject)}
		switch {
		case a.State == debrief.BlameAsked:
			l.Says = "Asked whether it led to"
		case a.State == debrief.BlameSaid:
			l.Says = "A person said it led to"
		}
		l.Title = "a " + string(a.Kind)
		if a.Kind == debrief.SubjectIncident {
			in, err := s.Reader.Incident(r.Context(), a.Subject)
			if err != nil {
				if debrief.KindOf(err) == debrief.NotFound {
					continue // gone since
				}
				return v, err
			}
			l.Title, l.Href = orElse(tell.Clean(in.Title), "an incident"), "/incidents/"+url.PathEscape(in.ID)
		} else if other, err := s.Reader.Story(r.Context(), a.Subject); err == nil {
			l.Title = "the " + string(a.Kind) + " " + other.Release.Version
		}
		v.Led = append(v.Led, l)
	}
	return v, nil
}

// answerBlame takes what a person says an incident, a rollback, a hotfix or a revert came
// from, or takes that back. It is a plain form, as other answers are.
func (s *site) answerBlame(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, 8<<10)
	if err := r.ParseForm(); err != nil {
		return debrief.Errorf(debrief.Invalid, "answer", "the form could not be read")
	}
	subject := r.PathValue("id")
	var a debrief.Attribution
	var err error
	if r.PostForm.Get("undo") != "" {
		a, err = s.Reader.Uncorrect(r.Context(), subject)
	} else {
		answer := strings.TrimSpace(orElse(r.PostForm.Get("other"), r.PostForm.Get("answer")))
		if answer == "" {
			return debrief.Errorf(debrief.Invalid, "answer", "which change it was is missing").WithHint("a release's id or version, a flag, or: %s", debrief.NotADeployment)
		}
		a, err = s.Reader.Correct(r.Context(), subject, answer, "", s.Now())
	}
	if err != nil {
		return err
	}
	to := "/releases/" + url.PathEscape(a.Subject) + "#blame"
	if a.Kind == debrief.SubjectIncident {
		to = "/incidents/" + url.PathEscape(a.Subject)
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}
