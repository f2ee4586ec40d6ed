package send_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/send"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var message = debrief.Message{
	Key: "look/r1/2", Channel: "chat", Link: "https://debrief.example/releases/r1",
	Text: "*shop v1.42: slower, and still rising.* p95 of /checkout is 38 % up (31 to 46 %) since 14:21, eighteen minutes after the release. Errors and traffic are steady.",
}

// receiver is a chat that answers as it is told to.
func receiver(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

func sendTo(ctx context.Context, url string) (send.Outcome, error) {
	return send.Slack(url, send.Client(url)).Send(ctx, message)
}

func TestOutcomes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		status int
		header map[string]string
		body   string
		want   send.Outcome
		after  time.Duration
		says   string
	}{
		{name: "taken", status: 200, body: "ok", want: send.Sent},
		{name: "no content", status: 204, want: send.Sent},
		{name: "gone", status: 404, body: "no_service", want: send.Refused, says: "no_service"},
		{name: "bad payload", status: 400, body: "invalid_payload", want: send.Refused, says: "400"},
		{name: "redirect", status: 302, header: map[string]string{"Location": "http://169.254.169.254/"}, want: send.Refused, says: "redirect"},
		{name: "too many", status: 429, header: map[string]string{"Retry-After": "30"}, want: send.Failed, after: 30 * time.Second, says: "429"},
		{name: "too many, no number", status: 429, want: send.Failed},
		{name: "too many, for ever", status: 429, header: map[string]string{"Retry-After": "99999999999"}, want: send.Failed, after: time.Hour},
		{name: "too many, in the past", status: 429, header: map[string]string{"Retry-After": "-5"}, want: send.Failed},
		{name: "unavailable, a date", status: 503, header: map[string]string{
			"Date": "Tue, 17 Nov 2026 14:00:00 GMT", "Retry-After": "Tue, 17 Nov 2026 14:01:30 GMT",
		}, want: send.Failed, after: 90 * time.Second},
		{name: "broken", status: 500, body: "fatal_error", want: send.Unknown, says: "fatal_error"},
		{name: "bad gateway", status: 502, want: send.Unknown},
		{name: "a secret in the answer", status: 400, body: "token=supersecretvalue\nmore", want: send.Refused, says: "***"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			srv := receiver(t, func(w http.ResponseWriter, _ *http.Request) {
				for k, v := range c.header {
					w.Header().Set(k, v)
				}
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.body)
			})
			got, err := sendTo(t.Context(), srv.URL+"/services/T0/B0/SECRETPATH")
			if got != c.want || (err == nil) != (c.want == send.Sent) {
				t.Fatalf("%v, %v; want %v", got, err, c.want)
			}
			if send.RetryAfter(err) != c.after {
				t.Errorf("retry after %v, want %v", send.RetryAfter(err), c.after)
			}
			if err != nil && (!strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "SECRETPATH")) {
				t.Errorf("%v: want %q, and never the webhook's path", err, c.says)
			}
		})
	}
}

func TestNotDelivered(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := "http://" + l.Addr().String() + "/SECRETPATH"
	l.Close() // nobody listens there now
	got, err := sendTo(t.Context(), closed)
	if got != send.Failed || err == nil || strings.Contains(err.Error(), "SECRETPATH") {
		t.Errorf("nobody listens: %v, %v", got, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	srv := receiver(t, func(http.ResponseWriter, *http.Request) { t.Error("must not arrive") })
	if got, err := sendTo(ctx, srv.URL); got != send.Failed || err == nil {
		t.Errorf("cancelled before: %v, %v", got, err)
	}
	for _, bad := range []string{"", "::", "ftp://example.org/x", "/services/T0"} {
		if got, err := sendTo(t.Context(), bad); got != send.Refused || debrief.KindOf(err) != debrief.Invalid {
			t.Errorf("%q: %v, %v", bad, got, err)
		}
	}
}

func TestUnknown(t *testing.T) {
	t.Parallel()
	t.Run("hanging", func(t *testing.T) {
		t.Parallel()
		arrived, done := make(chan struct{}), make(chan struct{})
		srv := receiver(t, func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			close(arrived)
			<-done
		})
		ctx, cancel := context.WithCancel(t.Context())
		go func() { <-arrived; cancel() }() // it was handed over, and then nobody waits any more
		got, err := sendTo(ctx, srv.URL)
		close(done)
		if got != send.Unknown || err == nil {
			t.Errorf("%v, %v", got, err)
		}
	})
	t.Run("cut off", func(t *testing.T) {
		t.Parallel()
		srv := receiver(t, func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err == nil {
				conn.Close()
			}
		})
		if got, err := sendTo(t.Context(), srv.URL); got != send.Unknown || err == nil {
			t.Errorf("%v, %v", got, err)
		}
	})
}

func TestGuard(t *testing.T) {
	t.Parallel()
	srv := receiver(t, func(http.ResponseWriter, *http.Request) {})
	// The same address, but not named by the configuration.
	if got, err := send.Slack(srv.URL, send.Client("hooks.slack.com")).Send(t.Context(), message); got != send.Failed || !strings.Contains(err.Error(), "private") {
		t.Errorf("%v, %v", got, err)
	}
	for _, url := range []string{"http://169.254.169.254/latest", "http://[fe80::1]/", "http://0.0.0.0:9/", "http://[::ffff:169.254.1.1]/", "http://224.0.0.1/"} {
		if got, err := send.Slack(url, send.Client(url)).Send(t.Context(), message); got != send.Failed || !strings.Contains(err.Error(), "special") {
			t.Errorf("%s: %v, %v", url, got, err)
		}
	}
}

func TestGolden(t *testing.T) {
	t.Parallel()
	var got []byte
	srv := receiver(t, func(_ http.ResponseWriter, r *http.Request) {
		got, _ = io.ReadAll(r.Body)
		if ct := r.Header.Get("Content-Type"); ct != "application/json; charset=utf-8" {
			t.Errorf("content type %q", ct)
		}
	})
	if outcome, err := sendTo(t.Context(), srv.URL); outcome != send.Sent {
		t.Fatal(err)
	}
	want, err := os.ReadFile(filepath.Join("testdata", "slack.golden.json"))
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != strings.TrimSpace(string(want)) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestLongText(t *testing.T) {
	t.Parallel()
	var p struct{ Text string }
	srv := receiver(t, func(_ http.ResponseWriter, r *http.Request) {
		if err := json.NewDecoder(r.Body).Decode(&p); err != nil {
			t.Error(err)
		}
	})
	m := message
	m.Text = strings.Repeat("word & ", 9000) + "\xff"
	if got, err := send.Slack(srv.URL, send.Client(srv.URL)).Send(t.Context(), m); got != send.Sent {
		t.Fatal(err)
	}
	if n := len([]rune(p.Text)); n > 4000 || !strings.HasSuffix(p.Text, "… <"+m.Link+"|Open in debrief>") {
		t.Errorf("%d characters, ending %q", n, p.Text[len(p.Text)-80:])
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	if send.RetryAfter(nil) != 0 || send.RetryAfter(errors.New("x")) != 0 {
		t.Error("no wait was asked for")
	}
}

func BenchmarkSend(b *testing.B) {
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer srv.Close()
	s := send.Slack(srv.URL, send.Client(srv.URL))
	for b.Loop() {
		if got, err := s.Send(b.Context(), message); got != send.Sent {
			b.Fatal(err)
		}
	}
}
