package api

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/store"
)

// unread is a store of which nothing is asked but to count.
type unread struct{ Store }

func (unread) Refused(context.Context, store.Refusal) error { return nil }

func hooksOnly(t *testing.T, within time.Duration) (*API, *httptest.Server) {
	t.Helper()
	a := New(Options{Store: unread{}, Config: config.Config{Sources: map[string]config.Source{"github": {Secret: "s"}}}})
	a.hookWithin = within
	srv := httptest.NewServer(a.Public())
	t.Cleanup(srv.Close)
	return a, srv
}

// begin announces a body and sends none of it.
func begin(t *testing.T, srv *httptest.Server, announced int) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if _, err := fmt.Fprintf(c, "POST /hooks/github HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n{", announced); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestAnnouncedBytesKeepNobodyOut: connections that announce much and send
// nothing must not use up what others need.
func TestAnnouncedBytesKeepNobodyOut(t *testing.T) {
	t.Parallel()
	a, srv := hooksOnly(t, time.Minute)
	for range 30 {
		begin(t, srv, maxHook)
	}
	for deadline := time.Now().Add(10 * time.Second); ; { // until all thirty are being read
		a.limits.held.mu.Lock()
		sum := a.limits.held.sum
		a.limits.held.mu.Unlock()
		if sum >= 30*4096 {
			if sum > 1<<20 {
				t.Errorf("%d bytes are held for 30 that have arrived", sum)
			}
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d bytes are held", sum)
		}
	}
	res, err := srv.Client().Post(srv.URL+"/hooks/github", "application/json", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != 401 { // read, and found to be unsigned
		t.Errorf("somebody else is answered %d", res.StatusCode)
	}
}

func TestABodyThatDoesNotArrive(t *testing.T) {
	t.Parallel()
	_, srv := hooksOnly(t, 30*time.Millisecond)
	c := begin(t, srv, 1000)
	_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
	line, err := bufio.NewReader(c).ReadString('\n')
	if err != nil || !strings.Contains(line, " 422 ") {
		t.Errorf("%q, %v", line, err)
	}
}

func TestOneAddressHoldsAShareOnly(t *testing.T) {
	t.Parallel()
	l := newLimits(nil, time.Time{})
	one, again := l.holding("203.0.113.9:1"), l.holding("203.0.113.9:2")
	if !one.take(bytesOfOne-10) || again.take(11) || !again.take(10) {
		t.Error("the share of one address")
	}
	for _, remote := range []string{"203.0.113.10:1", "[2001:db8::1]:1", "127.0.0.1:1", "not an address"} {
		if h := l.holding(remote); !h.take(1000) {
			t.Errorf("%s has to pay for another address", remote)
		} else {
			h.release()
		}
	}
	same := l.holding("[2001:db8::1]:1")
	if !same.take(bytesOfOne) || l.holding("[2001:db8::ffff]:9").take(1) {
		t.Error("all of a customer's addresses are one")
	}
	proxy, other := l.holding("10.0.0.1:1"), l.holding("10.0.0.1:2")
	if !proxy.take(bytesOfOne) || !other.take(bytesOfOne-1) || other.take(2) {
		t.Error("a proxy's address is everybody's, up to what all may hold")
	}
	for _, h := range []*holding{one, again, same, proxy, other} {
		h.release()
	}
	if l.held.sum != 0 || len(l.held.of) != 0 {
		t.Errorf("left behind: %+v", l.held)
	}
}
