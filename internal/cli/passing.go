package cli

import (
	"context"
	"io"
	"os"
	"os/exec"
	"time"

	"github.com/spf13/cobra"
)

// How long a finished command's output is still read when something it left in
// the background holds it open.
const (
	lingering     = 150 * time.Millisecond // without a byte
	lingeringMost = 2 * time.Second        // in all
)

// passing is one output of a wrapped command on its way through debrief.
type passing struct {
	to   io.Writer
	s    *stream
	r, w *os.File
	done chan struct{}
}

func newPassing(t *tail, to io.Writer) (*passing, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	return &passing{to: to, s: t.stream(to), r: r, w: w, done: make(chan struct{})}, nil
}

// begin reads along once the command has the other end.
func (p *passing) begin() {
	_ = p.w.Close()
	go func() {
		defer close(p.done)
		if _, err := io.Copy(p.s, p.r); err != nil && !os.IsTimeout(err) {
			// Nobody reads our output any more. The command learns of it the way
			// it would without us: its next write fails.
			_ = p.r.Close()
		}
	}()
}

func (p *passing) abandon() {
	_ = p.w.Close()
	_ = p.r.Close()
}

// endPassing returns when everything was passed on, or after a moment where something
// in the background keeps an output open: a server that a script started and
// left. Cutting it off would kill that server at its next line, so a process
// of ours stays behind and goes on passing.
func endPassing(outputs []*passing) {
	open := false
	started := time.Now()
	for _, p := range outputs {
		if !p.ends(started) {
			open = true
			_ = p.r.SetReadDeadline(time.Unix(1, 0))
			<-p.done
		}
	}
	if open {
		leaveBehind(outputs)
	}
	for _, p := range outputs {
		_ = p.r.Close()
	}
}

// ends waits for the end of an output as long as something still comes, within
// limits: what is in the pipe when the command ends is all read, even on a
// machine that has no time for us.
func (p *passing) ends(since time.Time) bool {
	tick := time.NewTicker(lingering)
	defer tick.Stop()
	for seen := int64(-1); ; {
		select {
		case <-p.done:
			return true
		case <-tick.C:
		}
		n := p.s.passed.Load()
		if n == seen || time.Since(since) > lingeringMost {
			return false
		}
		seen = n
	}
}

// leaveBehind is best effort: where it fails, the background process gets the
// closed pipe that it also gets from `| tee`.
func leaveBehind(outputs []*passing) {
	self, err := os.Executable()
	if err != nil {
		return
	}
	cmd := exec.Command(self, passOnName)
	for i, p := range outputs {
		f, ok := p.to.(*os.File)
		if !ok {
			return
		}
		_ = p.r.SetReadDeadline(time.Time{})
		cmd.ExtraFiles = append(cmd.ExtraFiles, p.r)
		if i == 0 {
			cmd.Stdout = f
		} else {
			cmd.Stderr = f
		}
	}
	detach(cmd)
	if cmd.Start() == nil {
		_ = cmd.Process.Release()
	}
}

const passOnName = "pass-on"

// passOnCmd is what leaveBehind starts: it copies its inherited descriptors 3
// and 4 to its outputs until they end.
func passOnCmd(e *Env) *cobra.Command {
	return &cobra.Command{
		Use: passOnName, Hidden: true, Args: cobra.NoArgs,
		Short: "Go on passing a background process's output (started by debrief itself)",
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, cancel := context.WithCancel(cmd.Context())
			defer cancel()
			done := make(chan struct{}, 2)
			for i, to := range []io.Writer{e.Stdout, e.Stderr} {
				go func() {
					defer func() { done <- struct{}{} }()
					r := os.NewFile(uintptr(3+i), "")
					if r == nil {
						return
					}
					_, _ = io.Copy(to, r)
					_ = r.Close()
				}()
			}
			for range 2 {
				select {
				case <-done:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			return nil
		},
	}
}
