package measure

import (
	"context"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
)

// The contract's part about the way there and back: servers that are busy,
// slow, broken, elsewhere or strict.

func TestContractBusy(t *testing.T) {
	contract(t, func(t *testing.T, c *contractCase) {
		n := 0
		_, err := c.ask(t, Options{}, func(w http.ResponseWriter, _ *http.Request) {
			if n++; n < 3 {
				w.Header().Set("Retry-After", strconv.Itoa(n*7))
				http.Error(w, "slow down", http.StatusTooManyRequests)
				return
			}
			fmt.Fprint(w, matrixOf())
		})
		if err != nil || fmt.Sprint(c.slept) != "[7s 14s]" {
			t.Errorf("slept %v, %v", c.slept, err)
		}
		c.asked.Store(0)
		_, err = c.ask(t, Options{}, status(http.StatusTooManyRequests, "slow down"))
		wantError(t, err, debrief.TooMany, "429", "slow down")
		if c.asked.Load() != tries {
			t.Errorf("asked %d times", c.asked.Load())
		}
	})
}

func TestContractRetryAfterBeyondTheContext(t *testing.T) {
	contract(t, func(t *testing.T, c *contractCase) {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		at := time.Now().Add(50 * time.Second).UTC().Format(http.TimeFormat)
		_, err := c.askIn(ctx, t, Options{}, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", at)
			http.Error(w, "later", http.StatusServiceUnavailable)
		})
		wantError(t, err, debrief.Unavailable, "503", "later")
		if c.asked.Load() != 1 || len(c.slept) != 0 {
			t.Errorf("asked %d times, slept %v: waiting could not help", c.asked.Load(), c.slept)
		}
	})
}

func TestContractServerErrors(t *testing.T) {
	contract(t, func(t *testing.T, c *contractCase) {
		_, err := c.ask(t, Options{}, status(http.StatusBadGateway, "<html>bad gateway</html>"))
		wantError(t, err, debrief.Unavailable, "502")
		if c.asked.Load() != tries || fmt.Sprint(c.slept) != "[250ms 1s]" {
			t.Errorf("asked %d times, slept %v", c.asked.Load(), c.slept)
		}
		if strings.Contains(err.Error(), "html") {
			t.Errorf("a page is shown: %v", err)
		}
		c.asked.Store(0)
		_, err = c.ask(t, Options{}, status(http.StatusBadRequest, `{"status":"error","errorType":"bad_data","error":"parse error: unexpected <aggr:sum>"}`))
		wantError(t, err, debrief.Invalid, "parse error: unexpected <aggr:sum>")
		_, err = c.ask(t, Options{}, status(http.StatusUnauthorized, ""))
		wantError(t, err, debrief.Invalid, "401", "check token")
		_, err = c.ask(t, Options{}, status(http.StatusNotFound, "404 page not found"))
		wantError(t, err, debrief.Invalid, "404", "check the path in url")
		if c.asked.Load() != 3 {
			t.Errorf("asked %d times: what is wrong stays wrong", c.asked.Load())
		}
	})
}

func TestContractTimeout(t *testing.T) {
	contract(t, func(t *testing.T, c *contractCase) {
		release := make(chan struct{})
		defer close(release)
		hang := func(w http.ResponseWriter, r *http.Request) {
			select {
			case <-release:
			case <-r.Context().Done():
			}
		}
		_, err := c.ask(t, Options{Timeout: 20 * time.Millisecond}, hang)
		wantError(t, err, debrief.Unavailable, "did not answer within 20ms")
		if c.asked.Load() != tries {
			t.Errorf("asked %d times", c.asked.Load())
		}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		_, err = c.askIn(ctx, t, Options{}, hang)
		wantError(t, err, debrief.Unavailable, "the time for asking is over")
	})
}

func TestContractRedirect(t *testing.T) {
	contract(t, func(t *testing.T, c *contractCase) {
		_, err := c.ask(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://169.254.169.254/latest", http.StatusFound)
		})
		wantError(t, err, debrief.Invalid, "redirected to http://169.254.169.254, which is not followed")
		if c.asked.Load() != 1 {
			t.Errorf("asked %d times", c.asked.Load())
		}
	})
}

func TestContractUnreachable(t *testing.T) {
	contract(t, func(t *testing.T, c *contractCase) {
		srv := httptest.NewServer(nil)
		srv.Close()
		p, err := New("main", Options{Kind: c.kind, URL: srv.URL, Sleep: func(context.Context, time.Duration) error { return nil }})
		if err != nil {
			t.Fatal(err)
		}
		_, err = p.Series(t.Context(), "up", tenMinutes)
		wantError(t, err, debrief.Unavailable, "connection refused")
		if strings.Contains(err.Error(), "query") {
			t.Errorf("the whole address is shown: %v", err)
		}
		p, err = New("main", Options{Kind: c.kind, URL: "http://169.254.169.254"})
		if err != nil {
			t.Fatal(err)
		}
		_, err = p.Series(t.Context(), "up", tenMinutes)
		wantError(t, err, debrief.Forbidden, "link-local")
	})
}

func TestContractLoginAndTenant(t *testing.T) {
	contract(t, func(t *testing.T, c *contractCase) {
		var got http.Header
		keep := func(w http.ResponseWriter, r *http.Request) {
			got = r.Header
			fmt.Fprint(w, matrixOf())
		}
		if _, err := c.ask(t, Options{Token: "t0ken", Tenant: "shop"}, keep); err != nil || got.Get("Authorization") != "Bearer t0ken" || got.Get("X-Scope-Orgid") != "shop" {
			t.Errorf("%v %v", got, err)
		}
		if _, err := c.ask(t, Options{Username: "u", Password: "p"}, keep); err != nil || got.Get("Authorization") != "Basic dTpw" {
			t.Errorf("%v %v", got, err)
		}
	})
}

func TestContractTwoInFlight(t *testing.T) {
	contract(t, func(t *testing.T, c *contractCase) {
		var now, most atomic.Int32
		both := make(chan struct{})
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			n := now.Add(1)
			defer now.Add(-1)
			if n > most.Load() {
				most.Store(n)
			}
			if n == 2 {
				select {
				case <-both:
				default:
					close(both)
				}
			}
			<-both
			fmt.Fprint(w, matrixOf())
		}))
		t.Cleanup(srv.Close)
		p, err := New("main", Options{Kind: c.kind, URL: srv.URL})
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan error)
		for range 12 {
			go func() {
				_, err := p.Series(t.Context(), "up", tenMinutes)
				done <- err
			}()
		}
		for range 12 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if most.Load() != 2 {
			t.Errorf("%d requests at once", most.Load())
		}
	})
}

func TestContractCustomCA(t *testing.T) {
	contract(t, func(t *testing.T, c *contractCase) {
		srv := httptest.NewTLSServer(body(matrixOf()))
		t.Cleanup(srv.Close)
		ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw})
		for _, trusted := range []bool{true, false} {
			o := Options{Kind: c.kind, URL: srv.URL, Sleep: func(context.Context, time.Duration) error { return nil }}
			if trusted {
				o.CA = ca
			}
			p, err := New("main", o)
			if err != nil {
				t.Fatal(err)
			}
			if _, err = p.Series(t.Context(), "up", tenMinutes); (err == nil) != trusted {
				t.Errorf("trusted %v: %v", trusted, err)
			}
		}
	})
}
