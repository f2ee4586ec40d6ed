package shop

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/debriefhq/debrief"
)

// Place is one environment the shop runs in.
type Place struct {
	Name string
	DSN  string
	Log  string
}

// Host is the machine the shop runs on: it holds each environment's socket and
// runs one shop process behind it. A roll-out starts the new version on the
// same socket and then stops the old one, so no request is refused. It is
// asked over HTTP, by whoever holds its address, as a platform would be.
type Host struct {
	exe    string
	limit  time.Duration
	stderr io.Writer

	mu     sync.Mutex
	places map[string]*site
	server *http.Server
	addr   string
}

type site struct {
	Place
	ln     *net.TCPListener
	socket *os.File // the same socket, as children inherit it
	now    *child
}

type child struct {
	version string
	cmd     *exec.Cmd
	stdin   io.WriteCloser
	exited  chan struct{}
}

// StartHost opens the sockets. exe is the debrief program, whose hidden
// command "shop serve" is the shop.
func StartHost(exe string, stderr io.Writer, limit time.Duration, places ...Place) (*Host, error) {
	h := &Host{exe: exe, limit: limit, stderr: stderr, places: map[string]*site{}}
	for _, p := range places {
		ln, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			return nil, err
		}
		socket, err := inheritable(ln)
		if err != nil {
			return nil, err
		}
		h.places[p.Name] = &site{Place: p, ln: ln, socket: socket}
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	h.addr = "http://" + ln.Addr().String()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /rollout", h.rollout)
	h.server = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = h.server.Serve(ln) }()
	return h, nil
}

// Control is the address roll-outs are asked for at.
func (h *Host) Control() string { return h.addr }

// URL is where an environment's shop answers.
func (h *Host) URL(place string) string { return "http://" + h.places[place].ln.Addr().String() }

// Place is an environment's description.
func (h *Host) Place(name string) Place { return h.places[name].Place }

func (h *Host) rollout(w http.ResponseWriter, r *http.Request) {
	if err := h.RollOut(r.Context(), r.FormValue("environment"), r.FormValue("version")); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	fmt.Fprintf(w, "%s runs %s\n", r.FormValue("environment"), r.FormValue("version"))
}

// RollOut starts a version in an environment, waits until it serves, and stops
// the one before.
func (h *Host) RollOut(ctx context.Context, place, version string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	s, ok := h.places[place]
	if !ok {
		return debrief.Errorf(debrief.Invalid, "environment", "no shop runs in %q", place)
	}
	next, err := h.start(ctx, s, version)
	if err != nil {
		return err
	}
	if s.now != nil {
		s.now.stop()
	}
	s.now = next
	return nil
}

func (h *Host) start(ctx context.Context, s *site, version string) (*child, error) {
	cmd := exec.Command(h.exe, "shop", "serve", "--listen", "fd:3", "--dsn", s.DSN, "--version", version,
		"--log", s.Log, "--limit", h.limit.String())
	cmd.ExtraFiles = []*os.File{s.socket}
	cmd.Stderr = h.stderr
	c := &child{version: version, cmd: cmd, exited: make(chan struct{})}
	var err error
	if c.stdin, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	serving := make(chan struct{})
	go func() {
		lines := bufio.NewScanner(out)
		for said := false; lines.Scan(); {
			if !said && strings.HasPrefix(lines.Text(), "listening ") {
				said = true
				close(serving)
			}
		}
		_ = cmd.Wait()
		close(c.exited)
	}()
	select {
	case <-serving:
		return c, nil
	case <-c.exited:
		return nil, debrief.Errorf(debrief.Unavailable, "", "shop %s stopped before it served anything", version)
	case <-ctx.Done():
		c.stop()
		return nil, ctx.Err()
	}
}

// stop closes the process's lifeline, lets it finish what it is answering, and
// ends it by force when that takes too long.
func (c *child) stop() {
	_ = c.stdin.Close()
	select {
	case <-c.exited:
	case <-time.After(8 * time.Second):
		_ = c.cmd.Process.Kill()
		<-c.exited
	}
}

// Close stops every shop.
func (h *Host) Close() {
	_ = h.server.Close()
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, s := range h.places {
		if s.now != nil {
			s.now.stop()
			s.now = nil
		}
		s.socket.Close()
		s.ln.Close()
	}
}

// AskRollOut asks a host for a roll-out, from another process.
func AskRollOut(ctx context.Context, control, place, version string, w io.Writer) error {
	form := url.Values{"environment": {place}, "version": {version}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, control+"/rollout", strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return debrief.Errorf(debrief.Unavailable, "host", "the shop's host does not answer: %w", err)
	}
	defer res.Body.Close()
	said, err := io.ReadAll(io.LimitReader(res.Body, 1<<16))
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return debrief.Errorf(debrief.Unavailable, "", "%s", strings.TrimSpace(string(said)))
	}
	_, err = w.Write(said)
	return err
}
