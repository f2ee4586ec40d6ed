package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/access"
	"github.com/debriefhq/debrief/internal/api"
	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/loop"
	"github.com/debriefhq/debrief/internal/send"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/web"
)

func serveCmd(e *Env) *cobra.Command {
	var file, listen, public, db string
	c := &cobra.Command{
		Use:   "serve",
		Short: "Run the server: pages, API, webhooks, checks",
		Long: "Run the server. Without --config, ./debrief.yaml is read where it is. Without any\n" +
			"configuration it listens on 127.0.0.1:8080 and keeps everything in ./debrief.db.\n" +
			"A listen address that is not loopback needs a token first: debrief token create NAME.",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := loadConfig(e, file)
			if err != nil {
				return err
			}
			if listen != "" {
				cfg.Listen = listen
			}
			if public != "" {
				cfg.PublicListen = public
			}
			if db != "" {
				cfg.DB = db
			}
			ctx, stop := signal.NotifyContext(c.Context(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			ready := make(chan string, 1)
			go func() {
				url, ok := <-ready
				if !ok {
					return
				}
				fmt.Fprintf(e.Stdout, "debrief listens on %s\n", url)
				if cfg.URL != "" && strings.TrimRight(cfg.URL, "/") != url {
					fmt.Fprintf(e.Stdout, "links begin with %s\n", cfg.URL)
				}
			}()
			return serve(ctx, e, cfg, ready)
		},
	}
	f := c.Flags()
	f.StringVar(&file, "config", "", "configuration file (YAML); default: ./debrief.yaml where it is")
	f.StringVar(&listen, "listen", "", "address of pages and API (default 127.0.0.1:8080)")
	f.StringVar(&public, "public-listen", "", "a second address that serves signed webhooks and nothing else")
	f.StringVar(&db, "db", "", "SQLite file or postgres://… (default ./debrief.db)")
	return c
}

// defaultConfig is what init writes, and what is read where nothing else is named.
const defaultConfig = "debrief.yaml"

// loadConfig reads the file; else the one in the working directory, and says
// so; else the defaults and the environment.
func loadConfig(e *Env, file string) (config.Config, error) {
	if file == "" {
		file = e.Getenv("DEBRIEF_CONFIG")
	}
	if here := filepath.Join(e.Dir, defaultConfig); file == "" {
		if _, err := os.Stat(here); err == nil {
			file = here
			fmt.Fprintf(e.Stderr, "debrief: using ./%s\n", defaultConfig)
		}
	}
	return config.Load(file, e.Getenv, os.ReadFile)
}

// serve runs the server until ctx ends. The address it listens on is sent to
// ready once it answers.
func serve(ctx context.Context, e *Env, cfg config.Config, ready chan<- string) (err error) {
	defer close(ready)
	log := slog.New(slog.NewTextHandler(e.Stderr, &slog.HandlerOptions{Level: logLevel(e)}))
	loc, err := time.LoadLocation(cfg.TimeZone)
	if err != nil {
		return debrief.Errorf(debrief.Invalid, "time_zone", "%q is not a known time zone", cfg.TimeZone).WithHint("use an IANA name such as Europe/Berlin")
	}
	if isNew(cfg.DB) { // a refusal must not leave a database behind
		if err := access.ListenAllowed(cfg.Listen, false); err != nil {
			return err
		}
	}
	st, err := store.Open(ctx, cfg.DB, store.Options{Now: e.Now, NewID: newID, Log: log})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	tokens, err := st.Tokens(ctx)
	if err != nil {
		return err
	}
	if err := access.ListenAllowed(cfg.Listen, anyActive(tokens)); err != nil {
		return err
	}
	main, err := listen(cfg.Listen, "listen")
	if err != nil {
		return err
	}
	defer main.Close()
	for _, doubt := range doubts(cfg, main.Addr()) {
		log.Warn(doubt)
	}
	var chat send.Sender
	if cfg.Chat.Webhook != "" {
		chat = send.Slack(cfg.Chat.Webhook, send.Client(cfg.Chat.Webhook))
	}
	sources, err := openProviders(cfg)
	if err != nil {
		return err
	}
	forges, err := openForges(cfg, e.Now)
	if err != nil {
		return err
	}
	inbound, err := loop.Inbound(cfg)
	if err != nil {
		return err
	}
	rules, err := loop.KindsTable(cfg)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	said := cfg // in messages nobody's request tells where the pages are
	said.URL = linksTo(cfg, main.Addr())
	desk := loop.Desk{Store: st, Config: said, Location: loc, Now: e.Now}
	briefs := loop.NewBriefs(st, said, e.Now)
	var door *api.API // pages ask it who may read them; it serves them
	pages := web.New(web.Options{
		Reader: st, Desk: desk, Briefs: briefs, Config: cfg, Now: e.Now, Log: log, Location: loc, Stop: ctx.Done(),
		Access: func(r *http.Request, need access.Scope) error { return door.Allow(r, need) },
		Login: func(ctx context.Context, token string) (string, time.Time, error) {
			return door.Login(ctx, token)
		},
	})
	door = api.New(api.Options{Store: st, Desk: desk, Briefs: briefs, Config: cfg, Now: e.Now, Log: log, Version: version(), Sources: inbound, Pages: pages})
	steps := loop.New(loop.Options{Store: st, Config: said, Location: loc, Now: e.Now, Log: log, Sender: chat, Comments: openComments(cfg), Sources: sources, Observe: door, Inbound: inbound, Forges: forges, Mask: api.MaskHook, Kinds: rules})

	servers := []*http.Server{httpServer(ctx, door.Main(), log)}
	listeners := []net.Listener{main}
	if cfg.PublicListen != "" {
		public, err := listen(cfg.PublicListen, "public_listen")
		if err != nil {
			return err
		}
		defer public.Close()
		servers = append(servers, httpServer(ctx, door.Public(), log))
		listeners = append(listeners, public)
	}
	failed := make(chan error, len(servers)+1)
	for i, s := range servers {
		go func() { failed <- s.Serve(listeners[i]) }()
	}
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		if err := steps.Run(ctx); err != nil {
			failed <- err
		}
	}()
	ready <- openable(main.Addr())
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	// Requests under way may end; steps under way end or are claimed again.
	grace, done := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer done()
	for _, s := range servers {
		if e := s.Shutdown(grace); e != nil {
			_ = s.Close()
		}
	}
	cancel()
	<-stopped
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	return err
}

// isNew reports whether the database is a file that opening would create; it
// holds no token then.
func isNew(dsn string) bool {
	if strings.Contains(dsn, "://") {
		return false
	}
	_, err := os.Stat(dsn)
	return errors.Is(err, fs.ErrNotExist)
}

// httpServer bounds how long a request may take to arrive. Live pages hold
// their answer open, so writing has no deadline of the server's own.
func httpServer(ctx context.Context, h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       60 * time.Second,
		IdleTimeout:       120 * time.Second,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
}

func listen(address, field string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, debrief.Errorf(debrief.Unavailable, field, "cannot listen on %s: %w", address, err).
			WithHint("another server may be running there; choose an address with --%s", strings.ReplaceAll(field, "_", "-"))
	}
	return l, nil
}

func anyActive(tokens []store.Token) bool {
	for _, t := range tokens {
		if t.Revoked.IsZero() {
			return true
		}
	}
	return false
}

func logLevel(e *Env) slog.Level {
	var level slog.Level
	if err := level.UnmarshalText([]byte(strings.TrimSpace(e.Getenv("DEBRIEF_LOG")))); err != nil {
		return slog.LevelInfo
	}
	return level
}

// version is debrief's own, as the build recorded it.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "dev"
	}
	return info.Main.Version
}
