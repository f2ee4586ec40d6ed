package web

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/store"
)

// blames is the part of records that knows what is attributed to what.
type blames struct {
	incidents    []debrief.Incident
	attributions map[string]debrief.Attribution
	corrected    []store.Corrected
	answers      []string // as they were given: subject and answer
}

func (r *records) Incident(_ context.Context, id string) (debrief.Incident, error) {
	for _, i := range r.incidents {
		if i.ID == id || r.redirects[id] == i.ID {
			return i, r.err
		}
	}
	return debrief.Incident{}, debrief.Errorf(debrief.NotFound, "incident", "no incident %q", id)
}

func (r *records) Attribution(_ context.Context, subject string) (debrief.Attribution, bool, error) {
	a, found := r.attributions[subject]
	return a, found, r.err
}

func (r *records) Attributions(_ context.Context, subjects []string) (map[string]debrief.Attribution, error) {
	out := map[string]debrief.Attribution{}
	for _, s := range subjects {
		if a, found := r.attributions[s]; found {
			out[s] = a
		}
	}
	return out, r.err
}

func (r *records) Blaming(_ context.Context, _, release string) ([]debrief.Attribution, error) {
	var out []debrief.Attribution
	for _, id := range slices.Sorted(maps.Keys(r.attributions)) {
		a := r.attributions[id]
		named := a.Suspects()
		if c, ok := a.Held(); ok {
			named = append(named, c)
		}
		for _, c := range named {
			if c.ID == release {
				out = append(out, a)
				break
			}
		}
	}
	return out, r.err
}

func (r *records) Asked(_ context.Context, service string, _ int) ([]debrief.Attribution, error) {
	var out []debrief.Attribution
	for _, id := range slices.Sorted(maps.Keys(r.attributions)) {
		if a := r.attributions[id]; a.Question != "" && (service == "" || a.Service == service) {
			out = append(out, a)
		}
	}
	return out, r.err
}

func (r *records) Corrections(context.Context, int) ([]store.Corrected, error) {
	return r.corrected, r.err
}

func (r *records) CountAttributions(context.Context) (all, open int, err error) {
	for _, a := range r.attributions {
		all++
		if a.Question != "" {
			open++
		}
	}
	return all, open, r.err
}

func (r *records) Correct(_ context.Context, subject, answer, _ string, at time.Time) (debrief.Attribution, error) {
	a, found := r.attributions[subject]
	if !found {
		return a, debrief.Errorf(debrief.NotFound, "id", "nothing is attributed under %q", subject)
	}
	if strings.Contains(answer, "nonsense") {
		return a, debrief.Errorf(debrief.Invalid, "answer", "%q is no release", answer)
	}
	r.answers = append(r.answers, subject+" "+answer)
	a.State, a.Question, a.Answer = debrief.BlameSaid, "", &debrief.Correction{Subject: subject, Answer: answer, At: at}
	r.attributions[subject] = a
	return a, nil
}

func (r *records) Uncorrect(_ context.Context, subject string) (debrief.Attribution, error) {
	r.answers = append(r.answers, subject+" undone")
	a := r.attributions[subject]
	a.State, a.Answer = debrief.BlamePicked, nil
	return a, nil
}

// lostCarts is an incident that asks, of which one candidate is the release of
// this afternoon and one a flag.
func lostCarts() (debrief.Incident, debrief.Attribution) {
	began := liveAt.Add(17 * time.Minute)
	i := debrief.Incident{
		ID: "lost-carts", Service: "shop", Services: []string{"shop"}, Environment: "production", Title: "Carts are lost <b>at checkout</b>", URL: "https://pager.example/17", Severity: "high",
		State: debrief.IncidentAcknowledged, Began: began, Times: debrief.IncidentTimes{Impact: began, Detected: began.Add(4 * time.Minute), Acknowledged: began.Add(6 * time.Minute)},
		Labels: debrief.Facts{"route": "/checkout"}, Sources: []string{"pagerduty"}, Keys: []string{"pagerduty/incident/17"},
	}
	reason := func(name string, value, weight float64, says string) debrief.Reasoned {
		return debrief.Reasoned{Name: name, Value: value, Weight: weight, Sentence: says}
	}
	a := debrief.Attribution{
		Subject: i.ID, Kind: debrief.SubjectIncident, Service: "shop", Services: []string{"shop"}, At: began, State: debrief.BlameAsked,
		Sentence: "2 candidates are too close to tell apart.", Question: "Did it come from shop v1.42 or flag: new-cart?",
		Candidates: []debrief.Candidate{
			{Kind: "release", ID: "r42", Service: "shop", Title: "shop v1.42", At: liveAt, LogOdds: 1.95, Share: 0.6, Reasons: []debrief.Reasoned{reason("change", 1, -3.7, "one of the changes there were"), reason("service", 1, 2.5, "it changed shop"), reason("time", 1, 2.4, "it took effect 17 minutes before"), reason("area", .5, .75, "in common: checkout")}},
			{Kind: "flag", ID: "f1", Service: "shop", Title: "flag: new-cart switched on", At: liveAt.Add(9 * time.Minute), LogOdds: 1.2, Share: 0.3, Reasons: []debrief.Reasoned{reason("change", 1, -3.7, "one of the changes there were"), reason("service", 1, 2.5, "it changed shop"), reason("time", 1, 2.4, "it took effect 8 minutes before")}},
			{Kind: debrief.CandidateNone, ID: debrief.NotADeployment, Title: "no change at all", Share: 0.09},
			{Kind: "release", ID: "r41", Service: "shop", Title: "shop v1.41", At: liveAt.Add(-20 * time.Hour), LogOdds: -1.2, Share: 0.01, Reasons: []debrief.Reasoned{reason("change", 1, -3.7, "one of the changes there were"), reason("service", 1, 2.5, "it changed shop")}},
		},
	}
	return i, a
}
