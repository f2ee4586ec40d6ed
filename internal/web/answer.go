package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/debriefhq/debrief"
)

// answer takes a person's answer to a surprise and goes back to the release.
// It is a plain form, so it works without JavaScript; the page's follower
// sends the same form.
func (s *site) answer(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
	if err := r.ParseForm(); err != nil {
		return debrief.Errorf(debrief.Invalid, "answer", "the form could not be read")
	}
	a := debrief.Answer(r.PostForm.Get("answer"))
	if !slices.Contains(debrief.Answers(), a) {
		var known []string
		for _, k := range debrief.Answers() {
			known = append(known, string(k))
		}
		return debrief.Errorf(debrief.Invalid, "answer", "an answer is one of: %s", strings.Join(known, ", "))
	}
	sp, err := s.Reader.Answer(r.Context(), r.PathValue("id"), a, s.Now())
	if err != nil {
		return err
	}
	to := "/releases/" + url.PathEscape(sp.ReleaseID) + "#surprises"
	if r.PostForm.Get("back") == "today" {
		to = "/#surprises"
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}
