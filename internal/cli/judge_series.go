package cli

import (
	"bufio"
	"encoding/json"
	"math"
	"time"

	"github.com/spf13/cobra"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/judge"
)

// seriesAlpha is the share of untouched series that may be called changed when
// each is a question of its own. (A release has many metrics and three looks,
// which share a budget instead.) With few points less: a mean over four points
// keeps the tails of the points, and of those a past knows least.
const (
	seriesAlpha = 0.01
	manyBefore  = 24
	manyAfter   = 10
)

func (c *seriesCase) alpha() float64 {
	before, after := float64(max(1, len(c.Before.T))), float64(max(1, len(c.After.T)))
	return seriesAlpha * min(1, before/manyBefore, after/manyAfter)
}

func judgeSeriesCmd(e *Env) *cobra.Command {
	var plain plainSeries
	var explain bool
	c := &cobra.Command{
		Use:   "series",
		Short: "Say of each series whether it changed with the release",
		Long: `Reads one question a line (JSON) and answers each in a line (JSON), in order.

A question holds "id", "kind" (gauge: measurements; count: traffic; error_rate),
"step_s", "release_ts" (unix seconds), "before" and "after" ({"t":[…],"v":[…]}; of an
error_rate also "errors" and "requests"), and "history" ({"t0","step_s","v"}), which
ends where before begins. A value that is missing is null. It may hold "controls" (a list
like history: the same metric where the release did not go, until after ends) and
"disturbed" (a list of [from, to]: deployments and incidents, left out of the past).

An answer holds "id", "changed", "direction" (up, down, spread or none), "score"
(comparable between questions, larger is surer), the effect with its interval
(relative, or in points of a percentage), p, since when, and warnings. What nothing can
be said about is not changed, and "why" says so.

With --release it reads one series as plain lines instead: TIME VALUE, or of an
error_rate TIME ERRORS REQUESTS, separated by commas, semicolons, tabs or spaces; times
as in 2026-11-03T14:02:00Z, or unix seconds. What lies before --before is its past: the
more of it, the surer the verdict.

Exit codes: 0, whatever was found; 2 a line that cannot be read (it is named).`,
		Example: `  debrief judge series < questions.jsonl > answers.jsonl
  debrief judge series --release 2026-11-03T14:02:00Z --explain < p95.csv`,
		Args: fromStdin,
		RunE: func(cmd *cobra.Command, _ []string) error {
			out := bufio.NewWriter(e.Stdout)
			enc := json.NewEncoder(out)
			enc.SetEscapeHTML(false)
			var memory judge.Memory
			answer := func(c *seriesCase) error {
				q, err := c.question()
				if err != nil {
					return err
				}
				r := memory.Judge(q)
				if explain {
					return explainSeries(e, c, &q, r)
				}
				if err := enc.Encode(answerSeries(c, r)); err != nil {
					return err
				}
				return out.Flush() // whoever reads on may wait for it
			}
			if cmd.Flags().Changed("release") {
				c, err := plain.read(e.Stdin)
				if err != nil {
					return err
				}
				return answer(&c)
			}
			for _, name := range []string{"kind", "step", "before", "after"} {
				if cmd.Flags().Changed(name) {
					return debrief.Errorf(debrief.Invalid, "--"+name, "means something only together with --release")
				}
			}
			n := 0
			err := eachLine(e.Stdin, func(line []byte) error {
				n++
				c, err := readCase(line)
				if err != nil {
					return err
				}
				return answer(&c)
			})
			if err == nil && n == 0 {
				nothingRead(e, "question")
			}
			return err
		},
	}
	f := c.Flags()
	f.BoolVar(&explain, "explain", false, "print the picture and what the verdict rests on, for a person")
	f.StringVar(&plain.release, "release", "", "when the release was: read plain lines")
	f.StringVar(&plain.kind, "kind", "gauge", "with --release: gauge, count or error_rate")
	f.DurationVar(&plain.step, "step", 0, "with --release: how far points lie apart; default: the usual distance")
	f.DurationVar(&plain.before, "before", 0, "with --release: how much of the time before the release is before; default: an hour, or 12 points")
	f.DurationVar(&plain.after, "after", 0, "with --release: how much of the time after it counts; default: all")
	return c
}

// seriesAnswer is what is written about a series.
type seriesAnswer struct {
	ID        string     `json:"id"`
	Changed   bool       `json:"changed"`
	Direction string     `json:"direction"`
	Score     float64    `json:"score"`
	Shape     string     `json:"shape,omitempty"`
	Before    float64    `json:"before"`
	After     float64    `json:"after"`
	Relative  bool       `json:"relative"`
	Effect    float64    `json:"effect"`
	Low       float64    `json:"low"`
	High      float64    `json:"high"`
	P         float64    `json:"p"`
	Since     *time.Time `json:"since,omitempty"`
	Until     *time.Time `json:"until,omitempty"`
	N         int        `json:"n"`
	Null      int        `json:"null"`
	Controls  int        `json:"controls,omitempty"`
	Smallest  float64    `json:"smallest"`
	Why       string     `json:"why,omitempty"`
	Warnings  []string   `json:"warnings,omitempty"`
}

// answerSeries words a result. A share is told in percent, as it was given.
func answerSeries(c *seriesCase, r judge.Result) seriesAnswer {
	a := seriesAnswer{
		ID: c.ID, Changed: r.Tell && r.P <= c.alpha(), Direction: "none", Score: scoreOf(r),
		Shape: string(r.Shape), Before: r.Before, After: r.After, Relative: r.Relative, Effect: r.Effect, Low: r.Low, High: r.High,
		P: r.P, N: r.N, Null: r.Null, Controls: r.Controls, Smallest: r.Smallest, Why: string(r.Why), Warnings: r.Warnings,
	}
	if c.Kind == errorRate {
		a.Before, a.After = 100*a.Before, 100*a.After
		if !r.Relative {
			a.Effect, a.Low, a.High, a.Smallest = 100*a.Effect, 100*a.Low, 100*a.High, 100*a.Smallest
		}
	}
	if !a.Changed {
		return a
	}
	switch {
	case r.Shape == judge.Spread:
		a.Direction = "spread"
	case r.Effect < 0:
		a.Direction = "down"
	default:
		a.Direction = "up"
	}
	instant := func(t time.Time) *time.Time {
		if t.IsZero() {
			return nil
		}
		t = t.UTC()
		return &t
	}
	a.Since, a.Until = instant(r.Since), instant(r.Until)
	return a
}

// scoreOf orders results by how sure they are; the effect breaks ties.
func scoreOf(r judge.Result) float64 {
	if !r.Tell {
		return -1
	}
	size := math.Abs(r.Effect)
	return -math.Log10(max(r.P, 1e-300)) + 1e-6*size/(1+size)
}
