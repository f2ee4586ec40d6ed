package web

import (
	"context"
	"errors"
	"net/http"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/access"
)

type failView struct {
	Status         int
	Heading, Lead  string
	Hint           string
	Missing, Login bool
}

// fail shows what was wrong and what to do. An error of ours is logged in full
// and shown without its insides.
func (s *site) fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		return // nobody reads the answer
	}
	kind := debrief.KindOf(err)
	status := access.Status(kind)
	v := failView{Status: status}
	var e *debrief.Error
	if status == http.StatusInternalServerError || !errors.As(err, &e) {
		s.Log.Error("page failed", "path", r.URL.Path, "err", err)
		v.Status, v.Heading = http.StatusInternalServerError, "This page could not be made"
		v.Lead = "The fault is debrief's own; it stands in the server's log. Nothing that was recorded is lost."
	} else {
		v.Lead, v.Hint = sentence(e.Message), e.Hint
		switch kind {
		case debrief.NotFound:
			v.Heading, v.Missing = "Nothing here", true
		case debrief.Unauthorized:
			v.Heading, v.Login = "Who is asking?", s.Login != nil
		case debrief.Forbidden:
			v.Heading = "Not with this token"
		case debrief.Unavailable, debrief.TooMany:
			v.Heading = "Not now"
			w.Header().Set("Retry-After", "5")
		default:
			v.Heading = "That did not work"
		}
	}
	s.render(w, r, v.Status, "fail", view{Title: v.Heading, Body: v})
}
