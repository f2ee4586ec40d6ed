package web

import (
	"net/http"
	"net/url"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/store"
)

type releasesView struct {
	Days       days
	LookNames  string
	Services   []debrief.Service
	Service    string
	Only       string // "real": without sample history
	HasSample  bool
	Older      string // link to the next page
	First      bool   // the first page
	NoneAtAll  bool
	FilterName string
}

const pageRows = 40

// releases is the timeline: everything that went to production, newest first.
func (s *site) releases(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	names, services, err := s.names(r.Context())
	if err != nil {
		return err
	}
	f := store.Filter{Service: q.Get("service"), Before: q.Get("before"), Limit: pageRows}
	v := releasesView{Services: services, Service: f.Service, Only: q.Get("only"), LookNames: s.lookNames(), First: f.Before == "", FilterName: names[f.Service]}
	if v.Only == "real" {
		real := false
		f.Sample = &real
	}
	for _, sv := range services {
		v.HasSample = v.HasSample || sv.Sample
	}
	rs, next, err := s.Reader.Releases(r.Context(), f)
	if err != nil {
		return err
	}
	v.Days = s.byDay(rs, names)
	v.NoneAtAll = len(rs) == 0 && v.First && f.Service == "" && v.Only == ""
	if next != "" {
		to := url.Values{"before": {next}}
		for _, k := range []string{"service", "only"} {
			if q.Get(k) != "" {
				to.Set(k, q.Get(k))
			}
		}
		v.Older = "/releases?" + to.Encode()
	}
	return s.show(w, r, "releases", view{Title: "Releases", Nav: "releases", Body: v})
}
