package cli

import "github.com/spf13/cobra"

// importCmd gathers what brings a past in.
func importCmd(e *Env) *cobra.Command {
	c := &cobra.Command{
		Use:   "import",
		Short: "Bring in what is known elsewhere",
		Long:  `Brings in what is known elsewhere; each source has a command of its own.`,
	}
	c.AddCommand(importCSVCmd(e), importGitCmd(e), importJSONLCmd(e))
	return c
}
