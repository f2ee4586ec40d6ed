package ingest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	// Blank: only its testdata is read, real payloads that others collected.
	_ "github.com/go-playground/webhooks/v6/github"

	"github.com/debriefhq/debrief"
)

func sign(secret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

func TestGitHubSignature(t *testing.T) {
	t.Parallel()
	// The example of https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
	const secret, text = "It's a Secret to Everybody", "Hello, World!"
	const published = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
	body := []byte(text)
	for _, c := range []struct {
		name    string
		header  map[string]string
		body    []byte
		secrets []string
		want    string // part of the refusal; empty: accepted
	}{
		{"published example", map[string]string{githubSignature: published}, body, []string{secret}, ""},
		{"second secret, while one is replaced", map[string]string{githubSignature: published}, body, []string{"new", secret}, ""},
		{"first of two", map[string]string{githubSignature: sign("new", body)}, body, []string{"new", secret}, ""},
		{"header in lower case", map[string]string{"x-hub-signature-256": published}, body, []string{secret}, ""},
		{"another secret", map[string]string{githubSignature: sign("guess", body)}, body, []string{secret}, "does not match"},
		{"another body", map[string]string{githubSignature: published}, []byte("Hello, World?"), []string{secret}, "does not match"},
		{"no header", nil, body, []string{secret}, "missing"},
		{"only the old SHA-1 header", map[string]string{"X-Hub-Signature": "sha1=00"}, body, []string{secret}, "missing"},
		{"not hexadecimal", map[string]string{githubSignature: "sha256=zz"}, body, []string{secret}, "not a signature"},
		{"cut off", map[string]string{githubSignature: published[:20]}, body, []string{secret}, "not a signature"},
		{"no secret configured", map[string]string{githubSignature: published}, body, nil, "no secret is configured"},
		{"an empty secret signs nothing", map[string]string{githubSignature: sign("", body)}, body, []string{"", ""}, "no secret is configured"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			err := verifyGitHub(c.header, c.body, c.secrets)
			if c.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if debrief.KindOf(err) != debrief.Unauthorized || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			for _, s := range append(c.secrets, published[7:]) {
				if err != nil && len(s) > 3 && strings.Contains(err.Error(), s) {
					t.Errorf("the refusal tells %q", s)
				}
			}
		})
	}
}

func TestGitHubKey(t *testing.T) {
	t.Parallel()
	key, err := githubKey(Request{Header: map[string]string{"X-Github-Delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958"}})
	if err != nil || key != "72d3162e-cc78-11e3-81ab-4c9367dc0958" {
		t.Errorf("%q, %v", key, err)
	}
	for _, bad := range []string{"", "a b", "ä", strings.Repeat("a", 201), "a\n"} {
		if _, err := githubKey(Request{Header: map[string]string{githubDelivery: bad}}); debrief.KindOf(err) != debrief.Invalid {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestGitHubLimits(t *testing.T) {
	t.Parallel()
	r := request("github", "push.x", make([]byte, maxGitHubBody+1))
	if _, err := parseGitHub(r); debrief.KindOf(err) != debrief.TooLarge {
		t.Errorf("oversized: %v", err)
	}
	r = Request{Body: []byte("{}")}
	if _, err := parseGitHub(r); debrief.KindOf(err) != debrief.Invalid || !strings.Contains(err.Error(), "X-GitHub-Event") {
		t.Errorf("no kind: %v", err)
	}
}

func TestVersionOf(t *testing.T) {
	t.Parallel()
	for ref, want := range map[string]string{
		"v1.42.0": "v1.42.0", "1.2.3-rc.1+build5": "1.2.3-rc.1+build5", "refs/tags/nightly": "nightly", "v7": "v7",
		"shop/v1.2.0": "shop/v1.2.0", "shop-1.2.0": "shop-1.2.0", "@shop/web@1.2.0": "", "web@1.2.0": "web@1.2.0", "release-1.2": "",
		"main": "", "master": "", "feature/1.2-of-it": "", "7": "", "refs/heads/v1.2": "", "": "", "5d2a8f0c1be94e7d3a6f58b2c4d1e0f9a7b63c84": "",
	} {
		if got := versionOf(ref); got != want {
			t.Errorf("%q: got %q, want %q", ref, got, want)
		}
	}
}

// Real payloads of 48 kinds, collected by go-playground/webhooks. They are
// read from the module's own folder and never copied.
func TestThirdPartyPayloads(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/go-playground/webhooks/v6").Output()
	if err != nil {
		t.Fatalf("the module with third-party payloads is not there: %v", err)
	}
	files, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(out)), "testdata", "github", "*.json"))
	if err != nil || len(files) < 40 {
		t.Fatalf("found %d payloads, want at least 40: %v", len(files), err)
	}
	got := map[string][]debrief.Event{}
	for _, f := range files {
		body, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		kind := strings.ReplaceAll(strings.TrimSuffix(filepath.Base(f), ".json"), "-", "_")
		r := request("github", kind, body)
		r.Received = time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC)
		events, err := parseGitHub(r)
		check(t, r, events, err)
		if err != nil && debrief.KindOf(err) != debrief.Ignored {
			t.Errorf("%s: %v", kind, err)
		}
		got[kind] = events
	}
	one := func(kind string) debrief.Event {
		t.Helper()
		if len(got[kind]) != 1 {
			t.Fatalf("%s: %d events, want 1", kind, len(got[kind]))
		}
		return got[kind][0]
	}
	dep, status := one("deployment").Report, one("deployment_status").Report
	const key, commit = "github/deployment/baxterthehacker/public-repo/710692", "9049f1265b7d61be4a8904a9a27120d2064dab3b"
	for _, r := range []*debrief.Report{dep, status} {
		if r.Keys[0] != key || r.Commit != commit || r.Environment != "production" || r.Service != "github:baxterthehacker/public-repo" || r.Version != "" {
			t.Errorf("deployment: %+v", r)
		}
	}
	if dep.State != debrief.Queued || status.State != debrief.Succeeded ||
		!status.Times.Finished.Equal(time.Date(2015, 5, 5, 23, 40, 39, 0, time.UTC)) || !dep.Times.Queued.Equal(status.Times.Queued) {
		t.Errorf("states and times: %+v, %+v", dep, status)
	}
	push := one("push").Change
	if push.Commit != "fd489864e7642b48eaad6e3f155c10e46810ec72" || push.Title != "test a push event" || push.Files != 2 ||
		push.Pushed.Unix() != 1530281075 || push.Branch != "master" {
		t.Errorf("push: %+v", push)
	}
	if v := one("release").Version; v.Name != "0.0.1" || v.Published.IsZero() || v.Commit != "" {
		t.Errorf("release: %+v", v)
	}
}
