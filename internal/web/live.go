package web

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/debriefhq/debrief"
)

// live asks for the records' revision while somebody watches, once for all who
// do, and tells them when it grew. Nobody watching costs nothing.
type live struct {
	o    Options
	mu   sync.Mutex
	subs map[chan int64]struct{}
	last int64
	stop context.CancelFunc
}

const (
	mostWatchers = 500
	beat         = 20 * time.Second // so that proxies keep the connection
)

func newLive(o Options) *live { return &live{o: o, subs: map[chan int64]struct{}{}} }

// join adds a watcher; nil when there are too many.
func (l *live) join() chan int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.subs) >= mostWatchers {
		return nil
	}
	ch := make(chan int64, 1)
	l.subs[ch] = struct{}{}
	if l.last > 0 {
		ch <- l.last
	}
	if len(l.subs) == 1 {
		ctx, cancel := context.WithCancel(context.Background())
		l.stop = cancel
		go l.poll(ctx)
	}
	return ch
}

func (l *live) leave(ch chan int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.subs, ch)
	if len(l.subs) == 0 {
		l.stop()
		l.last = 0
	}
}

func (l *live) poll(ctx context.Context) {
	tick := time.NewTicker(l.o.Poll)
	defer tick.Stop()
	for {
		ask, cancel := context.WithTimeout(ctx, 5*time.Second)
		rev, err := l.o.Reader.Revision(ask)
		cancel()
		if err != nil && ctx.Err() == nil {
			l.o.Log.Warn("live pages cannot read the revision", "err", err)
		}
		if err == nil {
			l.tell(ctx, rev)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// tell hands the revision to every watcher; a slow one gets only the newest.
func (l *live) tell(ctx context.Context, rev int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if rev == l.last || ctx.Err() != nil {
		return
	}
	l.last = rev
	for ch := range l.subs {
		select {
		case <-ch:
		default:
		}
		ch <- rev
	}
}

// serveLive streams revisions as server-sent events.
func (s *site) serveLive(w http.ResponseWriter, r *http.Request) {
	ch := s.live.join()
	if ch == nil {
		s.fail(w, r, debrief.Errorf(debrief.TooMany, "", "too many pages are open"))
		return
	}
	defer s.live.leave(ch)
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	rc := http.NewResponseController(w)
	// The server's write timeout is for pages; a stream proves itself beat by beat.
	send := func(format string, args ...any) bool {
		_ = rc.SetWriteDeadline(time.Now().Add(10 * time.Second))
		if _, err := fmt.Fprintf(w, format, args...); err != nil {
			return false
		}
		return rc.Flush() == nil
	}
	if !send("retry: 3000\n\n") {
		return
	}
	pulse := time.NewTicker(beat)
	defer pulse.Stop()
	for {
		ok := true
		select {
		case <-r.Context().Done():
			return
		case <-s.Stop:
			return
		case rev := <-ch:
			ok = send("data: %d\n\n", rev)
		case <-pulse.C:
			ok = send(": still here\n\n")
		}
		if !ok {
			return
		}
	}
}
