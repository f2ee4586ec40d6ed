package ingest

import (
	"strings"
	"testing"

	"github.com/debriefhq/debrief"
)

func TestGitLabToken(t *testing.T) {
	t.Parallel()
	const secret = "It's a Secret to Everybody"
	for _, c := range []struct {
		name    string
		header  map[string]string
		secrets []string
		want    string // part of the refusal; empty: accepted
	}{
		{"the secret", map[string]string{gitlabToken: secret}, []string{secret}, ""},
		{"second secret, while one is replaced", map[string]string{gitlabToken: secret}, []string{"new", secret}, ""},
		{"first of two", map[string]string{gitlabToken: "new"}, []string{"new", secret}, ""},
		{"header in lower case", map[string]string{"x-gitlab-token": secret}, []string{secret}, ""},
		{"another", map[string]string{gitlabToken: "guess"}, []string{secret}, "does not match"},
		{"a beginning", map[string]string{gitlabToken: secret[:5]}, []string{secret}, "does not match"},
		{"no header", nil, []string{secret}, "missing"},
		{"no secret configured", map[string]string{gitlabToken: secret}, nil, "no secret is configured"},
		{"an empty secret lets nobody in", map[string]string{gitlabToken: "x"}, []string{"", ""}, "no secret is configured"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			err := verifyGitLab(c.header, nil, c.secrets)
			if c.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if debrief.KindOf(err) != debrief.Unauthorized || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			for _, s := range append(c.secrets, c.header[gitlabToken]) {
				if len(s) > 3 && strings.Contains(err.Error(), s) {
					t.Errorf("the refusal tells %q", s)
				}
			}
		})
	}
}

func TestGitLabKey(t *testing.T) {
	t.Parallel()
	key := func(h map[string]string, body string) string {
		k, err := gitlabKey(Request{Header: h, Body: []byte(body)})
		if err != nil || !IsKey(k) {
			t.Fatalf("%q, %v", k, err)
		}
		return k
	}
	const id = "f5e5f430-f57b-4e6e-9fac-d9128cd7232f"
	if got := key(map[string]string{gitlabOnce: id, gitlabUUID: "other"}, "{}"); got != id {
		t.Errorf("the idempotency key goes first: %q", got)
	}
	one, two := key(map[string]string{gitlabUUID: id}, `{"a":1}`), key(map[string]string{gitlabUUID: id}, `{"a":2}`)
	if one == two || !strings.HasPrefix(one, id) || one != key(map[string]string{gitlabUUID: id}, `{"a":1}`) {
		t.Errorf("a UUID that several webhooks share: %q, %q", one, two)
	}
	for _, h := range []map[string]string{nil, {gitlabOnce: "a b"}, {gitlabUUID: strings.Repeat("a", 190)}} {
		if got := key(h, `{"a":1}`); !strings.HasPrefix(got, "body/") || got == key(h, `{"a":2}`) {
			t.Errorf("without an identifier the body is one: %q", got)
		}
	}
	if _, err := gitlabKey(Request{Body: []byte("{")}); debrief.KindOf(err) != debrief.Invalid {
		t.Errorf("a body that is no JSON: %v", err)
	}
}

func TestGitLabLimits(t *testing.T) {
	t.Parallel()
	if _, err := parseGitLab(Request{Body: make([]byte, maxGitLabBody+1)}); debrief.KindOf(err) != debrief.TooLarge {
		t.Errorf("oversized: %v", err)
	}
}

func TestIncidentLabelsAreTheConfigurations(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		configured []string
		name       string
		incident   bool
	}{
		{nil, "issues.incident", true},
		{[]string{"outage"}, "issues.incident", false},
		{[]string{"outage", "SEV2"}, "issues.incident", true},
		{[]string{"bug"}, "issues.ticket", true},
	} {
		for _, p := range payloads(t, "github") {
			if p.name != c.name {
				continue
			}
			p.Incident = c.configured
			events, err := parseGitHub(p.Request)
			if err != nil || (events[0].Incident != nil) != c.incident {
				t.Errorf("%s with %v: %+v, %v", c.name, c.configured, events, err)
			}
		}
	}
}
