package cli

import (
	"context"
	"errors"
	"fmt"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/measure"
)

type followFlags struct {
	service     string
	begin, once bool
	every       time.Duration
}

func followCmd(e *Env) *cobra.Command {
	var f followFlags
	c := &cobra.Command{
		Use:   "follow --service S FILE",
		Short: "Follow a log file and send counts of its kinds of lines",
		Long: `Runs beside a log file, sorts its lines into kinds as they come, and sends how
often each kind came in each ten seconds, with one masked example: the lines
themselves stay where they are. Rotated and truncated files are followed. After a
restart it goes on where it stopped; no line is counted twice.

While the server is down it waits, and reads on from the file afterwards.

Exit codes: 0 ended by a signal, or at the file's end with --once; 1 the file
cannot be read, or the server refuses the counts; 2 wrong flags.`,
		Example: "  debrief follow --service shop /var/log/shop.log",
		Args:    between(1, 1, "one log file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.service == "" {
				f.service = e.Getenv("DEBRIEF_SERVICE")
			}
			if f.service == "" {
				return debrief.Errorf(debrief.Invalid, "--service", "whose log is it?").WithHint("for example --service shop")
			}
			if f.every < 10*time.Millisecond {
				return debrief.Errorf(debrief.Invalid, "--every", "%s is too often", f.every)
			}
			ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
			defer stop()
			return follow(ctx, e, f, args[0])
		},
	}
	fs := c.Flags()
	fs.StringVar(&f.service, "service", "", "service that writes the log (default $DEBRIEF_SERVICE)")
	fs.BoolVar(&f.begin, "begin", false, "the first time: from the file's beginning instead of its end")
	fs.BoolVar(&f.once, "once", false, "stop at the file's end")
	fs.DurationVar(&f.every, "every", 5*time.Second, "how often counts are sent")
	return c
}

// follower reads in one goroutine and counts and sends in another. Nothing is
// buffered between: while the server is down, the file itself is the buffer.
type follower struct {
	e      *Env
	f      followFlags
	client *client
	state  *followState
	counts *lineCounts
	said   string
}

func follow(ctx context.Context, e *Env, f followFlags, file string) error {
	if !filepath.IsAbs(file) {
		file = filepath.Join(e.Dir, file)
	}
	c, err := newClient(e)
	if err != nil {
		return err
	}
	state, err := openFollowState(spoolOf(e), c.base, f.service, file)
	if err != nil {
		return err
	}
	w := &follower{e: e, f: f, client: c, state: state, counts: newLineCounts(state.Patterns)}
	if err := w.deliver(ctx); err != nil { // what an earlier run could not
		return ended(ctx, err)
	}
	batches := make(chan measure.Batch)
	reading := make(chan error, 1)
	readCtx, stopReading := context.WithCancel(ctx)
	defer stopReading()
	go func() {
		defer close(batches)
		reading <- measure.Follow(readCtx, measure.FollowOptions{
			Path: file, From: state.Position, Begin: f.begin, Once: f.once, MaxBatch: 400, Location: e.Now().Location(), Now: e.Now,
		}, func(b measure.Batch) error {
			select {
			case batches <- b:
				return nil
			case <-readCtx.Done():
				return readCtx.Err()
			}
		})
	}()
	err = w.count(ctx, batches)
	stopReading()
	for range batches { // until the reader has ended
	}
	return errors.Join(ended(ctx, err), ended(ctx, <-reading))
}

func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil // asked to stop
	}
	return err
}

// count adds lines up and sends the sums, until there are no more.
func (w *follower) count(ctx context.Context, batches <-chan measure.Batch) error {
	tick := time.NewTicker(w.f.every)
	defer tick.Stop()
	for {
		select {
		case b, ok := <-batches:
			if !ok {
				return w.last(ctx)
			}
			w.counts.add(b, w.e.Now())
			if !w.counts.full() {
				continue
			}
		case <-tick.C:
		case <-ctx.Done():
			return w.last(ctx)
		}
		if err := w.flush(ctx); err != nil {
			return err
		}
	}
}

// flush turns the counts into a batch that is on disk, with the position it
// ends at, before it is sent: after a crash the same batch is sent again under
// the same id, and reading goes on behind it.
func (w *follower) flush(ctx context.Context) error {
	if w.counts.empty() {
		return nil
	}
	if err := w.state.hold(w.counts.take(w.f.service, w.state)); err != nil {
		return debrief.Errorf(debrief.Internal, "", "the follower's state cannot be written: %w", unwrapPath(err))
	}
	return w.deliver(ctx)
}

// deliver sends the batch on hold until the server has it.
func (w *follower) deliver(ctx context.Context) error {
	for wait := 200 * time.Millisecond; w.state.Pending != nil; wait = min(2*wait, 10*time.Second) {
		err := within(ctx, readLimit, func(ctx context.Context) error {
			return w.client.do(ctx, "POST", "/api/v1/logs", w.state.Pending, nil)
		})
		switch {
		case err == nil:
			w.state.Pending = nil // on disk it stays until the next one: sent again, it changes nothing
			w.say("")
			return nil
		case permanent(err) || w.f.once:
			return err
		}
		w.say(why(err) + "; waiting")
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// last sends what is left when the command ends, for a short time.
func (w *follower) last(ctx context.Context) error {
	if ctx.Err() == nil {
		return w.flush(ctx)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeLimit)
	defer cancel()
	if w.state.Pending != nil {
		return nil // it is on disk, and what followed it is still in the file
	}
	return w.flush(ctx)
}

// say tells a trouble once, and that it is over.
func (w *follower) say(s string) {
	if s == w.said {
		return
	}
	if w.said = s; s == "" {
		s = "the server answers again"
	}
	fmt.Fprintln(w.e.Stderr, "debrief: "+s)
}
