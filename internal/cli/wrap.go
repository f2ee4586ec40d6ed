package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"time"

	"github.com/debriefhq/debrief"
)

// outcome is how a wrapped command ended.
type outcome struct {
	Code     int
	State    debrief.DeploymentState
	Started  time.Time
	Finished time.Time
	Output   string // masked tail; empty with noOutput
	Problem  string // why it could not be run at all; not masked: it is for the person's own terminal
}

// wrapped is a command to run as if debrief were not there.
type wrapped struct {
	Args     []string
	Environ  []string
	NoOutput bool // hand our own stdout and stderr over instead of reading along
	Started  func(at time.Time)
}

// run starts the command with our stdin, passes signals on, and returns when it
// has ended. Its exit code is 127 or 126 where it could not be run, and 128+n
// where signal n ended it, as a shell has it.
func (w wrapped) run(ctx context.Context, e *Env) outcome {
	var t tail
	cmd := exec.Command(w.Args[0], w.Args[1:]...)
	cmd.Dir, cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = e.Dir, w.Environ, e.Stdin, e.Stdout, e.Stderr
	cmd.WaitDelay = time.Second // only for a stdin that is no file
	outputs := w.outputs(&t, e, cmd)

	// Before the start, so that no signal falls between.
	signals := make(chan os.Signal, 16)
	for _, s := range passedOn() {
		// What nohup or a shell's & ignored for us stays ignored for the child too.
		if !signal.Ignored(s) {
			signal.Notify(signals, s)
		}
	}
	defer signal.Stop(signals)

	o := outcome{Started: e.Now()}
	if err := cmd.Start(); err != nil {
		for _, p := range outputs {
			p.abandon()
		}
		o.Finished, o.State, o.Code, o.Problem = e.Now(), debrief.Failed, startCode(err), err.Error()
		return o
	}
	for _, p := range outputs {
		p.begin()
	}
	if w.Started != nil {
		w.Started(o.Started)
	}
	stop := make(chan struct{})
	passed := make(chan bool)
	go func() { passed <- passSignals(ctx, cmd.Process, signals, stop) }()
	_ = cmd.Wait() // the exit code tells
	o.Finished = e.Now()
	close(stop)
	told := <-passed // somebody asked it to stop
	endPassing(outputs)
	o.Code = exitCode(cmd.ProcessState)
	switch {
	case o.Code == 0:
		o.State = debrief.Succeeded
	case told:
		o.State = debrief.Aborted
	default:
		o.State = debrief.Failed
	}
	if len(outputs) > 0 {
		o.Output = t.text(w.Environ, outputs[0].s, outputs[1].s)
	}
	return o
}

// outputs puts debrief between the command and our own outputs; none: the
// command gets ours themselves.
func (w wrapped) outputs(t *tail, e *Env, cmd *exec.Cmd) []*passing {
	if w.NoOutput {
		return nil
	}
	stdout, err := newPassing(t, e.Stdout)
	if err != nil {
		return nil // no descriptors left: the command matters more than its tail
	}
	stderr, err := newPassing(t, e.Stderr)
	if err != nil {
		stdout.abandon()
		return nil
	}
	cmd.Stdout, cmd.Stderr = stdout.w, stderr.w
	return []*passing{stdout, stderr}
}

// passSignals hands signals to the child until it has ended. A cancelled
// context asks it to stop as well.
func passSignals(ctx context.Context, p *os.Process, signals <-chan os.Signal, stop <-chan struct{}) (told bool) {
	cancelled := ctx.Done()
	for {
		select {
		case s := <-signals:
			if s == ignoredPipe {
				continue
			}
			told = told || asksToStop(s)
			if fromTerminal(s) {
				continue // the terminal sent it to the child as well
			}
			_ = p.Signal(s)
		case <-cancelled:
			cancelled, told = nil, true
			_ = p.Signal(terminate)
		case <-stop:
			return told
		}
	}
}

func startCode(err error) int {
	if errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
		return 127
	}
	return 126
}

// result turns an outcome into what the command returns: nothing, or the
// child's exit code.
func (o outcome) result(e *Env) error {
	if o.Problem != "" && o.Code != 0 {
		fmt.Fprintln(e.Stderr, "debrief: "+o.Problem)
	}
	if o.Code == 0 {
		return nil
	}
	return &ExitError{Code: o.Code}
}
