// Package api is the hall: what other programs talk to. Webhooks and reports
// come in (verified, bounded, masked, then accepted in one transaction), the
// story goes out as JSON, and OpenAPI at /openapi.json describes it all.
//
// It decides nothing about releases. Who may ask is access's decision, what a
// payload means is ingest's, and what is kept is the store's; this package
// carries values between them and HTTP, and gives every error one form.
package api

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/ingest"
	"github.com/debriefhq/debrief/internal/loop"
)

// Options is what the API needs of the world.
type Options struct {
	Store   Store
	Desk    loop.Desk // where debriefs are written
	Config  config.Config
	Now     func() time.Time
	Log     *slog.Logger
	Random  func([]byte) (int, error) // nil: crypto/rand; makes the signing key, once
	Version string                    // debrief's own, for OpenAPI
	Sources []ingest.Source           // whose webhooks are taken; nil: those debrief knows by itself
	Pages   http.Handler              // everything that is not the API; nil: nothing. It guards itself, with Access.
	Briefs  *loop.Briefs              // nil: one of its own
}

// API answers programs.
type API struct {
	store   Store
	desk    loop.Desk
	config  config.Config
	now     func() time.Time
	log     *slog.Logger
	random  func([]byte) (int, error)
	pages   http.Handler
	sources map[string]ingest.Source
	mux     *http.ServeMux // everything of ours
	open    *huma.OpenAPI
	metrics *metrics
	limits  limits
	// hookWithin is how long an unverified webhook's body may take to arrive.
	hookWithin time.Duration
	key        lazyKey
	used       lastUsed
	refused    refusals
	names      names
	briefs     *loop.Briefs
	reviewer   *loop.Reviewer
}

// New builds the API. Nothing is asked of the store yet.
func New(o Options) *API {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Random == nil {
		o.Random = rand.Read
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	a := &API{
		store: o.Store, desk: o.Desk, config: o.Config, now: o.Now, log: o.Log, random: o.Random, pages: o.Pages,
		sources: map[string]ingest.Source{}, mux: http.NewServeMux(),
	}
	if o.Sources == nil {
		o.Sources = ingest.Sources()
	}
	for _, s := range o.Sources {
		a.sources[s.Name] = s
	}
	if a.briefs = o.Briefs; a.briefs == nil {
		a.briefs = loop.NewBriefs(o.Store, o.Config, o.Now)
	}
	a.reviewer = loop.NewReviewer(o.Store, o.Now, a.location())
	a.metrics = newMetrics(a)
	a.limits = newLimits(o.Sources, a.now())
	a.hookWithin = hookWithin
	a.routes(o.Version)
	return a
}

func (a *API) routes(version string) {
	if version == "" {
		version = "dev"
	}
	c := huma.DefaultConfig("debrief", version)
	c.Info.Description = "Records every deployment, says what changed after it, and keeps the story."
	c.CreateHooks = nil // no $schema in answers
	c.DocsPath, c.SchemasPath = "", ""
	c.RejectUnknownQueryParameters = true
	c.Transformers = []huma.Transformer{ours}
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"token": {Type: "http", Scheme: "bearer", Description: "debrief token create NAME makes one. Genuine loopback needs none."},
	}
	h := humago.New(a.mux, c)
	a.open = h.OpenAPI()
	a.deploymentRoutes(h)
	a.releaseRoutes(h)
	a.objectRoutes(h)
	a.attributionRoutes(h)
	a.debriefRoutes(h)
	a.importRoutes(h)
	a.readRoutes(h)
	a.logRoutes(h)
	a.backtestRoutes(h)
	a.reviewRoutes(h)
	a.deliveryRoutes(h)
	a.briefRoutes(h)
	a.coverageRoutes(h)
	a.hookRoutes(h)
	a.mux.HandleFunc("POST /hooks/otlp", a.traces)
	a.sourceRoutes(h)
	a.mux.HandleFunc("GET /healthz", a.healthz)
	a.mux.HandleFunc("GET /readyz", a.readyz)
	a.mux.Handle("GET /metrics", a.metrics.handler())
	a.mux.HandleFunc("/", a.elsewhere)
}

// elsewhere answers for addresses nothing is registered at, and for those that
// take other methods than the one used.
func (a *API) elsewhere(w http.ResponseWriter, r *http.Request) {
	var allowed []string
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		other := *r
		other.Method = method
		if _, pattern := a.mux.Handler(&other); strings.Contains(pattern, " ") { // ours begin with a method
			allowed = append(allowed, method)
		}
	}
	if len(allowed) == 0 {
		a.fail(w, r, notHere())
		return
	}
	list := strings.Join(allowed, ", ")
	w.Header().Set("Allow", list)
	a.fail(w, r, &Problem{
		Title: http.StatusText(http.StatusMethodNotAllowed), Status: http.StatusMethodNotAllowed,
		Detail: clipName(r.Method) + " is not done at this address", Hint: "it takes " + list,
	})
}

// Main serves everything: the API, webhooks, health, metrics and, where given,
// the pages.
func (a *API) Main() http.Handler {
	guarded := a.protect(a.mux)
	return a.metrics.measure(a.headers(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if a.pages != nil && !isOurs(r.URL.Path) {
			a.pages.ServeHTTP(w, r)
			return
		}
		guarded.ServeHTTP(w, r)
	})))
}

// Public serves signed webhooks and nothing else, for an address that the
// whole internet can reach.
func (a *API) Public() http.Handler {
	return a.metrics.measure(a.headers(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || !isHook(r.URL.Path) {
			a.fail(w, r, notHere())
			return
		}
		a.mux.ServeHTTP(w, r)
	})))
}

// lazyKey is the key that signs sessions, kept by the store and read once.
type lazyKey struct {
	mu  sync.Mutex
	key []byte
}

func (k *lazyKey) get(ctx context.Context, a *API) ([]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.key != nil {
		return k.key, nil
	}
	// Made before the store is asked: a key of zeros must never be kept.
	b := make([]byte, 32)
	if _, err := a.random(b); err != nil {
		return nil, err
	}
	text, err := a.store.Setting(ctx, "signing_key", func() string { return hex.EncodeToString(b) })
	if err != nil {
		return nil, err
	}
	k.key = []byte(text)
	return k.key, nil
}
