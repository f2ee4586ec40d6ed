package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/measure"
)

// initOptions are the flags of init.
type initOptions struct {
	prometheus, loki, out string
	services              []string
	dryRun, force         bool
}

// initCmd finds out what a team's telemetry has, so that nobody writes a query at first.
func initCmd(e *Env) *cobra.Command {
	var o initOptions
	c := &cobra.Command{
		Use:   "init",
		Short: "Find services in your metrics and write the configuration",
		Long: `Asks which metrics there are, finds the services, draws each, writes the
configuration, and says what a look at one past moment would have found.

Known are the HTTP metrics of OpenTelemetry, Go, Java (Micrometer), Node.js,
Python, nginx, Envoy and Istio, and PostgreSQL's exporter. Logins come from the
environment: DEBRIEF_PROVIDERS_MAIN_TOKEN, or _USERNAME and _PASSWORD, _TENANT,
_CA_FILE; for Loki DEBRIEF_PROVIDERS_LOGS_TOKEN and so on.

Exit codes: 0; 1 nothing found, or no answer; 2 wrong input.`,
		Example: "  debrief init --prometheus http://prometheus:9090\n  debrief init --prometheus http://prometheus:9090 --loki http://loki:3100 --dry-run",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runInit(cmd.Context(), e, o) },
	}
	f := c.Flags()
	f.StringVar(&o.prometheus, "prometheus", "", "address of Prometheus, Mimir, Thanos or VictoriaMetrics")
	f.StringVar(&o.loki, "loki", "", "address of Grafana Loki")
	f.StringVar(&o.out, "out", "debrief.yaml", "file to write")
	f.StringSliceVar(&o.services, "service", nil, "only these services")
	f.BoolVar(&o.dryRun, "dry-run", false, "print the queries and what they cost; write nothing")
	f.BoolVar(&o.force, "force", false, "overwrite the file")
	return c
}

func runInit(ctx context.Context, e *Env, o initOptions) error {
	if o.prometheus == "" {
		return debrief.Errorf(debrief.Invalid, "--prometheus", "an address is needed").
			WithHint("for example --prometheus http://127.0.0.1:9090; without one, write a probe into the configuration: docs/configuration.md")
	}
	path := o.out
	if !filepath.IsAbs(path) {
		path = filepath.Join(e.Dir, path)
	}
	if _, err := os.Stat(path); err == nil && !o.force && !o.dryRun {
		return debrief.Errorf(debrief.Invalid, "--out", "%s exists already", o.out).WithHint("name another file, or add --force")
	}
	cfg, err := config.Load("", initEnv(e, o), os.ReadFile)
	if err != nil {
		return sayFlags(err)
	}
	sources, err := openProviders(cfg)
	if err != nil {
		return err
	}
	prom, ok := sources[mainProvider].(*measure.Prometheus)
	if !ok {
		return debrief.Errorf(debrief.Invalid, "providers.main.kind", "a Prometheus is needed to find services in")
	}
	f := &finder{Env: e, options: o, config: cfg, sources: sources}
	if err := f.find(ctx, prom); err != nil {
		return err
	}
	if o.dryRun {
		return f.costs()
	}
	f.draw(ctx, prom)
	text := writeYAML(o, f.services, f.logsMissing)
	loaded, err := checkWritten(e, o, path, text)
	if err != nil {
		return err
	}
	if err := writeNew(path, text, o.force); err != nil {
		return err
	}
	fmt.Fprintf(e.Stdout, "\nWrote %s: %s.\n", o.out, counted(len(f.services), "service"))
	f.replay(ctx, loaded)
	fmt.Fprintf(e.Stdout, "\nNext: debrief serve --config %s\n", o.out)
	return nil
}

// The names init gives the providers it was told of.
const (
	mainProvider = "main"
	logsProvider = "logs"
)

// initEnv is the environment with the flags in it, so that what they say is
// checked as configuration is, and logins come the usual way.
func initEnv(e *Env, o initOptions) func(string) string {
	said := map[string]string{
		"DEBRIEF_PROVIDERS":          mainProvider,
		"DEBRIEF_PROVIDERS_MAIN_URL": o.prometheus, "DEBRIEF_PROVIDERS_MAIN_KIND": config.KindPrometheus,
	}
	if o.loki != "" {
		said["DEBRIEF_PROVIDERS"] += "," + logsProvider
		said["DEBRIEF_PROVIDERS_LOGS_URL"], said["DEBRIEF_PROVIDERS_LOGS_KIND"] = o.loki, config.KindLoki
	}
	return func(name string) string {
		if v, ok := said[name]; ok {
			return v
		}
		return e.Getenv(name)
	}
}

// sayFlags names the flags of what initEnv put into the environment: nobody
// has set those variables.
func sayFlags(err error) error {
	var own *debrief.Error
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		var all []error
		for _, one := range many.Unwrap() {
			all = append(all, sayFlags(one))
		}
		return errors.Join(all...)
	} else if !errors.As(err, &own) {
		return err
	}
	said := *own
	for variable, flag := range map[string]string{"DEBRIEF_PROVIDERS_MAIN_URL": "--prometheus", "DEBRIEF_PROVIDERS_LOGS_URL": "--loki"} {
		if strings.HasPrefix(said.Field, variable) {
			said.Field = flag
		}
	}
	return &said
}

// checkWritten reads what is about to be written as serve will.
func checkWritten(e *Env, o initOptions, path, text string) (config.Config, error) {
	loaded, err := config.Load(path, initEnv(e, o), func(name string) ([]byte, error) {
		if name == path {
			return []byte(text), nil
		}
		return os.ReadFile(name)
	})
	if err != nil {
		return loaded, debrief.Errorf(debrief.Internal, "", "the configuration found would not load: %w", err)
	}
	return loaded, nil
}

// writeNew writes the whole file or none of it, and overwrites none unasked.
func writeNew(path, text string, force bool) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".debrief-init-*")
	if err != nil {
		return debrief.Errorf(debrief.Invalid, "--out", "%w", err)
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.WriteString(text)
	err = errors.Join(err, tmp.Chmod(0o644), tmp.Close())
	if err == nil && force {
		err = os.Rename(tmp.Name(), path)
	} else if err == nil {
		err = os.Link(tmp.Name(), path) // fails where the file appeared meanwhile
		if _, there := os.Stat(path); err != nil && errors.Is(there, fs.ErrNotExist) {
			err = os.Rename(tmp.Name(), path) // a file system without links
		}
	}
	if err != nil {
		return debrief.Errorf(debrief.Invalid, "--out", "%w", err)
	}
	return nil
}

func counted(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	if stem, ok := strings.CutSuffix(word, "ry"); ok {
		word = stem + "rie"
	}
	return fmt.Sprintf("%d %ss", n, word)
}

// lastDay is what init draws.
func (f *finder) lastDay() measure.Window {
	now := f.Now()
	return measure.Window{From: now.Add(-24 * time.Hour), To: now, Step: time.Minute}
}

func sameName(a, b string) bool { return strings.EqualFold(a, b) }
