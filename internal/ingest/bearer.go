package ingest

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"strings"

	"github.com/debriefhq/debrief"
)

// bearer makes a Verify for senders that sign nothing and show a shared secret
// instead: "Authorization: Bearer SECRET" (RFC 6750; the CloudEvents webhook
// specification and OTLP exporters use it).
func bearer(name, title string) func(map[string]string, []byte, []string) error {
	return shown("Authorization", "Bearer ", name, title)
}

// shown compares a header with every secret before it answers, so that the
// time taken tells nothing about which one came close. Hashes are compared:
// they are of one length, so a secret's length is not told either.
func shown(field, scheme, name, title string) func(map[string]string, []byte, []string) error {
	return func(h map[string]string, _ []byte, secrets []string) error {
		given := header(h, field)
		if n := len(scheme); len(given) > n && strings.EqualFold(given[:n], scheme) {
			given = strings.TrimSpace(given[n:])
		} else if n > 0 {
			given = ""
		}
		if given == "" {
			return debrief.Errorf(debrief.Unauthorized, field, "missing").
				WithHint("send %s: %sSECRET, with the secret that stands in sources.%s.secret", field, scheme, name)
		}
		sum := sha256.Sum256([]byte(given))
		match, any := false, false
		for _, secret := range secrets {
			if secret == "" {
				continue // an empty secret would let anybody in
			}
			any = true
			want := sha256.Sum256([]byte(secret))
			if subtle.ConstantTimeCompare(sum[:], want[:]) == 1 {
				match = true
			}
		}
		switch {
		case !any:
			return debrief.Errorf(debrief.Unauthorized, field, "no secret is configured for %s", title).
				WithHint("set sources.%s.secret", name)
		case !match:
			return debrief.Errorf(debrief.Unauthorized, field, "the secret does not match").
				WithHint("the sender's secret and sources.%s.secret differ", name)
		}
		return nil
	}
}

// tokenOrPassword makes a Verify that takes the secret as a bearer token, or
// as the password of basic authentication under any name.
func tokenOrPassword(name, title string) func(map[string]string, []byte, []string) error {
	verify := bearer(name, title)
	return func(h map[string]string, body []byte, secrets []string) error {
		given := header(h, "Authorization")
		if len(given) > 6 && strings.EqualFold(given[:6], "Basic ") {
			pair, err := base64.StdEncoding.DecodeString(strings.TrimSpace(given[6:]))
			_, password, ok := strings.Cut(string(pair), ":")
			if err != nil || !ok {
				return debrief.Errorf(debrief.Unauthorized, "Authorization", "not a name and a password")
			}
			h = map[string]string{"Authorization": "Bearer " + password}
		}
		return verify(h, body, secrets)
	}
}
