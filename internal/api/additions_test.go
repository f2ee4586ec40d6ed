package api_test

import (
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/api"
	"github.com/debriefhq/debrief/internal/store"
)

// TestOtherMethods: an address that exists says what it takes.
func TestOtherMethods(t *testing.T) {
	t.Parallel()
	h := open(t)
	for target, allow := range map[string]string{"/api/v1/deployments/ci-1": "PATCH", "/api/v1/deployments": "POST", "/hooks/github": "POST", "/healthz": "GET"} {
		w := h.ask("DELETE", target, "")
		if w.Code != 405 || w.Header().Get("Allow") != allow || !strings.Contains(decode[api.Problem](t, w).Hint, allow) {
			t.Errorf("%s: %d %q %s", target, w.Code, w.Header().Get("Allow"), w.Body)
		}
	}
	if w := h.ask("DELETE", "/api/v1/nothing", ""); w.Code != 404 {
		t.Error(w.Code)
	}
	if w := h.ask("PUT", "/api/v1/deployments", deployed, stranger); w.Code != 401 {
		t.Error("a stranger learns more than that it is closed:", w.Code)
	}
}

// TestAServiceCalledOrg: the answer names the service as it will be kept, not
// by the reserved word.
func TestAServiceCalledOrg(t *testing.T) {
	t.Parallel()
	h := open(t)
	w := h.ask("POST", "/api/v1/deployments", strings.Replace(deployed, `"shop"`, `"Org"`, 1))
	id := debrief.ID("deployment", "org-service", "production", "", "api/ci-1")
	if got := decode[api.Recorded](t, w); w.Code != 202 || len(got.Deployments) != 1 || got.Deployments[0].Service != "org-service" || got.Deployments[0].ID != id {
		t.Error(w.Code, w.Body)
	}
}

// TestAdditions: what is added to a key nobody has reported is kept and said to
// wait; what is added for another service is refused.
func TestAdditions(t *testing.T) {
	t.Parallel()
	h := open(t)
	patch := func(key, body string) (int, api.Recorded, string) {
		t.Helper()
		w := h.ask("PATCH", "/api/v1/deployments/"+key, body)
		var got api.Recorded
		if w.Code < 300 {
			got = decode[api.Recorded](t, w)
		}
		return w.Code, got, w.Body.String()
	}
	const done = `{"state":"succeeded","finished_at":"2026-03-10T08:59:59Z"}`
	if code, got, _ := patch("ci-1", done); code != 202 || !got.Pending {
		t.Error("a key nobody has reported:", code, got)
	}
	if w := h.ask("POST", "/api/v1/deployments", deployed); w.Code != 202 || strings.Contains(w.Body.String(), "pending") {
		t.Fatal(w.Code, w.Body)
	}
	if code, got, _ := patch("ci-1", done); code != 200 || got.Pending {
		t.Error("the same again, now that it is known:", code, got)
	}
	if code, got, _ := patch("ci-1", `{"service":"SHOP","stages":[{"name":"migrate"}]}`); code != 202 || got.Pending {
		t.Error("with its service:", code, got)
	}
	before := h.inbox("api")
	if code, _, body := patch("ci-1", `{"service":"shpo","stages":[{"name":"migrate"}]}`); code != 422 || !strings.Contains(body, `"field":"service"`) || !strings.Contains(body, "shop") {
		t.Error("another service:", code, body)
	}
	if h.inbox("api") != before {
		t.Error("what was refused is kept")
	}
	// What says all of it, or goes by another key too, waits for nobody.
	for _, whole := range []string{`{"service":"shop","environment":"production","version":"v1"}`, `{"keys":["github/run/7"],"state":"failed"}`} {
		if code, got, body := patch("ci-9", whole); code != 202 || got.Pending {
			t.Error(whole, code, body)
		}
	}
	// Several services, one by its alias.
	err := h.store.Update(t.Context(), func(tx *store.Tx) error {
		if _, err := tx.Service("ledger", false); err != nil {
			return err
		}
		return tx.SetAliases("ledger", []string{"books"})
	})
	if err != nil {
		t.Fatal(err)
	}
	h.clock.Advance(time.Minute)
	if w := h.ask("POST", "/api/v1/deployments", `{"key":"both","services":["shop","ledger"],"environment":"production","version":"v1"}`); w.Code != 202 {
		t.Fatal(w.Code, w.Body)
	}
	if code, _, body := patch("both", `{"service":"books","state":"running"}`); code != 202 {
		t.Error(code, body)
	}
	if code, _, body := patch("both", `{"services":["shop","cart"],"state":"running"}`); code != 422 || !strings.Contains(body, "cart") {
		t.Error(code, body)
	}
}
