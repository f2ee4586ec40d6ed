package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/debriefhq/debrief/internal/store"
)

type searchView struct {
	Query string
	Hits  []hit
}

type hit struct {
	Kind, Title, Service, Href string
	Sample                     bool
	At                         time.Time
}

const (
	mostHits  = 40
	longQuery = 200
)

// search finds releases, services, changes and surprises by their words.
func (s *site) search(w http.ResponseWriter, r *http.Request) error {
	q := strings.TrimSpace(r.URL.Query().Get("q"))
	if len(q) > longQuery {
		q = strings.ToValidUTF8(q[:longQuery], "")
	}
	v := searchView{Query: q}
	if q != "" {
		names, _, err := s.names(r.Context())
		if err != nil {
			return err
		}
		hits, err := s.Reader.Search(r.Context(), q, mostHits)
		if err != nil {
			return err
		}
		for _, h := range hits {
			v.Hits = append(v.Hits, hit{h.Kind, h.Title, orElse(names[h.Service], h.Service), hrefOf(h), h.Sample, h.At})
		}
	}
	return s.show(w, r, "search", view{Title: "Search", Nav: "search", Query: q, Body: v})
}

// hrefOf is where a found thing stands. Releases answer to the ids of their
// deployments too; what has no page of its own stands on its service's.
func hrefOf(h store.Hit) string {
	switch h.Kind {
	case "release", "deployment":
		return "/releases/" + url.PathEscape(h.ID)
	case "service":
		return "/services/" + url.PathEscape(h.ID)
	}
	return "/services/" + url.PathEscape(h.Service)
}
