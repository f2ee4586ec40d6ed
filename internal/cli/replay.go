package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/loop"
	"github.com/debriefhq/debrief/internal/measure"
	"github.com/debriefhq/debrief/internal/tell"
)

func replayCmd(e *Env) *cobra.Command {
	var file, service, repo, github, environment string
	var last int
	var stdin, details, asJSON bool
	c := &cobra.Command{
		Use:   "replay",
		Short: "Say what debrief would have said about past deployments",
		Long: "Take the looks at past deployments as they would have been taken then, from the\n" +
			"metrics that are still there, and show all of them on one screen: when, what, a\n" +
			"shape for each look (◆ worse, ▲ better, ■ changed, ● as usual, ▨ cannot tell, ○ too\n" +
			"early), and what stood out. --details gives every look a line.\n\n" +
			"The deployments come from the git tags of a work tree (--repo), from GitHub\n" +
			"(--github owner/name, with a read-only GITHUB_TOKEN), or from standard input, one a\n" +
			"line: VERSION TIME, where the time is as in 2026-10-06T14:03:00Z or unix seconds.\n\n" +
			"Without --config, ./debrief.yaml is read where it is.\n\n" +
			"Exit codes: 0, whatever was found; 1 the metrics do not answer, or there are no\n" +
			"deployments; 2 wrong input.",
		Example: "  debrief replay --last 10 --repo ../shop\n  echo v1.42 $(date -d yesterday +%s) | debrief replay --stdin",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			ctx := c.Context()
			cfg, err := loadConfig(e, file)
			if err != nil {
				return err
			}
			if service, err = oneService(cfg, service); err != nil {
				return err
			}
			var moments []loop.Moment
			switch {
			case stdin:
				moments, err = readMoments(e.Stdin, e.Now())
			case github != "":
				moments, err = githubMoments(ctx, e, cfg, github, environment, last)
			default:
				moments, err = tagMoments(ctx, cmp.Or(repo, e.Dir), last)
			}
			if err != nil {
				return err
			}
			if len(moments) > last {
				moments = moments[:last]
			}
			sources, err := openProviders(cfg)
			if err != nil {
				return err
			}
			loc, err := time.LoadLocation(cfg.TimeZone)
			if err != nil {
				return debrief.Errorf(debrief.Invalid, "time_zone", "%q is not a known time zone", cfg.TimeZone)
			}
			metrics, err := onlyMetrics(&cfg, service)
			if err != nil {
				return err
			}
			if err := reachable(ctx, e.Now(), cfg, sources, metrics); err != nil {
				return err
			}
			l := loop.New(loop.Options{Config: cfg, Location: loc, Now: e.Now, Log: slog.New(slog.DiscardHandler), Sources: sources})
			p := progress{w: e.Stderr, live: isTerminal(e.Stderr)}
			done := 0
			show := func(loop.Replayed) {
				if done++; p.live && done < len(moments) {
					p.show("judging", fmt.Sprintf("%d of %d", done+1, len(moments)))
				}
			}
			all, err := l.Replay(ctx, service, moments, show)
			p.done()
			if err != nil {
				return err
			}
			if asJSON {
				enc := json.NewEncoder(e.Stdout)
				enc.SetIndent("", "  ")
				return enc.Encode(all)
			}
			return printReplay(e, service, all, len(cfg.Looks.After), loc, details)
		},
	}
	f := c.Flags()
	f.StringVar(&file, "config", "", "configuration file (YAML); default: ./debrief.yaml where it is")
	f.StringVar(&service, "service", "", "service to judge; needed where several are configured")
	f.StringVar(&repo, "repo", "", "work tree whose tags are the deployments (default: here)")
	f.StringVar(&github, "github", "", "owner/name: GitHub's deployments instead of tags")
	f.StringVar(&environment, "env", "production", "GitHub environment")
	f.BoolVar(&stdin, "stdin", false, "read deployments from standard input: VERSION TIME, one a line")
	f.IntVar(&last, "last", 10, "how many")
	f.BoolVar(&details, "details", false, "a line for each look")
	f.BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

// oneService is the service meant, checked against the configured ones.
func oneService(cfg config.Config, service string) (string, error) {
	known := make([]string, 0, len(cfg.Services))
	for name := range cfg.Services {
		known = append(known, name)
	}
	slices.Sort(known)
	switch {
	case len(known) == 0:
		return "", debrief.Errorf(debrief.Invalid, "services", "no service is configured, so there is nothing to measure").
			WithHint("write a configuration with: debrief init --prometheus URL")
	case service == "" && len(known) == 1:
		return known[0], nil
	case service == "":
		return "", debrief.Errorf(debrief.Invalid, "--service", "several services are configured: %s", strings.Join(known, ", "))
	case !slices.Contains(known, service):
		return "", debrief.Errorf(debrief.Invalid, "--service", "%q is not configured; known are %s", service, strings.Join(known, ", "))
	}
	return service, nil
}

// onlyMetrics leaves a service what can be asked about the past: Prometheus and
// its like keep one, the built-in probe begins when debrief does.
func onlyMetrics(cfg *config.Config, service string) ([]config.Metric, error) {
	s := cfg.Services[service]
	if len(s.Metrics) == 0 {
		return nil, debrief.Errorf(debrief.Invalid, "services."+service+".metrics", "is empty, and only metrics reach back before debrief's first day").
			WithHint("debrief init --prometheus URL finds them")
	}
	s.Probes = nil
	cfg.Services = maps.Clone(cfg.Services)
	cfg.Services[service] = s
	return s.Metrics, nil
}

// patience is how long a provider may take for the least of all questions.
const patience = 5 * time.Second

// reachable asks every provider once, so that one that is down is told of in
// seconds, and not as the reason of many verdicts.
func reachable(ctx context.Context, now time.Time, cfg config.Config, sources loop.Telemetry, metrics []config.Metric) error {
	asked := map[string]bool{}
	for _, m := range metrics {
		prom, ok := sources[m.Provider].(*measure.Prometheus)
		if !ok || asked[m.Provider] {
			continue
		}
		asked[m.Provider] = true
		err := within(ctx, patience, func(ctx context.Context) error {
			_, err := prom.Instant(ctx, "vector(1)", now)
			return err
		})
		if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
			return debrief.Errorf(debrief.Unavailable, "providers."+m.Provider, "%s did not answer within %s", hostOf(cfg.Providers[m.Provider].URL), patience)
		}
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// hostOf names a server as messages do: without path, login or query.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "the server"
	}
	return u.Host
}

// printReplay shows all deployments on one screen.
func printReplay(e *Env, service string, all []loop.Replayed, planned int, loc *time.Location, details bool) error {
	stories := make([]debrief.Story, 0, len(all))
	for _, r := range all {
		stories = append(stories, storyOf(r, service, planned))
	}
	fmt.Fprintf(e.Stdout, "%s: %s, judged as they would have been then\n\n", clean(service), tell.Count(len(all), "past deployment", "past deployments"))
	w := terminal(e)
	w.Loc = loc
	write := tell.TerminalPast
	if details {
		write = tell.TerminalLooks
	}
	if err := write(w, stories); err != nil {
		return err
	}
	fmt.Fprint(e.Stdout, replaySummary(stories))
	return nil
}

// storyOf is a past moment as a release with its looks.
func storyOf(r loop.Replayed, service string, planned int) debrief.Story {
	release := debrief.Release{
		Service: service, Version: r.Version, Kind: debrief.ReleaseNew, Started: r.At, FirstExposure: r.At, FullExposure: r.At,
		Looks: make([]debrief.Word, max(planned, len(r.Looks))), Changes: -1,
	}
	for i, k := range r.Looks {
		release.Looks[i] = k.Word
		if release.Verdict != debrief.Worse { // one look that says so is enough
			release.Verdict = k.Word
		}
	}
	return debrief.Story{Release: release, ServiceName: service, Looks: r.Looks}
}

// replaySummary counts deployments by their word.
func replaySummary(all []debrief.Story) string {
	rs := make([]debrief.Release, 0, len(all))
	for _, s := range all {
		rs = append(rs, s.Release)
	}
	return "\n" + tell.Summary(rs) + "\n"
}
