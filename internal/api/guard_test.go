package api_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/access"
	"github.com/debriefhq/debrief/internal/api"
	"github.com/debriefhq/debrief/internal/store"
)

func TestWhoMay(t *testing.T) {
	t.Parallel()
	h := open(t)
	read, write, gone := h.token("r", access.Read), h.token("w", access.Write), h.token("g", access.Write)
	if err := h.store.RevokeToken(t.Context(), "g"); err != nil {
		t.Fatal(err)
	}
	unknown, err := access.NewToken(strings.NewReader(strings.Repeat("z", 32)))
	if err != nil {
		t.Fatal(err)
	}
	set := func(k, v string) func(*http.Request) { return func(r *http.Request) { r.Header.Set(k, v) } }
	host := func(v string) func(*http.Request) { return func(r *http.Request) { r.Host = v } }
	for _, c := range []struct {
		name        string
		change      func(*http.Request)
		read, write int
	}{
		{"this machine", func(*http.Request) {}, 200, 202},
		{"this machine, with an unknown token", set("Authorization", "Bearer "+unknown), 200, 202},
		{"a stranger", stranger, 401, 401},
		{"a foreign name that resolves to loopback", host("rebind.example:8080"), 401, 401},
		{"a proxy on this machine", set("X-Forwarded-For", "203.0.113.9"), 401, 401},
		{"another proxy", set("Via", "1.1 nginx"), 401, 401},
		{"a page of another site", func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") }, 200, 403},
		{"a page of another site, in a modern browser", set("Sec-Fetch-Site", "cross-site"), 200, 403},
		{"our own page", set("Sec-Fetch-Site", "same-origin"), 200, 202},
		{"reading", bearer(read), 200, 403},
		{"writing", bearer(write), 200, 202},
		{"revoked", bearer(gone), 401, 401},
		{"unknown", bearer(unknown), 401, 401},
		{"not a token", bearer("hello"), 401, 401},
		{"not bearer", func(r *http.Request) { stranger(r); r.SetBasicAuth("a", write) }, 401, 401},
	} {
		for i, want := range []int{c.read, c.write} {
			var w *httptest.ResponseRecorder
			if i == 0 {
				w = h.ask("GET", "/api/v1/services", "", c.change)
			} else {
				w = h.ask("POST", "/api/v1/deployments", strings.Replace(deployed, "ci-1", strings.ReplaceAll(c.name, " ", "-")[:4]+debrief.ID(c.name), 1), c.change)
			}
			if w.Code != want || want == 401 && w.Header().Get("WWW-Authenticate") == "" {
				t.Errorf("%s: %d, want %d: %s", c.name, w.Code, want, w.Body)
			}
		}
	}
	for _, path := range []string{"/metrics", "/openapi.json", "/api/v1/releases", "/api/v1/messages"} {
		if w := h.ask("GET", path, "", stranger); w.Code != 401 {
			t.Errorf("a stranger reads %s: %d", path, w.Code)
		}
		if w := h.ask("GET", path, "", bearer(read)); w.Code != 200 {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}

func TestSessions(t *testing.T) {
	t.Parallel()
	h := open(t)
	token := h.token("r", access.Read)
	session, until, err := h.api.Login(t.Context(), token)
	if err != nil || !until.Equal(h.clock.Now().Add(access.SessionLasts)) || strings.Contains(session, token) {
		t.Fatal(session, until, err)
	}
	cookie := func(r *http.Request) { stranger(r); r.AddCookie(&http.Cookie{Name: access.CookieName, Value: session}) }
	may := func() (bool, bool) {
		r := httptest.NewRequest("GET", "/", nil)
		cookie(r)
		return h.api.Access(r)
	}
	if read, write := may(); !read || write {
		t.Error(read, write)
	}
	if w := h.ask("GET", "/api/v1/services", "", cookie); w.Code != 200 {
		t.Error(w.Code)
	}
	if w := h.ask("GET", "/api/v1/services", "", cookie, func(r *http.Request) { r.Header.Set("Cookie", access.CookieName+"=a.b.c") }); w.Code != 401 {
		t.Error(w.Code)
	}
	// Another process over the same store knows the session, too.
	other := api.New(api.Options{Store: h.store, Now: h.clock.Now})
	r := httptest.NewRequest("GET", "/", nil)
	cookie(r)
	if read, _ := other.Access(r); !read {
		t.Error("the signing key is not kept")
	}
	h.clock.Advance(access.SessionLasts - time.Second)
	if read, _ := may(); !read {
		t.Error("it ends too early")
	}
	h.clock.Advance(time.Second)
	if read, _ := may(); read {
		t.Error("it has expired")
	}
	session, _, err = h.api.Login(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.store.RevokeToken(t.Context(), "r"); err != nil {
		t.Fatal(err)
	}
	if read, _ := may(); read {
		t.Error("revoking a token must end its sessions")
	}
	// Without randomness there is no session, and no weak key is kept.
	h2 := open(t, func(o *api.Options) { o.Random = func([]byte) (int, error) { return 0, io.ErrUnexpectedEOF } })
	if _, _, err := h2.api.Login(t.Context(), h2.token("r", access.Read)); err == nil {
		t.Error("signed with a key that is none")
	}
	for _, bad := range []string{"", "dbt_", "hello", token} {
		if _, _, err := h.api.Login(t.Context(), bad); debrief.KindOf(err) != debrief.Unauthorized {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// touching counts how often a token's last use is noted.
type touching struct {
	*store.Store
	n atomic.Int64
}

func (s *touching) TouchToken(context.Context, string, time.Time) error {
	s.n.Add(1)
	return nil
}

func TestLastUseIsNotWrittenEachTime(t *testing.T) {
	t.Parallel()
	var st *touching
	h := open(t, func(o *api.Options) {
		st = &touching{Store: o.Store.(*store.Store)}
		o.Store = st
	})
	token := h.token("r", access.Read)
	for range 50 {
		if w := h.ask("GET", "/api/v1/services", "", bearer(token)); w.Code != 200 {
			t.Fatal(w.Code)
		}
	}
	if n := st.n.Load(); n != 1 {
		t.Errorf("written %d times", n)
	}
	h.clock.Advance(10 * time.Minute)
	h.ask("GET", "/api/v1/services", "", bearer(token))
	if n := st.n.Load(); n != 2 {
		t.Errorf("written %d times", n)
	}
}

// TestNoWayAround: the open paths lead nowhere else.
func TestNoWayAround(t *testing.T) {
	t.Parallel()
	h := open(t)
	for _, path := range []string{
		"/hooks/../api/v1/releases", "/hooks/%2e%2e/api/v1/releases", "/hooks/%2e%2e%2fapi%2fv1%2freleases", "/hooks//../metrics", "//metrics",
		"/healthz/../metrics", "/healthz/", "/HEALTHZ/../metrics", "/readyz/../openapi.json", "/./metrics",
	} {
		for _, method := range []string{"GET", "POST", "HEAD", "OPTIONS", "TRACE", "CONNECT", "odd"} {
			r := httptest.NewRequest("GET", "http://x/", nil)
			r.Method = method
			u, err := r.URL.Parse("http://debrief.example" + path)
			if err != nil {
				t.Fatal(err)
			}
			r.URL = u
			stranger(r)
			w := httptest.NewRecorder()
			h.main.ServeHTTP(w, r)
			if w.Code < 300 {
				t.Errorf("%s %s: %d %s", method, path, w.Code, w.Body)
			}
		}
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	h := open(t)
	for _, path := range []string{"/healthz", "/api/v1/services", "/nothing", "/metrics"} {
		got := h.ask("GET", path, "").Header()
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"} {
			if got.Get(name) != want {
				t.Errorf("%s: %s is %q", path, name, got.Get(name))
			}
		}
		if got.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s may be read by other sites", path)
		}
	}
}
