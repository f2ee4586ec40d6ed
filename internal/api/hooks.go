package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/ingest"
	"github.com/debriefhq/debrief/internal/send"
	"github.com/debriefhq/debrief/internal/store"
)

// Hooked answers a webhook.
type Hooked struct {
	Accepted bool   `json:"accepted"`
	New      bool   `json:"new" doc:"false: this delivery was known already"`
	Ignored  string `json:"ignored,omitempty" doc:"Why there was nothing to take"`
	LeftOut  int    `json:"left_out,omitempty" doc:"Parts of it that tell of nothing debrief reads, such as spans of other things"`
}

type hookIn struct {
	request
	Source string `path:"source" doc:"The sender's kind, such as github"`
	Token  string `query:"access_token" doc:"For senders that can set no header, such as Jenkins"`
}

type hookOut struct {
	Status int
	Body   Hooked
}

func (a *API) hookRoutes(h huma.API) {
	register(a, h, operation{
		method: http.MethodPost, path: "/hooks/{source}", id: "receive-webhook", tag: "webhooks", status: http.StatusAccepted, open: true,
		summary:  "Receive a signed webhook",
		describe: "Authenticated by the sender's signature with sources.NAME.secret of the configuration; no token is needed.",
	}, func(ctx context.Context, in *hookIn) (*hookOut, error) {
		return a.hook(ctx, in)
	})
}

// hook receives one webhook and counts what became of it.
func (a *API) hook(ctx context.Context, in *hookIn) (*hookOut, error) {
	src, secrets, err := a.hookSource(in.Source)
	if err != nil {
		if src.Verify != nil { // else not counted: the name is anybody's
			a.refused.note(ctx, a, src.Name, err)
		}
		return nil, err
	}
	out, err := a.receive(ctx, in, src, secrets)
	switch {
	case err != nil:
		a.metrics.event(src.Name, outcomeOf(err))
		a.refused.note(ctx, a, src.Name, err)
		return nil, err
	case out.Body.Ignored != "":
		a.metrics.event(src.Name, "ignored")
	case !out.Body.New:
		a.metrics.event(src.Name, "known")
	default:
		a.metrics.event(src.Name, "accepted")
	}
	a.metrics.left(src.Name, out.Body.LeftOut)
	return out, nil
}

// hookSource finds who is meant to send, and its secrets.
func (a *API) hookSource(name string) (ingest.Source, []string, error) {
	src, ok := a.sources[name]
	if !ok {
		_, err := ingest.Lookup(name)
		return src, nil, err
	}
	if src.Verify == nil {
		return src, nil, debrief.Errorf(debrief.NotFound, "source", "%s has no webhooks", src.Title).WithHint("use /api/v1/deployments with a token")
	}
	secrets := secretsOf(a.config.Sources[name])
	if len(secrets) == 0 {
		return src, nil, debrief.Errorf(debrief.Forbidden, "source", "no secret is configured for %s, so nobody can be believed to be it", src.Title).
			WithHint("set sources.%s.secret in the configuration, or the environment variable DEBRIEF_SOURCES_%s_SECRET, and give the sender the same secret", name, upper(name))
	}
	return src, secrets, nil
}

func secretsOf(s config.Source) []string {
	var out []string
	for _, secret := range []string{s.Secret, s.SecretOld} {
		if secret != "" {
			out = append(out, secret)
		}
	}
	return out
}

func upper(s string) string {
	b := []byte(s)
	for i, c := range b {
		switch {
		case c >= 'a' && c <= 'z':
			b[i] = c - 'a' + 'A'
		case c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		default:
			b[i] = '_'
		}
	}
	return string(b)
}

// receive verifies before anything else looks at the body.
func (a *API) receive(ctx context.Context, in *hookIn, src ingest.Source, secrets []string) (*hookOut, error) {
	held := a.limits.holding(in.r.RemoteAddr)
	defer held.release()
	body, err := in.bodyHeld(maxHook, a.hookWithin, held)
	if err != nil {
		return nil, err
	}
	header := map[string]string{}
	for name, values := range in.r.Header {
		header[name] = values[0]
	}
	if src.URLToken && in.Token != "" && header["Authorization"] == "" {
		header["Authorization"] = "Bearer " + in.Token
	}
	if err := src.Verify(header, body, secrets); err != nil {
		return nil, err
	}
	if err := a.recent(src, header); err != nil {
		return nil, err
	}
	// Only verified requests count, so that a stranger cannot use up the
	// sender's share.
	if wait := a.limits.take(src.Name, a.now()); wait > 0 {
		return nil, busy("more webhooks from "+src.Title+" than are taken in", wait)
	}
	req := ingest.Request{Header: kept(header, src.Headers), Received: debrief.Instant(a.now())}
	req.Digest = digest(body)
	opened := ingest.Opened{Body: body}
	if src.Open != nil {
		if opened, err = src.Open(header, body); err != nil {
			if debrief.KindOf(err) == debrief.Ignored {
				// Left out before it was read: a company's every span may come this
				// way, and none of it is anybody's question later.
				return &hookOut{http.StatusAccepted, Hooked{Ignored: message(err), LeftOut: opened.Left}}, nil
			}
			return a.unheard(ctx, src, req, opened, err)
		}
	}
	masked, ok := maskHook(opened.Body, src.People...)
	req.Labels, req.Incident = a.config.Sources[src.Name].ServiceLabels, a.config.Sources[src.Name].IncidentLabels
	req.Body = masked
	if req.Key, err = src.Key(req); err == nil {
		_, err = src.Parse(req)
	}
	if err == nil && !ok {
		err = debrief.Errorf(debrief.Invalid, "", "the body is not JSON")
	}
	if !ok {
		req.Body = nil // what cannot be masked is not kept
	}
	if err != nil {
		return a.unheard(ctx, src, req, opened, err)
	}
	envelope := envelopeOf(src, req)
	got, err := a.store.Accept(ctx, envelope)
	fresh := err == nil && got[0].New
	if !fresh && (err == nil || debrief.KindOf(err) == debrief.Conflict) {
		// Known; but perhaps what came then could not be read.
		reopened, again := a.store.Reopen(ctx, envelope)
		switch {
		case again != nil:
			return nil, again
		case reopened:
			fresh, err = true, nil
		}
	}
	if err != nil {
		return nil, err
	}
	return &hookOut{http.StatusAccepted, Hooked{Accepted: true, New: fresh, LeftOut: opened.Left}}, nil
}

func envelopeOf(src ingest.Source, req ingest.Request) debrief.Envelope {
	return debrief.Envelope{Source: src.Name, Key: req.Key, Received: req.Received, Header: req.Header, Body: req.Body, Digest: req.Digest}
}

// maxUnheard is the largest body that is kept of what told of nothing.
const maxUnheard = 1 << 20

// unheard answers what told of nothing: with the reason where it was only not
// for us. It is kept either way, so that people can see what came, and a later
// version can read it.
func (a *API) unheard(ctx context.Context, src ingest.Source, req ingest.Request, opened ingest.Opened, why error) (*hookOut, error) {
	state := store.EnvelopeRejected
	switch debrief.KindOf(why) {
	case debrief.Ignored:
		state = store.EnvelopeIgnored
	case debrief.Invalid, debrief.TooLarge:
	default:
		return nil, why
	}
	if req.Key == "" {
		req.Key = "body/" + req.Digest
	}
	if len(req.Body) > maxUnheard {
		req.Body = nil
	}
	if err := a.store.Keep(ctx, envelopeOf(src, req), state, why.Error()); err != nil {
		a.log.Error("what told of nothing was not kept", "source", src.Name, "err", err)
	}
	if state == store.EnvelopeRejected {
		return nil, why
	}
	return &hookOut{http.StatusAccepted, Hooked{Ignored: message(why), LeftOut: opened.Left}}, nil
}

// replayWindow is how far a signed time may lie from ours.
const replayWindow = 5 * time.Minute

// recent refuses what was signed too long ago, or will be: somebody may have
// recorded it.
func (a *API) recent(src ingest.Source, header map[string]string) error {
	if src.SentAt == nil {
		return nil
	}
	at, err := src.SentAt(header)
	if err != nil || at.IsZero() {
		return err
	}
	if off := a.now().Sub(at); off > replayWindow || off < -replayWindow {
		return debrief.Errorf(debrief.Unauthorized, "", "it was signed more than %d minutes from now", int(replayWindow.Minutes())).
			WithHint("its time is %s; let the sender send it again, and check both clocks", at.UTC().Format(time.RFC3339))
	}
	return nil
}

func kept(header map[string]string, names []string) map[string]string {
	out := map[string]string{}
	for _, n := range names {
		if v, ok := header[http.CanonicalHeaderKey(n)]; ok {
			out[n] = v
		}
	}
	return out
}

func message(err error) string {
	e := &debrief.Error{}
	if asError(err, &e) {
		return e.Message
	}
	return err.Error()
}

func busy(what string, wait time.Duration) error {
	return &send.Later{After: wait, Err: debrief.Errorf(debrief.TooMany, "", "%s", what).WithHint("send it again later; nothing was kept")}
}
