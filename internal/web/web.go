// Package web is the living room: the pages people read. A page is a story told
// top down, rendered on the server; every page works without JavaScript, and a
// few lines of our own make plots answer to the pointer and pages follow what
// happens. One page is one set of files: handler, template, test.
//
// The package decides nothing: sentences come from tell, pictures from plot,
// records from a Reader, and who may look from the caller.
package web

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/access"
	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/loop"
	"github.com/debriefhq/debrief/internal/store"
)

// Reader is what pages read, and the one thing a person may write: an answer.
type Reader interface {
	Story(ctx context.Context, id string) (debrief.Story, error)
	Releases(ctx context.Context, f store.Filter) (rs []debrief.Release, next string, err error)
	OpenSurprises(ctx context.Context, limit int) ([]debrief.Surprise, error)
	Answer(ctx context.Context, surpriseID string, a debrief.Answer, at time.Time) (debrief.Surprise, error)
	Incidents(ctx context.Context, f store.ObjectFilter) ([]debrief.Incident, string, error)
	Incident(ctx context.Context, id string) (debrief.Incident, error)
	Correct(ctx context.Context, subject, answer, note string, at time.Time) (debrief.Attribution, error)
	Uncorrect(ctx context.Context, subject string) (debrief.Attribution, error)
	loop.BlameReader
	Flips(ctx context.Context, service string, from, to time.Time, limit int) ([]debrief.Change, error)
	Noticed(ctx context.Context, service string) (store.Noticed, error)
	Backtest(ctx context.Context, service string) (b debrief.Backtest, found bool, err error)
	Search(ctx context.Context, q string, limit int) ([]store.Hit, error)
	Revision(ctx context.Context) (int64, error)
	loop.DeliveryReader
	loop.SourceReader
	loop.ReviewReader
	ParseAgain(ctx context.Context, source string) error
}

// Options are what the pages need of the world.
type Options struct {
	Reader   Reader
	Briefs   Briefs // who makes briefs; nil: there are no such pages
	Desk     Desk   // where debriefs are written; nil: there are no such pages
	Config   config.Config
	Now      func() time.Time
	Log      *slog.Logger
	Location *time.Location // whose clock the pages show; nil: UTC

	// Access says whether a request may do what it needs: nil, or why not, as
	// access.Decide words it. It looks at the connection, the Authorization
	// header and the cookie named access.CookieName. Without it nobody gets in.
	Access func(r *http.Request, need access.Scope) error
	// Login turns a token into a session cookie's value. nil: there is no login,
	// and who may not read is told so.
	Login func(ctx context.Context, token string) (session string, expires time.Time, err error)

	Poll time.Duration   // how often live pages ask for the revision; 0: each second
	Stop <-chan struct{} // closed when the server stops: ends the live connections
}

type site struct {
	Options
	pages  pages
	assets assets
	live   *live
	mux    *http.ServeMux

	reviewer *loop.Reviewer
}

// New builds the handler of all pages. A template that does not parse is a
// fault of ours that every test sees, so it panics rather than serve half a site.
func New(o Options) http.Handler {
	if o.Location == nil {
		o.Location = time.UTC
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Poll <= 0 {
		o.Poll = time.Second
	}
	s := &site{Options: o, assets: loadAssets(), mux: http.NewServeMux()}
	s.pages = loadPages(s)
	s.live = newLive(o)
	s.reviewer = loop.NewReviewer(o.Reader, o.Now, o.Location)
	s.route("GET /{$}", s.today)
	s.route("GET /releases", s.releases)
	s.route("GET /releases/{id}", s.release)
	s.route("GET /services", s.services)
	s.route("GET /services/{id}", s.service)
	s.route("GET /services/{id}/metrics", s.metricsPage)
	s.route("GET /services/{id}/questions", s.questions)
	s.route("GET /rules", s.rules)
	s.route("GET /evidence/{id}", s.evidence)
	s.route("GET /incidents", s.incidents)
	s.route("GET /incidents/{id}", s.incident)
	s.route("POST /attributions/{id}/answer", s.answerBlame)
	s.route("GET /reviews", s.reviews)
	s.route("GET /reviews/{month}", s.review)
	s.route("GET /reviews/{month}/file", s.reviewFile)
	s.route("GET /search", s.search)
	s.route("GET /sources", s.sources)
	s.route("GET /sources/{name}", s.source)
	s.route("POST /sources/{name}/parse-again", s.parseAgain)
	s.route("POST /surprises/{id}/answer", s.answer)
	s.deskRoutes()
	s.route("GET /outbox", s.outbox)
	s.route("POST /outbox", s.resolve)
	s.briefRoutes()
	s.mux.Handle("GET /live", s.guarded(s.serveLive))
	s.mux.HandleFunc("GET /login", s.loginForm)
	s.mux.HandleFunc("POST /login", s.login)
	s.mux.HandleFunc("POST /logout", s.logout)
	s.mux.HandleFunc("GET /static/{file}", s.static)
	s.route("GET /", func(http.ResponseWriter, *http.Request) error {
		return debrief.Errorf(debrief.NotFound, "", "there is no such page")
	})
	return headers(http.NewCrossOriginProtection().Handler(s.mux))
}

// page answers a request or says why not.
type page func(http.ResponseWriter, *http.Request) error

func (s *site) route(pattern string, p page) {
	s.mux.Handle(pattern, s.guarded(func(w http.ResponseWriter, r *http.Request) {
		if err := p(w, r); err != nil {
			s.fail(w, r, err)
		}
	}))
}

// guarded lets only those in who may: reading for pages, writing for answers.
func (s *site) guarded(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reading := r.Method == http.MethodGet || r.Method == http.MethodHead
		need := access.Write
		if reading {
			need = access.Read
		}
		err := s.may(r, need)
		switch {
		case err == nil:
			next(w, r)
		case s.Login != nil && reading && r.URL.Path != "/live" && debrief.KindOf(err) == debrief.Unauthorized:
			http.Redirect(w, r, "/login?next="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
		default:
			s.fail(w, r, err)
		}
	})
}

func (s *site) may(r *http.Request, need access.Scope) error {
	if s.Access == nil {
		return debrief.Errorf(debrief.Unauthorized, "", "these pages need a token")
	}
	return s.Access(r, need)
}

// headers hold for every answer. The policy allows our own files and nothing
// else: no inline script or style, no other host.
func headers(next http.Handler) http.Handler {
	const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}
