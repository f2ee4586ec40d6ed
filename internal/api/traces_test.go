package api_test

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/debriefhq/debrief/internal/api"
	"github.com/debriefhq/debrief/internal/config"
)

func payloadOf(t *testing.T, source, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "ingest", "testdata", source, name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func bearing(token string, header ...string) func(*http.Request) {
	return func(r *http.Request) {
		stranger(r)
		r.Header.Set("Authorization", "Bearer "+token)
		for i := 0; i+1 < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
	}
}

func pipelines(o *api.Options) {
	o.Config.Sources = map[string]config.Source{}
	for _, name := range []string{"otlp", "cdevents", "argocd", "jenkins"} {
		o.Config.Sources[name] = config.Source{Secret: secret, SecretOld: "the-old-one"}
	}
}

// Traces are answered as exporters expect, in each encoding.
func TestTraces(t *testing.T) {
	t.Parallel()
	h := open(t, pipelines)
	body := payloadOf(t, "otlp", "trace.whole")
	w := h.ask("POST", "/hooks/otlp", string(body), bearing(secret, "Content-Type", "application/json"))
	if w.Code != 200 || w.Body.String() != "{}" || w.Header().Get("Content-Type") != "application/json" {
		t.Fatal(w.Code, w.Body)
	}
	e := h.envelope()
	if e.Source != "otlp" || strings.Contains(string(e.Body), "token") || !strings.Contains(string(e.Body), "5b8aa5a2d2c872e8321cf37308d69df2") {
		t.Errorf("%s", e.Body)
	}
	var u ptrace.JSONUnmarshaler
	traces, err := u.UnmarshalTraces(body)
	if err != nil {
		t.Fatal(err)
	}
	var m ptrace.ProtoMarshaler
	binary, err := m.MarshalTraces(traces)
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write(binary)
	_ = z.Close()
	w = h.ask("POST", "/hooks/otlp", packed.String(), bearing("the-old-one", "Content-Type", "application/x-protobuf", "Content-Encoding", "gzip"))
	if w.Code != 200 || w.Body.Len() != 0 || w.Header().Get("Content-Type") != "application/x-protobuf" {
		t.Fatal(w.Code, w.Body)
	}
	// Spans of anything else are no failure, and are counted.
	w = h.ask("POST", "/hooks/otlp", string(payloadOf(t, "otlp", "trace.others")), bearing(secret, "Content-Type", "application/json"))
	if w.Code != 200 {
		t.Error(w.Code, w.Body)
	}
	if n := h.inbox("otlp"); n != 2 { // what is left out on arrival is counted and not kept
		t.Errorf("%d envelopes, want 2", n)
	}
	metrics := h.ask("GET", "/metrics", "").Body.String()
	for _, line := range []string{`debrief_left_out_total{source="otlp"} 3`, `debrief_events_total{outcome="ignored",source="otlp"} 1`, `debrief_events_total{outcome="accepted",source="otlp"} 2`} {
		if !strings.Contains(metrics, line+"\n") {
			t.Errorf("%s is not in the metrics", line)
		}
	}
	for name, change := range map[string]func(*http.Request){
		"401": bearing("guess"), "422": bearing(secret, "Content-Type", "application/x-protobuf"),
	} {
		if w := h.ask("POST", "/hooks/otlp", `{"resourceSpans":"x"}`, change); !strings.HasPrefix(w.Header().Get("Content-Type"), "application/problem+json") || !strings.Contains(w.Body.String(), name) {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
}

// The senders that show a secret instead of signing, each in its own form.
func TestPipelineHooks(t *testing.T) {
	t.Parallel()
	h := open(t, pipelines)
	for _, c := range []struct {
		path, source, file string
		change             func(*http.Request)
		status             int
		says               string
	}{
		{"/hooks/cdevents", "cdevents", "batch.run", bearing(secret), 202, `"new":true`},
		{"/hooks/cdevents", "cdevents", "batch.run", bearing(secret), 202, `"new":false`},
		{"/hooks/cdevents", "cdevents", "structured.custom", bearing("the-old-one"), 202, "is no type of CDEvents"},
		{"/hooks/cdevents?access_token=" + secret, "cdevents", "batch.run", stranger, 401, "Authorization"},
		{"/hooks/argocd", "argocd", "sync.healthy", bearing(secret), 202, `"new":true`},
		{"/hooks/argocd", "argocd", "sync.healthy", bearing("guess"), 401, "does not match"},
		{"/hooks/jenkins?access_token=" + secret, "jenkins", "run.finished", stranger, 202, `"new":true`},
		{"/hooks/jenkins?access_token=the-old-one", "jenkins", "run.finished", stranger, 202, `"new":false`},
		{"/hooks/jenkins?access_token=guess", "jenkins", "run.finished", stranger, 401, "does not match"},
		{"/hooks/jenkins", "jenkins", "run.finished", stranger, 401, "missing"},
		{"/hooks/jenkins?access_token=" + secret, "jenkins", "text.bad_bytes", stranger, 422, "is no byte"},
	} {
		w := h.ask("POST", c.path, string(payloadOf(t, c.source, c.file)), c.change)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) || strings.Contains(w.Body.String(), secret) {
			t.Errorf("%s, %s: %d %s", c.path, c.file, w.Code, w.Body)
		}
	}
	if n := h.inbox("cdevents") + h.inbox("argocd") + h.inbox("jenkins"); n != 5 { // three taken, and two that came to nothing, with the reason
		t.Errorf("%d envelopes, want 5", n)
	}
}
