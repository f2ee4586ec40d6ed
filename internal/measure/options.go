package measure

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// Options says how a provider is reached and how much may be asked of it; see
// config.Provider. Zero values take the defaults written behind them.
type Options struct {
	Kind       string
	URL        string // may have a path prefix
	Username   string // basic authentication
	Password   string
	Token      string // bearer authentication
	Tenant     string // X-Scope-OrgID
	CA         []byte // PEM
	Timeout    time.Duration
	MaxSeries  int           // of one answer; 100
	MaxSamples int           // of one query; 5,000,000
	MaxLines   int           // of one query; 50,000
	PageLines  int           // of one request; 5,000, Loki's own limit
	MaxBody    int64         // bytes of one response; 256 MiB
	Scrape     time.Duration // how often targets are read; 15s

	// For tests; nil is the real thing.
	Client *http.Client
	Sleep  func(ctx context.Context, d time.Duration) error
	Now    func() time.Time
}

// DefaultScrape is how often targets are read where nothing else is said.
const DefaultScrape = 15 * time.Second

// Provider is one place telemetry is asked of. What else it can do, it says by
// also being a HistogramProvider, a LogProvider or a Discoverer.
type Provider interface {
	SeriesProvider
	Name() string
	Kind() string
}

// kinds lists every provider: one file and one line each.
var kinds = []struct {
	name string
	open func(*asker) Provider
}{
	{"loki", func(a *asker) Provider { return &Loki{a} }},
	{"prometheus", func(a *asker) Provider { return &Prometheus{a} }},
}

// New opens a provider of the kind the options name. It does not connect yet.
func New(name string, o Options) (Provider, error) {
	a, err := newAsker(name, o)
	if err != nil {
		return nil, err
	}
	var known []string
	for _, k := range kinds {
		if k.name == o.Kind {
			return k.open(a), nil
		}
		known = append(known, k.name)
	}
	return nil, debrief.Errorf(debrief.Invalid, "providers."+name+".kind", "unknown kind %q", o.Kind).WithHint("known: %s", strings.Join(known, ", "))
}

// NewPrometheus opens a provider that speaks Prometheus's HTTP API:
// Prometheus, Mimir, Thanos, VictoriaMetrics.
func NewPrometheus(name string, o Options) (*Prometheus, error) {
	a, err := newAsker(name, o)
	if err != nil {
		return nil, err
	}
	return &Prometheus{a}, nil
}

// NewLoki opens a Grafana Loki.
func NewLoki(name string, o Options) (*Loki, error) {
	a, err := newAsker(name, o)
	if err != nil {
		return nil, err
	}
	return &Loki{a}, nil
}

func newAsker(name string, o Options) (*asker, error) {
	u, err := url.Parse(o.URL)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, debrief.Errorf(debrief.Invalid, "providers."+name+".url", "an address beginning with http:// or https:// is needed")
	}
	u.RawQuery, u.Fragment = "", ""
	u.Path = strings.TrimRight(u.Path, "/")
	u.RawPath = strings.TrimRight(u.RawPath, "/")
	or(&o.Timeout, 30*time.Second)
	or(&o.MaxSeries, 100)
	or(&o.MaxSamples, 5_000_000)
	or(&o.MaxLines, 50_000)
	or(&o.PageLines, 5000)
	or(&o.MaxBody, 256<<20)
	or(&o.Scrape, DefaultScrape)
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Client == nil {
		if o.Client, err = Client(ClientOptions{Named: []string{o.URL}, CA: o.CA}); err != nil {
			return nil, err
		}
	}
	return &asker{name: name, base: u, o: o, flight: make(chan struct{}, 2)}, nil
}

func or[T comparable](v *T, fallback T) {
	var zero T
	if *v == zero {
		*v = fallback
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
