package shop

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
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
	server := &http.Server{Handler: shop.Handler(), ReadHeaderTimeout: 10 * time.Second}
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
	drain, stop := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer stop()
	if err := server.Shutdown(drain); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	shop.log.Info("shop stopped", "version", release.Version)
	return nil
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
