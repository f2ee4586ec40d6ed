// Package cli is the back door: one file per command. Each command parses its
// flags, calls a room or the server's API, and prints; it decides nothing.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/debriefhq/debrief"
)

// Env is everything a command may touch of the world outside, so that a test
// can set it.
type Env struct {
	Args   []string // without the program's name
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	Getenv func(string) string
	Dir    string // working directory
	Now    func() time.Time
}

// OS is the real environment.
func OS() *Env {
	dir, err := os.Getwd()
	if err != nil {
		dir = "."
	}
	return &Env{Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv, Dir: dir, Now: time.Now}
}

// ExitError carries an exit code that is not an error of debrief: the wrapped
// command's own, or the answer to --fail-on. Its message may be empty.
type ExitError struct {
	Code    int
	Message string
}

func (e *ExitError) Error() string { return e.Message }

// Main runs one command and returns the process's exit code.
func Main(ctx context.Context, e *Env) int {
	root := rootCmd(e)
	root.SetArgs(e.Args)
	root.SetIn(e.Stdin)
	root.SetOut(e.Stdout)
	root.SetErr(e.Stderr)
	err := root.ExecuteContext(ctx)
	var exit *ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		if exit.Message != "" {
			fmt.Fprintln(e.Stderr, "debrief: "+exit.Message)
		}
		return exit.Code
	case debrief.KindOf(err) == debrief.Invalid:
		fmt.Fprintln(e.Stderr, "debrief: "+err.Error())
		return 2
	default:
		fmt.Fprintln(e.Stderr, "debrief: "+err.Error())
		return 1
	}
}

func rootCmd(e *Env) *cobra.Command {
	root := &cobra.Command{
		Use:           "debrief",
		Short:         "Learn from every release",
		Long:          "debrief records every deployment, checks it five minutes, an hour and a day later,\nnotices the small surprises, and keeps the story.",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(commands(e)...)
	return root
}
