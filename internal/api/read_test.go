package api_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/api"
	"github.com/debriefhq/debrief/internal/loop"
	"github.com/debriefhq/debrief/internal/store"
)

func TestReading(t *testing.T) {
	t.Parallel()
	h := open(t)
	// Empty: lists are lists, and what is not there says what to do.
	for path, want := range map[string]string{
		"/api/v1/releases":   `{"releases":[],"next":""}`,
		"/api/v1/services":   `{"services":[]}`,
		"/api/v1/search?q=x": `{"hits":[]}`,
		"/api/v1/messages":   `{"messages":[]}`,
		"/api/v1/deployments/previous?service=shop&environment=production": `{"found":false}`,
	} {
		if w := h.ask("GET", path, ""); w.Code != 200 || strings.TrimSpace(w.Body.String()) != want {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	if w := h.ask("GET", "/api/v1/releases/latest", ""); w.Code != 404 || decode[api.Problem](t, w).Hint == "" {
		t.Error(w.Code, w.Body)
	}
	seed(t, h)
	for _, path := range []string{"/api/v1/releases/r1", "/api/v1/releases/latest", "/api/v1/releases/latest?service=shop"} {
		w := h.ask("GET", path, "")
		if s := decode[debrief.Story](t, w); w.Code != 200 || s.Release.ID != "r1" || s.ServiceName != "shop" || len(s.Surprises) != 1 || len(s.Deployments) != 1 {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	if w := h.ask("GET", "/api/v1/deployments/previous?service=SHOP&environment=production", ""); decode[api.Previous](t, w) != (api.Previous{Found: true, ID: "r1", Version: "v1.39", Commit: "abc"}) {
		t.Error(w.Code, w.Body)
	}
	if got := decode[api.Releases](t, h.ask("GET", "/api/v1/releases?service=shop&environment=production&limit=1", "")); len(got.Releases) != 1 || got.Releases[0].Version != "v1.39" {
		t.Errorf("%+v", got)
	}
	if got := decode[api.Hits](t, h.ask("GET", "/api/v1/search?q=migration", "")); len(got.Hits) != 1 || got.Hits[0].ID != "r1" {
		t.Errorf("%+v", got)
	}
	if got := decode[api.Messages](t, h.ask("GET", "/api/v1/messages?state=unresolved,sent", "")); len(got.Messages) != 1 {
		t.Errorf("%+v", got)
	}
	if body := h.ask("GET", "/api/v1/services/Shop", "").Body.String(); !strings.Contains(body, `"noticed":1`) || !strings.Contains(body, `"nothing_there":0`) {
		t.Errorf("how well debrief notices is not told: %s", body)
	}
	if got := decode[api.OneService](t, h.ask("GET", "/api/v1/services/Shop", "")); got.ID != "shop" {
		t.Errorf("%+v", got)
	}
	for path, want := range map[string]struct {
		status int
		field  string
	}{
		"/api/v1/releases/none":                        {404, ""},
		"/api/v1/services/none":                        {404, "id"},
		"/api/v1/releases?limit=0":                     {422, "limit"},
		"/api/v1/releases?limit=9999":                  {422, "limit"},
		"/api/v1/releases?limit=x":                     {422, "limit"},
		"/api/v1/releases?servce=shop":                 {422, "servce"},
		"/api/v1/search":                               {422, "q"},
		"/api/v1/search?q=" + strings.Repeat("x", 300): {422, "q"},
		"/api/v1/messages?state=lost":                  {422, "state[0]"},
		"/api/v1/deployments/previous?service=shop":    {422, "environment"},
	} {
		w := h.ask("GET", path, "")
		if p := decode[api.Problem](t, w); w.Code != want.status || want.field != "" && p.Field != want.field || p.Detail == "" {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}

func TestAnswer(t *testing.T) {
	t.Parallel()
	h := open(t)
	seed(t, h)
	w := h.ask("POST", "/api/v1/surprises/s1/answer", `{"answer":"not ours"}`)
	if s := decode[debrief.Surprise](t, w); w.Code != 200 || s.Answer != debrief.NotOurs || !s.Answered.Equal(h.clock.Now()) {
		t.Error(w.Code, w.Body)
	}
	for _, c := range []struct {
		id, body string
		status   int
		field    string
	}{
		{"s1", `{"answer":"whatever"}`, 422, "answer"},
		{"s1", `{"answer":""}`, 422, "answer"},
		{"s1", `{}`, 422, "answer"},
		{"s1", `{"answer":1}`, 422, "answer"},
		{"s1", `{"anwser":"expected"}`, 422, "anwser"},
		{"none", `{"answer":"expected"}`, 404, ""},
	} {
		w := h.ask("POST", "/api/v1/surprises/"+c.id+"/answer", c.body)
		if p := decode[api.Problem](t, w); w.Code != c.status || c.field != "" && p.Field != c.field {
			t.Errorf("%s: %d %s", c.body, w.Code, w.Body)
		}
	}
}

const counted = `{"service":"shop","batch":"host/1","patterns":[{"id":"p1","template":"lock timeout <*>","level":"error","example":"lock timeout password=hunter22",` +
	`"bins":{"1773132600":3},"first_at":"2026-03-10T08:50:00Z","last_at":"2026-03-10T08:50:09Z"}]}`

func TestLogs(t *testing.T) {
	t.Parallel()
	h := open(t)
	if w := h.ask("POST", "/api/v1/logs", counted); w.Code != 202 || !decode[api.Counted](t, w).New {
		t.Fatal(w.Code, w.Body)
	}
	if w := h.ask("POST", "/api/v1/logs", counted); w.Code != 200 || decode[api.Counted](t, w).New {
		t.Error(w.Code, w.Body)
	}
	if w := h.ask("POST", "/api/v1/logs", strings.Replace(counted, ":3}", ":4}", 1)); w.Code != 409 {
		t.Error(w.Code, w.Body)
	}
	e := h.envelope()
	var b loop.LogBatch
	r := httptest.NewRecorder()
	r.Body.Write(e.Body)
	b = decode[loop.LogBatch](t, r)
	if e.Source != loop.LogSource || b.Service != "shop" || len(b.Patterns) != 1 || b.Patterns[0].Bins[1773132600] != 3 || strings.Contains(string(e.Body), "hunter22") {
		t.Errorf("%s %+v", e.Body, b)
	}
	// What the loop makes of it is what was sent.
	err := h.store.Update(t.Context(), func(tx *store.Tx) error { return tx.SaveLogCounts("shop", b.Patterns) })
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ old, now, field string }{
		"no service":    {`"service":"shop"`, `"service":""`, "service"},
		"no batch":      {`"batch":"host/1"`, `"batch":"a b"`, "batch"},
		"unknown field": {`"batch"`, `"batsh"`, "batsh"},
		"no id":         {`"id":"p1"`, `"id":""`, "patterns.0.id"},
		"no template":   {`"lock timeout <*>"`, `""`, "patterns.0.template"},
		"negative":      {":3}", ":-3}", "patterns.0.bins"},
		"not a second":  {`"1773132600"`, `"noon"`, "patterns.0.bins"},
		"future bin":    {`"1773132600"`, `"99999999999"`, "patterns.0.bins"},
		"future":        {"08:50:09Z", "10:50:09Z", "patterns.0.last_at"},
		"backwards":     {"08:50:09Z", "07:50:09Z", "patterns.0.last_at"},
		"wrong type":    {`"bins":{"1773132600":3}`, `"bins":[1]`, "patterns.bins"},
		"fraction":      {":3}", ":3.5}", "patterns.bins"},
	} {
		w := h.ask("POST", "/api/v1/logs", strings.Replace(strings.Replace(counted, "host/1", "host/"+name[:2], 1), c.old, c.now, 1))
		if name == "no batch" {
			w = h.ask("POST", "/api/v1/logs", strings.Replace(counted, c.old, c.now, 1))
		}
		if p := decode[api.Problem](t, w); w.Code != 422 || p.Field != c.field {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
}
