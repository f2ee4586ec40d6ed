package loop

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/judge"
	"github.com/debriefhq/debrief/internal/measure"
)

// mostKept bounds what is kept of pasts, in numbers: 32 MiB.
const mostKept = 4 << 20

// pasts keeps what providers said of the weeks before a release while its looks
// are open: four weeks of minutes are asked for once, and what is shown every
// few minutes asks for the fresh window only. It is memory alone: after a
// restart they are asked again.
type pasts struct {
	mu   sync.Mutex
	held map[pastKey]*kept
	size int
	used int64 // counts up: the least lately used goes first
}

type pastKey struct {
	metric   string // everything that is asked
	from, to int64
	step     time.Duration
}

type kept struct {
	asked measure.Asked
	notes []string // what the provider said of it: said again with every look
	size  int
	used  int64
}

// pastOf is what a metric's past is kept under.
func pastOf(m config.Metric, w measure.Window) pastKey {
	return pastKey{
		strings.Join([]string{m.Provider, m.Role, m.Query, m.Histogram, m.Errors, m.Requests}, "\x00"),
		w.From.UnixNano(), w.To.UnixNano(), w.Step,
	}
}

func (p *pasts) get(k pastKey) (a measure.Asked, notes []string, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	h, ok := p.held[k]
	if !ok {
		return measure.Asked{}, nil, false
	}
	p.used++
	h.used = p.used
	return h.asked, h.notes, true
}

func (p *pasts) put(k pastKey, a measure.Asked, notes []string) {
	size := sizeOf(a)
	if size > mostKept/2 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.held == nil {
		p.held = map[pastKey]*kept{}
	}
	if was, ok := p.held[k]; ok {
		p.size -= was.size
	}
	p.used++
	p.held[k] = &kept{a, notes, size, p.used}
	for p.size += size; p.size > mostKept; {
		var oldest pastKey
		least := int64(-1)
		for key, h := range p.held {
			if least < 0 || h.used < least {
				oldest, least = key, h.used
			}
		}
		p.size -= p.held[oldest].size
		delete(p.held, oldest)
	}
}

// sizeOf counts a past's numbers.
func sizeOf(a measure.Asked) int {
	n := len(a.Series.V) + len(a.Series.N) + len(a.Series.Num) + len(a.Series.Den)
	if h := a.Histogram; h != nil {
		for _, row := range h.Counts {
			n += len(row) + 3
		}
	}
	return n
}

// data asks for a metric over the whole window, of its past only what is not
// known from an earlier glimpse.
func (l *Loop) data(ctx context.Context, x Exam, m config.Metric, p measure.Provider) (measure.Asked, error) {
	w := l.window(x)
	began := x.Exposed
	if !x.Began.IsZero() && x.Began.Before(began) {
		began = x.Began
	}
	fresh := measure.Window{From: began.Add(-l.Config.Looks.Before), To: w.To, Step: w.Step}
	at, _, err := fresh.Grid()
	if !x.Keep || err != nil || !at.After(w.From) {
		return measure.Fetch(ctx, p, asks(m), w)
	}
	fresh.From = at
	before := measure.Window{From: w.From, To: at, Step: w.Step}
	k := pastOf(m, before)
	past, notes, known := l.pasts.get(k)
	if !known && x.Final {
		return measure.Fetch(ctx, p, asks(m), w) // nobody will ask again
	}
	if !known {
		if past, err = measure.Fetch(ctx, p, asks(m), before); err != nil {
			return past, err
		}
		l.pasts.put(k, past, measure.Notes(ctx))
	}
	measure.Note(ctx, notes...)
	now, err := measure.Fetch(ctx, p, asks(m), fresh)
	if err != nil {
		return now, err
	}
	if whole, err := measure.Join(past, now); err == nil {
		return whole, nil
	}
	return measure.Fetch(ctx, p, asks(m), w) // they do not fit together: asked as one
}

// near is the window just around a release: enough to see who has got it.
func (l *Loop) near(x Exam) measure.Window {
	return measure.Window{From: x.Exposed.Add(-l.Config.Looks.Before), To: x.To, Step: l.Config.Looks.Step}
}

// points counts the values a series has between two moments.
func points(s judge.Series, from, to time.Time) int {
	n := 0
	for i := range max(len(s.V), min(len(s.Num), len(s.Den))) {
		at := s.Start.Add(time.Duration(i) * s.Step)
		if at.Before(from) || at.Add(s.Step).After(to) {
			continue
		}
		v := 0.0
		if i < len(s.V) {
			v = s.V[i]
		} else {
			v = s.Den[i]
		}
		if v == v {
			n++
		}
	}
	return n
}
