package cli

import (
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/story/shop"
)

// shopCmd is the sample shop as programs a deployment runs. It is hidden: the
// demo and the stories use it, nobody else.
func shopCmd(e *Env) *cobra.Command {
	cmd := &cobra.Command{Use: "shop", Short: "The sample shop of the demo", Hidden: true}
	cmd.AddCommand(shopServeCmd(e), shopMigrateCmd(e), shopRollOutCmd(e), shopDeployCmd(e))
	return cmd
}

func shopServeCmd(e *Env) *cobra.Command {
	p := shop.Process{Out: e.Stdout, Alive: e.Stdin}
	cmd := &cobra.Command{Use: "serve", Short: "Run one shop process until its input ends", Args: cobra.NoArgs}
	f := cmd.Flags()
	f.StringVar(&p.Listen, "listen", "127.0.0.1:0", "address, or fd:N for an inherited socket")
	f.StringVar(&p.DSN, "dsn", "", "database: a postgres:// URL or an SQLite file")
	f.StringVar(&p.Version, "version", "", "version to run")
	f.StringVar(&p.Log, "log", "", "file to append log lines to")
	f.DurationVar(&p.Limit, "limit", 150*time.Millisecond, "time limit on working out a discount")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		return shop.Serve(ctx, p)
	}
	return cmd
}

func shopMigrateCmd(e *Env) *cobra.Command {
	var dsn, version string
	cmd := &cobra.Command{Use: "migrate", Short: "Bring the shop's database to a version", Args: cobra.NoArgs}
	cmd.Flags().StringVar(&dsn, "dsn", e.Getenv("DEBRIEF_FACTS_DSN"), "database: a postgres:// URL or an SQLite file")
	cmd.Flags().StringVar(&version, "version", "", "version to migrate to")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		r, err := shop.Lookup(version)
		if err != nil {
			return err
		}
		db, err := shop.Open(cmd.Context(), dsn)
		if err != nil {
			return err
		}
		defer db.Close()
		return shop.Migrate(cmd.Context(), db, dsn, r, e.Stdout)
	}
	return cmd
}

func shopRollOutCmd(e *Env) *cobra.Command {
	var host, environment, version string
	cmd := &cobra.Command{Use: "roll-out", Short: "Have the shop's host run a version", Args: cobra.NoArgs}
	cmd.Flags().StringVar(&host, "host", e.Getenv("SHOP_HOST"), "address of the shop's host")
	cmd.Flags().StringVar(&environment, "env", "", "environment")
	cmd.Flags().StringVar(&version, "version", "", "version to run")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return shop.AskRollOut(cmd.Context(), host, environment, version, e.Stdout)
	}
	return cmd
}

// shopDeployCmd is the shop's deployment script: what "debrief deploy" wraps.
func shopDeployCmd(e *Env) *cobra.Command {
	var environment, version string
	cmd := &cobra.Command{Use: "deploy", Short: "Migrate, then roll out", Args: cobra.NoArgs}
	cmd.Flags().StringVar(&environment, "env", "", "environment")
	cmd.Flags().StringVar(&version, "version", "", "version to deploy")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		self, err := os.Executable()
		if err != nil {
			return err
		}
		for _, args := range [][]string{
			{"stage", "migrate", "--table", "order_lines", "--", self, "shop", "migrate", "--version", version},
			{"stage", "roll out", "--", self, "shop", "roll-out", "--env", environment, "--version", version},
		} {
			c := exec.CommandContext(cmd.Context(), self, args...)
			c.Stdout, c.Stderr = e.Stdout, e.Stderr
			if err := c.Run(); err != nil {
				return debrief.Errorf(debrief.Unavailable, "", "%s: %w", args[1], err)
			}
		}
		return nil
	}
	return cmd
}
