package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/access"
)

type loginView struct {
	Next    string
	Problem string
}

func (s *site) loginForm(w http.ResponseWriter, r *http.Request) {
	if s.Login == nil {
		s.fail(w, r, debrief.Errorf(debrief.NotFound, "", "there is no login here"))
		return
	}
	s.render(w, r, http.StatusOK, "login", view{Title: "Log in", Nav: "login", Body: loginView{Next: local(r.URL.Query().Get("next"))}})
}

// login exchanges a token for a session. The cookie cannot be read by scripts
// and is not sent along from other sites' forms.
func (s *site) login(w http.ResponseWriter, r *http.Request) {
	if s.Login == nil {
		s.loginForm(w, r)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
	token, next := strings.TrimSpace(r.PostFormValue("token")), local(r.PostFormValue("next"))
	session, until, err := s.Login(r.Context(), token)
	if err != nil {
		if k := debrief.KindOf(err); k != debrief.Unauthorized && k != debrief.Forbidden && k != debrief.NotFound && k != debrief.Invalid {
			s.fail(w, r, err)
			return
		}
		v := loginView{Next: next, Problem: "This token is not known, or was revoked."}
		s.render(w, r, http.StatusUnauthorized, "login", view{Title: "Log in", Nav: "login", Body: v})
		return
	}
	http.SetCookie(w, s.cookie(r, session, until))
	http.Redirect(w, r, next, http.StatusSeeOther)
}

func (s *site) logout(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, s.cookie(r, "", time.Unix(1, 0)))
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}

func (s *site) cookie(r *http.Request, value string, until time.Time) *http.Cookie {
	c := &http.Cookie{
		Name: access.CookieName, Value: value, Path: "/", Expires: until, HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: r.TLS != nil || strings.HasPrefix(s.Config.URL, "https://"),
	}
	if value == "" {
		c.MaxAge = -1
	}
	return c
}

// local allows only paths of this server, so that a link cannot lead a person
// who just logged in to somebody else's page.
func local(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return "/"
	}
	return next
}
