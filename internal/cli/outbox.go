package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/debriefhq/debrief"
)

const (
	requestLimit = 3 * time.Second // of one report sent while the command runs
	closeLimit   = 2 * time.Second // that a finished command may be held up by a slow server
	downLimit    = 500 * time.Millisecond
	silentLimit  = 100 * time.Millisecond // where another report was waited for in vain
	flushMax     = 200                    // older reports sent along by one command
)

// outbox sends reports beside a running command, in order. Nothing waits for
// it but close, and that only for a bounded time; what is not confirmed by
// then is in the spool.
type outbox struct {
	client *client
	spool  spool
	post   *courier
	now    func() time.Time
	sent   func(o *owed, answer recorded) // may be nil

	queue  chan *owed
	done   chan struct{}
	cancel context.CancelFunc

	mu       sync.Mutex
	owing    []*owed // in order; not yet confirmed
	problem  error   // why the last attempt failed
	rejected []string
	unkept   error           // why the spool cannot be written
	begun    map[string]bool // keys whose first report was sent from here
	notes    []string        // what a person should know although all went well
}

// recorded is what the server answers to a report.
type recorded struct {
	New         bool `json:"new"`
	Pending     bool `json:"pending"` // no deployment is known by this key yet
	Deployments []struct {
		Service string `json:"service"`
		ID      string `json:"id"`
		URL     string `json:"url"`
	} `json:"deployments"`
}

func newOutbox(ctx context.Context, c *client, s spool, now func() time.Time) *outbox {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx)) // a cancelled command still tells how it ended
	o := &outbox{client: c, spool: s, post: newCourier(c, s, now), begun: map[string]bool{}, now: now, queue: make(chan *owed, 64), done: make(chan struct{}), cancel: cancel}
	go o.work(ctx)
	return o
}

// put hands a report over and returns at once.
func (o *outbox) put(method, path string, body any) {
	b, err := json.Marshal(body)
	if err != nil {
		panic(err) // our own types: they can always be written
	}
	o.queue <- &owed{URL: o.client.base, Method: method, Path: path, Body: b, Created: debrief.Instant(o.now())}
}

func (o *outbox) work(ctx context.Context) {
	defer close(o.done)
	first := true
	for item := range o.queue {
		// First onto the disk, then onto the wire: from here a kill loses nothing.
		err := o.spool.put(item)
		o.mu.Lock()
		o.owing = append(o.owing, item)
		if err != nil {
			item.file = ""
			o.unkept = err
		}
		o.mu.Unlock()
		if first {
			first = false
			n, _ := flush(ctx, o.post, flushLimits{total: requestLimit, max: flushMax, before: item.file})
			o.mu.Lock()
			o.notes = append(o.notes, n.elsewhere(o.spool)...)
			o.mu.Unlock()
		}
		o.drain(ctx)
	}
	o.drain(ctx)
}

// drain sends what is owing, oldest first, until one fails.
func (o *outbox) drain(ctx context.Context) {
	for {
		o.mu.Lock()
		if len(o.owing) == 0 {
			o.mu.Unlock()
			return
		}
		item := o.owing[0]
		o.mu.Unlock()
		answer, err := o.post.deliver(ctx, item)
		o.mu.Lock()
		o.problem = err
		switch {
		case err == nil:
			if item.file != "" {
				_ = remove(item.file) // still there: sent again some day, which is harmless
			}
			o.remark(item, answer)
			if o.sent != nil {
				o.sent(item, answer)
			}
		case permanent(err):
			o.rejected = append(o.rejected, err.Error())
			if item.file != "" {
				_ = o.spool.reject(item, o.now(), err.Error())
			}
		default:
			o.mu.Unlock()
			return
		}
		o.owing = o.owing[1:]
		o.mu.Unlock()
	}
}

// remark notes what the answer to a sent report should make a person think of.
func (o *outbox) remark(item *owed, answer recorded) {
	switch {
	case item.Method == "POST":
		o.begun[item.key] = true
		var asked posted
		if json.Unmarshal(item.Body, &asked) == nil && asked.Key != item.key {
			o.notes = append(o.notes, fmt.Sprintf("the key %s was used for another deployment; this one is recorded as %s", asked.Key, item.key))
		}
	case answer.Pending && !o.begun[item.key]:
		if l, ok := readLastSent(o.spool, o.client, o.now()); ok && l.Key == item.key {
			return // begun from here a moment ago
		}
		o.begun[item.key] = true // say it once
		o.notes = append(o.notes, fmt.Sprintf("no deployment with the key %s is known yet; this is kept until one is (a mistyped --key or DEBRIEF_DEPLOYMENT?)", item.key))
	}
}

// close waits for the reports to be sent, for a bounded time, and says in one
// line what was not; empty: all is well.
func (o *outbox) close() string {
	o.mu.Lock()
	limit := closeLimit
	if o.problem != nil {
		limit = downLimit // it was down a moment ago: one more short try
	}
	o.mu.Unlock()
	if o.spool.silent(o.client.base, o.now()) {
		limit = silentLimit
	}
	close(o.queue)
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-o.done:
	case <-timer.C:
		if limit == closeLimit {
			o.spool.noteSilent(o.client.base, o.now()) // the next report of the run need not wait as well
		}
		o.cancel()
		<-o.done
	}
	o.cancel()
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case len(o.owing) > 0 && o.unkept != nil:
		return fmt.Sprintf("not recorded: %s, and the spool cannot be written (%v)", why(o.problem), o.unkept)
	case len(o.owing) > 0:
		return fmt.Sprintf("%s; %s kept in %s until the next debrief command that reaches it (or: debrief send)", why(o.problem), reports(len(o.owing)), o.spool.dir)
	case len(o.rejected) > 0:
		return fmt.Sprintf("the server refused %s: %s; kept in %s", reports(len(o.rejected)), o.rejected[0], filepath.Join(o.spool.dir, "rejected"))
	}
	return ""
}

// why is a failure without the advice that goes with it elsewhere.
func why(err error) string {
	if err == nil || errors.Is(err, context.Canceled) { // cancelled by close
		return "the server did not answer in time"
	}
	if e := (*debrief.Error)(nil); asError(err, &e) {
		bare := *e
		if bare.Kind == debrief.Unavailable {
			bare.Hint = ""
		}
		return bare.Error()
	}
	return err.Error()
}

func reports(n int) string {
	if n == 1 {
		return "1 report"
	}
	return fmt.Sprintf("%d reports", n)
}
