package debrief

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// ID names an object by what it is: a hash of the parts of its natural key.
// The same parts give the same id on any machine, in any order of arrival.
// Parts are length-prefixed, so ("ab","c") and ("a","bc") differ.
func ID(parts ...string) string {
	h := sha256.New()
	var n [8]byte
	for _, p := range parts {
		binary.BigEndian.PutUint64(n[:], uint64(len(p)))
		h.Write(n[:])
		h.Write([]byte(p))
	}
	return strings.ToLower(idEncoding.EncodeToString(h.Sum(nil)[:10])) // 80 bits, 16 characters
}

var idEncoding = base32.StdEncoding.WithPadding(base32.NoPadding)

// Instant is how debrief keeps a time: UTC, whole microseconds, no monotonic
// reading, so that a value read back equals the value written.
func Instant(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return time.UnixMicro(t.UnixMicro()).UTC()
}

// Slug is a name in the form ids and addresses take: in lower case, with runs
// of anything but letters, digits, dots and underscores replaced by one hyphen.
// It is empty for a name without a letter or digit: "." and ".." would be
// steps in an address, and nobody could say the others aloud.
func Slug(name string) string {
	var b strings.Builder
	gap, spoken := false, false
	for _, r := range strings.ToLower(strings.TrimSpace(name)) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '.', r == '_', r > 127 && r != utf8.RuneError:
			if gap && b.Len() > 0 {
				b.WriteByte('-')
			}
			gap = false
			spoken = spoken || unicode.IsLetter(r) || unicode.IsDigit(r)
			b.WriteRune(r)
		default:
			gap = true
		}
	}
	if !spoken {
		return ""
	}
	return b.String()
}

// Org is the reserved id under which is kept what belongs to no service.
const Org = "org"

// ServiceID is the id a new service of that name gets; empty where it can get
// none. A service called like the reserved word is told apart from it.
func ServiceID(name string) string {
	if id := Slug(name); id != Org {
		return id
	}
	return Org + "-service"
}
