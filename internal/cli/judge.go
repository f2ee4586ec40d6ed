package cli

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/debriefhq/debrief"
)

// judgeCmd is the judge as a tool of its own: it asks no server and reads no
// configuration.
func judgeCmd(e *Env) *cobra.Command {
	c := &cobra.Command{
		Use:   "judge",
		Short: "Judge numbers or log lines of your own: did it change, when, what is new?",
		Long: `The judge that looks at releases, as a tool for anyone: it reads standard input,
writes standard output, and needs neither a server nor a configuration.`,
	}
	c.AddCommand(judgeSeriesCmd(e), judgeChangesCmd(e), judgeLogsCmd(e))
	return c
}

// longestLine bounds one line of what judge reads: four weeks of a metric at
// one-second steps fit.
const longestLine = 64 << 20

// eachLine calls do with every line that is not blank. An error names its line.
func eachLine(r io.Reader, do func(line []byte) error) error {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 0, 1<<20), longestLine)
	n := 1
	for ; s.Scan(); n++ {
		if line := bytes.TrimSpace(s.Bytes()); len(line) > 0 {
			if err := do(line); err != nil {
				return atLine(n, err)
			}
		}
	}
	if err := s.Err(); err != nil {
		if errors.Is(err, bufio.ErrTooLong) {
			err = fmt.Errorf("is longer than %d MB", longestLine>>20)
		}
		return atLine(n, err)
	}
	return nil
}

// atLine says on which line of the input something is wrong.
func atLine(n int, err error) error {
	place := fmt.Sprintf("line %d", n)
	var known *debrief.Error
	if !errors.As(err, &known) {
		return debrief.Errorf(debrief.Invalid, place, "%w", err)
	}
	c := *known
	if c.Field != "" {
		place += ", " + c.Field
	}
	c.Field = place
	return &c
}

// nothingRead says on stderr that the input held nothing, since an answer of
// nothing looks like good news. It is no error: an empty log is one too.
func nothingRead(e *Env, what string) {
	fmt.Fprintf(e.Stderr, "debrief: nothing was read: standard input holds no %s\n", what)
}

// fromStdin wants no arguments, and says where the input comes from instead.
func fromStdin(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return debrief.Errorf(debrief.Invalid, "", "%q is one argument too many: the input comes from standard input", args[0]).
			WithHint("for example: %s < FILE", cmd.CommandPath())
	}
	return nil
}
