package cli

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/debriefhq/debrief"
)

// stageFlags are what `debrief stage` says about a stage.
type stageFlags struct {
	key             string
	facts, tables   []string
	manual, waiting bool
	attempt         int
}

func stageCmd(e *Env) *cobra.Command {
	var f stageFlags
	c := passThrough(&cobra.Command{
		Use:   "stage [flags] NAME -- COMMAND [ARG…]",
		Short: "Run one stage of a deployment and record it",
		Long: `Runs a command as one named stage (build, migrate, verify…) of the deployment
around it: the one whose key is in DEBRIEF_DEPLOYMENT, which debrief deploy sets.
Outside a deployment the command runs all the same, and debrief says that it was
not recorded.

Where DEBRIEF_FACTS_DSN holds a PostgreSQL address (postgres://…) or a SQLite file,
the table sizes are read from it before the command starts: in a read-only session,
for two seconds at most, from the planner's estimates, never by counting rows. The
address is never written anywhere.

Exit codes: the command's own; 128+n where signal n ended it; 127 not found;
126 not executable; 2 wrong flags (nothing was run).`,
		Example: `  debrief stage migrate --fact rows=31000000 -- goose up
  DEBRIEF_FACTS_DSN=postgres://… debrief stage migrate --table orders -- goose up`,
		RunE: func(cmd *cobra.Command, args []string) error {
			name, rest, err := stageArgs(cmd, args)
			if err != nil {
				return err
			}
			return stage(cmd.Context(), e, f, name, rest)
		},
	})
	fs := c.Flags()
	fs.SetInterspersed(true) // flags may follow the name; what follows -- is the command's
	fs.StringVar(&f.key, "key", "", "the deployment's key (default $DEBRIEF_DEPLOYMENT)")
	fs.StringArrayVar(&f.facts, "fact", nil, "measured thing, NAME=VALUE; repeatable")
	fs.StringArrayVar(&f.tables, "table", nil, "table to read the size of; repeatable (default: the 20 biggest)")
	fs.BoolVar(&f.manual, "manual", false, "a person does this step")
	fs.BoolVar(&f.waiting, "waiting", false, "time spent waiting (an approval), not working")
	fs.IntVar(&f.attempt, "attempt", 0, "which try this is, from 1")
	return c
}

// stageArgs tells the stage's name from the command behind "--".
func stageArgs(cmd *cobra.Command, args []string) (name string, rest []string, err error) {
	dash := cmd.ArgsLenAtDash()
	if dash != 1 || len(args) < 2 {
		return "", nil, debrief.Errorf(debrief.Invalid, "", "give one name, then -- and the command").WithHint("for example: debrief stage migrate -- goose up")
	}
	name, err = stageName(args[0])
	return name, args[1:], err
}

func stageName(s string) (string, error) {
	s = clean(strings.TrimSpace(s))
	switch n := len([]rune(s)); {
	case n == 0:
		return "", debrief.Errorf(debrief.Invalid, "--name", "which stage?").WithHint("for example: migrate")
	case n > 100:
		return "", debrief.Errorf(debrief.Invalid, "--name", "%d characters are more than the 100 a stage's name may have", n)
	}
	return s, nil
}

func stage(ctx context.Context, e *Env, f stageFlags, name string, args []string) error {
	facts, err := parseFacts(f.facts)
	if err != nil {
		return err
	}
	key := f.key
	if key == "" {
		key = e.Getenv("DEBRIEF_DEPLOYMENT")
	}
	w := wrapped{Args: args, Environ: os.Environ(), NoOutput: true} // the deployment around it keeps the output's tail
	if key == "" {
		fmt.Fprintf(e.Stderr, "debrief: stage %s runs outside a deployment and is not recorded (run it inside debrief deploy, or give --key)\n", name)
		return w.run(ctx, e).result(e)
	}
	if err := checkKey(key); err != nil {
		return err
	}
	c, err := newClient(e)
	if err != nil {
		return runUnrecorded(ctx, e, args, err)
	}
	measured, err := readFacts(ctx, e, f.tables)
	if err != nil {
		fmt.Fprintf(e.Stderr, "debrief: stage %s: facts left out: %v\n", name, err)
	}
	for k, v := range facts {
		if measured == nil {
			measured = debrief.Facts{}
		}
		measured[k] = v // what a person says wins over an estimate
	}
	out := newOutbox(ctx, c, spoolOf(e), e.Now)
	out.begun[key] = e.Getenv("DEBRIEF_WRAPPED") == key // the wrapper tells that it began, perhaps a moment later
	s := debrief.Stage{Name: name, State: debrief.Running, Manual: f.manual, Waiting: f.waiting, Attempt: f.attempt, Facts: measured}
	tell := func() { out.put("PATCH", deploymentPath(key), debrief.Report{Stages: []debrief.Stage{s}}) }
	w.Started = func(at time.Time) {
		s.Started = debrief.Instant(at)
		tell()
	}
	o := w.run(ctx, e)
	s.Started, s.Finished = debrief.Instant(o.Started), debrief.Instant(o.Finished)
	s.State, s.ExitCode = o.State, ptr(o.Code)
	tell()
	problem := out.close()
	for _, note := range append(out.notes, problem) {
		if note != "" {
			fmt.Fprintf(e.Stderr, "debrief: stage %s: %s\n", name, note)
		}
	}
	return o.result(e)
}
