package cli

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/forge"
	"github.com/debriefhq/debrief/internal/loop"
)

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
	g := forge.GitHub{URL: cmp.Or(e.Getenv("GITHUB_API_URL"), cfg.Sources["github"].URL, "https://api.github.com"), Token: cmp.Or(e.Getenv("GITHUB_TOKEN"), cfg.Sources["github"].Token), Client: &http.Client{Timeout: 20 * time.Second}}
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
				WithHint("write VERSION TIME, for example v1.42 2026-10-06T14:03:00Z, or the time in unix seconds")
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
	if seconds, err := strconv.ParseFloat(s, 64); err == nil {
		if !(seconds >= 1e8 && seconds < 1e11) { // 1973 to 5138: neither a year alone nor milliseconds
			return time.Time{}, debrief.Errorf(debrief.Invalid, "", "%q are no unix seconds", s)
		}
		whole, part := math.Modf(seconds)
		return time.Unix(int64(whole), int64(part*1e6)*1e3).UTC(), nil
	}
	var err error
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04"} {
		var at time.Time
		if at, err = time.Parse(layout, s); err == nil {
			return at, nil
		}
	}
	return time.Time{}, err
}
