package cli

import (
	"github.com/spf13/cobra"

	"github.com/debriefhq/debrief"
)

// oneRelease wants one release; its error says how to name one.
func oneRelease(cmd *cobra.Command, args []string) error {
	if len(args) != 1 || args[0] == "" {
		return debrief.Errorf(debrief.Invalid, "", "name one release: its id, or latest").WithHint("for example: debrief %s latest", cmd.Name())
	}
	return nil
}

// flagError makes a wrong flag what it is: wrong input, exit code 2.
func flagError(cmd *cobra.Command, err error) error {
	return debrief.Errorf(debrief.Invalid, "", "%w", err).WithHint("see: %s --help", cmd.CommandPath())
}

// between wants so many arguments; its error says which.
func between(least, most int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < least || (most > 0 && len(args) > most) {
			return debrief.Errorf(debrief.Invalid, "", "give %s", what).WithHint("see: %s --help", cmd.CommandPath())
		}
		return nil
	}
}
