package forge

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// asker asks one forge's API.
type asker struct {
	name   string // "GitHub", for messages
	base   string
	header http.Header
	client *http.Client
	now    func() time.Time // nil: limits are taken at their word
	hint   string           // what token is enough
	low    error            // why nothing more is asked in this round
}

// answer is what a reply says beside its body.
type answer struct {
	etag      string
	next      string // path and query of the next page
	unchanged bool   // 304
}

// Wait is a forge's wish to be left alone until then.
type Wait struct {
	Until time.Time
	Err   error
}

func (w *Wait) Error() string { return w.Err.Error() }
func (w *Wait) Unwrap() error { return w.Err }

// maxAnswer bounds what is read of one answer.
const maxAnswer = 8 << 20

func (a *asker) get(ctx context.Context, path, etag string, out any) (answer, error) {
	var ans answer
	if a.low != nil {
		return ans, a.low
	}
	base := strings.TrimRight(a.base, "/")
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+path, nil)
	if err != nil {
		return ans, debrief.Errorf(debrief.Invalid, "url", "%q is no address of a %s server: %w", base, a.name, err)
	}
	req.Header = a.header.Clone()
	if etag != "" {
		req.Header.Set("If-None-Match", etag)
	}
	res, err := a.client.Do(req)
	if err != nil {
		return ans, debrief.Errorf(debrief.Unavailable, "", "%s does not answer at %s: %w", a.name, base, err)
	}
	defer res.Body.Close()
	a.low = a.spare(res.Header)
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	if err != nil {
		return ans, debrief.Errorf(debrief.Unavailable, "", "%s's answer broke off: %w", a.name, err)
	}
	switch res.StatusCode {
	case http.StatusOK:
	case http.StatusNotModified:
		ans.unchanged = true
		return ans, nil
	case http.StatusUnauthorized:
		return ans, debrief.Errorf(debrief.Unauthorized, "", "%s refused the token", a.name).WithHint("%s", a.hint)
	case http.StatusNotFound, http.StatusGone:
		return ans, debrief.Errorf(debrief.NotFound, "repository", "%s knows no such repository, or the token may not see it", a.name)
	case http.StatusForbidden, http.StatusTooManyRequests:
		return ans, a.limited(res)
	default:
		return ans, debrief.Errorf(debrief.Unavailable, "", "%s answered %s", a.name, res.Status)
	}
	if len(body) > maxAnswer {
		return ans, debrief.Errorf(debrief.TooLarge, "", "%s's answer is larger than %d MiB", a.name, maxAnswer>>20)
	}
	if err := json.Unmarshal(body, out); err != nil {
		return ans, debrief.Errorf(debrief.Unavailable, "", "%s's answer is not the JSON it promises: %w", a.name, err)
	}
	ans.etag, ans.next = res.Header.Get("ETag"), nextPage(base, res.Header)
	return ans, nil
}

// limited tells a rate limit from a refusal. A forge says when to come back in
// seconds (Retry-After) or as a time (its limit's reset).
func (a *asker) limited(res *http.Response) error {
	err := debrief.Errorf(debrief.TooMany, "", "%s refused: %s", a.name, res.Status).WithHint("its rate limit may be used up; a token raises it")
	now := time.Now
	if a.now != nil {
		now = a.now
	}
	if n, bad := strconv.Atoi(res.Header.Get("Retry-After")); bad == nil && n >= 0 {
		return &Wait{now().Add(time.Duration(min(n, 24*3600)) * time.Second), err}
	}
	if left, known := number(res.Header, "Remaining"); known && left == 0 {
		if at, ok := number(res.Header, "Reset"); ok {
			return &Wait{pause(now(), at), err}
		}
	}
	if res.StatusCode == http.StatusTooManyRequests {
		return &Wait{now().Add(time.Minute), err}
	}
	if a.now == nil { // who asks once wants to hear of the limit
		return err
	}
	return debrief.Errorf(debrief.Forbidden, "", "%s refused: %s", a.name, res.Status).WithHint("%s", a.hint)
}

// spare stops a round early: a tenth of the limit stays for whoever else uses
// the same token.
func (a *asker) spare(h http.Header) error {
	limit, ok := number(h, "Limit")
	left, known := number(h, "Remaining")
	at, told := number(h, "Reset")
	if a.now == nil || !ok || !known || !told || left > limit/10 {
		return nil
	}
	return &Wait{pause(a.now(), at), debrief.Errorf(debrief.TooMany, "", "%d of %s's %d requests are left, kept for others", left, a.name, limit)}
}

// number reads X-RateLimit-NAME, as GitHub writes it, or RateLimit-NAME, as GitLab does.
func number(h http.Header, name string) (int64, bool) {
	v := h.Get("X-RateLimit-" + name)
	if v == "" {
		v = h.Get("RateLimit-" + name)
	}
	n, err := strconv.ParseInt(v, 10, 64)
	return n, err == nil && n >= 0
}

// pause is when a limit resets, within a day.
func pause(now time.Time, unix int64) time.Time {
	at := time.Unix(unix, 0).UTC()
	if at.After(now.Add(24 * time.Hour)) {
		at = now.Add(24 * time.Hour)
	}
	if !at.After(now) {
		at = now.Add(time.Second)
	}
	return at
}

// nextPage reads the Link header. Only the same server's addresses are followed.
func nextPage(base string, h http.Header) string {
	for _, link := range strings.Split(h.Get("Link"), ",") {
		address, params, ok := strings.Cut(strings.TrimSpace(link), ">")
		if !ok || !strings.Contains(params, `rel="next"`) || !strings.HasPrefix(address, "<") {
			continue
		}
		next, err := url.Parse(address[1:])
		root, bad := url.Parse(base)
		if err != nil || bad != nil || next.Host != root.Host {
			return ""
		}
		path, ok := strings.CutPrefix(next.RequestURI(), strings.TrimRight(root.EscapedPath(), "/"))
		if !ok {
			return ""
		}
		return path
	}
	return ""
}
