package forge_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/forge"
)

func TestGitHubDeploymentsKeepsTheSuccessfulOnes(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /repos/acme/shop/deployments", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer t0ken" || r.URL.Query().Get("environment") != "production" {
			t.Errorf("asked with %q for %q", r.Header.Get("Authorization"), r.URL.RawQuery)
		}
		_, _ = w.Write([]byte(`[{"id":3,"ref":"v3","sha":"c3"},{"id":2,"ref":"v2","sha":"c2"},{"id":1,"ref":"v1","sha":"c1"}]`))
	})
	mux.HandleFunc("GET /repos/acme/shop/deployments/3/statuses", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`[{"state":"success","created_at":"2026-10-03T10:05:00Z"},{"state":"in_progress","created_at":"2026-10-03T10:00:00Z"}]`))
	})
	mux.HandleFunc("GET /repos/acme/shop/deployments/2/statuses", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`[{"state":"failure","created_at":"2026-10-02T10:05:00Z"}]`))
	})
	mux.HandleFunc("GET /repos/acme/shop/deployments/1/statuses", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`[{"state":"inactive","created_at":"2026-10-02T11:00:00Z"},{"state":"success","created_at":"2026-10-01T10:05:00Z"}]`))
	})
	srv := httptest.NewServer(mux)
	defer srv.Close()
	got, err := forge.GitHub{URL: srv.URL, Token: "t0ken", Client: srv.Client()}.Deployments(t.Context(), "acme/shop", "production", 10)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[0].Version != "v3" || got[1].Version != "v1" || got[1].At.Format("15:04") != "10:05" {
		t.Fatalf("got %+v", got)
	}
}

func TestGitHubErrorsSayWhatToDo(t *testing.T) {
	t.Parallel()
	for status, kind := range map[int]debrief.ErrorKind{401: debrief.Unauthorized, 404: debrief.NotFound, 403: debrief.TooMany, 500: debrief.Unavailable} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
		_, err := forge.GitHub{URL: srv.URL, Client: srv.Client()}.Deployments(t.Context(), "acme/shop", "production", 1)
		srv.Close()
		if debrief.KindOf(err) != kind {
			t.Errorf("status %d: got %v (%s), want kind %s", status, err, debrief.KindOf(err), kind)
		}
	}
	for _, bad := range []string{"shop", "../etc", "acme/", "/shop", "acme/shop/x"} {
		if _, err := (forge.GitHub{Client: http.DefaultClient}).Deployments(t.Context(), bad, "production", 1); debrief.KindOf(err) != debrief.Invalid {
			t.Errorf("%q was accepted as a repository", bad)
		}
	}
}
