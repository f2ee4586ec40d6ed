package api_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief/internal/api"
	"github.com/debriefhq/debrief/internal/config"
)

// status is a payload of ours in the shape of GitHub's deployment_status event.
const status = `{"action":"created","deployment_status":{"id":7,"state":"success","environment":"production","created_at":"2026-03-10T08:58:00Z","updated_at":"2026-03-10T08:58:00Z","description":"token=hunter22 \u0026 more"},` +
	`"deployment":{"id":5,"sha":"0123456789012345678901234567890123456789","ref":"v1.42","task":"deploy","environment":"production","created_at":"2026-03-10T08:50:00Z","updated_at":"2026-03-10T08:50:00Z"},` +
	`"repository":{"full_name":"acme/shop","default_branch":"main","html_url":"https://github.com/acme/shop"}}`

func delivery(event, id string) func(*http.Request) {
	return func(r *http.Request) {
		stranger(r)
		r.Header.Set("X-GitHub-Event", event)
		r.Header.Set("X-GitHub-Delivery", id)
	}
}

func TestHooks(t *testing.T) {
	t.Parallel()
	h := open(t)
	w := h.ask("POST", "/hooks/github", status, delivery("deployment_status", "d-1"), sign(secret))
	if got := decode[api.Hooked](t, w); w.Code != 202 || !got.Accepted || !got.New {
		t.Fatal(w.Code, w.Body)
	}
	w = h.ask("POST", "/hooks/github", status, delivery("deployment_status", "d-1"), sign("the-old-one"))
	if got := decode[api.Hooked](t, w); w.Code != 202 || !got.Accepted || got.New {
		t.Error("delivered again:", w.Code, w.Body)
	}
	e := h.envelope()
	if e.Source != "github" || e.Key != "d-1" || e.Header["X-Github-Event"] != "deployment_status" || len(e.Header) != 2 {
		t.Errorf("%+v", e)
	}
	if strings.Contains(string(e.Body), "hunter22") || !json.Valid(e.Body) || !strings.Contains(string(e.Body), "acme/shop") {
		t.Errorf("%s", e.Body)
	}
	// The same delivery with another body.
	w = h.ask("POST", "/hooks/github", strings.Replace(status, "v1.42", "v1.43", 1), delivery("deployment_status", "d-1"), sign(secret))
	if w.Code != 409 {
		t.Error(w.Code, w.Body)
	}
	// Well-formed, and not for us: said, and kept to be seen, with no work.
	w = h.ask("POST", "/hooks/github", `{"zen":"Keep it simple."}`, delivery("ping", "d-2"), sign(secret))
	if got := decode[api.Hooked](t, w); w.Code != 202 || got.Accepted || !strings.Contains(got.Ignored, "ping") {
		t.Error(w.Code, w.Body)
	}
	ignored, err := h.store.Deliveries(t.Context(), "github", "ignored", 10)
	if err != nil || len(ignored) != 1 || !strings.Contains(ignored[0].Reason, "ping") || ignored[0].Body == "" || h.inbox("github") != 2 {
		t.Errorf("%+v, %v", ignored, err)
	}
}

func TestHooksRefused(t *testing.T) {
	t.Parallel()
	h := open(t)
	bare := open(t, func(o *api.Options) { o.Config.Sources = nil })
	blank := open(t, func(o *api.Options) { o.Config.Sources = map[string]config.Source{"github": {}} })
	good := delivery("deployment_status", "d-1")
	for _, c := range []struct {
		name   string
		h      *hall
		source string
		body   string
		change []func(*http.Request)
		status int
		says   string
	}{
		{"no signature", h, "github", status, []func(*http.Request){good}, 401, "X-Hub-Signature"},
		{"signed by somebody else", h, "github", status, []func(*http.Request){good, sign("guess")}, 401, "does not match"},
		{"signed with nothing", h, "github", status, []func(*http.Request){good, sign("")}, 401, "does not match"},
		{"changed on its way", h, "github", status, []func(*http.Request){good, sign(secret), func(r *http.Request) {
			r.Body = http.NoBody
		}}, 401, "does not match"},
		{"no secret configured", bare, "github", status, []func(*http.Request){good, sign("")}, 403, "sources.github.secret"},
		{"an empty secret configured", blank, "github", status, []func(*http.Request){good, sign("")}, 403, "DEBRIEF_SOURCES_GITHUB_SECRET"},
		{"unknown source", h, "gitlub", status, []func(*http.Request){good, sign(secret)}, 404, "known sources"},
		{"source without webhooks", h, "api", deployed, []func(*http.Request){stranger}, 404, "/api/v1/deployments"},
		{"no delivery id", h, "github", status, []func(*http.Request){delivery("push", ""), sign(secret)}, 422, "X-GitHub-Delivery"},
		{"no event", h, "github", status, []func(*http.Request){delivery("", "d-9"), sign(secret)}, 422, "X-GitHub-Event"},
		{"not JSON", h, "github", "{", []func(*http.Request){good, sign(secret)}, 422, "not"},
		{"a web form", h, "github", "payload=%7B%7D", []func(*http.Request){good, sign(secret)}, 422, "web form"},
		{"said to be too large", h, "github", status, []func(*http.Request){good, sign(secret), func(r *http.Request) { r.ContentLength = 26 << 20 }}, 413, "25 MiB"},
	} {
		w := c.h.ask("POST", "/hooks/"+c.source, c.body, c.change...)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %s", c.name, w.Code, w.Body)
		}
		if strings.Contains(w.Body.String(), secret) {
			t.Errorf("%s: the secret is in the answer", c.name)
		}
	}
	// Of strangers nothing is kept; what the sender signed and nobody can read is
	// kept to be seen, without what could not be masked.
	if bare.inbox("github") != 0 {
		t.Error("something of a stranger was kept")
	}
	rejected, err := h.store.Deliveries(t.Context(), "github", "rejected", 10)
	if err != nil || len(rejected) != 3 { // two had the same id: the later one is shown
		t.Errorf("%d rejected, %v: %+v", len(rejected), err, rejected)
	}
	for _, d := range rejected {
		if d.Body != "" && !json.Valid([]byte(d.Body)) || d.Reason == "" {
			t.Errorf("%+v", d)
		}
	}
}

func TestHookLimit(t *testing.T) {
	t.Parallel()
	h := open(t)
	ping := func(id string) (int, string) {
		w := h.ask("POST", "/hooks/github", `{}`, delivery("ping", id), sign(secret))
		return w.Code, w.Header().Get("Retry-After")
	}
	code, after, n := 202, "", 0
	for code == 202 && n < 1000 {
		code, after = ping(strconv.Itoa(n))
		n++
	}
	if code != 429 || after != "1" || n != 501 {
		t.Errorf("after %d: %d, Retry-After %q", n, code, after)
	}
	// A stranger's requests do not count, and are refused as ever.
	if w := h.ask("POST", "/hooks/github", `{}`, delivery("ping", "x"), sign("guess")); w.Code != 401 {
		t.Error(w.Code)
	}
	h.clock.Advance(time.Second)
	if code, _ := ping("later"); code != 202 {
		t.Error("a second later:", code)
	}
}

// TestPublic: an address for the whole internet takes signed webhooks and
// nothing else.
func TestPublic(t *testing.T) {
	t.Parallel()
	h := open(t, func(o *api.Options) {
		o.Pages = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	})
	public := h.api.Public()
	if w := h.askOf(public, "POST", "/hooks/github", status, delivery("deployment_status", "d-1"), sign(secret)); w.Code != 202 {
		t.Error(w.Code, w.Body)
	}
	// Also not for this machine itself: what forwards to it looks the same.
	for _, path := range []string{"/", "/login", "/healthz", "/readyz", "/metrics", "/openapi.json", "/api/v1/releases", "/hooks/../api/v1/releases", "/hooks"} {
		for _, method := range []string{"GET", "POST"} {
			if w := h.askOf(public, method, path, ""); w.Code < 300 || w.Code == http.StatusTeapot {
				t.Errorf("%s %s: %d %s", method, path, w.Code, w.Body)
			}
		}
	}
	if w := h.askOf(public, "GET", "/hooks/github", ""); w.Code != 404 {
		t.Error(w.Code)
	}
	if w := h.ask("GET", "/", ""); w.Code != http.StatusTeapot {
		t.Error("the pages are not served:", w.Code)
	}
}
