package api_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief/internal/access"
	"github.com/debriefhq/debrief/internal/api"
	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/loop"
	"github.com/debriefhq/debrief/internal/store"
)

const firing = `{"version":"4","alerts":[{"status":"firing","labels":{"alertname":"Slow","service":"shop"},"annotations":{"summary":"ask jo@example.org"},"startsAt":"2026-03-10T08:50:00Z","fingerprint":"b0ee4e1f7d6c4a21"}]}`

func shows(token string) func(*http.Request) {
	return func(r *http.Request) { stranger(r); r.Header.Set("Authorization", "Bearer "+token) }
}

func withAlertmanager(o *api.Options) {
	o.Config.Sources = map[string]config.Source{"alertmanager": {Secret: secret, SecretOld: "the-old-one"}, "zendesk": {Secret: secret}}
}

func TestSources(t *testing.T) {
	t.Parallel()
	h := open(t, withAlertmanager)
	for _, c := range []struct {
		body   string
		token  string
		status int
	}{
		{firing, secret, 202},
		{firing, "the-old-one", 202}, // the same again
		{`{"version":"4","alerts":[]}`, secret, 202},
		{`{"version":"4","alerts":[{}]}`, secret, 422},
		{firing, "guess", 401},
		{firing, "guess", 401},
	} {
		if w := h.ask("POST", "/hooks/alertmanager", c.body, shows(c.token)); w.Code != c.status {
			t.Fatal(c, w.Code, w.Body)
		}
	}
	list := decode[api.SourceList](t, h.ask("GET", "/api/v1/sources", ""))
	var got loop.SourceState
	for i, s := range list.Sources {
		if s.Name == "alertmanager" {
			got = s
		}
		if i > 0 && s.Name <= list.Sources[i-1].Name || s.Title == "" || s.Proven == "" || s.Doc == "" {
			t.Errorf("%+v", s)
		}
	}
	if got.Open != 1 || got.Ignored != 1 || got.Rejected != 1 || got.Refused != 2 || !got.Configured || got.Hook != "/hooks/alertmanager" ||
		got.Variable != "DEBRIEF_SOURCES_ALERTMANAGER_SECRET" || !got.Last.Equal(h.clock.Now()) || len(got.Deliveries) != 0 {
		t.Errorf("%+v", got)
	}
	w := h.ask("GET", "/api/v1/sources/alertmanager", "")
	one := decode[loop.SourceState](t, w)
	var states []string
	for _, d := range one.Deliveries {
		states = append(states, d.State)
	}
	if strings.Join(states, " ") != "rejected ignored open" || strings.Contains(w.Body.String(), "jo@") || strings.Contains(w.Body.String(), secret) {
		t.Errorf("%v: %s", states, w.Body)
	}
	if w := h.ask("GET", "/api/v1/sources/nobody", ""); w.Code != 404 || !strings.Contains(w.Body.String(), "known sources") {
		t.Error(w.Code, w.Body)
	}
}

// Only who may write may have it parsed again.
func TestParseAgain(t *testing.T) {
	t.Parallel()
	h := open(t, withAlertmanager)
	read, write := h.token("reader", access.Read), h.token("writer", access.Write)
	for token, want := range map[string]int{"": 401, read: 403, write: 202} {
		w := h.ask("POST", "/api/v1/sources/alertmanager/parse-again", "", func(r *http.Request) {
			stranger(r)
			if token != "" {
				r.Header.Set("Authorization", "Bearer "+token)
			}
		})
		if w.Code != want {
			t.Errorf("%d, want %d: %s", w.Code, want, w.Body)
		}
	}
	if w := h.ask("POST", "/api/v1/sources/nobody/parse-again", ""); w.Code != 404 {
		t.Error(w.Code)
	}
	work, err := h.store.Claim(t.Context(), []string{store.WorkAgain}, time.Minute)
	if err != nil || work == nil || work.Key != "alertmanager" {
		t.Errorf("%+v, %v", work, err)
	}
}

// A sender that delivers again what an earlier version could not read is heard.
func TestHeardAfterAll(t *testing.T) {
	t.Parallel()
	h := open(t, withAlertmanager)
	if w := h.ask("POST", "/hooks/alertmanager", firing, shows(secret)); w.Code != 202 {
		t.Fatal(w.Code, w.Body)
	}
	e := h.envelope() // its work is done
	err := h.store.Update(t.Context(), func(tx *store.Tx) error { return tx.SettleEnvelope(e.ID, store.EnvelopeIgnored, "an earlier version") })
	if err != nil {
		t.Fatal(err)
	}
	if got := decode[api.Hooked](t, h.ask("POST", "/hooks/alertmanager", firing, shows(secret))); !got.New {
		t.Error("it was taken for known")
	}
	if again := h.envelope(); again.ID != e.ID || string(again.Body) != string(e.Body) {
		t.Errorf("%+v", again)
	}
	if got := decode[api.Hooked](t, h.ask("POST", "/hooks/alertmanager", firing, shows(secret))); got.New {
		t.Error("heard a third time")
	}
}

// A signed time more than five minutes off is refused, and counted once a
// second at most, whoever tries.
func TestReplayWindow(t *testing.T) {
	t.Parallel()
	h := open(t, withAlertmanager)
	const body = `{"id":"e1","type":"zen:event-type:ticket.created","time":"2026-03-10T08:59:00Z","detail":{"id":"7","subject":"x"}}`
	for at, want := range map[string]int{"2026-03-10T08:58:00Z": 202, "2026-03-10T09:04:59Z": 202, "2026-03-10T08:54:59Z": 401, "2026-03-10T09:05:01Z": 401, "": 401} {
		w := h.ask("POST", "/hooks/zendesk", body, func(r *http.Request) {
			stranger(r)
			r.Header.Set("X-Zendesk-Webhook-Signature-Timestamp", at)
			r.Header.Set("X-Zendesk-Webhook-Signature", base64Mac(secret, at+body))
		})
		if w.Code != want {
			t.Errorf("%q: %d, want %d: %s", at, w.Code, want, w.Body)
		}
	}
	refused, err := h.store.Refusals(t.Context())
	if err != nil || len(refused) != 2 {
		t.Fatalf("%+v, %v", refused, err)
	}
	n := 0
	for _, s := range decode[api.SourceList](t, h.ask("GET", "/api/v1/sources", "")).Sources {
		n += s.Refused
	}
	if n != 3 {
		t.Errorf("%d refused, want 3", n)
	}
}

func base64Mac(secret, text string) string {
	m := hmac.New(sha256.New, []byte(secret))
	m.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(m.Sum(nil))
}
