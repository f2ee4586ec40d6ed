package ingest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
)

func mac(secret string, parts ...string) []byte {
	m := hmac.New(sha256.New, []byte(secret))
	m.Write([]byte(strings.Join(parts, "")))
	return m.Sum(nil)
}

// Every sender's way to show that it knows the secret, beside the ways to only
// pretend.
func TestSignatures(t *testing.T) {
	t.Parallel()
	const body, at = `{"a":1}`, "2026-03-03T14:21:05Z"
	hexed := func(field, prefix string) func(secret string) map[string]string {
		return func(secret string) map[string]string {
			return map[string]string{field: prefix + hex.EncodeToString(mac(secret, body))}
		}
	}
	for name, sign := range map[string]func(secret string) map[string]string{
		"alertmanager": func(s string) map[string]string { return map[string]string{"Authorization": "Bearer " + s} },
		"alertmanager with a password": func(s string) map[string]string {
			return map[string]string{"Authorization": "basic " + base64.StdEncoding.EncodeToString([]byte("any:"+s))}
		},
		"grafana": hexed(grafanaSignature, ""),
		"grafana with a time": func(s string) map[string]string {
			return map[string]string{grafanaTimestamp: "1772547665", grafanaSignature: hex.EncodeToString(mac(s, "1772547665", ":", body))}
		},
		"grafana with a token": func(s string) map[string]string { return map[string]string{"Authorization": "Bearer " + s} },
		"jira":                 hexed(jiraSignature, "sha256="),
		"launchdarkly":         hexed(launchdarklySignature, ""),
		"pagerduty":            hexed(pagerdutySignature, "v1="),
		"pagerduty with two": func(s string) map[string]string {
			return map[string]string{pagerdutySignature: "v1=" + hex.EncodeToString(mac("gone", body)) + ", v2=00,v1=" + hex.EncodeToString(mac(s, body))}
		},
		"sentry":                     hexed(sentrySignature, ""),
		"unleash":                    func(s string) map[string]string { return map[string]string{"authorization": s} },
		"unleash as others write it": func(s string) map[string]string { return map[string]string{"Authorization": "Bearer " + s} },
		"zendesk": func(s string) map[string]string {
			return map[string]string{zendeskTimestamp: at, zendeskSignature: base64.StdEncoding.EncodeToString(mac(s, at, body))}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source, _, _ := strings.Cut(name, " ")
			s, err := Lookup(source)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range []struct {
				name    string
				header  map[string]string
				secrets []string
				want    string
			}{
				{"the secret", sign("hush"), []string{"hush", ""}, ""},
				{"the old one", sign("hush"), []string{"new", "hush"}, ""},
				{"another one", sign("guess"), []string{"hush", "new"}, "does not match"},
				{"none configured", sign("hush"), nil, "no secret is configured"},
				{"only empty ones", sign("hush"), []string{"", ""}, "no secret is configured"},
				{"nothing sent", nil, []string{"hush"}, "missing"},
			} {
				err := s.Verify(c.header, []byte(body), c.secrets)
				if (err == nil) != (c.want == "") || err != nil && (debrief.KindOf(err) != debrief.Unauthorized || !strings.Contains(err.Error(), c.want)) {
					t.Errorf("%s: %v, want %q", c.name, err, c.want)
				}
				if err != nil && strings.Contains(err.Error(), "hush") {
					t.Errorf("%s: the refusal tells the secret", c.name)
				}
			}
			if signed := header(sign("hush"), "Authorization") == ""; signed {
				if s.Verify(sign("hush"), []byte(body+" "), []string{"hush"}) == nil {
					t.Error("another body passes")
				}
				for k := range sign("") {
					if s.Verify(map[string]string{k: "v1=zz"}, []byte(body), []string{"hush"}) == nil {
						t.Error("nonsense passes")
					}
				}
			}
		})
	}
}

// The signed time is part of what is signed, and is read only where it is.
func TestSignedTimes(t *testing.T) {
	t.Parallel()
	moment := time.Date(2026, 3, 3, 14, 21, 5, 0, time.UTC)
	for _, c := range []struct {
		source string
		header map[string]string
		want   time.Time
		bad    bool
	}{
		{"grafana", map[string]string{grafanaTimestamp: "1772547665", grafanaSignature: "x"}, moment, false},
		{"grafana", map[string]string{grafanaTimestamp: "soon", grafanaSignature: "x"}, time.Time{}, true},
		{"grafana", map[string]string{grafanaTimestamp: "1"}, time.Time{}, false},
		{"grafana", nil, time.Time{}, false},
		{"zendesk", map[string]string{zendeskTimestamp: "2026-03-03T14:21:05Z"}, moment, false},
		{"zendesk", nil, time.Time{}, true},
	} {
		s, err := Lookup(c.source)
		if err != nil {
			t.Fatal(err)
		}
		at, err := s.SentAt(c.header)
		if !at.Equal(c.want) || (err != nil) != c.bad || err != nil && debrief.KindOf(err) != debrief.Unauthorized {
			t.Errorf("%s %v: %v, %v", c.source, c.header, at, err)
		}
	}
	moved := map[string]string{zendeskTimestamp: "2026-03-03T14:21:06Z", zendeskSignature: base64.StdEncoding.EncodeToString(mac("hush", "2026-03-03T14:21:05Z", "{}"))}
	if verifyZendesk(moved, []byte("{}"), []string{"hush"}) == nil {
		t.Error("a time that nobody signed passes")
	}
}
