package web

import (
	"encoding/json"
	"html/template"
	"math"
	"net/http"
	"net/url"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/delivery"
	"github.com/debriefhq/debrief/internal/loop"
	"github.com/debriefhq/debrief/internal/plot"
)

type questionsView struct {
	debrief.Service
	Environment string
	From, To    time.Time
	First       *questionView // the newest move: what the page asks
	Others      []questionView
	Sentence    string // where nothing is asked
	Lines       []lineView
}

type questionView struct {
	debrief.Question
	Picture  lineView
	When     string // the interval of when, in words
	Moves    []moveView
	Releases []evidenceLink
	More     int
}

type moveView struct {
	debrief.Move
	Parts []partView
}

type partView struct {
	debrief.Part
	Bar                            template.HTML
	Was, Is, Says, Interval, Shown string
}

type evidenceLink struct{ ID, Name string }

type lineView struct {
	Name, PartOf, Level, Unit string
	Wide, Narrow, Spark       template.HTML
	Data                      string
	Rows                      []tableRow
}

// refuse answers addresses that would compare, grade or name people.
func refuse(q url.Values) error {
	for name := range q {
		if err := delivery.Refuse(name); err != nil {
			return err
		}
	}
	return nil
}

const shownEvidence = 8

// questions tells what moved in one service's history, and asks about it.
func (s *site) questions(w http.ResponseWriter, r *http.Request) error {
	if err := refuse(r.URL.Query()); err != nil {
		return err
	}
	_, all, err := s.names(r.Context())
	if err != nil {
		return err
	}
	found, err := s.findService(s.known(all), r.PathValue("id"))
	if err != nil {
		return err
	}
	a, err := loop.Questions(r.Context(), s.Reader, s.Config, s.Now(), s.Location, loop.MetricsAsk{Service: found.ID, Environment: r.URL.Query().Get("environment")})
	if err != nil {
		return err
	}
	v := questionsView{Service: found.Service, Environment: a.Environment, From: a.From, To: a.To, Sentence: a.Sentence}
	for _, q := range a.Questions {
		v.Others = append(v.Others, s.questionOf(q, a))
	}
	if len(v.Others) > 0 {
		v.First, v.Others = &v.Others[0], v.Others[1:]
	}
	for _, l := range a.Lines {
		if lv := s.lineOf(l, nil); lv.Level != "" {
			v.Lines = append(v.Lines, lv)
		}
	}
	return s.show(w, r, "questions", view{Title: found.Name + ": questions", Nav: "services", Body: v})
}

func (s *site) questionOf(q debrief.Question, a delivery.QuestionSet) questionView {
	v := questionView{Question: q}
	for _, l := range a.Lines {
		if l.Name == q.Metric {
			v.Picture = s.lineOf(l, &q)
		}
	}
	day := func(t time.Time) string { return t.In(s.Location).Format("2 January") }
	v.When = "It began between " + day(q.Earliest) + " and " + q.Latest.In(s.Location).Format("2 January 2006") + ", nine times in ten."
	for _, m := range q.Moves {
		mv := moveView{Move: m}
		most := 0.0
		for _, p := range m.Parts {
			most = max(most, math.Abs(p.Adds), math.Abs(p.Low), math.Abs(p.High))
		}
		for _, p := range m.Parts {
			pv := partView{
				Part: p, Was: delivery.Value(p.Before, p.Unit), Is: delivery.Value(p.After, p.Unit), Says: delivery.Signed(p.Adds, m.Unit),
				Interval: delivery.Signed(p.Low, m.Unit) + " to " + delivery.Signed(p.High, m.Unit),
			}
			if p.Share != 0 {
				pv.Shown = delivery.Value(100*p.Share, "%")
			}
			pv.Bar = template.HTML(plot.Part{Title: p.Name + " adds " + pv.Says, Adds: p.Adds, Low: p.Low, High: p.High, Max: most}.SVG()) //nolint:gosec // plot escapes
			mv.Parts = append(mv.Parts, pv)
		}
		v.Moves = append(v.Moves, mv)
	}
	for i, id := range q.Evidence {
		if i == shownEvidence {
			v.More = len(q.Evidence) - i
			break
		}
		v.Releases = append(v.Releases, evidenceLink{id, orElse(a.Names[id], id)})
	}
	return v
}

// scaled is a line in a unit that reads well, and that unit.
func scaled(l delivery.Line) (v []float64, unit string) {
	top := 0.0
	for _, x := range l.V {
		if !math.IsNaN(x) {
			top = max(top, math.Abs(x))
		}
	}
	by, unit := 1.0, l.Unit
	switch {
	case l.Unit == "%":
		by = 0.01
	case l.Unit == "s" && top >= 36*3600:
		by, unit = 86400, "days"
	case l.Unit == "s" && top >= 90*60:
		by, unit = 3600, "h"
	case l.Unit == "s" && top >= 90:
		by, unit = 60, "min"
	}
	v = make([]float64, len(l.V))
	for i, x := range l.V {
		v[i] = x / by
	}
	return v, unit
}

// lineOf draws a figure by week; q is the question it is drawn for, if any.
func (s *site) lineOf(l delivery.Line, q *debrief.Question) lineView {
	out := lineView{Name: l.Name, PartOf: l.PartOf, Unit: l.Unit}
	if len(l.Weeks) == 0 {
		return out
	}
	const step = 7 * 24 * time.Hour
	v, unit := scaled(l)
	out.Unit = unit
	for i, x := range v {
		if !math.IsNaN(x) && x != 0 && !(l.Unit == "s" && l.V[i] <= 1) { // a part that takes no time stands as one second
			out.Level = delivery.Value(x, unit) + " in the week of " + l.Weeks[i].In(s.Location).Format("2 January")
		}
	}
	out.Spark = template.HTML(plot.Spark{V: v}.SVG()) //nolint:gosec // plot escapes
	if q == nil {
		return out
	}
	p := plot.Series{Title: l.Name + " by week, " + unit, Desc: q.Sentence, Start: l.Weeks[0], Step: step, V: v, Location: s.Location, Tone: plot.Differs, Since: q.Since}
	p.SinceLabel = "since " + q.Since.In(s.Location).Format("2 January")
	out.Wide, out.Narrow = template.HTML(p.SVG(plot.Wide())), template.HTML(p.SVG(plot.Narrow())) //nolint:gosec // plot escapes
	b, err := json.Marshal(map[string]any{"start": l.Weeks[0].Unix(), "step": step.Seconds(), "unit": unit, "zone": s.Location.String(), "v": debrief.Numbers(v), "low": []float64{}, "high": []float64{}})
	if err == nil {
		out.Data = string(b)
	}
	for i, x := range v {
		row := tableRow{At: s.tag(l.Weeks[i], l.Weeks[i].In(s.Location).Format("2 Jan 2006")), Value: delivery.Value(x, unit), After: !l.Weeks[i].Before(q.Since)}
		if math.IsNaN(x) {
			row.Value = "nothing"
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}
