package access

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// Session is a sign-in on the pages: it stands for a token, which is looked up
// again each time, so that revoking the token ends its sessions.
type Session struct {
	TokenID string
	Expires time.Time
}

// CookieName names the session's cookie.
const CookieName = "debrief_session"

// Sign writes a session as a cookie's value: id, expiry and an HMAC over both.
func Sign(key []byte, s Session) string {
	expires := binary.BigEndian.AppendUint64(nil, uint64(s.Expires.Unix()))
	return strings.Join([]string{b64([]byte(s.TokenID)), b64(expires), b64(mac(key, s.TokenID, expires))}, ".")
}

// Verify reads a cookie's value back; the clock is the caller's.
func Verify(key []byte, value string, now time.Time) (Session, error) {
	refused := debrief.Errorf(debrief.Unauthorized, "session", "this sign-in is not valid any more").WithHint("sign in again")
	parts := strings.Split(value, ".")
	if len(key) == 0 || len(value) > 512 || len(parts) != 3 {
		return Session{}, refused
	}
	var raw [3][]byte
	for i, p := range parts {
		b, err := base64.RawURLEncoding.Strict().DecodeString(p)
		if err != nil {
			return Session{}, refused
		}
		raw[i] = b
	}
	id, expires, sum := string(raw[0]), raw[1], raw[2]
	if len(expires) != 8 || !hmac.Equal(sum, mac(key, id, expires)) {
		return Session{}, refused
	}
	until := time.Unix(int64(binary.BigEndian.Uint64(expires)), 0).UTC()
	if !now.Before(until) {
		return Session{}, refused
	}
	return Session{TokenID: id, Expires: until}, nil
}

// mac is over fixed-length fields and the id last, and names its purpose, so
// that no other use of the key can be mistaken for a session.
func mac(key []byte, id string, expires []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte("debrief session v1\x00"))
	h.Write(expires)
	h.Write([]byte(id))
	return h.Sum(nil)
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
