package access

import (
	"net/netip"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// Facts are what is known of a request when it must be decided.
type Facts struct {
	Loopback bool   // see Loopback
	Need     Scope  // what the request wants to do
	Asked    bool   // a token or a session was presented
	Grant    *Grant // what it turned out to be; nil: unknown
}

// Grant is what a presented token or session allows.
type Grant struct {
	ID      string
	Scope   Scope
	Revoked bool
	Session bool // presented as a cookie, which browsers send by themselves
}

// Decide says whether a request may go on: nil, or why not. Genuine loopback
// needs no login, whatever else it presents.
func Decide(f Facts) error {
	switch {
	case f.Loopback:
		return nil
	case !f.Asked:
		return debrief.Errorf(debrief.Unauthorized, "Authorization", "a token is needed from anywhere but this machine").
			WithHint("send Authorization: Bearer %s…, or sign in at /login", Prefix)
	case f.Grant == nil || f.Grant.Revoked:
		// One text for both: an old token is nobody's business.
		return debrief.Errorf(debrief.Unauthorized, "Authorization", "this token is not known, or was revoked")
	case !f.Grant.Scope.Covers(f.Need):
		return debrief.Errorf(debrief.Forbidden, "Authorization", "this token may %s, and this needs %s", orNothing(f.Grant.Scope), f.Need).
			WithHint("use a token with the scope %s", f.Need)
	}
	return nil
}

func orNothing(s Scope) string {
	if s == "" {
		return "do nothing"
	}
	return string(s)
}

// ListenAllowed refuses to open a door that nobody guards: loopback is always
// fine, any other address needs at least one token.
func ListenAllowed(listen string, hasToken bool) error {
	host, ok := listenHost(listen)
	if !ok {
		return debrief.Errorf(debrief.Invalid, "listen", "%q is not an address to listen on", listen).
			WithHint("write host:port, as in 127.0.0.1:8080")
	}
	if hasToken || loopbackListen(host) {
		return nil
	}
	return debrief.Errorf(debrief.Invalid, "listen", "%q can be reached from other machines, and there is no token yet", listen).
		WithHint("create one with debrief token create NAME, or listen on 127.0.0.1")
}

func listenHost(listen string) (host string, ok bool) {
	i := strings.LastIndexByte(listen, ':')
	if i < 0 || strings.Trim(listen[i+1:], "0123456789") != "" || len(listen[i+1:]) == 0 || len(listen[i+1:]) > 5 {
		return "", false
	}
	host = listen[:i]
	if strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") {
		return host[1 : len(host)-1], true
	}
	return host, !strings.ContainsAny(host, ":[] /")
}

// loopbackListen does not resolve names: localhost is taken at its word, as
// every system maps it to loopback (RFC 6761), any other name is not.
func loopbackListen(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Zone() == "" && addr.Unmap().IsLoopback()
}

// SessionLasts is how long a sign-in on the pages holds.
const SessionLasts = 30 * 24 * time.Hour
