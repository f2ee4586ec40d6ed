package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"os"
	"time"

	"golang.org/x/term"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/tell"
)

// readLimit bounds one question to the server.
const readLimit = 30 * time.Second

// reader is what the reading commands share: a client that has first sent what
// earlier commands could not, so that an answer holds it.
type reader struct {
	*client
	e     *Env
	spool spool
}

func newReader(ctx context.Context, e *Env) (*reader, error) {
	c, err := newClient(e)
	if err != nil {
		return nil, err
	}
	r := &reader{client: c, e: e, spool: spoolOf(e)}
	_, _ = flush(ctx, newCourier(c, r.spool, e.Now), flushLimits{total: requestLimit, max: flushMax})
	return r, nil
}

// get asks one question and keeps the answer's bytes, for --json.
func (r *reader) get(ctx context.Context, path string, q url.Values, out any) (json.RawMessage, error) {
	if len(q) > 0 {
		path += "?" + q.Encode()
	}
	var raw json.RawMessage
	err := within(ctx, readLimit, func(ctx context.Context) error { return r.do(ctx, "GET", path, nil, &raw) })
	if err != nil || out == nil {
		return raw, err
	}
	if err := json.Unmarshal(raw, out); err != nil {
		return nil, debrief.Errorf(debrief.Unavailable, "", "the answer of %s is not what this debrief expects: %w", r.base, err).WithHint("are both of the same version?")
	}
	return raw, nil
}

// printJSON writes the server's answer as it came, indented.
func printJSON(w io.Writer, raw json.RawMessage) error {
	var b bytes.Buffer
	if err := json.Indent(&b, raw, "", "  "); err != nil {
		return err
	}
	b.WriteByte('\n')
	_, err := w.Write(b.Bytes())
	return err
}

// terminal says what standard output can show.
func terminal(e *Env) tell.TermWriter {
	w := tell.TermWriter{Out: e.Stdout, Loc: e.Now().Location()}
	if f, ok := e.Stdout.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		w.Colour = tell.Colour(e.Getenv, true)
		if width, _, err := term.GetSize(int(f.Fd())); err == nil {
			w.Width = min(width, 120) // longer lines are hard to read
		}
	}
	return w
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// story loads a release's story by its id (or any of its deployments'), or the
// latest of a service.
func (r *reader) story(ctx context.Context, id, service string) (s debrief.Story, raw json.RawMessage, err error) {
	q := url.Values{}
	if id == "latest" {
		r.settle(ctx, service)
		if service != "" {
			q.Set("service", service)
		}
	}
	raw, err = r.get(ctx, "/api/v1/releases/"+url.PathEscape(id), q, &s)
	if debrief.KindOf(err) == debrief.NotFound {
		err = notThere(err, id, service)
	}
	return s, raw, err
}

// storyIn is story; latest is then the latest in one environment.
func (r *reader) storyIn(ctx context.Context, id, service, environment string) (debrief.Story, json.RawMessage, error) {
	if id != "latest" || environment == "" {
		return r.story(ctx, id, service)
	}
	r.settle(ctx, service)
	q := url.Values{"environment": {environment}}
	if service != "" {
		q.Set("service", service)
	}
	var page struct {
		Releases []debrief.Release `json:"releases"`
	}
	if _, err := r.get(ctx, "/api/v1/releases", q, &page); err != nil {
		return debrief.Story{}, nil, err
	}
	for _, found := range page.Releases {
		if !found.Sample { // as the server's own latest
			return r.story(ctx, found.ID, "")
		}
	}
	return debrief.Story{}, nil, debrief.Errorf(debrief.NotFound, "--env", "there is no release in %q", environment).
		WithHint("debrief releases lists what is there; only production has releases")
}

func notThere(err error, id, service string) error {
	var e *debrief.Error
	switch {
	case !errors.As(err, &e) || e.Hint != "":
		return err
	case id != "latest":
		return debrief.Errorf(debrief.NotFound, "", "there is no release %q", id).WithHint("debrief releases lists them with their ids in --json")
	case service != "":
		return debrief.Errorf(debrief.NotFound, "", "%s has no release yet", service).WithHint("record one with: debrief deploy --service %s --env production -- COMMAND", service)
	}
	return debrief.Errorf(debrief.NotFound, "", "there is no release yet").WithHint("record one with: debrief deploy --service NAME --env production -- COMMAND")
}

const (
	settleLimit = 2 * time.Second
	settleEvery = 25 * time.Millisecond
)

// settle waits until what was reported from here a moment ago is recorded: the
// server accepts first and works afterwards. It waits for that one deployment
// to show the state that was sent, for two seconds at most, once.
func (r *reader) settle(ctx context.Context, service string) {
	last, ok := readLastSent(r.spool, r.client, r.e.Now())
	if !ok || !last.concerns(service) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, settleLimit)
	defer cancel()
	tick := time.NewTicker(settleEvery)
	defer tick.Stop()
	for {
		var s debrief.Story
		if err := r.do(ctx, "GET", "/api/v1/releases/"+url.PathEscape(last.ID), nil, &s); err == nil && last.shownBy(s) {
			break
		}
		var p previous // a staging deployment is no release; that it succeeded shows here
		if err := r.do(ctx, "GET", deploymentsPath+"/previous?"+last.Where.Encode(), nil, &p); err == nil && p.ID == last.ID {
			break
		}
		select {
		case <-tick.C:
			continue
		case <-ctx.Done():
		}
		break
	}
	forgetLastSent(r.spool)
}
