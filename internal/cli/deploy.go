package cli

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/forge"
	"github.com/debriefhq/debrief/internal/tell"
)

func deployCmd(e *Env) *cobra.Command {
	var f deployFlags
	c := passThrough(&cobra.Command{
		Use:   "deploy --service S --env E [--version V] -- COMMAND [ARG…]",
		Short: "Run a deployment and record how it went",
		Long: `Runs any command as if debrief were not there (its output, input, signals and
exit code pass through) and records start, end, outcome, the masked tail of its
output, and the commits that ship.

A debrief server that is down never makes a deployment fail or wait: what could
not be sent is kept on disk and sent by the next debrief command that reaches it.

Exit codes: the command's own; 128+n where signal n ended it; 127 not found;
126 not executable; 2 wrong flags (nothing was run).`,
		Example: `  debrief deploy --service shop --env production --version v1.4.2 -- ./deploy.sh
  debrief deploy --service shop,cart --env production --rollout autumn -- make deploy`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return debrief.Errorf(debrief.Invalid, "", "which command deploys?").
					WithHint("debrief deploy --service shop --env production -- ./deploy.sh; pipelines that cannot wrap one use: debrief deploy start")
			}
			return deploy(cmd.Context(), e, f, args)
		},
	})
	f.add(c.Flags())
	c.Flags().BoolVar(&f.noOutput, "no-output", false, "keep nothing of the command's output, and hand the terminal itself to it")
	c.AddCommand(deployStartCmd(e), deployStageCmd(e), deployFinishCmd(e))
	return c
}

// deployment is one wrapped deployment while it runs.
type deployment struct {
	e       *Env
	f       deployFlags
	client  *client
	out     *outbox
	head    forge.Head
	ci      pipeline
	facts   debrief.Facts
	command string
	environ []string // the command's
	last    recorded
}

func deploy(ctx context.Context, e *Env, f deployFlags, args []string) error {
	if err := f.complete(e); err != nil {
		return err
	}
	facts, err := parseFacts(f.facts)
	if err != nil {
		return err
	}
	c, err := newClient(e)
	if err != nil {
		return runUnrecorded(ctx, e, args, err)
	}
	d := &deployment{e: e, f: f, client: c, ci: pipelineOf(e.Getenv), facts: facts}
	if !f.noGit {
		// Before the command starts: it may check something else out.
		d.head, _ = gitOf(e, headLimit).Head(ctx)
	}
	d.fill()
	d.environ = d.environment(os.Environ())
	d.command = commandLine(args, d.environ)
	d.out = newOutbox(ctx, c, spoolOf(e), e.Now)
	d.out.sent = func(o *owed, answer recorded) {
		if o.Method == "POST" {
			d.last = answer
		}
		noteSent(d.out.spool, o, answer, f)
	}

	gitCtx, stopGit := context.WithCancel(ctx)
	defer stopGit()
	git := make(chan gitAnswer, 1)
	w := wrapped{Args: args, Environ: d.environ, NoOutput: f.noOutput, Started: func(at time.Time) {
		d.out.put("POST", deploymentsPath, d.start(at))
	}}
	go func() {
		var a gitAnswer
		if d.head.Commit != "" && !f.noGit {
			a.all, a.warnings = gatherGit(gitCtx, e, c, f, d.head)
		}
		git <- a
	}()
	o := w.run(ctx, e)
	if o.Problem != "" && o.Code != 0 {
		d.out.put("POST", deploymentsPath, d.start(o.Started)) // it never started, and that is worth knowing
	}
	d.finish(o, d.await(git, stopGit))
	problem := d.out.close()
	d.summary(o, problem)
	return o.result(e)
}

// runUnrecorded runs the command where nothing can be recorded: a wrong
// address must not stop a deployment either.
func runUnrecorded(ctx context.Context, e *Env, args []string, why error) error {
	fmt.Fprintf(e.Stderr, "debrief: not recorded: %v\n", why)
	return wrapped{Args: args, Environ: os.Environ(), NoOutput: true}.run(ctx, e).result(e)
}

// fill completes what flags left open from the work tree and the CI job.
func (d *deployment) fill() {
	if d.head.Commit == "" {
		d.head.Commit = d.ci.Commit
		d.head.Repository = d.ci.Repository
		if d.ci.Commit != "" {
			d.head.Version = d.ci.Commit[:min(len(d.ci.Commit), 10)]
		}
	}
	if d.f.version == "" {
		d.f.version = d.head.Version
	}
	if d.f.version == "" {
		// Better a name nobody chose than a deployment that fails or is lost.
		d.f.version = d.e.Now().UTC().Format("20060102T150405Z")
		d.say("no --version, and git knows none here: calling it %s", d.f.version)
	}
	if d.f.rollout == "" {
		d.f.rollout = d.ci.Key
	}
}

// environment lets a nested `debrief stage` find the deployment it is part of.
func (d *deployment) environment(base []string) []string {
	return append(base[:len(base):len(base)],
		"DEBRIEF_DEPLOYMENT="+d.f.key, "DEBRIEF_WRAPPED="+d.f.key, "DEBRIEF_URL="+d.client.base, "DEBRIEF_SPOOL="+spoolOf(d.e).dir,
		"DEBRIEF_SERVICE="+strings.Join(d.f.services, ","), "DEBRIEF_ENVIRONMENT="+d.f.env, "DEBRIEF_VERSION="+d.f.version)
}

func (d *deployment) start(at time.Time) posted {
	p := posted{Key: d.f.key, Report: debrief.Report{
		Environment: d.f.env, Target: d.f.target, Version: d.f.version, Commit: d.head.Commit, Rollout: d.f.rollout,
		State: debrief.Running, Times: debrief.Times{Started: debrief.Instant(at)}, Attempt: d.ci.Attempt,
		Manual: d.f.manual, People: d.f.people, Rollback: d.f.rollback, Command: d.command, URL: d.ci.URL, Facts: d.facts,
	}}
	if len(d.f.services) == 1 {
		p.Service = d.f.services[0]
	} else {
		p.Services = d.f.services
	}
	if d.ci.Key != "" {
		p.Keys = []string{d.ci.Key}
	}
	return p
}

func (d *deployment) finish(o outcome, git []serviceGit) {
	r := debrief.Report{
		State: o.State, Times: debrief.Times{Started: debrief.Instant(o.Started), Finished: debrief.Instant(o.Finished)},
		ExitCode: ptr(o.Code), Output: o.Output,
	}
	if o.Problem != "" && o.Output == "" && !d.f.noOutput {
		r.Output = maskOutput(o.Problem, d.environ)
	}
	switch {
	case sameGit(git):
		r.Git = &git[0].Facts
	default:
		for _, g := range git {
			d.out.put("PATCH", deploymentPath(d.f.key), debrief.Report{Service: g.Service, Environment: d.f.env, Target: d.f.target, Git: &g.Facts})
		}
	}
	d.out.put("PATCH", deploymentPath(d.f.key), r)
}

// gitAnswer is what git knew, and why it did not know more.
type gitAnswer struct {
	all      []serviceGit
	warnings []string
}

// await gives git a little time after the command has ended, and no more.
func (d *deployment) await(git <-chan gitAnswer, stop context.CancelFunc) []serviceGit {
	timer := time.NewTimer(gitGrace)
	defer timer.Stop()
	var a gitAnswer
	select {
	case a = <-git:
	case <-timer.C:
		stop()
		a = <-git // what was read until now
		a.warnings = append(a.warnings, "git did not answer in time")
	}
	for _, w := range a.warnings {
		d.say("git facts incomplete: %s", w)
	}
	return a.all
}

func (d *deployment) say(format string, args ...any) {
	fmt.Fprintf(d.e.Stderr, "debrief: "+format+"\n", args...)
}

func (d *deployment) summary(o outcome, problem string) {
	if problem != "" {
		d.say("%s", problem)
		return
	}
	if d.f.quiet {
		return
	}
	for _, note := range d.out.notes {
		d.say("%s", note)
	}
	where := ""
	if len(d.last.Deployments) > 0 && d.last.Deployments[0].URL != "" {
		where = ", " + d.last.Deployments[0].URL
	}
	d.say("%s %s %s in %s%s", strings.Join(d.f.services, ", "), d.f.version, o.State, tell.Duration(o.Finished.Sub(o.Started)), where)
}
