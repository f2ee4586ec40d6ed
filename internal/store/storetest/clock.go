package storetest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// Clock is a clock that a test sets.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock starts on a Tuesday morning.
func NewClock() *Clock {
	return &Clock{now: time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC)}
}

// Now is the clock's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Set puts the clock to a time.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t
}

// ids is shared by all sources, so that two stores of one database differ.
var ids atomic.Int64

// IDs returns a source of ids in the form of UUIDv7, counted up.
func IDs() func() string {
	return func() string { return fmt.Sprintf("01960000-0000-7000-8000-%012x", ids.Add(1)) }
}
