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
