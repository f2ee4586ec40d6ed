package api

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/debriefhq/debrief/internal/ingest"
)

// limits bound what webhooks may cost: how many a source may send, and how
// many bytes of bodies are held at once, of all and of each address. Bytes
// count as they arrive: to announce many costs nothing, so it must not keep
// others out.
type limits struct {
	each map[string]*rate.Limiter
	held *holdings
}

const (
	hooksPerSecond = 50
	hooksAtOnce    = 500 // a forge that catches up after an outage of ours
	bytesAtOnce    = 256 << 20
	bytesOfOne     = 64 << 20         // of one address: two of the largest webhooks, and room
	hookWithin     = 10 * time.Second // as long as GitHub waits for an answer
)

func newLimits(sources []ingest.Source, now time.Time) limits {
	l := limits{each: map[string]*rate.Limiter{}, held: &holdings{of: map[netip.Addr]int64{}}}
	for _, s := range sources {
		l.each[s.Name] = rate.NewLimiter(hooksPerSecond, hooksAtOnce)
		l.each[s.Name].SetLimitAt(now, hooksPerSecond) // begins with the caller's clock
	}
	return l
}

// take uses up one of a source's requests, or says how long to wait.
func (l limits) take(source string, now time.Time) time.Duration {
	lim, ok := l.each[source]
	if !ok {
		return 0
	}
	r := lim.ReserveN(now, 1)
	wait := r.DelayFrom(now)
	if wait > 0 {
		r.CancelAt(now)
	}
	return wait
}

// holdings are the bytes held at this moment.
type holdings struct {
	mu  sync.Mutex
	sum int64
	of  map[netip.Addr]int64
}

// holding is one request's share.
type holding struct {
	all  *holdings
	from netip.Addr // zero: not counted by address
	n    int64
}

// holding begins a share. Private addresses and this machine's own are not
// counted apart: a proxy in front lends its address to everybody.
func (l limits) holding(remote string) *holding {
	h := &holding{all: l.held}
	if ap, err := netip.ParseAddrPort(remote); err == nil {
		if addr := ap.Addr().Unmap().WithZone(""); !addr.IsLoopback() && !addr.IsPrivate() {
			h.from = addr
			if addr.Is6() { // one customer has all of it
				h.from = netip.PrefixFrom(addr, 64).Masked().Addr()
			}
		}
	}
	return h
}

// take adds n bytes, or says that there is no room for them.
func (h *holding) take(n int64) bool {
	h.all.mu.Lock()
	defer h.all.mu.Unlock()
	if h.all.sum+n > bytesAtOnce || h.from.IsValid() && h.all.of[h.from]+n > bytesOfOne {
		return false
	}
	h.n += n
	h.all.sum += n
	if h.from.IsValid() {
		h.all.of[h.from] += n
	}
	return true
}

func (h *holding) release() {
	h.all.mu.Lock()
	defer h.all.mu.Unlock()
	h.all.sum -= h.n
	if h.from.IsValid() {
		if h.all.of[h.from] -= h.n; h.all.of[h.from] <= 0 {
			delete(h.all.of, h.from)
		}
	}
	h.n = 0
}
