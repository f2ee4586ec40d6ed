package ingest

import (
	"crypto/hmac"
	"crypto/sha256"

	"github.com/debriefhq/debrief"
)

// sealed is what a sender signed, with the signatures it gave: HMAC-SHA256 of
// the parts, one after the other.
type sealed struct {
	name, title string   // the source
	field       string   // where the signatures stand
	given       [][]byte // decoded; several while the sender rotates its secret
	parts       [][]byte
}

// verify compares every signature with every secret before it answers, so that
// the time taken tells nothing about which one came close.
func (s sealed) verify(secrets []string) error {
	usable := s.given[:0:0]
	for _, g := range s.given {
		if len(g) == sha256.Size {
			usable = append(usable, g)
		}
	}
	if len(usable) == 0 {
		return debrief.Errorf(debrief.Unauthorized, s.field, "missing or not a signature").
			WithHint("give the webhook a secret in %s, and debrief the same as sources.%s.secret", s.title, s.name)
	}
	match, any := false, false
	for _, secret := range secrets {
		if secret == "" {
			continue // an empty secret would let anybody sign
		}
		any = true
		mac := hmac.New(sha256.New, []byte(secret))
		for _, p := range s.parts {
			mac.Write(p)
		}
		sum := mac.Sum(nil)
		for _, g := range usable {
			if hmac.Equal(sum, g) {
				match = true
			}
		}
	}
	switch {
	case !any:
		return debrief.Errorf(debrief.Unauthorized, s.field, "no secret is configured for %s", s.title).
			WithHint("set sources.%s.secret", s.name)
	case !match:
		return debrief.Errorf(debrief.Unauthorized, s.field, "the signature does not match").
			WithHint("the webhook's secret and sources.%s.secret differ", s.name)
	}
	return nil
}
