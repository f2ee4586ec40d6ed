package web

import (
	"html/template"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/delivery"
	"github.com/debriefhq/debrief/internal/loop"
	"github.com/debriefhq/debrief/internal/plot"
	"github.com/debriefhq/debrief/internal/tell"
)

type metricsView struct {
	debrief.Service
	delivery.Metrics
	Bold, Rest string
	Figures    []figureView
	Rows       []periodView
	Listed     []listedView
	MoreListed int
	Choices    []choice
	Empty      bool
}

// figureView is one metric: its sentence, what it rests on, and its picture.
type figureView struct {
	ID, Name, Bold, Rest string
	Notes                []string
	Wide, Narrow         template.HTML
	Data                 string
	Metric               string // for the picture's description
}

// listedView is one deployment and where it stands in each metric.
type listedView struct {
	delivery.Listed
	Places []placeView
}

type placeView struct {
	Name, As, Rule string
	Evidence       []evidenceLink
}

type periodView struct {
	At                              template.HTML
	Current                         bool
	Releases                        int
	Lead, Failed, Recovery, Reworks string
}

// choice is a rule that may be chosen, and the address that chooses it.
type choice struct {
	Says, Change string
	URL          string
}

const shownDeployments = 60

// metricsPage shows the five metrics of one service, and behind each number the
// deployments and the rule that put each where it is.
func (s *site) metricsPage(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	if err := refuse(q); err != nil {
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
	ask := loop.MetricsAsk{
		Service: found.ID, Environment: q.Get("environment"), By: q.Get("by"), Bots: q.Has("bots"), Events: q.Has("events"), Rollbacks: q.Has("rollbacks"), Rework: q.Get("rework"),
	}
	if n := q.Get("periods"); n != "" {
		if ask.Periods, err = strconv.Atoi(n); err != nil {
			return debrief.Errorf(debrief.Invalid, "periods", "%q is no number", n)
		}
	}
	m, err := loop.Metrics(r.Context(), s.Reader, s.Config, s.Now(), s.Location, ask)
	if err != nil {
		return err
	}
	v := metricsView{Service: found.Service, Metrics: m, Empty: len(m.Deployments) == 0, Choices: choices(m.Settings, q)}
	v.Listed, v.MoreListed = listed(m.Deployments)
	v.Bold, v.Rest = s.metricsLead(m)
	v.Figures = s.figures(m)
	for _, p := range m.Periods {
		v.Rows = append(v.Rows, periodView{
			At: s.tag(p.From, p.From.In(s.Location).Format(periodLayout(m.Settings.By))), Current: p.Current, Releases: p.Releases,
			Lead: medianOf(p.Lead), Failed: someOf(p.Failure), Recovery: medianOf(p.Recovery), Reworks: someOf(p.Rework),
		})
	}
	return s.show(w, r, "metrics", view{Title: found.Name + ": metrics", Nav: "services", Body: v})
}

// listed says of the newest deployments where each stands; more is how many
// there are beside.
func listed(ds []delivery.Listed) (out []listedView, more int) {
	names := map[string]string{}
	for _, d := range ds {
		names[d.ReleaseID] = orElse(d.Version, d.ReleaseID)
	}
	for i, d := range ds {
		if i == shownDeployments {
			return out, len(ds) - i
		}
		v := listedView{Listed: d}
		for _, p := range []struct {
			name string
			delivery.Standing
		}{{"deployment frequency", d.Frequency}, {"change lead time", d.Lead}, {"change failure rate", d.Failure}, {"recovery time", d.Recovery}, {"rework rate", d.Rework}} {
			pv := placeView{Name: p.name, As: p.As, Rule: p.Rule}
			for k, id := range p.Evidence {
				link := evidenceLink{"/releases/" + url.PathEscape(id), names[id]}
				if link.Name == "" {
					link = evidenceLink{"/evidence/" + url.PathEscape(id), "evidence " + strconv.Itoa(k+1)}
				}
				pv.Evidence = append(pv.Evidence, link)
			}
			v.Places = append(v.Places, pv)
		}
		out = append(out, v)
	}
	return out, 0
}

func periodLayout(by delivery.By) string {
	if by == delivery.ByMonth {
		return "January 2006"
	}
	return "2 Jan 2006"
}

func medianOf(m delivery.Middle) string {
	if m.N == 0 {
		return "–"
	}
	return delivery.Lasting(m.Median)
}

func someOf(s delivery.Share) string {
	if s.Of == 0 {
		return "–"
	}
	return s.Text
}

func (s *site) metricsLead(m delivery.Metrics) (bold, rest string) {
	if len(m.Deployments) == 0 {
		return "Nothing was deployed in this time.", "The five metrics appear here with the first deployment."
	}
	bold = m.Frequency.Text + " since " + m.From.In(s.Location).Format("2 January") + "."
	if n := m.FailureRate.Of; n > 0 {
		rest = "Of those that shipped something new and are no longer watched, " + m.FailureRate.Text + " failed."
	}
	if m.LeadTime.Changes.N > 0 {
		rest += " Half of the changes took less than " + delivery.Lasting(m.LeadTime.Changes.Median) + " from commit to everybody."
	}
	return bold, rest
}

func interval(m delivery.Middle, say func(float64) string) string {
	if !m.Bounded {
		return "too few for an interval"
	}
	return "95 %: " + say(m.Low) + " to " + say(m.High)
}

func shareSays(s delivery.Share) (bold, rest string) {
	if s.Of == 0 {
		return "Nothing to count yet.", ""
	}
	bold = s.Text
	if s.Percent != nil {
		bold += ", " + delivery.Value(*s.Percent, "%")
	}
	return bold + ".", "95 %: " + delivery.Value(100*s.Low, "") + " to " + delivery.Value(100*s.High, "%") + " (Wilson)."
}

func (s *site) figures(m delivery.Metrics) []figureView {
	f := m.Frequency
	per := func(x float64) string { return delivery.Value(x, "") }
	frequency := figureView{ID: "frequency", Name: "Deployment frequency", Bold: f.Text + "."}
	if f.PerPeriod.N > 0 {
		frequency.Rest = "The median " + string(m.Settings.By) + " that is over has " + per(f.PerPeriod.Median) + " (" + interval(f.PerPeriod, per) + ")."
	}
	if f.Gap.N > 0 {
		frequency.Notes = append(frequency.Notes, "From one release to the next: median "+delivery.Lasting(f.Gap.Median)+" ("+interval(f.Gap, delivery.Lasting)+", n = "+strconv.Itoa(f.Gap.N)+").")
	}
	if f.Attempts > 0 {
		frequency.Notes = append(frequency.Notes, tell.Count(f.Attempts, "failed attempt", "failed attempts")+" beside them; "+wereOf(f.Early)+" caught early.")
	}
	if f.Same > 0 {
		frequency.Notes = append(frequency.Notes, tell.Count(f.Same, "deployment", "deployments")+" of the same version again: not counted.")
	}
	if f.Assumed != "" {
		frequency.Notes = append(frequency.Notes, capital(f.Assumed)+".")
	}
	s.draw(&frequency, m, "releases", func(r delivery.MetricRow) float64 { return float64(r.Releases) })

	l := m.LeadTime
	lead := figureView{ID: "lead", Name: "Change lead time", Bold: sentence(orElse(l.Sentence, "not available"))}
	if l.Changes.N > 0 {
		lead.Bold = "Median " + delivery.Lasting(l.Changes.Median) + "."
		lead.Rest = capital(interval(l.Changes, delivery.Lasting)) + ", n = " + strconv.Itoa(l.Changes.N) + " changes. Nine in ten took no longer than " + delivery.Lasting(l.P90) + "."
		if l.Pulls.N > 0 {
			lead.Notes = append(lead.Notes, "Per pull request: median "+delivery.Lasting(l.Pulls.Median)+" ("+interval(l.Pulls, delivery.Lasting)+", n = "+strconv.Itoa(l.Pulls.N)+").")
		}
		if l.Squashed > 0 {
			lead.Notes = append(lead.Notes, tell.Count(l.Squashed, "change was", "changes were")+" squashed: their way begins when the pull request was.")
		}
	}
	for why, n := range l.LeftOut {
		lead.Notes = append(lead.Notes, tell.Count(n, "change is", "changes are")+" not in the median: "+why+".")
	}
	for why, n := range l.None {
		lead.Notes = append(lead.Notes, tell.Count(n, "release has", "releases have")+" none: "+why+".")
	}
	slices.Sort(lead.Notes)
	s.draw(&lead, m, "s", func(r delivery.MetricRow) float64 {
		if r.Lead.N == 0 {
			return math.NaN()
		}
		return r.Lead.Median
	})

	c := m.FailureRate
	failure := figureView{ID: "failure", Name: "Change failure rate"}
	failure.Bold, failure.Rest = shareSays(c.Share)
	if c.TooEarly > 0 {
		failure.Notes = append(failure.Notes, "Too early to say of "+strconv.Itoa(c.TooEarly)+": less than 24 hours live, in neither number.")
	}
	if c.Out > 0 {
		failure.Notes = append(failure.Notes, tell.Count(c.Out, "deployment", "deployments")+" shipped nothing new and "+areOf(c.Out)+" not counted; "+wereOf(c.Early)+" caught early.")
	}

	rec := m.Recovery
	recovery := figureView{ID: "recovery", Name: "Failed deployment recovery time", Bold: "Nothing failed."}
	if len(rec.List) > 0 {
		recovery.Bold = "Not known yet."
		if rec.Restored.N > 0 {
			recovery.Bold = "Median " + delivery.Lasting(rec.Restored.Median) + "."
			recovery.Rest = capital(interval(rec.Restored, delivery.Lasting)) + ", n = " + strconv.Itoa(rec.Restored.N) + "."
		}
		for _, x := range rec.List {
			recovery.Notes = append(recovery.Notes, restoredSays(x))
		}
		if len(recovery.Notes) > 12 {
			recovery.Notes = append(recovery.Notes[:12], "and "+strconv.Itoa(len(rec.List)-12)+" more.")
		}
	}

	rework := figureView{ID: "rework", Name: "Deployment rework rate"}
	rework.Bold, rework.Rest = shareSays(m.Rework.Share)
	if m.Rework.Of > 0 {
		rework.Notes = append(rework.Notes, capital(m.Rework.Reading)+" here; by the other reading "+m.Rework.Other.Text+".")
	}
	return []figureView{frequency, lead, failure, recovery, rework}
}

func restoredSays(x delivery.Restored) string {
	switch x.State {
	case delivery.AsRestored:
		return x.Version + ": " + delivery.Lasting(float64(x.Took)) + ", from " + x.FromHow + " until " + orElse(x.ToHow, "it was restored") + "."
	case delivery.AsRunning:
		return x.Version + ": running, " + delivery.Lasting(float64(x.Took)) + " so far."
	}
	return x.Version + ": over, and nobody said when."
}

// draw adds a picture by period, the current one left out: it is not over.
func (s *site) draw(f *figureView, m delivery.Metrics, unit string, of func(delivery.MetricRow) float64) {
	l := delivery.Line{Name: f.Name, Unit: unit}
	for _, p := range m.Periods {
		if !p.Current {
			l.Weeks, l.V = append(l.Weeks, p.From), append(l.V, of(p))
		}
	}
	if len(l.Weeks) < 2 {
		return
	}
	v, unit := scaled(l)
	step := map[delivery.By]time.Duration{delivery.ByDay: 24 * time.Hour, delivery.ByWeek: 7 * 24 * time.Hour, delivery.ByMonth: 730 * time.Hour}[m.Settings.By]
	p := plot.Series{Title: f.Name + " by " + string(m.Settings.By) + ", " + unit, Desc: f.Bold, Start: l.Weeks[0], Step: step, V: v, Location: s.Location}
	f.Metric = capital(unit) + " by " + string(m.Settings.By)
	f.Wide, f.Narrow = template.HTML(p.SVG(plot.Wide())), template.HTML(p.SVG(plot.Narrow())) //nolint:gosec // plot escapes
}

// choices are the rules that may be chosen, each with the address that does.
func choices(set delivery.Settings, q url.Values) []choice {
	with := func(key, value string) string {
		c := url.Values{}
		for k, vs := range q {
			c[k] = vs
		}
		if value == "" {
			c.Del(key)
		} else {
			c.Set(key, value)
		}
		if e := c.Encode(); e != "" {
			return "?" + e
		}
		return "?"
	}
	var out []choice
	for _, by := range []delivery.By{delivery.ByDay, delivery.ByWeek, delivery.ByMonth} {
		if by != set.By {
			out = append(out, choice{Change: "by " + string(by), URL: with("by", string(by))})
		}
	}
	toggle := func(on bool, key, value, off, says, not string) {
		if on {
			out = append(out, choice{says, not, with(key, off)})
		} else {
			out = append(out, choice{not, says, with(key, value)})
		}
	}
	toggle(set.Bots, "bots", "1", "", "dependency bots' changes count in the lead time", "dependency bots' changes stand apart")
	toggle(set.Events, "events", "1", "", "flag flips, configuration and steps by hand count in the frequency", "only deployments count in the frequency")
	toggle(set.CountRollbacks, "rollbacks", "1", "", "rollbacks are deployments that may fail", "only what shipped something new may fail")
	toggle(set.ReworkRollbacks, "rework", "with rollbacks", "without rollbacks", "rollbacks are rework", "rollbacks are not rework")
	return out
}

func areOf(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

func wereOf(n int) string {
	switch n {
	case 0:
		return "none of them was"
	case 1:
		return "one of them was"
	}
	return strconv.Itoa(n) + " of them were"
}

// evidence leads to what an id names: a release, else an incident.
func (s *site) evidence(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	_, err := s.Reader.Story(r.Context(), id)
	switch debrief.KindOf(err) {
	case debrief.NotFound:
		http.Redirect(w, r, "/incidents/"+url.PathEscape(id), http.StatusSeeOther)
		return nil
	}
	if err == nil {
		http.Redirect(w, r, "/releases/"+url.PathEscape(id), http.StatusSeeOther)
	}
	return err
}
