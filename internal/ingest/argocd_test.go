package ingest

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"text/template"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// The payloads are what the shipped template makes of Applications; the two
// functions it uses are Sprig's, which Argo CD brings.
//
// Not parallel: with -update it writes what others read.
func TestArgoCDTemplate(t *testing.T) {
	var cm struct {
		Data map[string]string `yaml:"data"`
	}
	if err := yaml.Unmarshal([]byte(argocdTemplate), &cm); err != nil {
		t.Fatal(err)
	}
	var shipped struct {
		Webhook map[string]struct{ Method, Body string }
	}
	if err := yaml.Unmarshal([]byte(cm.Data["template.debrief"]), &shipped); err != nil || shipped.Webhook["debrief"].Method != "POST" {
		t.Fatalf("%v: %+v", err, shipped)
	}
	for _, key := range []string{"trigger.debrief", "subscriptions", "service.webhook.debrief", "context"} {
		var v any
		if err := yaml.Unmarshal([]byte(cm.Data[key]), &v); err != nil || v == nil {
			t.Errorf("%s: %v", key, err)
		}
	}
	tmpl, err := template.New("debrief").Funcs(template.FuncMap{
		"toJson": func(v any) (string, error) {
			b, err := json.Marshal(v)
			return string(b), err
		},
		"last": func(list []any) any { return list[len(list)-1] },
	}).Parse(shipped.Webhook["debrief"].Body)
	if err != nil {
		t.Fatal(err)
	}
	apps, err := filepath.Glob(filepath.Join("testdata", "argocd", "apps", "*.json"))
	if err != nil || len(apps) < 15 {
		t.Fatalf("%d applications: %v", len(apps), err)
	}
	for _, file := range apps {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var app map[string]any
		if err := json.Unmarshal(text, &app); err != nil {
			t.Fatal(file, err)
		}
		var got bytes.Buffer
		if err := tmpl.Execute(&got, map[string]any{"app": app, "context": map[string]any{"argocdUrl": "https://argocd.example.com"}}); err != nil {
			t.Fatal(file, err)
		}
		if !json.Valid(got.Bytes()) || strings.Contains(got.String(), "no value") {
			t.Errorf("%s: %s", file, got.String())
		}
		payload := filepath.Join("testdata", "argocd", filepath.Base(file))
		if *update {
			if err := os.WriteFile(payload, got.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(payload)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(string(want), got.String()); d != "" {
			t.Errorf("%s differs from what the template sends:\n%s", payload, d)
		}
	}
}

func TestArgoCDNotificationsOfOneSyncAreOneDeployment(t *testing.T) {
	t.Parallel()
	keys := map[string]bool{}
	for _, p := range payloads(t, "argocd") {
		switch p.name {
		case "sync.running", "sync.succeeded", "sync.healthy", "sync.degraded", "sync.failed":
			events, err := parseArgoCD(p.Request)
			if err != nil {
				t.Fatal(err)
			}
			keys[strings.Join(events[0].Report.Keys, " ")] = true
			if r := events[0].Report; r.Commit == "" || r.Service != "shop" || r.Environment != "production" || r.Times.Started.IsZero() {
				t.Errorf("%s: nothing a forge's deployment could meet: %+v", p.name, r)
			}
		}
	}
	if len(keys) != 1 || !keys["argocd/argocd/shop-production/2026-03-03T14:00:00Z"] {
		t.Errorf("%v", keys)
	}
}

func TestArgoCDImages(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		images               string
		image, service, name string
		want                 string
	}{
		{"registry:5000/shop:v1", "", "", "x", "v1"},
		{"registry:5000/shop", "", "", "x", ""},
		{"shop:v1@sha256:0b31", "", "", "x", "v1"},
		{"a/shop:v1 a/redis:7", "", "shop", "x", "v1"},
		{"a/shop:v1 a/redis:7", "", "", "redis", "7"},
		{"a/shop:v1 a/redis:7", "a/redis", "shop", "", "7"},
		{"a/shop:v1 a/redis:7", "", "", "web", ""},
		{"a/shop:v1 a/shop:v2", "", "shop", "", ""},
		{"a/shop:v1 b/shop:v1", "", "shop", "", "v1"},
		{"", "", "", "web", ""},
	} {
		p := argoSync{App: c.name, Service: c.service, Image: c.image, Images: strings.Fields(c.images)}
		if got := p.tag(); got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
}
