package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/tell"
)

type servicesView struct {
	Rows []serviceLine
}

type serviceLine struct {
	debrief.Service
	Last    *row
	Watched string
}

const mostServices = 200

// services lists what is deployed and watched, with its latest release.
func (s *site) services(w http.ResponseWriter, r *http.Request) error {
	names, all, err := s.names(r.Context())
	if err != nil {
		return err
	}
	var v servicesView
	for i, sv := range s.known(all) {
		line := serviceLine{Service: sv, Watched: watched(s.configured(sv))}
		if i < mostServices {
			rs, _, err := s.Reader.Releases(r.Context(), store.Filter{Service: sv.ID, Limit: 1})
			if err != nil {
				return err
			}
			if len(rs) > 0 {
				last := s.rowOf(rs[0], names)
				line.Last = &last
			}
		}
		v.Rows = append(v.Rows, line)
	}
	return s.show(w, r, "services", view{Title: "Services", Nav: "services", Body: v})
}

// known adds the services that are configured and were never deployed yet.
func (s *site) known(all []debrief.Service) []debrief.Service {
	seen := map[string]bool{}
	out := make([]debrief.Service, 0, len(all))
	for _, sv := range all {
		seen[sv.ID] = true
		sv.Aliases = slices.Clone(sv.Aliases)
		for _, a := range s.configured(sv).Aliases {
			if !slices.Contains(sv.Aliases, a) {
				sv.Aliases = append(sv.Aliases, a)
			}
		}
		if sv.ID != "org" { // holds what belongs to no service
			out = append(out, sv)
		}
	}
	for _, name := range sortedNames(s.Config.Services) {
		if id := debrief.Slug(name); !seen[id] {
			out = append(out, debrief.Service{ID: id, Name: name, Aliases: s.Config.Services[name].Aliases})
		}
	}
	return out
}

func (s *site) configured(sv debrief.Service) config.Service {
	for name, c := range s.Config.Services {
		if debrief.Slug(name) == sv.ID || strings.EqualFold(name, sv.Name) {
			return c
		}
	}
	return config.Service{}
}

func watched(c config.Service) string {
	var out []string
	if n := len(c.Metrics); n > 0 {
		out = append(out, tell.Count(n, "metric", "metrics"))
	}
	if n := len(c.Probes); n > 0 {
		out = append(out, tell.Count(n, "probe", "probes"))
	}
	if len(c.Logs) > 0 {
		out = append(out, "logs")
	}
	return strings.Join(out, ", ")
}

type serviceView struct {
	debrief.Service
	Metrics    []watchedMetric
	Probes     []config.Probe
	Logs       []config.LogSource
	Nothing    bool // nothing is configured
	From       *row // the release whose look told what can be seen
	Thresholds []fact
	Surprises  []fact
	LookNames  string
	Days       days
	More       bool
	Note       string
	Tried      *tried
	CanTry     bool // it has metrics, which reach back
	Happened   []happening
	CanBrief   bool
	Precision  string // how many surprises were noticed, and how many were none
}

// watchedMetric is what is asked, and what size of change would be seen.
type watchedMetric struct {
	Name, Role, Asked string
	Matters           string // the practical margin
	Shows             string // the smallest change seen with 80 % power
	Word              debrief.Word
	Spark             metric
}

const serviceRows = 12

// service shows what is watched of one service and how well debrief can see.
func (s *site) service(w http.ResponseWriter, r *http.Request) error {
	names, all, err := s.names(r.Context())
	if err != nil {
		return err
	}
	v, err := s.findService(s.known(all), r.PathValue("id"))
	if err != nil {
		return err
	}
	if v.ID != r.PathValue("id") {
		http.Redirect(w, r, "/services/"+url.PathEscape(v.ID), http.StatusMovedPermanently)
		return nil
	}
	rs, next, err := s.Reader.Releases(r.Context(), store.Filter{Service: v.ID, Limit: serviceRows})
	if err != nil {
		return err
	}
	v.Days, v.More, v.LookNames = s.byDay(rs, names), next != "", s.lookNames()
	c := s.configured(v.Service)
	v.Probes, v.Logs = c.Probes, c.Logs
	v.Nothing = len(c.Metrics)+len(c.Probes)+len(c.Logs) == 0
	seen, err := s.lastSeen(r, rs, names, &v)
	if err != nil {
		return err
	}
	v.Metrics = s.watchedMetrics(c, seen)
	v.Thresholds, v.Surprises = s.thresholds(), s.noticing()
	v.CanTry = len(c.Metrics) > 0 && !v.Sample
	if v.Tried, err = s.tried(r.Context(), v.ID); err != nil {
		return err
	}
	noticed, err := s.Reader.Noticed(r.Context(), v.ID)
	if err != nil {
		return err
	}
	v.Precision = precision(noticed)
	if v.Happened, err = s.happened(r.Context(), v.ID); err != nil {
		return err
	}
	v.CanBrief = s.Briefs != nil
	return s.show(w, r, "service", view{Title: v.Name, Nav: "services", Body: v})
}

// precision counts what debrief noticed and what was nothing, in words.
func precision(n store.Noticed) string {
	switch {
	case n.Noticed == 0:
		return ""
	case n.NothingThere == 0:
		return tell.Count(n.Noticed, "surprise", "surprises") + " noticed so far; none was answered with nothing there"
	}
	return tell.Count(n.Noticed, "surprise", "surprises") + " noticed so far; " + strconv.Itoa(n.NothingThere) + " answered with nothing there"
}

func (s *site) findService(all []debrief.Service, id string) (serviceView, error) {
	for _, sv := range all {
		if sv.ID == id {
			return serviceView{Service: sv}, nil
		}
	}
	for _, sv := range all {
		for _, a := range append(slices.Clone(sv.Aliases), sv.Name) {
			if strings.EqualFold(a, id) {
				return serviceView{Service: sv}, nil
			}
		}
	}
	return serviceView{}, debrief.Errorf(debrief.NotFound, "", "there is no service called %q", id)
}

// lastSeen finds the verdicts of the latest look that was taken: they tell what
// size of change can be seen.
func (s *site) lastSeen(r *http.Request, rs []debrief.Release, names map[string]string, v *serviceView) ([]metric, error) {
	for i, rel := range rs {
		if i == 5 {
			break
		}
		if !rel.Kind.Checked() || rel.Verdict == debrief.Pending {
			continue
		}
		story, err := s.Reader.Story(r.Context(), rel.ID)
		if err != nil {
			return nil, err
		}
		_, look := s.lookTabs(story, "")
		if look == nil || look.State != debrief.LookDone {
			continue
		}
		from := s.rowOf(rel, names)
		v.From, v.Note = &from, tell.Length(look.After)+" after"
		ms, _ := s.metrics(story, *look)
		return ms, nil
	}
	return nil, nil
}

func (s *site) watchedMetrics(c config.Service, seen []metric) []watchedMetric {
	var out []watchedMetric
	done := map[string]bool{}
	for _, m := range seen {
		wm := watchedMetric{Name: m.Metric, Role: string(m.Role), Word: m.Word, Spark: m, Matters: s.margin(m.Role)}
		wm.Shows = "not known what would show"
		if m.Smallest > 0 {
			wm.Shows = "a change above " + tell.Size(m.Verdict, m.Smallest) + " would show"
		}
		for _, cm := range c.Metrics {
			if cm.Name == m.Metric {
				wm.Asked = asked(cm)
			}
		}
		done[m.Metric] = true
		out = append(out, wm)
	}
	for _, cm := range c.Metrics {
		if !done[cm.Name] {
			out = append(out, watchedMetric{Name: cm.Name, Role: cm.Role, Asked: asked(cm), Matters: s.margin(debrief.Role(cm.Role)), Shows: "what would show is known after the first look"})
		}
	}
	return out
}

func asked(m config.Metric) string {
	switch {
	case m.Query != "":
		return m.Query
	case m.Histogram != "":
		return m.Histogram
	case m.Errors != "":
		return m.Errors + "\nof\n" + m.Requests
	}
	return ""
}
