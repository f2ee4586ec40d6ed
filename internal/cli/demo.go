package cli

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/story"
	"github.com/debriefhq/debrief/internal/story/shop"
)

// The demo's shop. Staging is always as small; --rows moves the ratio.
const (
	demoStagingRows = 75_000
	demoRows        = 250_000
	demoRate        = 40 // requests a second
)

func demoCmd(e *Env) *cobra.Command {
	d := demo{e: e}
	c := &cobra.Command{
		Use:   "demo",
		Short: "A sample shop, two releases, and the page that tells of them",
		Long: `Starts the server on an empty database beside a sample shop: a real little HTTP
service on this machine, under load, with a database of its own. Its releases are
deployed by debrief deploy and measured like anybody's. One of them has a fault.

Nothing outside the demo's folder is touched, and Ctrl-C removes it all.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			d.chosen = cmd.Flags().Changed("listen")
			err := d.run(ctx)
			if ctx.Err() != nil {
				return nil // somebody has seen enough
			}
			return err
		},
	}
	f := c.Flags()
	f.IntVar(&d.rows, "rows", demoRows, "ordered lines in the production database; staging has 75,000")
	f.StringVar(&d.listen, "listen", "127.0.0.1:8080", "address of the pages")
	f.StringVar(&d.dir, "dir", "", "folder for the databases and the shop's log, kept afterwards (default: a temporary one)")
	f.BoolVar(&d.open, "open", true, "open the page in a browser")
	f.BoolVar(&d.once, "once", false, "end when the faulty release has been told of")
	return c
}

type demo struct {
	e      *Env
	rows   int
	listen string
	chosen bool // the address was given
	dir    string
	open   bool
	once   bool

	began time.Time
	self  string
	url   string
	host  *shop.Host
	load  *shop.Load
	api   *client
}

// demoTimes are the demo's windows: a day in a minute.
var demoTimes = config.Looks{
	After:  []time.Duration{6 * time.Second, 18 * time.Second, 40 * time.Second},
	Before: 40 * time.Second, Step: time.Second, Past: 10 * time.Minute, Budget: 0.05,
}

// configuration is what a team would have in its file, with every window
// shortened: the demo has two minutes.
func (d *demo) configuration() config.Config {
	c := config.Default()
	c.Listen, c.DB, c.TimeZone = d.listen, filepath.Join(d.dir, "debrief.db"), "Local"
	c.Looks = demoTimes
	c.Judge.Latency = config.Margin{Practical: 0.3, Coarse: 1}
	c.Judge.MinN = 30 // the first look has fewer: it says that it cannot tell yet
	c.Notice.StepAtLeast, c.Notice.SlowAtLeast = time.Second, 5*time.Second
	c.Logs.KnownAfter = 30 * time.Second
	c.Services = map[string]config.Service{"shop": {
		Probes: []config.Probe{{Name: "/checkout", URL: d.host.URL("production") + "/checkout?cart=1", Every: 250 * time.Millisecond, Timeout: 5 * time.Second}},
		Logs:   []config.LogSource{{File: d.host.Place("production").Log}},
	}}
	return c
}

func (d *demo) run(ctx context.Context) error {
	d.began = d.e.Now()
	if d.rows < 1 || d.rows > 20_000_000 {
		return debrief.Errorf(debrief.Invalid, "--rows", "%d is not between 1 and 20,000,000", d.rows)
	}
	if err := d.free(); err != nil {
		return err
	}
	remove, err := d.folder()
	if err != nil {
		return err
	}
	defer remove()
	if d.self, err = os.Executable(); err != nil {
		return err
	}
	place := func(name string) shop.Place {
		return shop.Place{Name: name, DSN: filepath.Join(d.dir, name+".db"), Log: filepath.Join(d.dir, name+".log")}
	}
	if d.host, err = shop.StartHost(d.self, d.e.Stderr, 0, place("staging"), place("production")); err != nil {
		return err
	}
	defer d.host.Close()

	cfg := d.configuration()
	if err := d.prepare(ctx, cfg); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	ready, ended := make(chan string, 1), make(chan error, 1)
	go func() { ended <- serve(ctx, d.quiet(), cfg, ready) }()
	defer func() { cancel(); <-ended }()
	select {
	case url, ok := <-ready:
		if !ok {
			err := <-ended
			ended <- nil
			return err
		}
		d.url = url
	case <-ctx.Done():
		return nil
	}
	env := *d.e
	env.Getenv = func(name string) string { return map[string]string{"DEBRIEF_URL": d.url}[name] }
	if d.api, err = newClient(&env); err != nil {
		return err
	}
	return d.tell(ctx)
}

// quiet is the server's environment: what it logs belongs into a file here,
// where a story is told.
func (d *demo) quiet() *Env {
	e := *d.e
	e.Getenv = func(string) string { return "" }
	if f, err := os.OpenFile(filepath.Join(d.dir, "debrief.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644); err == nil {
		e.Stderr = f // open until the process ends
	}
	return &e
}

// free looks for an address: the default one is often taken, a chosen one is meant.
func (d *demo) free() error {
	ln, err := net.Listen("tcp", d.listen)
	if err != nil && !d.chosen {
		fmt.Fprintf(d.e.Stdout, "Something else listens on %s, so the pages move to a free port.\n", d.listen)
		ln, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		return debrief.Errorf(debrief.Unavailable, "--listen", "%w", err)
	}
	d.listen = ln.Addr().String()
	return ln.Close()
}

// folder makes the demo's folder and says how to get rid of it. One that was
// named has to be empty: nothing of somebody else's is ever overwritten.
func (d *demo) folder() (remove func(), err error) {
	if d.dir == "" {
		if d.dir, err = os.MkdirTemp("", "debrief-demo-"); err != nil {
			return nil, err
		}
		return func() { _ = os.RemoveAll(d.dir) }, nil
	}
	if !filepath.IsAbs(d.dir) {
		d.dir = filepath.Join(d.e.Dir, d.dir)
	}
	if err := os.MkdirAll(d.dir, 0o755); err != nil {
		return nil, debrief.Errorf(debrief.Invalid, "--dir", "%w", err)
	}
	if in, err := os.ReadDir(d.dir); err != nil || len(in) > 0 {
		return nil, debrief.Errorf(debrief.Invalid, "--dir", "%s is not empty", d.dir).WithHint("name a new folder, or none for a temporary one")
	}
	return func() {}, nil
}

// prepare fills the shop's two databases and writes the made-up year.
func (d *demo) prepare(ctx context.Context, cfg config.Config) error {
	d.say("A sample shop: %s ordered lines in production, %s on staging.", thousands(d.rows), thousands(demoStagingRows))
	for name, rows := range map[string]int{"staging": demoStagingRows, "production": d.rows} {
		dsn := d.host.Place(name).DSN
		db, err := shop.Open(ctx, dsn)
		if err != nil {
			return err
		}
		err = shop.Seed(ctx, db, dsn, rows)
		db.Close()
		if err != nil {
			return debrief.Errorf(debrief.Internal, "", "the shop's %s database could not be filled: %w", name, err)
		}
	}
	n, err := story.FillSample(ctx, cfg, d.e.Now())
	if err != nil {
		return err
	}
	d.say("Beside it a year of made-up history, %d releases of five services, marked as sample.", n)
	return nil
}

// browse opens the page where there is a screen to open it on.
func (d *demo) browse(ctx context.Context, url string) {
	program := map[string]string{"linux": "xdg-open", "darwin": "open"}[runtime.GOOS]
	if !d.open || program == "" || (runtime.GOOS == "linux" && d.e.Getenv("DISPLAY") == "" && d.e.Getenv("WAYLAND_DISPLAY") == "") {
		return
	}
	_ = exec.CommandContext(ctx, program, url).Start() // the address was printed too
}

// say tells one sentence, with the minute it was said in.
func (d *demo) say(format string, args ...any) {
	t := d.e.Now().Sub(d.began)
	fmt.Fprintf(d.e.Stdout, "%2d:%02d  %s\n", int(t.Minutes()), int(t.Seconds())%60, fmt.Sprintf(format, args...))
}

func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
