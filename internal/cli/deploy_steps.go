package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/debriefhq/debrief"
)

// For pipelines that cannot wrap a command. All three behave as `deploy` does
// when the server is down: they keep the report, say so, and exit 0.

func deployStartCmd(e *Env) *cobra.Command {
	var f deployFlags
	var started string
	c := &cobra.Command{
		Use:   "start --service S --env E [--version V]",
		Short: "Record that a deployment starts, and print its key",
		Long: `Records that a deployment starts and prints its key, which the later
commands need: export DEBRIEF_DEPLOYMENT=$(debrief deploy start …).

Exit codes: 0; 2 wrong flags.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.complete(e); err != nil {
				return err
			}
			at, err := parseTime("--started", started, e.Now())
			if err != nil {
				return err
			}
			if at.IsZero() {
				at = e.Now()
			}
			facts, err := parseFacts(f.facts)
			if err != nil {
				return err
			}
			c, err := newClient(e)
			if err != nil {
				return err
			}
			d := &deployment{e: e, f: f, client: c, ci: pipelineOf(e.Getenv), facts: facts}
			if !f.noGit {
				d.head, _ = gitOf(e, headLimit).Head(cmd.Context())
			}
			d.fill()
			p := d.start(at)
			if d.head.Commit != "" && !f.noGit {
				all, warnings := gatherGit(cmd.Context(), e, c, f, d.head)
				for _, w := range warnings {
					d.say("git facts incomplete: %s", w)
				}
				if sameGit(all) {
					p.Git = &all[0].Facts
				}
			}
			fmt.Fprintln(e.Stdout, reportNow(cmd.Context(), e, c, f, "POST", deploymentsPath, p))
			return nil
		},
	}
	f.add(c.Flags())
	c.Flags().StringVar(&started, "started", "", "when it started, RFC 3339 (default: now)")
	return c
}

// reportNow sends one report in the foreground, and keeps it where that fails.
// It returns the key the report stands under.
func reportNow(ctx context.Context, e *Env, c *client, f deployFlags, method, path string, body any) string {
	out := newOutbox(ctx, c, spoolOf(e), e.Now)
	key := f.key
	out.sent = func(o *owed, answer recorded) {
		key = o.key
		noteSent(out.spool, o, answer, f)
	}
	out.put(method, path, body)
	problem := out.close()
	for _, note := range append(out.notes, problem) {
		if note != "" {
			fmt.Fprintln(e.Stderr, "debrief: "+note)
		}
	}
	return key
}

// keyFlag is the deployment a later report belongs to.
func keyFlag(e *Env, key string) (string, error) {
	if key == "" {
		key = e.Getenv("DEBRIEF_DEPLOYMENT")
	}
	if key == "" {
		return "", debrief.Errorf(debrief.Invalid, "--key", "which deployment?").WithHint("give the key that `debrief deploy start` printed, or set DEBRIEF_DEPLOYMENT")
	}
	return key, checkKey(key)
}

// stateFlag reads a state by name; an unknown one names the known ones.
func stateFlag(s string, fallback debrief.DeploymentState) (debrief.DeploymentState, error) {
	if s == "" {
		return fallback, nil
	}
	var known []string
	for _, k := range debrief.DeploymentStates() {
		if s == string(k) {
			return k, nil
		}
		known = append(known, string(k))
	}
	return "", debrief.Errorf(debrief.Invalid, "--state", "%q is not a state", s).WithHint("one of: %s", strings.Join(known, ", "))
}

func deployFinishCmd(e *Env) *cobra.Command {
	var key, state, finished, exposed, full string
	var code int
	var words []string
	c := &cobra.Command{
		Use:   "finish [--key K] [--state succeeded]",
		Short: "Record how a started deployment ended",
		Long: `Records how a deployment ended that was begun with debrief deploy start.

Exit codes: 0; 2 wrong flags.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			k, err := keyFlag(e, key)
			if err != nil {
				return err
			}
			fallback := debrief.Succeeded
			if code != 0 {
				fallback = debrief.Failed
			}
			r := debrief.Report{}
			if r.State, err = stateFlag(state, fallback); err != nil {
				return err
			}
			now := e.Now()
			if r.State.Final() && finished == "" {
				finished = "now"
			}
			for _, t := range []struct {
				flag, value string
				to          *time.Time
			}{
				{"--finished", finished, &r.Times.Finished},
				{"--first-exposure", exposed, &r.Times.FirstExposure},
				{"--full-exposure", full, &r.Times.FullExposure},
			} {
				if *t.to, err = parseTime(t.flag, t.value, now); err != nil {
					return err
				}
			}
			if cmd.Flags().Changed("exit-code") {
				r.ExitCode = &code
			}
			if r.Facts, err = parseFacts(words); err != nil {
				return err
			}
			c, err := newClient(e)
			if err != nil {
				return err
			}
			f := deployFlags{key: k, services: strings.FieldsFunc(e.Getenv("DEBRIEF_SERVICE"), func(r rune) bool { return r == ',' })}
			reportNow(cmd.Context(), e, c, f, "PATCH", deploymentPath(k), r)
			return nil
		},
	}
	fs := c.Flags()
	fs.StringVar(&key, "key", "", "the deployment's key (default $DEBRIEF_DEPLOYMENT)")
	fs.StringVar(&state, "state", "", "how it ended: succeeded, failed, aborted, superseded or partial (default: by --exit-code)")
	fs.StringVar(&finished, "finished", "", "when it ended, RFC 3339 (default: now)")
	fs.StringVar(&exposed, "first-exposure", "", "when the version began to serve anybody")
	fs.StringVar(&full, "full-exposure", "", "when it began to serve everybody (default: when it ended)")
	fs.IntVar(&code, "exit-code", 0, "the deploying command's exit code")
	fs.StringArrayVar(&words, "fact", nil, "measured thing, NAME=VALUE; repeatable")
	return c
}

func deployStageCmd(e *Env) *cobra.Command {
	var key, name, state, started, finished, link string
	var s debrief.Stage
	var code int
	var words []string
	c := &cobra.Command{
		Use:   "stage --name N [--key K] [--started T] [--finished T]",
		Short: "Record one stage of a started deployment",
		Long: `Records one stage (build, migrate, verify…) of a deployment that was begun
with debrief deploy start. Without --finished the stage is running.

Exit codes: 0; 2 wrong flags.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			k, err := keyFlag(e, key)
			if err != nil {
				return err
			}
			if s.Name, err = stageName(name); err != nil {
				return err
			}
			now := e.Now()
			if s.Started, err = parseTime("--started", started, now); err != nil {
				return err
			}
			if s.Finished, err = parseTime("--finished", finished, now); err != nil {
				return err
			}
			if s.Started.IsZero() && s.Finished.IsZero() {
				s.Started = debrief.Instant(now)
			}
			if !s.Started.IsZero() && !s.Finished.IsZero() && s.Finished.Before(s.Started) {
				return debrief.Errorf(debrief.Invalid, "--finished", "lies before --started")
			}
			fallback := debrief.Running
			switch {
			case !s.Finished.IsZero() && code != 0:
				fallback = debrief.Failed
			case !s.Finished.IsZero():
				fallback = debrief.Succeeded
			}
			if s.State, err = stateFlag(state, fallback); err != nil {
				return err
			}
			if cmd.Flags().Changed("exit-code") {
				s.ExitCode = &code
			}
			if s.Facts, err = parseFacts(words); err != nil {
				return err
			}
			s.URL = link
			c, err := newClient(e)
			if err != nil {
				return err
			}
			reportNow(cmd.Context(), e, c, deployFlags{key: k}, "PATCH", deploymentPath(k), debrief.Report{Stages: []debrief.Stage{s}})
			return nil
		},
	}
	fs := c.Flags()
	fs.StringVar(&key, "key", "", "the deployment's key (default $DEBRIEF_DEPLOYMENT)")
	fs.StringVar(&name, "name", "", "the stage's name")
	fs.StringVar(&state, "state", "", "its state (default: running, or by --exit-code once finished)")
	fs.StringVar(&started, "started", "", "when it started, RFC 3339 or now (default: now)")
	fs.StringVar(&finished, "finished", "", "when it ended, RFC 3339 or now")
	fs.IntVar(&s.Attempt, "attempt", 0, "which try this is, from 1")
	fs.BoolVar(&s.Manual, "manual", false, "a person did this step")
	fs.BoolVar(&s.Waiting, "waiting", false, "time spent waiting (an approval), not working")
	fs.IntVar(&code, "exit-code", 0, "the stage's exit code")
	fs.StringVar(&link, "url", "", "where the stage's log is")
	fs.StringArrayVar(&words, "fact", nil, "measured thing, NAME=VALUE; repeatable")
	return c
}
