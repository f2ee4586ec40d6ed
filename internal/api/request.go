package api

import (
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/debriefhq/debrief"
)

// Limits of what one request may bring.
const (
	maxBody  = 1 << 20
	maxBatch = 5 << 20
	maxHook  = 25 << 20 // GitHub's own limit

	readWithin = 30 * time.Second
)

// request is embedded in every input: the plain request behind it. Bodies are
// read by hand, since their checks are the front door's (ingest) and not a
// schema's.
type request struct {
	r *http.Request
	w http.ResponseWriter
}

// Resolve is how huma hands over its context.
func (q *request) Resolve(ctx huma.Context) []error {
	q.r, q.w = humago.Unwrap(ctx)
	return nil
}

// body reads at most limit bytes, within a time. The bytes are the caller's.
func (q *request) body(limit int64) ([]byte, error) {
	if q.r.ContentLength > limit {
		return nil, tooLarge(limit)
	}
	// Not every writer can do this (a test's recorder cannot); the server's
	// own timeouts hold then.
	_ = http.NewResponseController(q.w).SetReadDeadline(time.Now().Add(readWithin))
	b, err := io.ReadAll(http.MaxBytesReader(q.w, q.r.Body, limit))
	var over *http.MaxBytesError
	switch {
	case errors.As(err, &over):
		return nil, tooLarge(limit)
	case err != nil:
		return nil, debrief.Errorf(debrief.Invalid, "", "the request's body ended early")
	}
	return b, nil
}

// bodyHeld is body for strangers: what is not verified yet costs room only for
// what has arrived, and little time.
func (q *request) bodyHeld(limit int64, within time.Duration, held *holding) ([]byte, error) {
	if q.r.ContentLength > limit {
		return nil, tooLarge(limit)
	}
	_ = http.NewResponseController(q.w).SetReadDeadline(time.Now().Add(within))
	from := http.MaxBytesReader(q.w, q.r.Body, limit)
	var b []byte
	for {
		if len(b) == cap(b) {
			size := max(4<<10, 2*cap(b))
			if q.r.ContentLength > 0 { // one more, so that the end is seen without growing again
				size = min(size, int(q.r.ContentLength)+1)
			}
			size = max(size, len(b)+1)
			if !held.take(int64(size - cap(b))) {
				return nil, busy("too many webhooks at once", time.Second)
			}
			bigger := make([]byte, len(b), size)
			copy(bigger, b)
			b = bigger
		}
		n, err := from.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		var over *http.MaxBytesError
		switch {
		case errors.Is(err, io.EOF):
			return b, nil
		case errors.As(err, &over):
			return nil, tooLarge(limit)
		case errors.Is(err, os.ErrDeadlineExceeded):
			return nil, debrief.Errorf(debrief.Invalid, "", "the request's body did not arrive within %s", within)
		case err != nil:
			return nil, debrief.Errorf(debrief.Invalid, "", "the request's body ended early")
		}
	}
}

func tooLarge(limit int64) error {
	return debrief.Errorf(debrief.TooLarge, "", "the request is too large: at most %d MiB are taken", limit>>20)
}

// jsonBody is body for JSON; a web form sent by mistake is told as such.
func (q *request) jsonBody(limit int64) ([]byte, error) {
	ct, _, _ := strings.Cut(q.r.Header.Get("Content-Type"), ";")
	switch ct = strings.ToLower(strings.TrimSpace(ct)); ct {
	case "multipart/form-data", "application/xml", "text/xml":
		return nil, debrief.Errorf(debrief.Invalid, "Content-Type", "%s is not JSON", ct).WithHint("send Content-Type: application/json")
	}
	return q.body(limit)
}

// page is where people find an object.
func (a *API) page(r *http.Request, path string) string {
	base := strings.TrimRight(a.config.URL, "/")
	if base == "" {
		base = "http://" + r.Host
		if r.TLS != nil {
			base = "https://" + r.Host
		}
	}
	return base + path
}
