package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// courier brings single reports to the server. It knows what became of the
// first report of a key, since the later ones depend on that.
type courier struct {
	client *client
	spool  spool
	now    func() time.Time
	here   map[string]attempt // by key; where the spool cannot be written
}

func newCourier(c *client, s spool, now func() time.Time) *courier {
	return &courier{client: c, spool: s, now: now, here: map[string]attempt{}}
}

// attempt says under which key a deployment stands whose own was taken. It is
// kept beside the spool: a stage inside the deployment is another process.
type attempt struct {
	URL string    `json:"url"`
	Key string    `json:"key"`
	To  string    `json:"to"` // empty: its start was refused
	At  time.Time `json:"at"`
}

const (
	maxAttempts = 100
	attemptLife = 24 * time.Hour // no deployment takes longer
)

// deliver sends one report. o.key is then the key it stands under.
func (x *courier) deliver(ctx context.Context, o *owed) (answer recorded, err error) {
	if o.Method == http.MethodPost && o.Path == deploymentsPath {
		return x.begin(ctx, o)
	}
	path := o.Path
	if escaped, ok := strings.CutPrefix(path, deploymentsPath+"/"); ok && o.Method == http.MethodPatch {
		if o.key, err = url.PathUnescape(escaped); err != nil {
			return answer, debrief.Errorf(debrief.Invalid, "key", "not readable in %s: %w", path, err)
		}
		if a, ok := x.attempt(o.key); ok && a.To == "" {
			return answer, &apiError{Status: http.StatusGone, Err: debrief.Errorf(debrief.Conflict, "key", "the start of %q was refused, so nothing more is sent under it", o.key)}
		} else if ok {
			o.key, path = a.To, deploymentPath(a.To)
		}
	}
	err = x.request(ctx, o.Method, path, o.Body, &answer)
	return answer, err
}

// begin sends a deployment's first report. A key that was used for another
// deployment gets a number behind it: a job that runs again must not write
// over what its first run was.
func (x *courier) begin(ctx context.Context, o *owed) (answer recorded, err error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(o.Body, &fields); err != nil {
		return answer, debrief.Errorf(debrief.Invalid, "", "the report is not readable: %w", err)
	}
	var key string
	_ = json.Unmarshal(fields["key"], &key) // none: the server says so
	o.key = key
	err = x.request(ctx, o.Method, o.Path, o.Body, &answer)
	for n := 2; taken(err) && n <= maxAttempts; n++ {
		o.key = fmt.Sprintf("%s/%d", key, n)
		fields["key"], _ = json.Marshal(o.key)
		body, _ := json.Marshal(fields) // sorted: the same from every process that tries
		answer = recorded{}
		err = x.request(ctx, o.Method, o.Path, json.RawMessage(body), &answer)
	}
	switch {
	case err == nil && o.key == key:
		delete(x.here, key)
		_ = remove(x.attemptFile(key))
	case err == nil:
		x.note(key, o.key)
	case permanent(err):
		x.note(key, "")
	}
	return answer, err
}

func taken(err error) bool {
	var api *apiError
	return errors.As(err, &api) && api.Status == http.StatusConflict
}

func (x *courier) attemptFile(key string) string {
	return filepath.Join(x.spool.dir, ".attempt-"+debrief.ID("attempt", x.client.base, key))
}

func (x *courier) attempt(key string) (attempt, bool) {
	a, ok := x.here[key]
	if !ok {
		b, err := os.ReadFile(x.attemptFile(key))
		ok = err == nil && json.Unmarshal(b, &a) == nil && a.Key == key && a.URL == x.client.base
	}
	if ok && x.now().Sub(a.At) >= attemptLife {
		_ = remove(x.attemptFile(key))
		return attempt{}, false
	}
	return a, ok
}

func (x *courier) note(key, to string) {
	a := attempt{URL: x.client.base, Key: key, To: to, At: debrief.Instant(x.now())}
	x.here[key] = a
	if os.MkdirAll(x.spool.dir, 0o700) == nil {
		_ = writeDurably(x.attemptFile(key), a) // the map has it as well
	}
}

// request sends one request within its time, and remembers a server that
// takes connections and does not answer: the next report need not wait for it.
func (x *courier) request(ctx context.Context, method, path string, body json.RawMessage, answer *recorded) error {
	ctx, cancel := context.WithTimeout(ctx, requestLimit)
	defer cancel()
	err := x.client.do(ctx, method, path, body, answer)
	switch {
	case err == nil:
		_ = remove(silentFile(x.spool))
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		x.spool.noteSilent(x.client.base, x.now())
	}
	return err
}

// silence is a server that did not answer in time a while ago.
type silence struct {
	URL string    `json:"url"`
	At  time.Time `json:"at"`
}

const silentFor = 10 * time.Minute

func silentFile(s spool) string { return filepath.Join(s.dir, ".silent") }

func (s spool) noteSilent(base string, now time.Time) {
	if b, err := json.Marshal(silence{URL: base, At: debrief.Instant(now)}); err == nil && os.MkdirAll(s.dir, 0o700) == nil {
		_ = os.WriteFile(silentFile(s), b, 0o600)
	}
}

func (s spool) silent(base string, now time.Time) bool {
	var was silence
	b, err := os.ReadFile(silentFile(s))
	if err != nil || json.Unmarshal(b, &was) != nil || was.URL != base {
		return false
	}
	age := now.Sub(was.At)
	return age >= 0 && age < silentFor
}
