package web

import (
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/learn"
	"github.com/debriefhq/debrief/internal/tell"
)

type reviewsView struct {
	Kept    []reviewLine
	Running string // the month that is not over
	Latest  string // the last one that is
	Missing bool   // the last one was not kept: it can be reckoned
}

type reviewLine struct {
	Month, Title string
	Bold, Rest   string
}

type reviewView struct {
	debrief.Review
	Heading, Bold, Rest, Asked string
	Whose                      string // the service's name; empty: all
	Told                       []reviewFinding
	Before, After              string // the months beside it; empty: none
	Query                      string // what a link to another form of it ends with
	Again                      bool
}

type reviewFinding struct {
	debrief.Finding
	Saves string
	First string // the month that said it first
	Links []reviewLink
}

type reviewLink struct{ Says, Path string }

const reviewsShown = 36

// reviews lists the months that were looked back on.
func (s *site) reviews(w http.ResponseWriter, r *http.Request) error {
	list, err := s.Reader.Reviews(r.Context(), "", "", reviewsShown)
	if err != nil {
		return err
	}
	latest := s.reviewer.Latest()
	v := reviewsView{Latest: latest.String(), Running: latest.Before(-1).String(), Missing: len(list) == 0 || list[0].Month != latest.String()}
	for _, x := range list {
		line := reviewLine{Month: x.Month, Title: tell.ReviewTitle(x)}
		line.Bold, line.Rest = tell.ReviewLead(x)
		v.Kept = append(v.Kept, line)
	}
	return s.show(w, r, "reviews", view{Title: "Reviews", Nav: "reviews", Body: v})
}

// review is one month looked back on: as it was kept, or reckoned now.
func (s *site) review(w http.ResponseWriter, r *http.Request) error {
	names, _, err := s.names(r.Context())
	if err != nil {
		return err
	}
	rev, err := s.reviewOf(r)
	if err != nil {
		return err
	}
	v := reviewView{Review: rev, Heading: tell.ReviewTitle(rev), Asked: tell.ReviewAsked(rev), Again: r.URL.Query().Get("again") == "1", Query: reviewQuery(rev)}
	v.Bold, v.Rest = tell.ReviewLead(rev)
	if rev.Service != "" {
		v.Whose = orElse(names[rev.Service], rev.Service)
	}
	for _, f := range rev.Findings {
		x := reviewFinding{Finding: f, Saves: tell.ReviewSaves(f)}
		if f.Since != "" {
			x.First = tell.ReviewTitle(debrief.Review{Month: f.Since})
		}
		for _, e := range f.Evidence {
			x.Links = append(x.Links, reviewLink{tell.EvidenceSays(e, names, s.Location), tell.EvidencePath(e)})
		}
		v.Told = append(v.Told, x)
	}
	if m, err := learn.ParseMonth(rev.Month, s.Location); err == nil {
		v.Before = m.Before(1).String()
		if !rev.Running {
			v.After = m.Before(-1).String()
		}
	}
	return s.show(w, r, "review", view{Title: v.Heading, Nav: "reviews", Body: v})
}

func (s *site) reviewOf(r *http.Request) (debrief.Review, error) {
	q := r.URL.Query()
	return s.reviewer.Review(r.Context(), r.PathValue("month"), strings.TrimSpace(q.Get("service")), q.Get("again") == "1")
}

// reviewQuery leads to the same service's.
func reviewQuery(r debrief.Review) string {
	if r.Service == "" {
		return ""
	}
	return "?service=" + url.QueryEscape(r.Service)
}

// reviewFile is a review to take along, as Markdown or as a page that stands
// alone.
func (s *site) reviewFile(w http.ResponseWriter, r *http.Request) error {
	format := r.URL.Query().Get("format")
	if format != "markdown" && format != "html" {
		return debrief.Errorf(debrief.Invalid, "format", "%q is no format", format).WithHint("known are markdown and html")
	}
	names, _, err := s.names(r.Context())
	if err != nil {
		return err
	}
	rev, err := s.reviewOf(r)
	if err != nil {
		return err
	}
	text, kind, ending := tell.ReviewMarkdown(rev, s.address(r), names, s.Location), "text/markdown; charset=utf-8", ".md"
	if format == "html" {
		kind, ending = "text/html; charset=utf-8", ".html"
		if text, err = tell.ReviewHTML(rev, s.address(r), names, s.Location); err != nil {
			return err
		}
	}
	name := "review-" + rev.Month
	if rev.Service != "" {
		name += "-" + debrief.Slug(rev.Service)
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", `attachment; filename="`+strings.Map(ascii, name)+ending+`"`)
	_, err = io.WriteString(w, text)
	return err
}

// ascii keeps what a file's name in a header may hold.
func ascii(c rune) rune {
	if c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c == '-' || c == '.' {
		return c
	}
	return '_'
}
