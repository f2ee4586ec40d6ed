package api

import (
	"context"
	"sync"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/store"
)

// refusals counts requests that nobody believed, by source and reason, and
// writes them down at most once a second each: strangers must not be able to
// keep the database busy. Nothing of the requests is kept.
type refusals struct {
	mu sync.Mutex
	by map[[2]string]*refusal
}

type refusal struct {
	store.Refusal
	written time.Time
}

// maxReasons bounds what one source's reasons may be; ours are a handful.
const maxReasons = 20

func (r *refusals) note(ctx context.Context, a *API, source string, why error) {
	switch debrief.KindOf(why) {
	case debrief.Unauthorized, debrief.Forbidden, debrief.TooMany, debrief.TooLarge:
	default:
		return // kept with its body, or our own fault
	}
	now := debrief.Instant(a.now())
	r.mu.Lock()
	if r.by == nil {
		r.by = map[[2]string]*refusal{}
	}
	key := [2]string{source, message(why)}
	c := r.by[key]
	if c == nil && len(r.by) >= maxReasons*len(a.sources) {
		r.mu.Unlock()
		return
	}
	if c == nil {
		c = &refusal{Refusal: store.Refusal{Source: source, Reason: key[1], First: now}}
		r.by[key] = c
	}
	c.N++
	c.Last = now
	var due *store.Refusal
	if now.Sub(c.written) >= time.Second {
		due = r.take(c, now)
	}
	r.mu.Unlock()
	if due != nil {
		r.write(ctx, a, *due)
	}
}

// take is what is to be written now. The lock is held.
func (r *refusals) take(c *refusal, now time.Time) *store.Refusal {
	due := c.Refusal
	c.N, c.First, c.written = 0, now, now
	return &due
}

func (r *refusals) write(ctx context.Context, a *API, due store.Refusal) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if err := a.store.Refused(ctx, due); err != nil {
		a.log.Error("a refusal was not counted", "source", due.Source, "err", err)
	}
}

// flush writes what is counted and not yet written, for somebody who looks.
func (r *refusals) flush(ctx context.Context, a *API) {
	now := debrief.Instant(a.now())
	var due []store.Refusal
	r.mu.Lock()
	for _, c := range r.by {
		if c.N > 0 {
			due = append(due, *r.take(c, now))
		}
	}
	r.mu.Unlock()
	for _, d := range due {
		r.write(ctx, a, d)
	}
}
