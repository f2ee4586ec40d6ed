package web

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/tell"
)

type incidentView struct {
	debrief.Incident
	Heading  string
	Names    []fact // services: name and address
	Tag      string
	Blame    *blameView
	Moments  []incidentMoment
	Labels   []fact
	Said     []debrief.Fact
	Skewed   bool
	Versions []string
}

// incidentMoment is one of its times, and how long it was since the one before.
type incidentMoment struct {
	Name  string
	At    time.Time
	After string
}

// blameView is an attribution as a page shows it.
type blameView struct {
	debrief.Attribution
	Likely   []candidateView
	Unlikely []candidateView
	Buttons  []debrief.Candidate // one click each
	Open     bool                // a person is asked
	Held     *candidateView
	Back     string // where an answer leads back to
}

type candidateView struct {
	debrief.Candidate
	Odds    string
	Href    string
	Said    bool // a person said it was this one
	Suspect bool
	Reasons []reasonView
}

type reasonView struct {
	Weight, Name, Sentence string
}

// incident tells one incident: what it is held to have come from and why, when
// what happened, and what it is linked to.
func (s *site) incident(w http.ResponseWriter, r *http.Request) error {
	ctx, id := r.Context(), r.PathValue("id")
	in, err := s.Reader.Incident(ctx, id)
	if err != nil {
		return err
	}
	if in.ID != id {
		http.Redirect(w, r, "/incidents/"+url.PathEscape(in.ID), http.StatusMovedPermanently)
		return nil
	}
	names, _, err := s.names(ctx)
	if err != nil {
		return err
	}
	v := incidentView{Incident: in, Heading: orElse(tell.Clean(in.Title), "An incident without a title"), Skewed: len(in.Skew) > 0}
	for _, service := range in.Services {
		v.Names = append(v.Names, fact{nameOf(names, service), "/services/" + url.PathEscape(service)})
	}
	switch {
	case in.Alert:
		v.Tag = "alert"
	case in.Open():
		v.Tag = "running"
	}
	v.Moments = momentsOf(in)
	for _, k := range sortedKeys(in.Labels) {
		v.Labels = append(v.Labels, fact{k, in.Labels[k]})
	}
	a, found, err := s.Reader.Attribution(ctx, in.ID)
	if err != nil {
		return err
	}
	if found {
		v.Blame = blameOf(a, "/incidents/"+url.PathEscape(in.ID))
	}
	return s.show(w, r, "incident", view{Title: v.Heading, Nav: "incidents", Body: v})
}

func momentsOf(in debrief.Incident) []incidentMoment {
	t := in.Times
	var out []incidentMoment
	for _, m := range []incidentMoment{
		{Name: "impact began", At: t.Impact},
		{Name: "noticed", At: t.Detected},
		{Name: "acknowledged", At: t.Acknowledged},
		{Name: "service restored", At: t.Restored},
		{Name: "closed", At: t.Closed},
	} {
		if !m.At.IsZero() {
			out = append(out, m)
		}
	}
	slices.SortStableFunc(out, func(a, b incidentMoment) int { return a.At.Compare(b.At) })
	for i := range out {
		if d := out[i].At.Sub(out[0].At); d > 0 {
			out[i].After = tell.Length(d) + " after"
		}
	}
	return out
}

// shownCandidates stand open on a page: what is less likely is folded.
const shownCandidates = 0.02

func blameOf(a debrief.Attribution, back string) *blameView {
	v := &blameView{Attribution: a, Back: back, Open: a.Question != ""}
	suspects := a.Suspects()
	held, isHeld := a.Held()
	for _, c := range a.Candidates {
		cv := candidateView{Candidate: c, Odds: tell.Odds(c.Share), Said: a.Answer != nil && a.Answer.Answer == c.ID}
		cv.Suspect = slices.ContainsFunc(suspects, func(o debrief.Candidate) bool { return o.ID == c.ID })
		switch c.Kind {
		case debrief.CandidateRelease:
			cv.Href = "/releases/" + url.PathEscape(c.ID)
		case debrief.CandidateNone:
		default:
			cv.Href = "/services/" + url.PathEscape(c.Service)
		}
		for _, r := range strongest(c.Reasons) {
			cv.Reasons = append(cv.Reasons, reasonView{strings.Replace(fmt.Sprintf("%+.1f", r.Weight), "-", "−", 1), r.Name, r.Sentence})
		}
		if isHeld && c.ID == held.ID {
			v.Held = &cv
		}
		if c.Share >= shownCandidates || cv.Said || cv.Suspect || len(v.Likely) == 0 {
			v.Likely = append(v.Likely, cv)
			if c.Kind != debrief.CandidateNone && len(v.Buttons) < 6 {
				v.Buttons = append(v.Buttons, c)
			}
		} else {
			v.Unlikely = append(v.Unlikely, cv)
		}
	}
	return v
}

// strongest puts the weightiest reasons first.
func strongest(list []debrief.Reasoned) []debrief.Reasoned {
	out := slices.Clone(list)
	slices.SortStableFunc(out, func(a, b debrief.Reasoned) int { return cmp.Compare(b.Weight, a.Weight) })
	return out
}
