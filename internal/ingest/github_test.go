package ingest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

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
