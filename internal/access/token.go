// Package access says who may do what, from facts alone: what a genuine
// loopback request is, what a token may do, where a server may listen. It is
// pure; whoever holds a request hands the facts in.
package access

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"github.com/debriefhq/debrief"
)

// Scope is what a token may do.
type Scope string

const (
	Read  Scope = "read"
	Write Scope = "write" // and read
)

// ParseScope reads a scope as a person wrote it.
func ParseScope(s string) (Scope, error) {
	switch Scope(s) {
	case Read, Write:
		return Scope(s), nil
	}
	return "", debrief.Errorf(debrief.Invalid, "scope", "%q is not a scope", s).WithHint("use read or write")
}

// Covers reports whether a token of scope s may do what need asks for. An
// unknown scope covers nothing.
func (s Scope) Covers(need Scope) bool {
	return s == Write && (need == Read || need == Write) || s == Read && need == Read
}

// Prefix marks a token as debrief's, so that secret scanners and people know
// one when they see it.
const Prefix = "dbt_"

const tokenBytes = 32

// NewToken makes a token from 32 random bytes. It is shown once; only its
// Hash is kept.
func NewToken(random io.Reader) (string, error) {
	b := make([]byte, tokenBytes)
	if _, err := io.ReadFull(random, b); err != nil {
		return "", fmt.Errorf("no randomness for a token: %w", err)
	}
	return Prefix + base64.RawURLEncoding.EncodeToString(b), nil
}

// Hash is how a token is stored: SHA-256 in hex. The token holds 256 bits of
// randomness, so a slow hash would protect nothing more.
func Hash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// SameHash compares two hashes without telling by its time where they differ.
func SameHash(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// WellFormed reports whether s can be a token at all, which spares a look into
// the store.
func WellFormed(s string) bool {
	rest, ok := strings.CutPrefix(s, Prefix)
	if !ok || len(rest) != base64.RawURLEncoding.EncodedLen(tokenBytes) {
		return false
	}
	_, err := base64.RawURLEncoding.DecodeString(rest)
	return err == nil
}

// Bearer takes the token out of an Authorization header. An empty header gives
// an empty token; anything else that is not "Bearer TOKEN" is an error.
func Bearer(authorization string) (string, error) {
	if authorization == "" {
		return "", nil
	}
	scheme, token, ok := strings.Cut(authorization, " ")
	token = strings.TrimSpace(token)
	if !ok || !strings.EqualFold(scheme, "Bearer") || token == "" {
		return "", debrief.Errorf(debrief.Unauthorized, "Authorization", "not a bearer token").
			WithHint("send Authorization: Bearer %s…", Prefix)
	}
	return token, nil
}
