package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// maxAnswer bounds what is read of one answer: a story with its pictures is
// some hundred kilobytes.
const maxAnswer = 64 << 20

// client talks to the server's API.
type client struct {
	base  string // without a slash at the end
	token string
	db    string // the database it speaks to instead; "" for a server
	http  *http.Client
}

// who names what the client speaks to.
func (c *client) who() string {
	if c.db != "" {
		return "db:" + c.db
	}
	return c.base
}

func newClient(e *Env) (*client, error) {
	base := e.Getenv("DEBRIEF_URL")
	if base == "" {
		base = "http://127.0.0.1:8080"
	}
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, debrief.Errorf(debrief.Invalid, "DEBRIEF_URL", "%q is not a web address", debrief.Mask(base)).WithHint("for example http://127.0.0.1:8080")
	}
	u.RawQuery, u.Fragment = "", ""
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DisableCompression = true // the server is near; a broken gzip stream is harder to explain
	return &client{
		base: strings.TrimRight(u.String(), "/"), token: e.Getenv("DEBRIEF_TOKEN"),
		http: &http.Client{
			Transport: transport,
			// A redirect would carry the token to somewhere nobody named.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

// apiError is an answer that was not a success; Status tells why.
type apiError struct {
	Status int
	Err    *debrief.Error
}

func (e *apiError) Error() string { return e.Err.Error() }
func (e *apiError) Unwrap() error { return e.Err }

// statusKinds says what can be done about a status.
var statusKinds = map[int]debrief.ErrorKind{
	http.StatusNotFound: debrief.NotFound, http.StatusConflict: debrief.Conflict,
	http.StatusUnauthorized: debrief.Unauthorized, http.StatusForbidden: debrief.Forbidden,
	http.StatusRequestEntityTooLarge: debrief.TooLarge, http.StatusTooManyRequests: debrief.TooMany,
	http.StatusServiceUnavailable: debrief.Unavailable, http.StatusBadGateway: debrief.Unavailable, http.StatusGatewayTimeout: debrief.Unavailable,
}

// do sends one request. body is nil, a value to encode, or a json.RawMessage
// that is sent byte for byte; out may be nil.
func (c *client) do(ctx context.Context, method, path string, body, out any) error {
	var payload io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if raw, ok := body.(json.RawMessage); ok {
			b, err = raw, nil
		}
		if err != nil {
			return debrief.Errorf(debrief.Internal, "", "the request cannot be written as JSON: %w", err)
		}
		payload = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, payload)
	if err != nil {
		return debrief.Errorf(debrief.Invalid, "DEBRIEF_URL", "no request can be made of it: %w", err)
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "debrief-cli")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return c.unreachable(ctx, err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	if err != nil {
		return c.unreachable(ctx, err)
	}
	if len(b) > maxAnswer {
		return debrief.Errorf(debrief.TooLarge, "", "the answer of %s is larger than %d MiB", c.base, maxAnswer>>20)
	}
	if res.StatusCode < 200 || res.StatusCode > 299 {
		return c.refused(res, b)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(b, out); err != nil {
		return debrief.Errorf(debrief.Unavailable, "", "the answer of %s is not debrief's: %w", c.base, err).WithHint("is DEBRIEF_URL a debrief server?")
	}
	return nil
}

// unreachable is one clear sentence with the command that helps.
func (c *client) unreachable(ctx context.Context, err error) error {
	if ctx.Err() == nil || errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return debrief.Errorf(debrief.Unavailable, "", "no debrief server answers at %s (%s)", c.base, cause(err)).
			WithHint("start one with: debrief serve; or set DEBRIEF_URL")
	}
	return ctx.Err()
}

// cause is the last words of a network error: "connection refused".
func cause(err error) string {
	var timeout interface{ Timeout() bool }
	if errors.Is(err, context.DeadlineExceeded) || (errors.As(err, &timeout) && timeout.Timeout()) {
		return "no answer in time"
	}
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	s := err.Error()
	return debrief.Mask(strings.TrimSpace(s[strings.LastIndex(s, ": ")+1:]))
}

// problem is the API's problem+json.
type problem struct {
	Title  string `json:"title"`
	Detail string `json:"detail"`
	Field  string `json:"field"`
	Hint   string `json:"hint"`
	Errors []struct {
		Message  string `json:"message"`
		Location string `json:"location"`
	} `json:"errors"`
}

func (c *client) refused(res *http.Response, body []byte) error {
	kind, ok := statusKinds[res.StatusCode]
	switch {
	case ok:
	case res.StatusCode >= 500:
		kind = debrief.Unavailable
	case res.StatusCode >= 400:
		kind = debrief.Invalid
	default:
		kind = debrief.Unavailable // a redirect, which is not followed
	}
	var p problem
	_ = json.Unmarshal(body, &p) // what is not problem+json is told by its status alone
	message := p.Detail
	if message == "" {
		message = p.Title
	}
	if message == "" {
		message = fmt.Sprintf("%s answered %s", c.base, res.Status)
	}
	e := &debrief.Error{Kind: kind, Field: p.Field, Message: message, Hint: p.Hint}
	if e.Field == "" && len(p.Errors) > 0 {
		e.Field = strings.TrimPrefix(p.Errors[0].Location, "body.")
		if p.Errors[0].Message != "" {
			e.Message = p.Errors[0].Message
		}
	}
	switch {
	case e.Hint != "":
	case kind == debrief.Unauthorized:
		e.Hint = "set DEBRIEF_TOKEN; make one with: debrief token create NAME"
	case res.StatusCode >= 300 && res.StatusCode < 400:
		e.Hint = "redirects are not followed; set DEBRIEF_URL to where it leads"
	}
	return &apiError{Status: res.StatusCode, Err: e}
}

// permanent reports whether sending the same again can never help.
func permanent(err error) bool {
	var api *apiError
	if !errors.As(err, &api) {
		return false
	}
	switch api.Status {
	case http.StatusBadRequest, http.StatusMethodNotAllowed, http.StatusConflict, http.StatusGone,
		http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity:
		return true
	}
	return false
}

// within bounds one request in time.
func within(ctx context.Context, d time.Duration, fn func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	return fn(ctx)
}
