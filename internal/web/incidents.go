package web

import (
	"net/http"
	"net/url"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/delivery"
	"github.com/debriefhq/debrief/internal/loop"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/tell"
)

type incidentsView struct {
	Bold, Rest string
	Asked      []question
	Days       []incidentDay
	Older      string
	Service    string // the one the list is narrowed to
	Open       bool
	Accuracy   delivery.Accuracy
	Measured   string // how often what was held was right, in words
}

// question is one question a person can answer.
type question struct {
	debrief.Attribution
	Title string
	Href  string
}

type incidentDay struct {
	Day  time.Time
	Rows []incidentRow
}

type incidentRow struct {
	debrief.Incident
	Name  string // of its service
	Says  string // how far it has come
	Blame string
	Quiet bool
}

const (
	pageIncidents = 40
	pageAsked     = 8
)

// incidents lists what hurt, newest first, with what each is held to have come
// from, and first what a person is asked.
func (s *site) incidents(w http.ResponseWriter, r *http.Request) error {
	ctx, q := r.Context(), r.URL.Query()
	names, _, err := s.names(ctx)
	if err != nil {
		return err
	}
	v := incidentsView{Service: q.Get("service"), Open: q.Get("open") == "true"}
	list, next, err := s.Reader.Incidents(ctx, store.ObjectFilter{Service: v.Service, Open: v.Open, Before: q.Get("before"), Limit: pageIncidents})
	if err != nil {
		return err
	}
	ids := make([]string, len(list))
	for i, in := range list {
		ids[i] = in.ID
	}
	blames, err := s.Reader.Attributions(ctx, ids)
	if err != nil {
		return err
	}
	running := 0
	for _, in := range list {
		at := in.Began.In(s.Location)
		if n := len(v.Days); n == 0 || daysBetween(at, v.Days[n-1].Day) != 0 {
			v.Days = append(v.Days, incidentDay{Day: at})
		}
		row := incidentRow{Incident: in, Name: nameOf(names, in.Service), Says: tell.IncidentState(in), Blame: tell.Blame(blames[in.ID]), Quiet: in.Alert}
		if in.Open() && !in.Alert {
			running++
		}
		d := &v.Days[len(v.Days)-1]
		d.Rows = append(d.Rows, row)
	}
	if next != "" {
		to := url.Values{"before": {next}}
		for _, k := range []string{"service", "open"} {
			if q.Get(k) != "" {
				to.Set(k, q.Get(k))
			}
		}
		v.Older = "/incidents?" + to.Encode()
	}
	if v.Asked, err = s.asked(r, v.Service, names); err != nil {
		return err
	}
	if v.Accuracy, err = loop.Accuracy(ctx, s.Reader); err != nil {
		return err
	}
	v.Measured = tell.Accuracy(v.Accuracy.Answered, v.Accuracy.Held, v.Accuracy.Right, v.Accuracy.Asked)
	switch {
	case running > 0:
		v.Bold, v.Rest = capital(tell.Count(running, "incident runs", "incidents run"))+".", ""
	case len(list) > 0:
		v.Bold = "No incident is open."
	}
	if n := len(v.Asked); n > 0 && len(list) > 0 {
		v.Rest = capital(tell.Count(n, "question is", "questions are")) + " open: which change it came from."
	}
	return s.show(w, r, "incidents", view{Title: "Incidents", Nav: "incidents", Body: v})
}

// asked lists what a person is asked: of incidents, and of releases that undid or repaired
// something.
func (s *site) asked(r *http.Request, service string, names map[string]string) ([]question, error) {
	list, err := s.Reader.Asked(r.Context(), service, pageAsked)
	if err != nil {
		return nil, err
	}
	var out []question
	for _, a := range list {
		q := question{Attribution: a, Href: "/releases/" + url.PathEscape(a.Subject) + "#blame", Title: string(a.Kind) + " of " + nameOf(names, a.Service)}
		if a.Kind == debrief.SubjectIncident {
			q.Href = "/incidents/" + url.PathEscape(a.Subject)
			in, err := s.Reader.Incident(r.Context(), a.Subject)
			if debrief.KindOf(err) == debrief.NotFound && err != nil {
				continue // gone since
			}
			if err != nil {
				return nil, err
			}
			q.Title = orElse(in.Title, "incident")
		}
		out = append(out, q)
	}
	return out, nil
}

func nameOf(names map[string]string, service string) string {
	if service == debrief.Org {
		return "no service"
	}
	return orElse(names[service], service)
}
