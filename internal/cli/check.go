package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/tell"
)

// exitMatched is the exit code of `debrief check` when --fail-on matched.
const exitMatched = 3

// tooEarly is how --fail-on words that no look has ended.
const tooEarly = "too-early"

type checkFlags struct {
	service, env  string
	failOn        []string
	wait, asJSON  bool
	timeout, poll time.Duration
}

func checkCmd(e *Env) *cobra.Command {
	var f checkFlags
	c := &cobra.Command{
		Use:   "check RELEASE|latest",
		Short: "Say what the first look at a release found, and wait for it with --wait",
		Long: `Says what a release's looks have found. With --wait it waits for the first look
(five minutes after the release is live, unless configured otherwise) and shows
how far it is.

With --fail-on it is a gate, and a gate that cannot know stays shut: a time-out
under --wait and a failed attempt are exit code 1, whatever --fail-on names. A
release of the version that ran already has nothing to be judged, and passes.
Without --wait, "too early" passes unless --fail-on names too-early.

Exit codes: 0, whatever was found; 3 where --fail-on names what was found; 1 no
such release, the server does not answer, or --fail-on has no answer (see above);
2 wrong flags.`,
		Example: "  debrief check latest --service shop --env production --wait --fail-on worse,cannot-tell",
		Args:    oneRelease,
		RunE: func(cmd *cobra.Command, args []string) error {
			fail, err := parseFailOn(f.failOn)
			if err != nil {
				return err
			}
			if f.timeout < 0 || f.poll <= 0 {
				return debrief.Errorf(debrief.Invalid, "--timeout", "must not be negative")
			}
			r, err := newReader(cmd.Context(), e)
			if err != nil {
				return err
			}
			s, raw, err := r.storyIn(cmd.Context(), args[0], f.service, f.env)
			if err != nil {
				return err
			}
			if f.wait {
				if s, raw, err = r.awaitLook(cmd.Context(), s, raw, f); err != nil {
					return err
				}
			}
			return checked(e, f, s, raw, fail)
		},
	}
	fs := c.Flags()
	fs.StringVar(&f.service, "service", "", "with latest: of this service")
	fs.StringVar(&f.env, "env", "", "with latest: in this environment")
	fs.BoolVar(&f.wait, "wait", false, "wait until the first look has ended")
	fs.StringSliceVar(&f.failOn, "fail-on", nil, "exit 3 for these: worse, cannot-tell, changed, better, steady, too-early")
	fs.DurationVar(&f.timeout, "timeout", 30*time.Minute, "wait no longer than this")
	fs.BoolVar(&f.asJSON, "json", false, "print the API's answer")
	fs.DurationVar(&f.poll, "poll", time.Second, "how often to ask")
	_ = fs.MarkHidden("poll")
	return c
}

// parseFailOn reads words as people type them: "cannot-tell" for "cannot tell".
func parseFailOn(words []string) (map[string]bool, error) {
	known := []string{tooEarly}
	for _, w := range []debrief.Word{debrief.Worse, debrief.CannotTell, debrief.Changed, debrief.Better, debrief.Steady} {
		known = append(known, hyphens(w))
	}
	set := map[string]bool{}
	for _, w := range words {
		w = strings.ReplaceAll(strings.TrimSpace(w), " ", "-")
		ok := false
		for _, k := range known {
			ok = ok || k == w
		}
		if !ok {
			return nil, debrief.Errorf(debrief.Invalid, "--fail-on", "%q is no verdict", w).WithHint("known: %s", strings.Join(known, ", "))
		}
		set[w] = true
	}
	return set, nil
}

func hyphens(w debrief.Word) string {
	if w == debrief.Pending {
		return tooEarly
	}
	return strings.ReplaceAll(string(w), " ", "-")
}

// lookedAt is the last look that has ended; false: none has.
func lookedAt(s debrief.Story) (last debrief.Look, ok bool) {
	for _, l := range s.Looks {
		if l.State == debrief.LookDone && (!ok || l.Number > last.Number) {
			last, ok = l, true
		}
	}
	return last, ok
}

// ends reports whether waiting is over: a look has ended, or none will be taken.
func ends(s debrief.Story) bool {
	if _, ok := lookedAt(s); ok {
		return true
	}
	return unchecked(s)
}

// unchecked reports whether no look will be taken.
func unchecked(s debrief.Story) bool {
	return !s.Release.Kind.Checked() && s.Release.Kind != debrief.ReleaseRunning
}

// awaitLook asks again and again until the first look has ended. A server that
// is restarted meanwhile is waited for as well.
func (r *reader) awaitLook(ctx context.Context, s debrief.Story, raw json.RawMessage, f checkFlags) (debrief.Story, json.RawMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	p := progress{w: r.e.Stderr, live: isTerminal(r.e.Stderr)}
	defer p.done()
	tick := time.NewTicker(f.poll)
	defer tick.Stop()
	for !ends(s) {
		p.show(waitingFor(s), countdown(s, r.e.Now()))
		select {
		case <-tick.C:
		case <-ctx.Done():
			p.show(fmt.Sprintf("not waiting longer than %s", f.timeout), "")
			return s, raw, nil // what is known so far is the answer: too early
		}
		var next debrief.Story
		b, err := r.get(ctx, "/api/v1/releases/"+s.Release.ID, nil, &next)
		switch {
		case err == nil:
			s, raw = next, b
		case ctx.Err() != nil:
		case debrief.KindOf(err) == debrief.Unavailable:
			p.show("the server does not answer; trying again", "")
		default:
			return s, raw, err
		}
	}
	return s, raw, nil
}

func waitingFor(s debrief.Story) string {
	name := strings.TrimSpace(s.Release.Service + " " + s.Release.Version)
	if s.Release.Kind == debrief.ReleaseRunning || !s.Release.Live() {
		return name + " is being deployed"
	}
	if len(s.Looks) == 0 {
		return name + " is live; its looks are being planned"
	}
	return name + " is live; waiting for the first look"
}

// countdown changes every second: it is shown only where a line can be redrawn.
func countdown(s debrief.Story, now time.Time) string {
	if len(s.Looks) == 0 || s.Looks[0].Due.IsZero() {
		return ""
	}
	left := s.Looks[0].Due.Sub(now).Round(time.Second)
	if left <= 0 {
		return "being judged"
	}
	return "in " + tell.Duration(left)
}

// checked prints what was found, in one line or as the whole story, and turns
// it into the exit code.
func checked(e *Env, f checkFlags, s debrief.Story, raw json.RawMessage, fail map[string]bool) error {
	word := debrief.Pending
	look, ok := lookedAt(s)
	if ok {
		word = look.Word
	}
	if f.asJSON {
		if err := printJSON(e.Stdout, raw); err != nil {
			return err
		}
	} else {
		name := strings.TrimSpace(s.Release.Service + " " + s.Release.Version)
		switch {
		case ok:
			if err := tell.Terminal(terminal(e), s); err != nil {
				return err
			}
		case unchecked(s):
			fmt.Fprintf(e.Stdout, "%s: not checked, since it is: %s\n", name, s.Release.Kind)
		default:
			fmt.Fprintf(e.Stdout, "%s: too early, no look has ended\n", name)
		}
	}
	if len(fail) == 0 {
		return nil
	}
	return gate(f, s, word, ok, fail)
}

// gate is the exit code --fail-on asks for. What cannot be known does not open
// it: a pipeline that goes on must have been told that it may.
func gate(f checkFlags, s debrief.Story, word debrief.Word, looked bool, fail map[string]bool) error {
	switch {
	case !looked && s.Release.Kind == debrief.ReleaseAttempt:
		return &ExitError{Code: 1, Message: "the deployment failed, so there is nothing to judge"}
	case !looked && unchecked(s):
		return nil // the version that ran already goes on running
	case fail[hyphens(word)]:
		return &ExitError{Code: exitMatched, Message: fmt.Sprintf("%s, and --fail-on names it", strings.ReplaceAll(hyphens(word), "-", " "))}
	case !looked && f.wait:
		return &ExitError{Code: 1, Message: fmt.Sprintf("no look has ended within %s, so --fail-on has no answer", f.timeout)}
	}
	return nil
}
