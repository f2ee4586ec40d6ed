package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/access"
	"github.com/debriefhq/debrief/internal/store"
)

// withCarts are records with one incident that asks, and what more is given.
func withCarts(more ...debrief.Incident) *records {
	r := newRecords(week()...)
	i, a := lostCarts()
	r.incidents = append([]debrief.Incident{i}, more...)
	r.attributions = map[string]debrief.Attribution{a.Subject: a}
	return r
}

// withRollback adds an answered incident, alerts and a rollback that asks.
func withRollback() *records {
	alert := debrief.Incident{ID: "alert", Service: "shop", Services: []string{"shop"}, Title: "p95 of /checkout above 400 ms for ten minutes, region eu-central-1", Alert: true, Began: liveAt.Add(-26 * time.Hour), Times: debrief.IncidentTimes{Detected: liveAt.Add(-26 * time.Hour), Restored: liveAt.Add(-25 * time.Hour)}, Sources: []string{"alertmanager"}}
	slow := debrief.Incident{ID: "slow", Service: "shop", Services: []string{"shop"}, Title: "Search is slow", Began: liveAt.Add(-24 * time.Hour), Times: debrief.IncidentTimes{Detected: liveAt.Add(-24 * time.Hour), Restored: liveAt.Add(-23 * time.Hour), Closed: liveAt.Add(-20 * time.Hour)}, Sources: []string{"jira", "pagerduty"}}
	r := withCarts(slow, alert)
	a := r.attributions["lost-carts"]
	b := a
	b.Subject, b.State, b.Question, b.Sentence = "slow", debrief.BlameSaid, "", "A person said: shop v1.41."
	b.Answer = &debrief.Correction{Subject: "slow", Service: "shop", Answer: "r41", At: liveAt}
	r.attributions["slow"] = b
	c := a
	c.Subject, c.Kind, c.Question = "back", debrief.SubjectRollback, "What called for the rollback: shop v1.42 or shop v1.41?"
	r.attributions[c.Subject] = c
	r.corrected = []store.Corrected{{Correction: *b.Answer, Then: a}}
	return r
}

func TestIncidentsNoneOneMany(t *testing.T) {
	t.Parallel()
	r := newRecords()
	_, doc := get(t, New(options(r)), "/incidents")
	want(t, doc, "h1", "Incidents", ".lead b", "No incident is known.", "a[href=/sources]", "Sources", "nav a[aria-current=page]", "Incidents")
	none(t, doc, "ol.rows", "aside", "#accuracy")

	_, doc = get(t, New(options(withCarts())), "/incidents")
	want(t, doc,
		".lead b", "One incident runs.", ".lead", "One question is open: which change it came from.",
		"h3.day", "today", ".row .what a[href=/incidents/lost-carts]", "Carts are lost <b>at checkout</b>",
		".row .say", "shop: open, acknowledged after", ".row .say", "asked: shop v1.42 or flag: new-cart switched on",
		"aside #asked a[href=/incidents/lost-carts]", "Carts are lost", "aside #asked", "Did it come from shop v1.42",
	)
	none(t, doc, "#accuracy")

	var many []debrief.Incident
	for n := range 30 {
		began := liveAt.Add(-time.Duration(n) * 5 * time.Hour)
		many = append(many, debrief.Incident{ID: "i" + string(rune('a'+n)), Service: "shop", Services: []string{"shop"}, Title: "p95 above 400 ms", Alert: true, Began: began, Times: debrief.IncidentTimes{Detected: began, Restored: began.Add(time.Hour)}})
	}
	rm := withCarts(many...)
	_, asked := lostCarts()
	rm.corrected = []store.Corrected{{Correction: debrief.Correction{Answer: "r42"}, Then: asked}}
	_, doc = get(t, New(options(rm)), "/incidents")
	want(t, doc, "#accuracy p", "People answered one question of which change it was; in 1 of these debrief had asked.", "#accuracy .fine", "once there are 30")
	if n := len(all(doc, ".row")); n != 31 {
		t.Errorf("%d rows", n)
	}
	if n := len(all(doc, "h3.day")); n < 5 {
		t.Errorf("%d days", n)
	}

	r.err = errors.New("the disk is gone")
	if w, _ := get(t, New(options(r)), "/incidents"); w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "disk") {
		t.Errorf("an error answers %d", w.Code)
	}
}

func TestAnIncidentAsks(t *testing.T) {
	t.Parallel()
	_, doc := get(t, New(options(withCarts())), "/incidents/lost-carts")
	want(t, doc,
		"h1", "Carts are lost <b>at checkout</b>", "h1 .tag", "running", ".above a[href=/services/shop]", "shop",
		".lead b", "Did it come from shop v1.42 or flag: new-cart?",
		"#when dd", "four minutes after",
		".candidates .who a[href=/releases/r42]", "shop v1.42", ".candidates .who", "about 6 in 10",
		".reasons td", "+2.5", ".reasons th", "in common: checkout",
		".candidates .who", "no change at all", "details summary", "one less likely change",
		"#told a[href=https://pager.example/17]", "pager.example", "#told dd", "/checkout",
		"aside #blame h2", "Which change was it?", "aside form button[value=r42]", "shop v1.42", "aside form button[value=f1]", "new-cart",
		"aside form button", "not a deployment",
	)
	none(t, doc, "aside #linked", "button[name=undo]")
}

func TestAnIncidentWithoutRights(t *testing.T) {
	t.Parallel()
	o := options(withCarts())
	o.Access = func(_ *http.Request, need access.Scope) error {
		if need == access.Write {
			return debrief.Errorf(debrief.Forbidden, "", "this token may only read")
		}
		return nil
	}
	h := New(o)
	_, doc := get(t, h, "/incidents/lost-carts")
	want(t, doc, ".lead b", "Did it come from")
	none(t, doc, "form.blames")
	if w := post(h, "/attributions/lost-carts/answer", url.Values{"answer": {"r42"}}); w.Code != http.StatusForbidden {
		t.Errorf("a reader answered: %d", w.Code)
	}
}

func TestAnswersOfBlame(t *testing.T) {
	t.Parallel()
	r := withCarts()
	h := New(options(r))
	for _, c := range []struct {
		form   url.Values
		status int
		kept   string
	}{
		{url.Values{"answer": {"r42"}}, http.StatusSeeOther, "lost-carts r42"},
		{url.Values{"answer": {"not a deployment"}}, http.StatusSeeOther, "lost-carts not a deployment"},
		{url.Values{"other": {" v1.40 "}}, http.StatusSeeOther, "lost-carts v1.40"},
		{url.Values{"undo": {"yes"}}, http.StatusSeeOther, "lost-carts undone"},
		{url.Values{}, http.StatusUnprocessableEntity, ""},
		{url.Values{"other": {"nonsense"}}, http.StatusUnprocessableEntity, ""},
	} {
		r.answers = nil
		w := post(h, "/attributions/lost-carts/answer", c.form)
		if w.Code != c.status || strings.Join(r.answers, "") != c.kept {
			t.Errorf("%v: %d, kept %q", c.form, w.Code, r.answers)
		}
		if w.Code == http.StatusSeeOther && w.Header().Get("Location") != "/incidents/lost-carts" {
			t.Errorf("%v leads to %s", c.form, w.Header().Get("Location"))
		}
	}
	// Another site's page cannot answer for the person who reads it.
	if w := post(h, "/attributions/lost-carts/answer", url.Values{"answer": {"r42"}}, "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"); w.Code != http.StatusForbidden {
		t.Errorf("a stranger's form was taken: %d", w.Code)
	}
	if w := post(h, "/attributions/nobody/answer", url.Values{"answer": {"r42"}}); w.Code != http.StatusNotFound {
		t.Errorf("no such incident: %d", w.Code)
	}
	_, doc := get(t, h, "/incidents/lost-carts")
	want(t, doc, "aside #blame h2", "What a person said", "button[name=undo]", "Take it back")
	if w, _ := get(t, h, "/incidents/nobody"); w.Code != http.StatusNotFound {
		t.Errorf("no such incident: %d", w.Code)
	}
}

func TestAReleaseSaysWhatItLedTo(t *testing.T) {
	t.Parallel()
	r := withCarts()
	rel := r.list[len(r.list)-1]
	a := r.attributions["lost-carts"]
	a.State, a.Question, a.Sentence = debrief.BlamePicked, "", "It is held to have come from it."
	a.Candidates[0].ID = rel.ID
	r.attributions["lost-carts"] = a
	own := a
	own.Subject, own.Kind, own.State, own.Question = r.list[0].ID, debrief.SubjectRollback, debrief.BlameAsked, "What called for the rollback: shop v1.42 or shop v1.41?"
	r.attributions[own.Subject] = own
	_, doc := get(t, New(options(r)), "/releases/"+rel.ID)
	want(t, doc, "aside #led", "Held to have led to", "aside #led a[href=/incidents/lost-carts]", "Carts are lost")
	_, doc = get(t, New(options(r)), "/releases/"+own.Subject)
	want(t, doc, "aside #blame h2", "What was rolled back", "aside #blame b", "What called for the rollback", "aside #blame form button", "not a deployment")
}
