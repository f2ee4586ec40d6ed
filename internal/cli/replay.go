package cli

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/forge"
	"github.com/debriefhq/debrief/internal/loop"
	"github.com/debriefhq/debrief/internal/tell"
)

func replayCmd(e *Env) *cobra.Command {
	var file, service, repo, github, environment string
	var last int
	var stdin, asJSON bool
	c := &cobra.Command{
		Use:   "replay",
		Short: "Say what debrief would have said about past deployments",
		Long: "Take the looks at past deployments as they would have been taken then, from the\n" +
			"metrics that are still there, and show all of them on one screen. The deployments\n" +
			"come from the git tags of the work tree, from GitHub (--github owner/name, with a\n" +
			"read-only GITHUB_TOKEN), or from standard input, one a line: VERSION TIME.",
		Args: cobra.NoArgs,
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
			l := loop.New(loop.Options{Config: cfg, Location: loc, Now: e.Now, Log: slog.New(slog.DiscardHandler), Sources: sources})
			var show func(loop.Replayed)
			if !asJSON {
				fmt.Fprintf(e.Stdout, "%s, its last %d deployments, judged as they would have been then\n\n", service, len(moments))
				show = func(r loop.Replayed) { fmt.Fprint(e.Stdout, replayed(r, loc)) }
			}
			all, err := l.Replay(ctx, service, moments, show)
			if err != nil {
				return err
			}
			if asJSON {
				enc := json.NewEncoder(e.Stdout)
				enc.SetIndent("", "  ")
				return enc.Encode(all)
			}
			fmt.Fprint(e.Stdout, replaySummary(all))
			return nil
		},
	}
	f := c.Flags()
	f.StringVar(&file, "config", "", "configuration file (YAML)")
	f.StringVar(&service, "service", "", "service to judge; needed where several are configured")
	f.StringVar(&repo, "repo", "", "work tree whose tags are the deployments (default: here)")
	f.StringVar(&github, "github", "", "owner/name: GitHub's deployments instead of tags")
	f.StringVar(&environment, "env", "production", "GitHub environment")
	f.BoolVar(&stdin, "stdin", false, "read deployments from standard input: VERSION TIME, one a line")
	f.IntVar(&last, "last", 10, "how many")
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

func tagMoments(ctx context.Context, dir string, last int) ([]loop.Moment, error) {
	tags, err := forge.Tags(ctx, dir)
	if err != nil {
		return nil, err
	}
	if len(tags) == 0 {
		return nil, debrief.Errorf(debrief.NotFound, "", "the work tree at %s has no tags", dir).
			WithHint("name deployments with --github owner/name, or on standard input with --stdin")
	}
	var out []loop.Moment
	for _, t := range tags[:min(last, len(tags))] {
		out = append(out, loop.Moment{Version: t.Name, Commit: t.Commit, At: t.At})
	}
	return out, nil
}

func githubMoments(ctx context.Context, e *Env, cfg config.Config, repository, environment string, last int) ([]loop.Moment, error) {
	g := forge.GitHub{URL: cmp.Or(e.Getenv("GITHUB_API_URL"), "https://api.github.com"), Token: cmp.Or(e.Getenv("GITHUB_TOKEN"), cfg.Sources["github"].Token), Client: &http.Client{Timeout: 20 * time.Second}}
	ds, err := g.Deployments(ctx, repository, environment, last)
	if err != nil {
		return nil, err
	}
	if len(ds) == 0 {
		return nil, debrief.Errorf(debrief.NotFound, "", "GitHub knows no successful deployment of %s to %q", repository, environment).WithHint("choose another environment with --env")
	}
	var out []loop.Moment
	for _, d := range ds {
		out = append(out, loop.Moment{Version: d.Version, Commit: d.Commit, At: d.At})
	}
	return out, nil
}

// readMoments reads "VERSION TIME" lines; an error names its line.
func readMoments(r io.Reader, now time.Time) ([]loop.Moment, error) {
	var out []loop.Moment
	s := bufio.NewScanner(io.LimitReader(r, 1<<20))
	for n := 1; s.Scan(); n++ {
		line := strings.TrimSpace(s.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		version, rest, _ := strings.Cut(line, " ")
		at, err := parseMoment(strings.TrimSpace(rest))
		if err != nil {
			return nil, debrief.Errorf(debrief.Invalid, fmt.Sprintf("line %d", n), "%q has no time that can be read", line).
				WithHint("write VERSION TIME, for example v1.42 2026-10-06T14:03:00Z")
		}
		if at.After(now) {
			return nil, debrief.Errorf(debrief.Invalid, fmt.Sprintf("line %d", n), "%s lies in the future", at.Format(time.RFC3339))
		}
		out = append(out, loop.Moment{Version: version, At: debrief.Instant(at)})
	}
	if err := s.Err(); err != nil {
		return nil, debrief.Errorf(debrief.Invalid, "stdin", "cannot be read: %w", err)
	}
	if len(out) == 0 {
		return nil, debrief.Errorf(debrief.Invalid, "stdin", "holds no deployment").WithHint("write VERSION TIME, one a line")
	}
	slices.SortFunc(out, func(a, b loop.Moment) int { return b.At.Compare(a.At) })
	return out, nil
}

func parseMoment(s string) (time.Time, error) {
	var err error
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04"} {
		var at time.Time
		if at, err = time.Parse(layout, s); err == nil {
			return at, nil
		}
	}
	return time.Time{}, err
}

// replayed is one deployment's lines: one where every look agrees.
func replayed(r loop.Replayed, loc *time.Location) string {
	var b strings.Builder
	head := fmt.Sprintf("%s  %-14s ", r.At.In(loc).Format("02 Jan 15:04"), r.Version)
	if len(r.Looks) == 0 {
		fmt.Fprintf(&b, "%s too early, its first look has not ended\n", head)
	}
	last := ""
	for _, k := range r.Looks {
		text := tell.Look(k, loc)
		_, what, _ := strings.Cut(text, ": ")
		if what == last {
			continue
		}
		last = what
		fmt.Fprintf(&b, "%s %s\n", head, text)
		head = strings.Repeat(" ", len(head))
	}
	return b.String()
}

// replaySummary counts deployments by the word of their last look.
func replaySummary(all []loop.Replayed) string {
	rs := make([]debrief.Release, 0, len(all))
	for _, r := range all {
		word := debrief.Pending
		for _, k := range r.Looks {
			word = k.Word
			if word == debrief.Worse {
				break
			}
		}
		rs = append(rs, debrief.Release{Kind: debrief.ReleaseNew, Version: r.Version, Verdict: word, FullExposure: r.At, Started: r.At})
	}
	return "\n" + tell.Summary(rs) + "\n"
}
