package ingest

import (
	"strings"
	"testing"

	"github.com/debriefhq/debrief"
)

func TestShownSecrets(t *testing.T) {
	t.Parallel()
	token, header := bearer("cdevents", "CDEvents"), shown("X-Debrief-Token", "", "argocd", "Argo CD")
	both := []string{"the-new-secret", "the-old-secret"}
	for _, c := range []struct {
		name    string
		verify  func(map[string]string, []byte, []string) error
		header  map[string]string
		secrets []string
		want    string
	}{
		{"the secret", token, map[string]string{"Authorization": "Bearer the-new-secret"}, both, ""},
		{"the one before", token, map[string]string{"Authorization": "Bearer the-old-secret"}, both, ""},
		{"in lower case", token, map[string]string{"authorization": "bearer the-new-secret"}, both, ""},
		{"a header of its own", header, map[string]string{"X-Debrief-Token": "the-old-secret"}, both, ""},
		{"another", token, map[string]string{"Authorization": "Bearer the-new-secre"}, both, "does not match"},
		{"longer", token, map[string]string{"Authorization": "Bearer the-new-secrets"}, both, "does not match"},
		{"another scheme", token, map[string]string{"Authorization": "Basic the-new-secret"}, both, "missing"},
		{"no scheme", token, map[string]string{"Authorization": "the-new-secret"}, both, "missing"},
		{"nothing after the scheme", token, map[string]string{"Authorization": "Bearer  "}, both, "missing"},
		{"nothing", header, nil, both, "missing"},
		{"no secret configured", token, map[string]string{"Authorization": "Bearer x"}, nil, "no secret is configured"},
		{"an empty one is none", header, map[string]string{"X-Debrief-Token": "x"}, []string{"", ""}, "no secret is configured"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			err := c.verify(c.header, nil, c.secrets)
			if c.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if debrief.KindOf(err) != debrief.Unauthorized || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "the-new") {
				t.Errorf("the refusal tells a secret: %v", err)
			}
		})
	}
}
