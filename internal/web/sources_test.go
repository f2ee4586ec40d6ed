package web

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/access"
	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/store"
)

// sourcesSaid is what sources brought, in memory.
type sourcesSaid struct {
	counts     []store.SourceCount
	refusals   []store.Refusal
	polls      []store.Poll
	deliveries []store.Delivery
	asked      []string
}

func (r *records) SourceCounts(context.Context) ([]store.SourceCount, error) {
	return r.said.counts, r.err
}

func (r *records) Dead(context.Context) (map[string]int, error) {
	out := map[string]int{}
	for _, d := range r.said.deliveries {
		if d.State == store.EnvelopeDead {
			out[d.Source]++
		}
	}
	return out, r.err
}

func (r *records) Refusals(context.Context) ([]store.Refusal, error) { return r.said.refusals, r.err }

func (r *records) Polls(context.Context) ([]store.Poll, error) { return r.said.polls, r.err }

func (r *records) Deliveries(_ context.Context, source, state string, limit int) (list []store.Delivery, err error) {
	for _, d := range r.said.deliveries {
		if d.Source == source && d.State == state && len(list) < limit {
			list = append(list, d)
		}
	}
	return list, r.err
}

func (r *records) ParseAgain(_ context.Context, source string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.said.asked = append(r.said.asked, source)
	return r.err
}

// heard is a GitHub that works, an Alertmanager in trouble, a Jira that is
// silent, and others nobody connected.
func heard() Options {
	r := newRecords(week()...)
	body := `{"action":"opened","issue":{"number":1,"title":"<b>a & b</b>"},"sender":{"login":"***"}}`
	at := now.Add(-12 * time.Minute)
	r.said = sourcesSaid{
		counts: []store.SourceCount{
			{Source: "alertmanager", Done: 3, Rejected: 1, Open: 1, Last: now.Add(-26 * time.Hour)},
			{Source: "api", Done: 12, Last: now.Add(-time.Hour)},
			{Source: "github", Done: 1204, Ignored: 40, Open: 1, Last: at},
		},
		refusals: []store.Refusal{{Source: "alertmanager", Reason: "the secret does not match", N: 7, First: at, Last: at}},
		polls: []store.Poll{
			{Source: "gitlab", Repository: "acme/cart", At: at},
			{Source: "gitlab", Repository: "acme/<shop>", Problem: "GitLab answered 401: the token is not valid any more", At: at},
		},
		deliveries: []store.Delivery{
			{ID: "1", Source: "github", Key: "d-1", State: "ignored", Reason: `debrief reads nothing from GitHub's "star" events`, Received: at, Header: map[string]string{"X-Github-Event": "star"}, Body: body},
			{ID: "2", Source: "github", Key: "d-2", State: "done", Received: at, Body: `{"a":"` + strings.Repeat("long ", 9000) + `"}`},
			{ID: "3", Source: "github", Key: "d-3", State: "open", Received: at},
			{ID: "4", Source: "alertmanager", Key: "body/" + strings.Repeat("5f", 32), State: "rejected", Reason: "alerts.0.startsAt: missing", Received: at, Body: `{"alerts":[{}]}`},
			{ID: "5", Source: "alertmanager", Key: "body/77", State: "dead", Reason: "the step panicked: index out of range", Received: at, Body: `{"alerts":[]}`},
		},
	}
	o := options(r)
	o.Config.Sources = map[string]config.Source{"github": {Secret: "s"}, "alertmanager": {Secret: "s"}, "jira": {Secret: "s"}}
	return o
}

func TestSources(t *testing.T) {
	t.Parallel()
	h := New(heard())
	_, doc := get(t, h, "/sources")
	want(t, doc,
		"h1", "Sources", "nav a[aria-current=page]", "Sources", ".sources .name", "GitHub", ".sources .came", "1,204 recorded, 1 waiting, 40 ignored",
		".sources .came", "3 recorded, 1 rejected, 1 could not be recorded, 7 not believed", ".sources .last", "today 15:03", "h2", "Set up, and silent so far",
		".sources .came code", "/hooks/jira", ".unset summary", "Zendesk", ".unset pre", "DEBRIEF_SOURCES_ZENDESK_SECRET", ".unset pre", "/hooks/zendesk",
	)
	want(t, doc, ".sources .came", "2 repositories asked, 1 in vain", ".sources .last", "nothing has come yet")
	if as := all(doc, ".unset a"); len(as) == 0 {
		t.Error("no page says how to connect one")
	} else if to, _ := attr(as[0], "href"); !strings.HasSuffix(to, ".md") {
		t.Errorf("leads to %q", to)
	}
	empty := New(options(newRecords()))
	_, doc = get(t, empty, "/sources")
	want(t, doc, ".lead b", "Nothing has come yet.", ".unset summary", "GitHub", ".unset pre", "DEBRIEF_SOURCES_GITHUB_SECRET")
	none(t, doc, ".sources .came", ".fine b")
	r := newRecords()
	r.err = errors.New("broken")
	if w, _ := get(t, New(options(r)), "/sources"); w.Code != http.StatusInternalServerError {
		t.Error(w.Code)
	}
}

func TestSource(t *testing.T) {
	t.Parallel()
	h := New(heard())
	_, doc := get(t, h, "/sources/github")
	want(t, doc,
		"h1", "GitHub", ".lead b", "Last heard today 15:03.", "#ignored h2", "Ignored", "#ignored .why", `"star" events`, "#ignored pre", `"title": "<b>a & b</b>"`,
		"#ignored pre", "X-Github-Event: star", "#ignored .fine", "The newest 1 of 40.", "#done .fine", "The rest is not shown here", "#open .fine", "The payload is not kept",
		"aside p", "Payloads", "aside form button", "Parse again", "aside pre", "/hooks/github",
	)
	none(t, doc, "#dead", "#rejected", "#refused", "#ignored b")
	_, doc = get(t, h, "/sources/alertmanager")
	want(t, doc, "#dead .why", "the step panicked", "#rejected .why", "alerts.0.startsAt: missing", "#refused li", "7× the secret does not match", "#refused .fine", "Nothing of these requests is kept")
	_, doc = get(t, h, "/sources/gitlab")
	want(t, doc, ".lead b", "Nothing has come yet.", "#asked li", "acme/cart read last today 15:03", "#asked li", "acme/<shop> GitLab answered 401", "#asked .fine", "read-only token")
	none(t, doc, "#refused", "shop")
	_, doc = get(t, h, "/sources/jira")
	want(t, doc, ".lead", "Nothing has come yet. The secret is there", "aside pre", "DEBRIEF_SOURCES_JIRA_SECRET")
	none(t, doc, "aside form", ".deliveries")
	_, doc = get(t, h, "/sources/api")
	want(t, doc, "h1", "API", "aside", "It needs no setting up")
	if w, _ := get(t, h, "/sources/nobody"); w.Code != http.StatusNotFound {
		t.Error(w.Code)
	}
}

func TestParseAgain(t *testing.T) {
	t.Parallel()
	o := heard()
	r := o.Reader.(*records)
	h := New(o)
	w := post(h, "/sources/github/parse-again", nil)
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/sources/github?asked=1" || len(r.said.asked) != 1 {
		t.Fatal(w.Code, w.Header(), r.said.asked)
	}
	_, doc := get(t, h, "/sources/github?asked=1")
	want(t, doc, ".note", "It is being parsed again")
	if w := post(h, "/sources/github/parse-again", nil, "Sec-Fetch-Site", "cross-site"); w.Code != http.StatusForbidden {
		t.Error("another site's form:", w.Code)
	}
	if w := post(h, "/sources/nobody/parse-again", nil); w.Code != http.StatusNotFound {
		t.Error(w.Code)
	}
	o.Access = func(_ *http.Request, need access.Scope) error {
		if need == access.Write {
			return debrief.Errorf(debrief.Forbidden, "", "reading only")
		}
		return nil
	}
	h = New(o)
	if w := post(h, "/sources/github/parse-again", nil); w.Code != http.StatusForbidden {
		t.Error(w.Code)
	}
	_, doc = get(t, h, "/sources/github")
	none(t, doc, "aside form")
	if len(r.said.asked) != 1 {
		t.Errorf("asked %v", r.said.asked)
	}
}
