package measure

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// asker sends a provider's requests: two in flight at most, bounded in time
// and size, repeated where that can help.
type asker struct {
	name   string
	base   *url.URL
	o      Options
	flight chan struct{}
}

// Name is the provider's name in the configuration.
func (a *asker) Name() string { return a.name }

// tries is how often a request is sent before its failure is told.
const tries = 3

// longURL is where a question moves from the address into a form, since
// servers and proxies refuse longer addresses. Short ones stay GETs: they pass
// proxies that let only reading through.
const longURL = 1800

func (a *asker) errorf(kind debrief.ErrorKind, format string, args ...any) *debrief.Error {
	return debrief.Errorf(kind, "providers."+a.name, format, args...)
}

// ask sends one question and hands the answer's body to read. It is repeated
// on 429, 5xx and broken connections, as long as the context has time.
func (a *asker) ask(ctx context.Context, path string, form url.Values, read func(io.Reader) error) error {
	select {
	case a.flight <- struct{}{}:
	case <-ctx.Done():
		return a.gone(ctx)
	}
	defer func() { <-a.flight }()
	for try := 1; ; try++ {
		wait, err := a.once(ctx, path, form, read)
		if err == nil || wait < 0 {
			return err
		}
		if ctx.Err() != nil {
			return a.gone(ctx)
		}
		if wait == 0 {
			wait = 250 * time.Millisecond << (2 * (try - 1))
		}
		if try == tries || !a.inTime(ctx, wait) {
			return err
		}
		if a.o.Sleep(ctx, wait) != nil {
			return a.gone(ctx)
		}
	}
}

func (a *asker) gone(ctx context.Context) error {
	return a.errorf(debrief.Unavailable, "the time for asking is over: %w", ctx.Err())
}

// inTime says whether waiting so long leaves time to ask again; a minute is
// waited at most even where the context has no end.
func (a *asker) inTime(ctx context.Context, wait time.Duration) bool {
	if wait > time.Minute {
		return false
	}
	end, ok := ctx.Deadline()
	return !ok || end.Sub(a.o.Now()) > wait
}

// once sends the question. wait says whether asking again can help: after how
// long, 0 for "choose", below 0 for "no".
func (a *asker) once(ctx context.Context, path string, form url.Values, read func(io.Reader) error) (wait time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, a.o.Timeout)
	defer cancel()
	req, err := a.request(ctx, path, form)
	if err != nil {
		return -1, a.errorf(debrief.Invalid, "%w", err)
	}
	res, err := a.o.Client.Do(req)
	if err != nil {
		return a.broken(err)
	}
	defer res.Body.Close()
	body := &bounded{r: res.Body, left: a.o.MaxBody}
	if res.StatusCode != http.StatusOK {
		return a.refused(res, body)
	}
	if err := read(body); err != nil {
		var own *debrief.Error
		switch {
		case body.left < 0:
			return -1, a.errorf(debrief.TooLarge, "an answer is larger than %d MiB", a.o.MaxBody>>20).WithHint("sum series in the query")
		case body.err != nil:
			return a.broken(body.err)
		case errors.As(err, &own):
			return -1, err
		}
		return 0, a.errorf(debrief.Unavailable, "the answer cannot be read: %w", err)
	}
	return 0, nil
}

func (a *asker) request(ctx context.Context, path string, form url.Values) (*http.Request, error) {
	u := *a.base
	u.Path += path
	if u.RawPath != "" {
		u.RawPath += path
	}
	encoded := form.Encode()
	method, body := http.MethodGet, io.Reader(nil)
	if len(encoded) > longURL && !strings.Contains(path, "/label/") { // a label's values are only ever got
		method, body = http.MethodPost, strings.NewReader(encoded)
	} else {
		u.RawQuery = encoded
	}
	req, err := http.NewRequestWithContext(ctx, method, u.String(), body)
	if err != nil {
		return nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	req.Header.Set("User-Agent", "debrief")
	req.Header.Set("Accept", "application/json")
	if a.o.Tenant != "" {
		req.Header.Set("X-Scope-OrgID", a.o.Tenant)
	}
	switch {
	case a.o.Token != "":
		req.Header.Set("Authorization", "Bearer "+a.o.Token)
	case a.o.Username != "":
		req.SetBasicAuth(a.o.Username, a.o.Password)
	}
	return req, nil
}

// broken tells a connection's failure; addresses the guard refused and
// redirects are told as they are and not tried again.
func (a *asker) broken(err error) (time.Duration, error) {
	var own *debrief.Error
	if errors.As(err, &own) {
		return -1, &debrief.Error{Kind: own.Kind, Field: "providers." + a.name, Message: own.Message, Hint: own.Hint, Err: nil}
	}
	var timeout interface{ Timeout() bool }
	if errors.As(err, &timeout) && timeout.Timeout() {
		return 0, a.errorf(debrief.Unavailable, "%s did not answer within %s", a.base.Host, a.o.Timeout)
	}
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err // without the address: it holds the whole query
	}
	return 0, a.errorf(debrief.Unavailable, "%s did not answer: %w", a.base.Host, err)
}

// refused tells an answer that is not 200.
func (a *asker) refused(res *http.Response, body io.Reader) (time.Duration, error) {
	said := firstWords(body)
	text := fmt.Sprintf("%s answered %s", a.base.Host, res.Status)
	if said != "" {
		text += ": " + said
	}
	switch code := res.StatusCode; {
	case code == http.StatusTooManyRequests:
		return a.retryAfter(res), a.errorf(debrief.TooMany, "%s", text)
	case code >= 500, strings.Contains(said, "cannot populate chunk"):
		// The second is Prometheus moving out-of-order samples while it answers
		// (it says 422); a moment later the same question is answered.
		return a.retryAfter(res), a.errorf(debrief.Unavailable, "%s", text)
	case code == http.StatusUnauthorized, code == http.StatusForbidden:
		return -1, a.errorf(debrief.Invalid, "%s", text).WithHint("check token, or username and password, and tenant")
	case code == http.StatusNotFound:
		return -1, a.errorf(debrief.Invalid, "%s", text).WithHint("check the path in url")
	case code >= 300 && code < 400:
		return -1, a.errorf(debrief.Invalid, "%s", text).WithHint("redirects are not followed: name the final address")
	}
	return -1, a.errorf(debrief.Invalid, "%s", text)
}

// retryAfter reads the header's seconds or date; 0 where there is none.
func (a *asker) retryAfter(res *http.Response) time.Duration {
	h := res.Header.Get("Retry-After")
	if s, err := strconv.Atoi(h); err == nil && s >= 0 && s < 1<<30 {
		return time.Duration(s) * time.Second
	}
	if at, err := http.ParseTime(h); err == nil {
		return max(at.Sub(a.o.Now()), 0)
	}
	return 0
}

// bounded ends a body at its limit, and remembers what the connection said.
type bounded struct {
	r    io.Reader
	left int64 // below 0: there was more
	err  error
}

func (b *bounded) Read(p []byte) (int, error) {
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.r.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, errors.New("too large")
	}
	if err != nil && !errors.Is(err, io.EOF) {
		b.err = err
	}
	return n, err
}
