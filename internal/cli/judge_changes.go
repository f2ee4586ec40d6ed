package cli

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math"

	"github.com/spf13/cobra"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/judge"
	"github.com/debriefhq/debrief/internal/tell"
)

func judgeChangesCmd(e *Env) *cobra.Command {
	var explain bool
	var kind string
	c := &cobra.Command{
		Use:   "changepoints",
		Short: "Say where the level of a slow series changed: durations, counts, shares",
		Long: `Reads one series a line (JSON) and answers each in a line (JSON), in order.

A series holds "id", "group" and "series", its values at even steps. The group says
what they are: duration (positive measurements), count (events a period), rate (percent
of "n", the denominators); anything else is real: any number. A value that is missing is null.

An answer holds "id", "changes", the places (from 0) of the first point of each new
level, and "segments": for each change where it may lie, how likely it is, and the
levels before and after with the effect and its interval.

With --kind it reads one series as plain lines instead: VALUE, or LABEL VALUE where the
label is a day or a version, and of a rate FAILED TOTAL, or LABEL FAILED TOTAL.

Exit codes: 0, whatever was found; 2 a line that cannot be read (it is named).`,
		Example: `  debrief judge changepoints < series.jsonl
  sqlite3 ci.db 'select day, seconds from builds' | debrief judge changepoints --kind duration --explain`,
		Args: fromStdin,
		RunE: func(cmd *cobra.Command, _ []string) error {
			out := bufio.NewWriter(e.Stdout)
			enc := json.NewEncoder(out)
			enc.SetEscapeHTML(false)
			answer := func(c *slowCase) error {
				found := c.find()
				if explain {
					return c.explain(e, found)
				}
				if err := enc.Encode(c.answer(found)); err != nil {
					return err
				}
				return out.Flush()
			}
			if cmd.Flags().Changed("kind") {
				c, err := readPlainSlow(e.Stdin, kind)
				if err != nil {
					return err
				}
				if len(c.Series) == 0 {
					nothingRead(e, "value")
				}
				return answer(&c)
			}
			n := 0
			err := eachLine(e.Stdin, func(line []byte) error {
				n++
				c, err := readSlow(line)
				if err != nil {
					return err
				}
				return answer(&c)
			})
			if err == nil && n == 0 {
				nothingRead(e, "series")
			}
			return err
		},
	}
	f := c.Flags()
	f.BoolVar(&explain, "explain", false, "print the picture and the levels, for a person")
	f.StringVar(&kind, "kind", "", "what the values are: duration, count, rate or real; read plain lines")
	return c
}

// slowCase is one series as it is written.
type slowCase struct {
	ID     string          `json:"id"`
	Group  string          `json:"group"`
	Series debrief.Numbers `json:"series"`
	N      debrief.Numbers `json:"n"`
	Time   []any           `json:"time"` // names of the points, where there are any
}

func readSlow(line []byte) (slowCase, error) {
	var c slowCase
	if err := readOne(line, &c); err != nil {
		return c, err
	}
	if c.Series == nil {
		return c, debrief.Errorf(debrief.Invalid, "series", "is missing: a list of numbers is needed").
			WithHint(`for example {"id":"builds","group":"duration","series":[61,58,63]}`)
	}
	switch judge.SlowKind(c.Group) {
	case judge.Durations, judge.Counts:
	case judge.Shares:
		if len(c.N) != len(c.Series) {
			return c, debrief.Errorf(debrief.Invalid, "n", "%s for %s", tell.Count(len(c.N), "value", "values"), tell.Count(len(c.Series), "point", "points")).
				WithHint("a rate needs the number each percentage is of")
		}
	default:
		c.Group = string(judge.Reals)
	}
	return c, nil
}

// find asks the judge. A rate is given in percent, and told so again.
func (c *slowCase) find() []judge.Change {
	s := judge.SlowSeries{Kind: judge.SlowKind(c.Group), V: c.Series, N: c.N}
	if s.Kind != judge.Shares {
		return judge.Changes(s)
	}
	s.V = make([]float64, len(c.Series))
	for i, v := range c.Series {
		s.V[i] = v / 100
	}
	found := judge.Changes(s)
	for i := range found {
		for _, x := range []*float64{&found[i].Before, &found[i].After, &found[i].Effect, &found[i].EffectLow, &found[i].EffectHigh} {
			*x *= 100
		}
	}
	return found
}

func (c *slowCase) explain(e *Env, found []judge.Change) error {
	s := tell.Slow{Name: c.ID, V: c.Series, Changes: found, Percent: c.Group == string(judge.Durations) || c.Group == string(judge.Counts)}
	if c.Group == string(judge.Shares) {
		s.Unit = "%"
	}
	for _, t := range c.Time {
		s.Labels = append(s.Labels, fmt.Sprint(t))
	}
	return tell.ExplainChanges(terminal(e), s)
}

type changesAnswer struct {
	ID       string         `json:"id"`
	Changes  []int          `json:"changes"`
	Segments []changeAnswer `json:"segments"`
}

type changeAnswer struct {
	At          int     `json:"at"`
	Low         int     `json:"low"`
	High        int     `json:"high"`
	Probability float64 `json:"probability"`
	Before      float64 `json:"before"`
	After       float64 `json:"after"`
	Effect      float64 `json:"effect"`
	EffectLow   float64 `json:"effect_low"`
	EffectHigh  float64 `json:"effect_high"`
}

func (c *slowCase) answer(found []judge.Change) changesAnswer {
	a := changesAnswer{ID: c.ID, Changes: []int{}, Segments: []changeAnswer{}}
	for _, x := range found {
		a.Changes = append(a.Changes, x.At)
		a.Segments = append(a.Segments, changeAnswer{
			x.At, x.Low, x.High, written(x.Probability), written(x.Before), written(x.After), written(x.Effect), written(x.EffectLow), written(x.EffectHigh),
		})
	}
	return a
}

// written is a number that JSON can hold.
func written(x float64) float64 {
	if math.IsNaN(x) {
		return 0
	}
	return max(-math.MaxFloat64, min(math.MaxFloat64, x))
}

// readPlainSlow makes a series of lines "[LABEL] VALUE".
func readPlainSlow(r io.Reader, kind string) (slowCase, error) {
	c := slowCase{ID: "series", Group: kind}
	switch judge.SlowKind(kind) {
	case judge.Durations, judge.Counts, judge.Shares, judge.Reals:
	default:
		return c, debrief.Errorf(debrief.Invalid, "--kind", "%q is not known; known are count, duration, rate, real", kind)
	}
	want, form := 1, "VALUE or LABEL VALUE"
	if judge.SlowKind(kind) == judge.Shares {
		want, form = 2, "FAILED TOTAL or LABEL FAILED TOTAL"
	}
	n := 0
	err := eachLine(r, func(line []byte) error {
		n++
		fields := splitPlain(string(line))
		if len(fields) != want && len(fields) != want+1 {
			return debrief.Errorf(debrief.Invalid, "", "%q is not %s", line, form)
		}
		var x [2]float64
		for i, f := range fields[len(fields)-want:] {
			var err error
			if x[i], err = plainNumber(f); err != nil && n == 1 {
				return nil // a table's header
			} else if err != nil {
				return err
			}
		}
		if len(fields) > want {
			c.Time = append(c.Time, fields[0])
		}
		if want == 2 {
			c.N = append(c.N, x[1])
			x[0] = 100 * x[0] / x[1] // none of none is missing
		}
		c.Series = append(c.Series, x[0])
		return nil
	})
	if err == nil && len(c.Time) > 0 && len(c.Time) != len(c.Series) {
		err = debrief.Errorf(debrief.Invalid, "stdin", "some lines have a label and some have none")
	}
	return c, err
}
