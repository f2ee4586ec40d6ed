package api_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/access"
	"github.com/debriefhq/debrief/internal/api"
	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/loop"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/store/storetest"
)

const secret = "webhook-secret"

// hall is an API over a real store in a file of its own.
type hall struct {
	t     testing.TB
	api   *api.API
	store *store.Store
	clock *storetest.Clock
	main  http.Handler
	log   *bytes.Buffer
}

func open(t testing.TB, change ...func(*api.Options)) *hall {
	t.Helper()
	h := &hall{t: t, clock: storetest.NewClock(), log: &bytes.Buffer{}}
	st, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "debrief.db"), store.Options{Now: h.clock.Now, NewID: storetest.IDs()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	h.store = st
	o := api.Options{
		Store: st, Desk: loop.Desk{Store: st, Now: h.clock.Now, Location: time.UTC}, Now: h.clock.Now, Log: slog.New(slog.NewTextHandler(h.log, nil)),
		Config: config.Config{URL: "https://debrief.example/", Sources: map[string]config.Source{"github": {Secret: secret, SecretOld: "the-old-one"}}},
	}
	for _, c := range change {
		c(&o)
	}
	h.api = api.New(o)
	h.main = h.api.Main()
	return h
}

// ask makes a request from this machine; change may make it a stranger's.
func (h *hall) ask(method, target, body string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	return h.askOf(h.main, method, target, body, change...)
}

func (h *hall) askOf(handler http.Handler, method, target, body string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	h.t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.RemoteAddr, r.Host = "127.0.0.1:40000", "127.0.0.1:8080"
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, c := range change {
		c(r)
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w
}

func stranger(r *http.Request) { r.RemoteAddr, r.Host = "203.0.113.9:40000", "debrief.example" }

func bearer(token string) func(*http.Request) {
	return func(r *http.Request) { stranger(r); r.Header.Set("Authorization", "Bearer "+token) }
}

func (h *hall) token(name string, scope access.Scope) string {
	h.t.Helper()
	token, err := access.NewToken(strings.NewReader(strings.Repeat(name, 32)))
	if err != nil {
		h.t.Fatal(err)
	}
	err = h.store.SaveToken(h.t.Context(), store.Token{ID: name, Name: name, Hash: access.Hash(token), Scope: string(scope), Created: h.clock.Now()})
	if err != nil {
		h.t.Fatal(err)
	}
	return token
}

// inbox is how many envelopes a source has brought.
func (h *hall) inbox(source string) int {
	h.t.Helper()
	counts, err := h.store.SourceCounts(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	for _, c := range counts {
		if c.Source == source {
			return c.Open + c.Done + c.Ignored + c.Rejected
		}
	}
	return 0
}

// envelope claims the next accepted one.
func (h *hall) envelope() debrief.Envelope {
	h.t.Helper()
	w, err := h.store.Claim(h.t.Context(), []string{"record"}, time.Minute)
	if err != nil || w == nil {
		h.t.Fatalf("nothing was accepted: %v", err)
	}
	var e debrief.Envelope
	err = h.store.Finish(h.t.Context(), w, func(tx *store.Tx) error {
		var err error
		e, err = tx.Envelope(w.Key)
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return e
}

func decode[T any](t testing.TB, w *httptest.ResponseRecorder) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		t.Fatalf("%v in %s", err, w.Body)
	}
	return v
}

func sign(key string) func(*http.Request) {
	return func(r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		m := hmac.New(sha256.New, []byte(key))
		m.Write(body)
		r.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(m.Sum(nil)))
	}
}

const deployed = `{"key":"ci-1","service":"shop","environment":"production","version":"v1.42","state":"running","times":{"started_at":"2026-03-10T08:59:00Z"}}`

func TestReport(t *testing.T) {
	t.Parallel()
	h := open(t)
	w := h.ask("POST", "/api/v1/deployments", deployed)
	if w.Code != 202 {
		t.Fatal(w.Code, w.Body)
	}
	got := decode[api.Recorded](t, w)
	id := debrief.ID("deployment", "shop", "production", "", "api/ci-1")
	if !got.New || len(got.Deployments) != 1 || got.Deployments[0] != (api.Place{Service: "shop", ID: id, URL: "https://debrief.example/releases/" + id}) {
		t.Errorf("%+v", got)
	}
	// Again, also with other spaces and another order: nothing new.
	again := `{ "environment":"production", "key":"ci-1","service":"shop","version":"v1.42","times":{"started_at":"2026-03-10T08:59:00Z"},"state":"running"}`
	if w := h.ask("POST", "/api/v1/deployments", again); w.Code != 200 || decode[api.Recorded](t, w).New {
		t.Error(w.Code, w.Body)
	}
	// The same key with other content.
	w = h.ask("POST", "/api/v1/deployments", strings.Replace(deployed, "v1.42", "v1.43", 1))
	if p := decode[api.Problem](t, w); w.Code != 409 || p.Field != "key" {
		t.Error(w.Code, w.Body)
	}
	if n := h.inbox("api"); n != 1 {
		t.Errorf("%d envelopes, want 1", n)
	}
	// Finishing it, twice.
	done := `{"state":"succeeded","times":{"finished_at":"2026-03-10T08:59:59Z"}}`
	if w := h.ask("PATCH", "/api/v1/deployments/ci-1", done); w.Code != 202 || !decode[api.Recorded](t, w).New {
		t.Error(w.Code, w.Body)
	}
	if w := h.ask("PATCH", "/api/v1/deployments/ci-1", done); w.Code != 200 || decode[api.Recorded](t, w).New {
		t.Error(w.Code, w.Body)
	}
	// A key with slashes, escaped in the path; before the POST it belongs to.
	if w := h.ask("PATCH", "/api/v1/deployments/run%2F7%2F1", done); w.Code != 202 {
		t.Error(w.Code, w.Body)
	}
	if e := h.envelope(); e.Source != "api" || e.Key != "deployments/ci-1" || len(e.Digest) != 64 || !e.Received.Equal(h.clock.Now()) {
		t.Errorf("%+v", e)
	}
}

func TestSeveralServices(t *testing.T) {
	t.Parallel()
	h := open(t)
	err := h.store.Update(t.Context(), func(tx *store.Tx) error {
		if _, err := tx.Service("Shop Front", false); err != nil {
			return err
		}
		return tx.SetAliases("shop-front", []string{"storefront"})
	})
	if err != nil {
		t.Fatal(err)
	}
	w := h.ask("POST", "/api/v1/deployments", `{"key":"k","services":["storefront","Ledger"],"environment":"production","version":"v1","state":"succeeded","times":{"started_at":"2026-03-10T08:00:00Z","finished_at":"2026-03-10T08:01:00Z"}}`)
	got := decode[api.Recorded](t, w)
	if w.Code != 202 || len(got.Deployments) != 2 || got.Deployments[0].Service != "shop-front" || got.Deployments[1].Service != "ledger" {
		t.Error(w.Code, w.Body)
	}
}

// TestRefused is what a sender can do wrong: each is a clear answer that names
// the field, and nothing is kept.
func TestRefused(t *testing.T) {
	t.Parallel()
	h := open(t)
	with := func(field string) string { return strings.Replace(deployed, `"state"`, field+`,"state"`, 1) }
	for _, c := range []struct {
		name, method, path, body string
		status                   int
		field, says              string
	}{
		{"empty", "POST", "", "", 422, "", "empty"},
		{"not JSON", "POST", "", "{", 422, "", "not JSON"},
		{"a list", "POST", "", "[]", 422, "", "object"},
		{"null", "POST", "", "null", 422, "", "object"},
		{"two values", "POST", "", deployed + "{}", 422, "", "follows the end"},
		{"no key", "POST", "", `{"service":"shop","environment":"production","version":"v1"}`, 422, "key", "missing"},
		{"bad key", "POST", "", strings.Replace(deployed, "ci-1", "ci 1", 1), 422, "key", "characters"},
		{"dots", "POST", "", strings.Replace(deployed, "ci-1", "..", 1), 422, "key", "characters"},
		{"key of a wrong type", "POST", "", strings.Replace(deployed, `"ci-1"`, "1", 1), 422, "key", "text"},
		{"unknown field", "POST", "", with(`"verison":"v2"`), 422, "verison", "unknown field"},
		{"unknown nested field", "POST", "", with(`"stages":[{"name":"x","took":3}]`), 422, "stages.0.took", "unknown field"},
		{"given twice", "POST", "", with(`"version":"v2"`), 422, "version", "twice"},
		{"nested twice", "POST", "", with(`"git":{"from":"a","from":"b"}`), 422, "git.from", "twice"},
		{"no service", "POST", "", strings.Replace(deployed, `"service":"shop",`, "", 1), 422, "service", "missing"},
		{"no environment", "POST", "", strings.Replace(deployed, `"environment":"production",`, "", 1), 422, "environment", "missing"},
		{"unknown state", "POST", "", strings.Replace(deployed, "running", "done", 1), 422, "state", "unknown state"},
		{"bad time", "POST", "", strings.Replace(deployed, "2026-03-10T08:59:00Z", "yesterday", 1), 422, "times.started_at", "not a time"},
		{"future-dated", "POST", "", strings.Replace(deployed, "2026-03-10T08:59:00Z", "2026-03-10T09:59:00Z", 1), 422, "times.started_at", "future"},
		{"ends before it starts", "PATCH", "/x", `{"state":"failed","times":{"started_at":"2026-03-10T08:00:00Z","finished_at":"2026-03-10T07:00:00Z"}}`, 422, "times.finished_at", "before"},
		{"other key in the body", "PATCH", "/x", `{"key":"y"}`, 422, "key", "address"},
		{"too large", "POST", "", with(`"output_tail":"` + strings.Repeat("x", 1<<20) + `"`), 413, "", "1 MiB"},
		{"deep", "POST", "", with(`"facts":` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000)), 422, "", ""},
		{"empty batch", "POST", "/batch", `{"deployments":[]}`, 422, "deployments", "empty"},
		{"batch of a wrong type", "POST", "/batch", `{"deployments":{}}`, 422, "deployments", "list"},
		{"batch with another field", "POST", "/batch", `{"deployments":[` + deployed + `],"force":true}`, 422, "force", "unknown"},
		{"one bad of two", "POST", "/batch", `{"deployments":[` + strings.Replace(deployed, "ci-1", "ci-2", 1) + "," + with(`"verison":"v2"`) + `]}`, 422, "deployments.1.verison", "unknown"},
		{"two that differ under one key", "POST", "/batch", `{"deployments":[` + deployed + "," + strings.Replace(deployed, "v1.42", "v2", 1) + `]}`, 409, "key", "ci-1"},
		{"too many", "POST", "/batch", `{"deployments":[` + strings.Repeat("{},", 1000) + `{}]}`, 422, "deployments", "1000"},
		{"large batch", "POST", "/batch", `{"deployments":["` + strings.Repeat("x", 5<<20) + `"]}`, 413, "", "5 MiB"},
		{"wrong method", "PUT", "", deployed, 405, "", "PUT"},
		{"wrong method on a key", "DELETE", "/ci-1", "", 405, "", "DELETE"},
		{"a name that is a step in an address", "POST", "", strings.Replace(deployed, `"shop"`, `".."`, 1), 422, "service", "letter or digit"},
		{"one of several names", "POST", "", strings.Replace(deployed, `"service":"shop"`, `"services":["shop","."]`, 1), 422, "services.1", "letter or digit"},
		{"a name that is not UTF-8", "POST", "", strings.Replace(deployed, `"shop"`, "\"sh\xffop\"", 1), 422, "service", "UTF-8"},
		{"half a character, escaped", "POST", "", strings.Replace(deployed, `"shop"`, `"sh\ud800op"`, 1), 422, "service", "UTF-8"},
	} {
		w := h.ask(c.method, "/api/v1/deployments"+c.path, c.body)
		p := decode[api.Problem](t, w)
		if w.Code != c.status || p.Status != c.status || c.field != "" && p.Field != c.field || !strings.Contains(p.Detail, c.says) {
			t.Errorf("%s: %d %s", c.name, w.Code, w.Body)
		}
		if ct := w.Header().Get("Content-Type"); ct != "application/problem+json" {
			t.Errorf("%s: content type %q", c.name, ct)
		}
	}
	if n := h.inbox("api"); n != 0 {
		t.Errorf("%d envelopes were kept", n)
	}
	w := h.ask("POST", "/api/v1/deployments", deployed, func(r *http.Request) { r.Header.Set("Content-Type", "multipart/form-data; boundary=x") })
	if w.Code != 422 || decode[api.Problem](t, w).Field != "Content-Type" {
		t.Error(w.Code, w.Body)
	}
}

func TestBatch(t *testing.T) {
	t.Parallel()
	h := open(t)
	body := `{"deployments":[` + deployed + "," + strings.Replace(deployed, "ci-1", "ci-2", 1) + "," + deployed + `]}`
	w := h.ask("POST", "/api/v1/deployments/batch", body)
	if got := decode[api.Imported](t, w); w.Code != 202 || got.Accepted != 3 || got.New != 2 || len(got.Deployments) != 3 {
		t.Error(w.Code, w.Body)
	}
	if w := h.ask("POST", "/api/v1/deployments/batch", body); w.Code != 200 || decode[api.Imported](t, w).New != 0 {
		t.Error(w.Code, w.Body)
	}
	// A single report of the same content is known, too.
	if w := h.ask("POST", "/api/v1/deployments", deployed); w.Code != 200 {
		t.Error(w.Code, w.Body)
	}
}

func TestMaskedBeforeKept(t *testing.T) {
	t.Parallel()
	h := open(t)
	leaky := strings.Replace(deployed, `"state"`, `"command":"deploy --password=hunter22 postgres://u:hunter22@db/x","output_tail":"line 1\ntoken: hunter22\u0040","facts":{"db_password":"hunter22"},"state"`, 1)
	if w := h.ask("POST", "/api/v1/deployments", leaky); w.Code != 202 {
		t.Fatal(w.Code, w.Body)
	}
	e := h.envelope()
	if bytes.Contains(e.Body, []byte("hunter22")) || !bytes.Contains(e.Body, []byte("***")) || !json.Valid(e.Body) {
		t.Errorf("%s", e.Body)
	}
	// The digest is of what was sent: another password under the same key is
	// another report, not a silent repetition.
	if w := h.ask("POST", "/api/v1/deployments", strings.ReplaceAll(leaky, "hunter22", "hunter23")); w.Code != 409 {
		t.Error(w.Code, w.Body)
	}
}

func TestPlain(t *testing.T) {
	t.Parallel()
	h := open(t)
	for path, want := range map[string]string{"/healthz": "alive\n", "/readyz": "ready\n"} {
		if w := h.ask("GET", path, "", stranger); w.Code != 200 || w.Body.String() != want {
			t.Errorf("%s: %d %q", path, w.Code, w.Body)
		}
	}
	for _, path := range []string{"/", "/nothing", "/api/v2/x", "/hooks/", "/api"} {
		if w := h.ask("GET", path, ""); w.Code != 404 || decode[api.Problem](t, w).Hint == "" {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	h.ask("POST", "/api/v1/deployments", deployed)
	h.ask("GET", "/api/v1/releases/none", "")
	h.api.Looked(debrief.Worse, true)
	h.api.Step("look", time.Second, context.Canceled)
	text := h.ask("GET", "/metrics", "").Body.String()
	for _, want := range []string{
		`debrief_events_total{outcome="accepted",source="api"} 1`, `debrief_inbox_open{source="api"} 1`, `debrief_looks_total{word="worse"} 1`,
		`debrief_blind_checks_total 1`, `debrief_step_failures_total{kind="look"} 1`,
		`debrief_http_request_seconds_count{method="GET",route="GET /api/v1/releases/{id}",status="4xx"} 1`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("/metrics lacks %s", want)
		}
	}
}

// broken is a store in trouble.
type broken struct {
	api.Store
	err error
	n   atomic.Int64
}

func (b *broken) Accept(context.Context, ...debrief.Envelope) ([]store.Accepted, error) {
	b.n.Add(1)
	return nil, b.err
}
func (b *broken) Ping(context.Context) error { return b.err }

func TestStoreInTrouble(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err    error
		status int
		detail string
	}{
		{debrief.Errorf(debrief.Unavailable, "", "100000 events wait to be recorded, more are not taken in for now"), 503, "events wait"},
		{debrief.Errorf(debrief.TooMany, "", "75000 events of api wait to be recorded, no more of them are taken in for now"), 429, "events of api"},
		{&debrief.Error{Kind: debrief.Unavailable, Message: "the database cannot be reached or is unwell", Err: errors.New("connect user=app host=db.internal")}, 503, "cannot be reached"},
		{debrief.Errorf(debrief.Unavailable, "", "no answer: %w", errors.New("connect user=app host=db.internal")), 503, "does not answer"},
		{io.ErrUnexpectedEOF, 500, "went wrong"},
		{context.DeadlineExceeded, 503, "not finished"},
		{debrief.Errorf(debrief.Internal, "", "password=hunter22 leaked"), 500, "went wrong"},
	} {
		h := open(t, func(o *api.Options) { o.Store = &broken{Store: o.Store, err: c.err} })
		w := h.ask("POST", "/api/v1/deployments", deployed)
		if p := decode[api.Problem](t, w); w.Code != c.status || !strings.Contains(p.Detail, c.detail) || (c.status == 503 || c.status == 429) != (w.Header().Get("Retry-After") != "") {
			t.Errorf("%v: %d %s", c.err, w.Code, w.Body)
		}
		if strings.Contains(w.Body.String(), "db.internal") || strings.Contains(c.err.Error(), "db.internal") != strings.Contains(h.log.String(), "db.internal") {
			t.Errorf("%v: what stands behind belongs into the log only: %s; the log: %s", c.err, w.Body, h.log)
		}
		if w := h.ask("GET", "/readyz", ""); w.Code != 503 {
			t.Errorf("%v: ready all the same", c.err)
		}
		if w := h.ask("GET", "/healthz", ""); w.Code != 200 {
			t.Errorf("%v: not alive", c.err)
		}
		if strings.Contains(h.log.String(), "hunter22") {
			t.Errorf("a secret was logged: %s", h.log)
		}
	}
}
