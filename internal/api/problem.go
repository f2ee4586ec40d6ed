package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/access"
	"github.com/debriefhq/debrief/internal/send"
)

// Problem is every error's answer (RFC 9457), with the field that is wrong, as
// its author wrote it, and what to do.
type Problem struct {
	Title  string `json:"title" doc:"The status in words"`
	Status int    `json:"status" doc:"The HTTP status"`
	Detail string `json:"detail" doc:"What was wrong"`
	Field  string `json:"field,omitempty" doc:"Where: the field as it was sent, such as stages.0.name"`
	Hint   string `json:"hint,omitempty" doc:"What to do"`

	after time.Duration // Retry-After
}

func (p *Problem) Error() string  { return p.Detail }
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is what huma asks an error for.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders are sent with the problem.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	switch p.Status {
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", `Bearer realm="debrief"`)
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		seconds := int((p.after + time.Second - 1) / time.Second)
		h.Set("Retry-After", strconv.Itoa(max(seconds, 1)))
	}
	return h
}

// problem turns an error into its answer. What is our fault is logged, and
// told without its insides.
func (a *API) problem(ctx context.Context, err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	kind := debrief.KindOf(err)
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		kind, err = debrief.Unavailable, debrief.Errorf(debrief.Unavailable, "", "the request was not finished in time").WithHint("send it again")
	}
	status := access.Status(kind)
	p = &Problem{Title: http.StatusText(status), Status: status, after: send.RetryAfter(err)}
	var e *debrief.Error
	if status == http.StatusInternalServerError || !errors.As(err, &e) {
		a.log.ErrorContext(ctx, "request failed", "err", debrief.Mask(err.Error()))
		p.Detail, p.Hint = "something went wrong on debrief's side", "its log says what; sending the same again later is safe"
		return p
	}
	p.Detail, p.Field, p.Hint = e.Message, e.Field, e.Hint
	if kind == debrief.Unavailable {
		if cause := errors.Unwrap(e); cause != nil {
			// What stands behind it (a database, its host and user) is for the log only.
			a.log.WarnContext(ctx, "request put off", "err", debrief.Mask(err.Error()))
			p.Detail = plainly(e.Message, cause)
		}
		if p.after == 0 {
			p.after = 5 * time.Second
		}
	}
	return p
}

// plainly is a message without what its cause said, where it was worded with it.
func plainly(message string, cause error) string {
	var inner error = cause
	for next := errors.Unwrap(inner); inner.Error() == "" && next != nil; next = errors.Unwrap(inner) {
		inner = next // linked without being printed
	}
	if said := inner.Error(); said != "" && strings.Contains(message, said) {
		return "something debrief depends on does not answer"
	}
	return message
}

// fail writes a problem outside of huma.
func (a *API) fail(w http.ResponseWriter, r *http.Request, err error) {
	p := a.problem(r.Context(), err)
	for k, vs := range p.GetHeaders() {
		w.Header()[k] = vs
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // whoever went away does not read it
}

// ours gives huma's own errors (a parameter that is no number) the same form.
func ours(_ huma.Context, _ string, v any) (any, error) {
	m, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	p := &Problem{Title: m.Title, Status: m.Status, Detail: m.Detail}
	if len(m.Errors) > 0 && m.Errors[0] != nil {
		p.Detail, p.Field = m.Errors[0].Message, trimLocation(m.Errors[0].Location)
	}
	return p, nil
}

func trimLocation(at string) string {
	for _, prefix := range []string{"query.", "path.", "header.", "body."} {
		if len(at) > len(prefix) && at[:len(prefix)] == prefix {
			return at[len(prefix):]
		}
	}
	return at
}
