package shop

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/debriefhq/debrief"
)

// Process is how one shop process is started.
type Process struct {
	Listen  string // host:port, or fd:N for a listening socket it inherits
	DSN     string
	Version string
	Log     string // file to append to; empty: Out
	Limit   time.Duration
	Out     io.Writer // "listening ADDRESS" is said here once requests are served
	Alive   io.Reader // when this ends, so does the process; nil: never
}

// Serve runs one shop process until ctx ends or Alive does, and then answers
// the requests that are under way.
func Serve(ctx context.Context, p Process) error {
	release, err := Lookup(p.Version)
	if err != nil {
		return err
	}
	db, err := Open(ctx, p.DSN)
	if err != nil {
		return err
	}
	defer db.Close()
	log := p.Out
	if p.Log != "" {
		f, err := os.OpenFile(p.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
		if err != nil {
			return debrief.Errorf(debrief.Invalid, "log", "cannot write the shop's log: %w", err)
		}
		defer f.Close()
		log = f
	}
	ln, err := listen(p.Listen)
	if err != nil {
		return err
	}
	shop := New(Options{DB: db, DSN: p.DSN, Release: release, Log: log, Limit: p.Limit})
	var open connections
	server := &http.Server{Handler: shop.Handler(), ReadHeaderTimeout: 10 * time.Second, ConnState: open.count}
	done := make(chan error, 1)
	go func() { done <- server.Serve(ln) }()
	shop.log.Info("shop started", "version", release.Version)
	fmt.Fprintln(p.Out, "listening", ln.Addr())

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if p.Alive != nil {
		go func() {
			_, _ = io.Copy(io.Discard, p.Alive)
			cancel()
		}()
	}
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	// First no connection is taken any more, then those taken are answered, and
	// only then the server shuts down: by itself it would drop a request that
	// it is just reading.
	ln.Close()
	<-done
	server.SetKeepAlivesEnabled(false)
	open.drain(5 * time.Second)
	_ = server.Close()
	shop.log.Info("shop stopped", "version", release.Version)
	return nil
}

// connections counts those that are open.
type connections struct{ n atomic.Int64 }

func (c *connections) count(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		c.n.Add(1)
	case http.StateClosed, http.StateHijacked:
		c.n.Add(-1)
	}
}

// drain waits until none is open, or for the time given.
func (c *connections) drain(most time.Duration) {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	late := time.After(most)
	for c.n.Load() > 0 {
		select {
		case <-tick.C:
		case <-late:
			return
		}
	}
}

func listen(address string) (net.Listener, error) {
	number, inherited := strings.CutPrefix(address, "fd:")
	if !inherited {
		ln, err := net.Listen("tcp", address)
		if err != nil {
			return nil, debrief.Errorf(debrief.Invalid, "listen", "%w", err)
		}
		return ln, nil
	}
	var fd uintptr
	if _, err := fmt.Sscan(number, &fd); err != nil {
		return nil, debrief.Errorf(debrief.Invalid, "listen", "%q is not fd:NUMBER", address)
	}
	f := os.NewFile(fd, "listener")
	defer f.Close()
	ln, err := net.FileListener(f)
	if err != nil {
		return nil, debrief.Errorf(debrief.Invalid, "listen", "the inherited socket cannot be used: %w", err)
	}
	return ln, nil
}
