package send

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/debriefhq/debrief"
)

const (
	maxText   = 3800    // Slack folds messages over 4,000 characters
	maxAnswer = 4 << 10 // of the answer, for the reason in it
	maxWait   = time.Hour
)

// Slack sends to an incoming webhook of Slack, or of anything compatible
// (Mattermost, Rocket.Chat, Discord's /slack). The client should be Client.
func Slack(webhookURL string, client *http.Client) Sender {
	return &slack{url: webhookURL, client: client}
}

type slack struct {
	url    string
	client *http.Client
}

func (s *slack) Send(ctx context.Context, m debrief.Message) (Outcome, error) {
	u, err := url.Parse(s.url)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return Refused, debrief.Errorf(debrief.Invalid, "chat.webhook", "not a web address").WithHint("copy the incoming webhook's URL, https://…")
	}
	body, err := json.Marshal(payload{Text: text(m)})
	if err != nil {
		return Refused, err
	}
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	// From the moment the headers are in the connection's buffer, the message
	// may arrive; before it, it surely has not.
	var begun atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { begun.Store(true) }})
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		return Refused, errors.New("the webhook's URL cannot be used")
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("User-Agent", "debrief")
	resp, err := s.client.Do(req)
	if err != nil {
		outcome := Failed
		if begun.Load() {
			outcome = Unknown
		}
		return outcome, debrief.Errorf(debrief.Unavailable, "", "the chat did not answer: %v", bare(err))
	}
	defer resp.Body.Close()
	said, _ := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	return answer(resp, strings.TrimSpace(string(said)))
}

// payload asks Slack not to unfold the link into a preview of a page that
// needs a login.
type payload struct {
	Text        string `json:"text"`
	UnfurlLinks bool   `json:"unfurl_links"`
	UnfurlMedia bool   `json:"unfurl_media"`
}

func text(m debrief.Message) string {
	link := ""
	if m.Link != "" {
		link = "<" + m.Link + "|Open in debrief>"
	}
	t := strings.ToValidUTF8(m.Text, "")
	if utf8.RuneCountInString(t) > maxText {
		// A link or an entity that is cut in two would show as noise; the cut
		// goes back to a space.
		t = string([]rune(t)[:maxText])
		if i := strings.LastIndexByte(t, ' '); i > maxText/2 {
			t = t[:i]
		}
		t += " …"
	}
	if link != "" && !strings.Contains(t, m.Link) {
		t += " " + link
	}
	return t
}

// answer reads a status: only what the receiver surely did not take may be
// repeated.
func answer(resp *http.Response, said string) (Outcome, error) {
	status := resp.StatusCode
	problem := "the chat answered " + strconv.Itoa(status)
	if said != "" {
		problem += ": " + debrief.Mask(firstLine(said))
	}
	switch {
	case status >= 200 && status < 300:
		return Sent, nil
	case status >= 300 && status < 400:
		return Refused, debrief.Errorf(debrief.Invalid, "chat.webhook", "%s, a redirect, which is not followed", problem).WithHint("put the final address into the configuration")
	case status == http.StatusTooManyRequests:
		return Failed, &Later{After: wait(resp.Header), Err: debrief.Errorf(debrief.TooMany, "", "%s", problem)}
	case status == http.StatusServiceUnavailable, status == http.StatusRequestTimeout:
		return Failed, &Later{After: wait(resp.Header), Err: debrief.Errorf(debrief.Unavailable, "", "%s", problem)}
	case status >= 400 && status < 500:
		return Refused, debrief.Errorf(debrief.Invalid, "chat.webhook", "%s", problem).WithHint("check the webhook: it may have been removed or its channel archived")
	default:
		return Unknown, debrief.Errorf(debrief.Unavailable, "", "%s", problem)
	}
}

// wait reads Retry-After, in seconds or as a date held against the answer's
// own Date; bounded, since a receiver may not silence us for ever.
func wait(h http.Header) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if n, err := strconv.ParseInt(v, 10, 64); err == nil {
		return min(max(time.Duration(min(n, 1<<20))*time.Second, 0), maxWait)
	}
	at, err := http.ParseTime(v)
	date, err2 := http.ParseTime(h.Get("Date"))
	if err != nil || err2 != nil {
		return 0
	}
	return min(max(at.Sub(date), 0), maxWait)
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	if r := []rune(s); len(r) > 200 {
		s = string(r[:200]) + "…"
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, s)
}

// bare takes the URL out of an HTTP client's error: a webhook's path is its
// password.
func bare(err error) error {
	var u *url.Error
	for errors.As(err, &u) {
		err = u.Err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("no answer within %v", Timeout)
	}
	return err
}
