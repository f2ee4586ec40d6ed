package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/tell"
)

// Briefs is who makes briefs and knows those that were made: loop.Briefs.
type Briefs interface {
	Make(ctx context.Context, c debrief.Upcoming) (debrief.Brief, error)
	One(ctx context.Context, id string) (store.KeptBrief, error)
	List(ctx context.Context, service string, limit int) ([]store.KeptBrief, error)
	Shipped(ctx context.Context, service, releaseID string) ([]store.KeptBrief, error)
	Accuracy(ctx context.Context, service string) (debrief.BriefAccuracy, error)
}

func (s *site) briefRoutes() {
	if s.Briefs == nil {
		return
	}
	s.route("GET /briefs/{id}", s.brief)
	s.route("GET /services/{id}/briefs", s.briefs)
	s.route("POST /services/{id}/briefs", s.makeBrief)
}

type briefView struct {
	store.KeptBrief
	Name    string
	Silence string
	Range   string // "v1.41 to 3f2a9c1d0"
	Rest    string
	Lessons []briefLesson
	Usually []briefLesson // what most releases show
	Expect  []briefNumber
	Where   []briefPlace
	Became  string // what of it happened, in a sentence
	Others  map[string]string
}

type briefLesson struct {
	debrief.BriefLesson
	Word string // "happened", "did not happen", or empty
}

type briefNumber struct {
	debrief.Expectation
	Saw string
}

type briefPlace struct {
	debrief.SimilarRelease
	Name string
}

// brief shows what past releases taught, and what became of it.
func (s *site) brief(w http.ResponseWriter, r *http.Request) error {
	k, err := s.Briefs.One(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	names, _, err := s.names(r.Context())
	if err != nil {
		return err
	}
	v := briefView{KeptBrief: k, Name: orElse(names[k.Service], k.Service), Rest: tell.BriefRests(k.Brief), Became: tell.BriefBecame(k.Brief)}
	if k.Silent {
		v.Silence = tell.BriefSilence(k.Brief)
	}
	v.Range = strings.TrimSpace(shortName(k.Base) + " to " + shortName(k.Head))
	if k.Base == "" {
		v.Range = shortName(k.Head)
	}
	for _, l := range k.Lessons {
		x := briefLesson{BriefLesson: l}
		if l.Happened != nil {
			x.Word = "did not happen"
			if *l.Happened {
				x.Word = "happened"
			}
		}
		if l.Usual {
			v.Usually = append(v.Usually, x)
			continue
		}
		v.Lessons = append(v.Lessons, x)
	}
	for _, n := range k.Expect {
		x := briefNumber{Expectation: n}
		if n.Saw != nil {
			x.Saw = tell.BriefSaw(n)
		}
		v.Expect = append(v.Expect, x)
	}
	for _, p := range k.Similar {
		name := orElse(p.Version, "a release")
		if p.Service != k.Service {
			name = orElse(names[p.Service], p.Service) + " " + name
		}
		v.Where = append(v.Where, briefPlace{p, name})
	}
	return s.show(w, r, "brief", view{Title: "Brief for " + v.Name, Nav: "services", Body: v})
}

// shortName is a commit as people write it, and anything else as it is.
func shortName(s string) string {
	if len(s) >= 20 && strings.Trim(s, "0123456789abcdef") == "" {
		return shortCommit(s)
	}
	return s
}

type briefsView struct {
	debrief.Service
	Rows     []store.KeptBrief
	Accuracy []string
	Paths    string
	Titles   string
}

// briefs lists a service's briefs, how good they were, and asks for one.
func (s *site) briefs(w http.ResponseWriter, r *http.Request) error {
	sv, err := s.oneOf(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	v := briefsView{Service: sv}
	if v.Rows, err = s.Briefs.List(r.Context(), sv.ID, 50); err != nil {
		return err
	}
	a, err := s.Briefs.Accuracy(r.Context(), sv.ID)
	if err != nil {
		return err
	}
	v.Accuracy = tell.BriefAccuracy(a)
	return s.show(w, r, "briefs", view{Title: "Briefs of " + sv.Name, Nav: "services", Body: v})
}

func (s *site) oneOf(ctx context.Context, id string) (debrief.Service, error) {
	_, all, err := s.names(ctx)
	if err != nil {
		return debrief.Service{}, err
	}
	for _, sv := range s.known(all) {
		if sv.ID == id {
			return sv, nil
		}
	}
	return debrief.Service{}, debrief.Errorf(debrief.NotFound, "service", "there is no service %q", id)
}

const (
	maxBriefForm  = 256 << 10
	mostFormLines = 2000
)

// makeBrief answers the form: paths and titles, one a line.
func (s *site) makeBrief(w http.ResponseWriter, r *http.Request) error {
	sv, err := s.oneOf(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBriefForm)
	if err := r.ParseForm(); err != nil {
		return debrief.Errorf(debrief.TooLarge, "paths", "the list is too long").WithHint("debrief brief reads it from git")
	}
	c := debrief.Upcoming{Service: sv.ID, Paths: lines(r.PostFormValue("paths")), Titles: lines(r.PostFormValue("titles"))}
	if len(c.Paths) == 0 {
		return debrief.Errorf(debrief.Invalid, "paths", "name at least one file that changes")
	}
	c.Files, c.Commits = len(c.Paths), len(c.Titles)
	b, err := s.Briefs.Make(r.Context(), c)
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/briefs/"+url.PathEscape(b.ID), http.StatusSeeOther)
	return nil
}

func lines(text string) []string {
	var out []string
	for l := range strings.Lines(debrief.Mask(text)) {
		if l = strings.TrimSpace(l); l != "" && len(l) <= 4096 && len(out) < mostFormLines {
			out = append(out, l)
		}
	}
	return out
}

// foretold is a brief on the page of what shipped it.
type foretold struct {
	store.KeptBrief
	Became string
}

func (s *site) foretold(ctx context.Context, r debrief.Release) ([]foretold, error) {
	if s.Briefs == nil {
		return nil, nil
	}
	ks, err := s.Briefs.Shipped(ctx, r.Service, r.ID)
	var out []foretold
	for _, k := range ks[:min(len(ks), 5)] {
		out = append(out, foretold{k, tell.BriefBecame(k.Brief)})
	}
	return out, err
}
