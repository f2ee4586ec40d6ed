package cli

import (
	"bufio"
	"encoding/json"
	"errors"
	"math"

	"github.com/spf13/cobra"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/judge"
	"github.com/debriefhq/debrief/internal/tell"
)

func judgeChangesCmd(e *Env) *cobra.Command {
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

Exit codes: 0, whatever was found; 2 a line that cannot be read (it is named).`,
		Example: `  debrief judge changepoints < series.jsonl
  echo '{"id":"builds","group":"duration","series":[61,58,63,60,59,95,99,94,97,96]}' | debrief judge changepoints`,
		Args: fromStdin,
		RunE: func(cmd *cobra.Command, _ []string) error {
			out := bufio.NewWriter(e.Stdout)
			enc := json.NewEncoder(out)
			enc.SetEscapeHTML(false)
			err := eachLine(e.Stdin, func(line []byte) error {
				c, err := readSlow(line)
				if err != nil {
					return err
				}
				if err := enc.Encode(c.answer()); err != nil {
					return err
				}
				return out.Flush()
			})
			return errors.Join(err, out.Flush())
		},
	}
	return c
}

// slowCase is one series as it is written.
type slowCase struct {
	ID     string          `json:"id"`
	Group  string          `json:"group"`
	Series debrief.Numbers `json:"series"`
	N      debrief.Numbers `json:"n"`
}

func readSlow(line []byte) (slowCase, error) {
	var c slowCase
	if err := readOne(line, &c); err != nil {
		return c, err
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

func (c *slowCase) answer() changesAnswer {
	a := changesAnswer{ID: c.ID, Changes: []int{}, Segments: []changeAnswer{}}
	for _, x := range c.find() {
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
