package api

import (
	"context"
	"maps"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/access"
)

// Access says what a request may do: for pages, which decide themselves what
// to show to whom.
func (a *API) Access(r *http.Request) (read, write bool) {
	f, err := a.facts(r)
	if err != nil {
		return false, false
	}
	f.Need = access.Read
	read = access.Decide(f) == nil
	f.Need = access.Write
	return read, access.Decide(f) == nil
}

// Guard lets a request through that may do what need asks for, and answers the
// others.
func (a *API) Guard(next http.Handler, need access.Scope) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f, err := a.facts(r)
		if err == nil {
			f.Need = need
			err = access.Decide(f)
		}
		if err != nil {
			a.fail(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// Login turns a token into a session cookie's value.
func (a *API) Login(ctx context.Context, token string) (session string, expires time.Time, err error) {
	g, err := a.grantOf(ctx, token)
	if err != nil {
		return "", time.Time{}, err
	}
	if err := access.Decide(access.Facts{Need: access.Read, Asked: true, Grant: g}); err != nil {
		return "", time.Time{}, err
	}
	key, err := a.key.get(ctx, a)
	if err != nil {
		return "", time.Time{}, err
	}
	expires = a.now().Add(access.SessionLasts)
	return access.Sign(key, access.Session{TokenID: g.ID, Expires: expires}), expires, nil
}

// facts gathers what access decides on. Loopback is settled first, so that a
// store in trouble does not lock out the machine itself.
func (a *API) facts(r *http.Request) (access.Facts, error) {
	if access.Loopback(r.RemoteAddr, r.Host, maps.Keys(r.Header)) {
		return access.Facts{Loopback: true}, nil
	}
	token, err := access.Bearer(r.Header.Get("Authorization"))
	if err != nil {
		return access.Facts{}, err
	}
	if token != "" {
		g, err := a.grantOf(r.Context(), token)
		return access.Facts{Asked: true, Grant: g}, err
	}
	c, err := r.Cookie(access.CookieName)
	if err != nil || c.Value == "" {
		return access.Facts{}, nil
	}
	g, err := a.grantOfSession(r.Context(), c.Value)
	return access.Facts{Asked: true, Grant: g}, err
}

func (a *API) grantOf(ctx context.Context, token string) (*access.Grant, error) {
	if !access.WellFormed(token) {
		return nil, nil
	}
	t, err := a.store.TokenByHash(ctx, access.Hash(token))
	if debrief.KindOf(err) == debrief.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	a.used.note(ctx, a, t.ID, t.Used)
	return &access.Grant{ID: t.ID, Scope: access.Scope(t.Scope), Revoked: !t.Revoked.IsZero()}, nil
}

func (a *API) grantOfSession(ctx context.Context, cookie string) (*access.Grant, error) {
	key, err := a.key.get(ctx, a)
	if err != nil {
		return nil, err
	}
	s, err := access.Verify(key, cookie, a.now())
	if err != nil {
		return nil, nil // expired or forged: as if no token were known
	}
	ts, err := a.store.Tokens(ctx)
	if err != nil {
		return nil, err
	}
	for _, t := range ts {
		if t.ID == s.TokenID {
			a.used.note(ctx, a, t.ID, t.Used)
			return &access.Grant{ID: t.ID, Scope: access.Scope(t.Scope), Revoked: !t.Revoked.IsZero(), Session: true}, nil
		}
	}
	return nil, nil
}

// protect guards our own routes: reading for GET and HEAD, writing for all
// else; health and signed webhooks are open. Requests that a browser makes on
// behalf of another site are refused before anything is looked at.
func (a *API) protect(next http.Handler) http.Handler {
	read, write := a.Guard(next, access.Read), a.Guard(next, access.Write)
	same := http.NewCrossOriginProtection()
	same.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.fail(w, r, debrief.Errorf(debrief.Forbidden, "Origin", "this request comes from another site's page"))
	}))
	return same.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/healthz", r.URL.Path == "/readyz", isHook(r.URL.Path):
			next.ServeHTTP(w, r)
		case r.Method == http.MethodGet, r.Method == http.MethodHead:
			read.ServeHTTP(w, r)
		default:
			write.ServeHTTP(w, r)
		}
	}))
}

// isHook reports /hooks/NAME and nothing below it: this path is open, so it
// must not be possible to reach anything else through it.
func isHook(path string) bool {
	name, ok := strings.CutPrefix(path, "/hooks/")
	return ok && name != "" && !strings.Contains(name, "/")
}

// isOurs reports whether a path is the API's and not a page's.
func isOurs(path string) bool {
	switch path {
	case "/healthz", "/readyz", "/metrics", "/openapi.json", "/openapi.yaml":
		return true
	}
	return path == "/api" || strings.HasPrefix(path, "/api/") || strings.HasPrefix(path, "/hooks/")
}

func notHere() error {
	return debrief.Errorf(debrief.NotFound, "", "there is nothing at this address").WithHint("/openapi.json lists what there is")
}

// headers hold for every answer; pages set their own policy over them.
func (a *API) headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// usedEvery is how exactly a token's last use is known: noting every request
// would turn every read into a write.
const usedEvery = 10 * time.Minute

type lastUsed struct {
	mu    sync.Mutex
	noted map[string]time.Time
}

func (u *lastUsed) note(ctx context.Context, a *API, id string, stored time.Time) {
	st, ok := a.store.(toucher)
	if !ok {
		return
	}
	now := a.now()
	u.mu.Lock()
	last := u.noted[id]
	if stored.After(last) {
		last = stored
	}
	due := now.Sub(last) >= usedEvery
	if due {
		if u.noted == nil {
			u.noted = map[string]time.Time{}
		}
		u.noted[id] = now
	}
	u.mu.Unlock()
	if !due {
		return
	}
	if err := st.TouchToken(ctx, id, now); err != nil {
		a.log.WarnContext(ctx, "a token's last use could not be noted", "err", err)
	}
}
