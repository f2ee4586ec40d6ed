package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/judge"
	"github.com/debriefhq/debrief/internal/loop"
	"github.com/debriefhq/debrief/internal/tell"
)

func backtestCmd(e *Env) *cobra.Command {
	var file, service string
	var days, releases int
	var seed uint64
	var asJSON, keep bool
	c := &cobra.Command{
		Use:   "backtest",
		Short: "Say how often the check would have cried wolf here, and what it would have seen",
		Long: `Tries the check on a service's own past before anyone relies on it: made-up releases
are spread over the last days, away from real deployments, and every look at them is
judged as a real one would have been. Nothing happened then, so whatever is called worse,
better or changed is a false alarm. Then changes are planted into the same past, and
counted how many of them the looks see: the smallest that four of five see is shown.

Each metric is asked once, within its provider's budget, and judged from memory. Real
deployments are asked of the server, which also keeps the result for the service's page
(--keep=false asks it nothing). Without --config, ./debrief.yaml is read where it is.

Exit codes: 0, whatever was found; 1 the metrics do not answer, or hold nothing; 2 wrong
input.`,
		Example: "  debrief backtest --service shop --days 14",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			switch {
			case days < 1 || days > 90:
				return debrief.Errorf(debrief.Invalid, "--days", "%d is not between 1 and 90", days)
			case releases < 10 || releases > 2000:
				return debrief.Errorf(debrief.Invalid, "--releases", "%d is not between 10 and 2000", releases)
			}
			cfg, err := loadConfig(e, file)
			if err != nil {
				return err
			}
			if service, err = oneService(cfg, service); err != nil {
				return err
			}
			metrics, err := onlyMetrics(&cfg, service)
			if err != nil {
				return err
			}
			sources, err := openProviders(cfg)
			if err != nil {
				return err
			}
			if err := reachable(ctx, e.Now(), cfg, sources, metrics); err != nil {
				return err
			}
			k := keeper{e: e, service: service}
			if keep {
				k.open(ctx)
			}
			loc, err := time.LoadLocation(cfg.TimeZone)
			if err != nil {
				return debrief.Errorf(debrief.Invalid, "time_zone", "%q is not a known time zone", cfg.TimeZone)
			}
			l := loop.New(loop.Options{Config: cfg, Location: loc, Now: e.Now, Log: slog.New(slog.DiscardHandler), Sources: sources})
			bar := progressBar{p: progress{w: e.Stderr, live: isTerminal(e.Stderr)}}
			b, err := l.Backtest(ctx, service, loop.BacktestOptions{Days: days, Releases: releases, Seed: seed, Real: k.real, Progress: bar.show})
			bar.p.done()
			if err != nil {
				return err
			}
			if asJSON {
				enc := json.NewEncoder(e.Stdout)
				enc.SetIndent("", "  ")
				err = enc.Encode(b)
			} else {
				w := terminal(e)
				w.Loc = loc
				err = tell.TerminalBacktest(w, service, b)
			}
			if err == nil && keep {
				k.save(ctx, b)
			}
			return err
		},
	}
	f := c.Flags()
	f.StringVar(&file, "config", "", "configuration file (YAML); default: ./debrief.yaml where it is")
	f.StringVar(&service, "service", "", "service to try; needed where several are configured")
	f.IntVar(&days, "days", 14, "over how many of the last days, at most 90")
	f.IntVar(&releases, "releases", 100, "how many made-up releases, 10 to 2000")
	f.Uint64Var(&seed, "seed", 1, "which made-up releases: the same number gives the same ones")
	f.BoolVar(&keep, "keep", true, "ask the server for real deployments, and keep the result there")
	f.BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

// keeper is what a backtest has to do with the server. Without one it goes on
// and says so.
type keeper struct {
	e       *Env
	service string
	r       *reader
	real    []judge.Window
}

// open asks for real deployments.
func (k *keeper) open(ctx context.Context) {
	r, err := newReader(ctx, k.e)
	if err == nil {
		var page struct {
			Releases []debrief.Release `json:"releases"`
		}
		_, err = r.get(ctx, "/api/v1/releases", url.Values{"service": {k.service}, "limit": {"1000"}}, &page)
		for _, x := range page.Releases {
			w := judge.Window{From: x.Started, To: x.Started}
			if x.FullExposure.After(w.To) {
				w.To = x.FullExposure
			}
			if !x.Sample {
				k.real = append(k.real, w)
			}
		}
	}
	if err != nil && debrief.KindOf(err) != debrief.NotFound { // unknown: nothing was deployed yet
		fmt.Fprintln(k.e.Stderr, "debrief: real deployments are not known, so made-up ones may lie upon them: "+err.Error())
		return
	}
	k.r = r
}

// save leaves the result with the server.
func (k *keeper) save(ctx context.Context, b debrief.Backtest) {
	if k.r == nil {
		return
	}
	err := within(ctx, readLimit, func(ctx context.Context) error { return k.r.do(ctx, "POST", "/api/v1/backtests", b, nil) })
	if err != nil {
		fmt.Fprintln(k.e.Stderr, "debrief: the result is not kept: "+err.Error())
		return
	}
	fmt.Fprintln(k.e.Stderr, "debrief: kept for "+k.r.base+"/services/"+url.PathEscape(debrief.Slug(k.service)))
}

// progressBar shows how far several goroutines are together.
type progressBar struct {
	mu    sync.Mutex
	p     progress
	doing string
	done  int
}

func (b *progressBar) show(doing string, done, of int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if doing == b.doing && done < b.done {
		return // another goroutine was faster to say so
	}
	b.doing, b.done = doing, done
	const width = 24
	full := width * done / max(of, 1)
	b.p.show(doing, strings.Repeat("█", full)+strings.Repeat("░", width-full)+fmt.Sprintf(" %d of %d", done, of))
}
