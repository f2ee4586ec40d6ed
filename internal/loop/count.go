package loop

import (
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/judge"
	"github.com/debriefhq/debrief/internal/measure"
	"github.com/debriefhq/debrief/internal/store"
)

// Counter sorts lines into kinds and counts them by time: the same for lines
// that a provider answers with, that the server follows, and that a follower
// beside a far-away file sends in. It is not safe for concurrent use.
type Counter struct {
	miner *judge.Miner
	bin   time.Duration
	sums  map[string]*store.LogCount
	pairs int
	at    time.Time // of the last line that was an event of its own
}

// NewCounter starts from the kinds already known, whose ids it keeps. Lines
// are counted by bins of whole seconds.
func NewCounter(known []judge.Pattern, bin time.Duration) *Counter {
	return &Counter{miner: judge.NewMiner(known), bin: bin, sums: map[string]*store.LogCount{}}
}

// Add counts one line. A time that cannot be (a clock that is ahead, a number
// that only looks like a time) is taken as now: the line was read now.
func (c *Counter) Add(line measure.Line, now time.Time) {
	found := c.miner.Add(line.Text)
	if found.Trace != "" {
		c.count(found.Trace, c.at)
	}
	if found.More || found.ID == "" {
		return
	}
	at := line.At
	if at.After(now.Add(time.Minute)) || at.Unix() <= 0 {
		at = now
	}
	c.at = at
	s := c.count(found.ID, at)
	if s.Example == "" {
		s.Level, s.Example = found.Level, line.Text
		if s.Level == "" {
			s.Level = line.Labels["level"]
		}
	}
}

// End says that what comes next does not belong to the last line: a stack
// trace in hand is counted.
func (c *Counter) End() {
	if id := c.miner.End(); id != "" {
		c.count(id, c.at)
	}
}

func (c *Counter) count(id string, at time.Time) *store.LogCount {
	s := c.sums[id]
	if s == nil {
		s = &store.LogCount{ID: id, Bins: map[int64]int{}, First: at, Last: at}
		c.sums[id] = s
	}
	bin := at.Truncate(c.bin).Unix()
	if s.Bins[bin] == 0 {
		c.pairs++
	}
	s.Bins[bin]++
	if at.Before(s.First) {
		s.First = at
	}
	if at.After(s.Last) {
		s.Last = at
	}
	return s
}

// Held is how many kinds, and how many counts of a kind in a bin, are held.
func (c *Counter) Held() (kinds, counts int) { return len(c.sums), c.pairs }

// Known are all kinds seen so far, without examples and counts.
func (c *Counter) Known() []judge.Pattern {
	known := c.miner.Patterns()
	for i := range known {
		known[i].Example, known[i].Count = "", 0
	}
	return known
}

// mostExample bounds an example, in bytes.
const mostExample = 2048

// Take gives what was counted since the last time, with today's templates. A
// kind that turned out to be another one's is counted as that one.
func (c *Counter) Take() []store.LogCount {
	if len(c.sums) == 0 {
		return nil
	}
	out := make([]store.LogCount, 0, len(c.sums))
	for _, p := range c.miner.Patterns() {
		sum := c.sums[p.ID]
		for _, id := range p.Same {
			sum = merged(sum, c.sums[id])
		}
		if sum != nil {
			if sum.Example == "" { // a stack trace
				sum.Level, sum.Example = p.Level, p.Example
			}
			sum.ID, sum.Template, sum.Example = p.ID, debrief.Mask(p.Template), debrief.MaskAddresses(debrief.Mask(cutText(sum.Example, mostExample)))
			out = append(out, *sum)
		}
	}
	c.sums, c.pairs = map[string]*store.LogCount{}, 0
	c.miner.Compact()
	return out
}

// merged adds b to a; either may be nil.
func merged(a, b *store.LogCount) *store.LogCount {
	switch {
	case b == nil:
		return a
	case a == nil:
		return b
	}
	for at, n := range b.Bins {
		a.Bins[at] += n
	}
	if b.First.Before(a.First) {
		a.First = b.First
	}
	if b.Last.After(a.Last) {
		a.Last = b.Last
	}
	return a
}

func cutText(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return string([]rune(s[:most])) // a rune cut in two becomes U+FFFD
}
