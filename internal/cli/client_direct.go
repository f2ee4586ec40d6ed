package cli

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/api"
	"github.com/debriefhq/debrief/internal/config"
)

// takerFor is who takes in what an import reads: the server, or the database
// that --db names, by the same code a server runs. What the database took in is
// recorded by the server that runs on it, now or later.
// A dry run opens nothing.
func takerFor(ctx context.Context, e *Env, dsn string, dry bool) (c *client, done func() error, err error) {
	nothing := func() error { return nil }
	if dsn == "" {
		c, err = newClient(e)
		return c, nothing, err
	}
	name := dsn
	if !strings.Contains(dsn, "://") {
		if name, err = filepath.Abs(dsn); err != nil {
			return nil, nil, debrief.Errorf(debrief.Invalid, "--db", "cannot use the file %s: %w", dsn, err)
		}
	}
	if dry {
		return &client{db: name}, nothing, nil
	}
	s, err := storeAt(ctx, e, dsn)
	if err != nil {
		return nil, nil, err
	}
	a := api.New(api.Options{Store: s, Config: config.Default(), Now: e.Now, Log: slog.New(slog.DiscardHandler)})
	return &client{base: "http://127.0.0.1", db: name, http: &http.Client{Transport: inside{a.Main()}}}, s.Close, nil
}

// inside carries a request to a handler of this process.
type inside struct{ to http.Handler }

func (i inside) RoundTrip(r *http.Request) (*http.Response, error) {
	in := r.Clone(r.Context())
	in.RemoteAddr, in.RequestURI = "127.0.0.1:1", r.URL.RequestURI()
	if in.Body == nil {
		in.Body = http.NoBody
	}
	w := &answered{header: http.Header{}, status: http.StatusOK}
	i.to.ServeHTTP(w, in)
	return &http.Response{
		Status: http.StatusText(w.status), StatusCode: w.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: w.header,
		Body: io.NopCloser(&w.body), ContentLength: int64(w.body.Len()), Request: r,
	}, nil
}

type answered struct {
	header http.Header
	body   bytes.Buffer
	status int
}

func (a *answered) Header() http.Header         { return a.header }
func (a *answered) WriteHeader(status int)      { a.status = status }
func (a *answered) Write(b []byte) (int, error) { return a.body.Write(b) }
