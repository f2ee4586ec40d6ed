package shop

import (
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Load sends requests to a shop at a constant rate, whether or not earlier
// ones have been answered, as customers do who do not know of each other.
// Response times count from the moment a request was meant to be sent.
type Load struct {
	Target string
	Rate   float64 // requests a second, all routes together
	Seed   uint64  // which carts are bought in which order
	Flight int     // most requests under way; beyond it they are given up and counted. 0: 256

	deck []int // carts still to come

	mu     sync.Mutex
	counts Counts
	recent map[string][]timed
}

// Counts says what became of the requests.
type Counts struct {
	Sent, Failed, GivenUp int
}

type timed struct {
	at   time.Time
	took time.Duration
}

// mix is the share of each route, in the order of a visit.
var mix = []struct {
	route string
	share float64
}{{"/", 0.74}, {"/checkout", 0.97}, {"/refund", 1}}

// Run sends until ctx ends and waits for what is under way.
func (l *Load) Run(ctx context.Context) {
	if l.Flight == 0 {
		l.Flight = 256
	}
	rng := rand.New(rand.NewPCG(l.Seed, 0x5407))
	// Every customer comes on a connection of their own: one kept open could be
	// closed by a roll-out just as an order is written into it.
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	slots := make(chan struct{}, l.Flight)
	var under sync.WaitGroup
	defer under.Wait()
	timer := time.NewTimer(0)
	defer timer.Stop()
	var lastOrder orders
	for next := time.Now(); ; next = next.Add(time.Duration(float64(time.Second) / l.Rate)) {
		timer.Reset(time.Until(next))
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
			if ctx.Err() != nil {
				return
			}
		}
		route, form := l.choose(rng, &lastOrder)
		select {
		case slots <- struct{}{}:
		default:
			l.count(func(c *Counts) { c.GivenUp++ })
			continue
		}
		under.Add(1)
		go func(intended time.Time) {
			defer under.Done()
			defer func() { <-slots }()
			ok := l.send(context.WithoutCancel(ctx), client, route, form, &lastOrder)
			name, _, _ := strings.Cut(route, "?")
			l.answered(name, intended, ok)
		}(next)
	}
}

// orders remembers an order that may be refunded.
type orders struct {
	mu   sync.Mutex
	last string
}

func (l *Load) choose(rng *rand.Rand, placed *orders) (route string, form url.Values) {
	p := rng.Float64()
	for _, m := range mix {
		if p < m.share {
			route = m.route
			break
		}
	}
	switch route {
	case "/checkout":
		cart := l.deal(rng)
		form := url.Values{"cart": {strconv.Itoa(cart)}}
		if cart%officeCart == 0 {
			return route + "?" + form.Encode(), nil // an office asks first, and orders by letter
		}
		return route, form
	case "/refund":
		placed.mu.Lock()
		defer placed.mu.Unlock()
		if placed.last == "" {
			return "/", nil
		}
		return route, url.Values{"order": {placed.last}}
	}
	return "/", nil
}

// deal gives the carts in an order drawn anew each time all had their turn, so
// that no minute has many more large ones than another.
func (l *Load) deal(rng *rand.Rand) int {
	if len(l.deck) == 0 {
		l.deck = rng.Perm(carts)
	}
	cart := l.deck[0] + 1
	l.deck = l.deck[1:]
	return cart
}

func (l *Load) send(ctx context.Context, client *http.Client, route string, form url.Values, placed *orders) bool {
	method, body := http.MethodGet, io.Reader(nil)
	if form != nil {
		method, body = http.MethodPost, strings.NewReader(form.Encode())
	}
	req, err := http.NewRequestWithContext(ctx, method, l.Target+route, body)
	if err != nil {
		return false
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := client.Do(req)
	if err != nil {
		return false
	}
	defer res.Body.Close()
	said, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if form != nil && route == "/checkout" && res.StatusCode == http.StatusOK {
		placed.mu.Lock()
		placed.last = strings.TrimSpace(string(said))
		placed.mu.Unlock()
	}
	return err == nil && res.StatusCode < 500
}

func (l *Load) count(f func(*Counts)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f(&l.counts)
}

func (l *Load) answered(route string, intended time.Time, ok bool) {
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.counts.Sent++
	if !ok {
		l.counts.Failed++
		return
	}
	if l.recent == nil {
		l.recent = map[string][]timed{}
	}
	kept := append(l.recent[route], timed{now, now.Sub(intended)})
	if len(kept) > 4096 {
		kept = slices.Clone(kept[2048:])
	}
	l.recent[route] = kept
}

// Counts says what became of the requests so far.
func (l *Load) Counts() Counts {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.counts
}

// Quantile is a quantile of a route's response times in a span (to the last one
// where to is zero), and of how many.
func (l *Load) Quantile(route string, q float64, from, to time.Time) (time.Duration, int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var took []time.Duration
	for _, t := range l.recent[route] {
		if !t.at.Before(from) && (to.IsZero() || t.at.Before(to)) {
			took = append(took, t.took)
		}
	}
	if len(took) == 0 {
		return 0, 0
	}
	slices.Sort(took)
	return took[min(int(q*float64(len(took))), len(took)-1)], len(took)
}
